"""Exports: complete, harmless in a spreadsheet, whole or not at all, and they say what they are."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipeline import export as module
from pipeline.export import ExportError, export_tables, story_json
from pipeline.output import neutral
from storage.errors import StorageError
from storage.export import TABLES
from storage.publish import publish
from storage.query import run_query
from storage.records import StoryAlias
from storage.store import Store
from tests.cli import atalaya
from tests.storage.builders import NOON, article, at, member, source, story, translation

HOSTILE = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "\n=1", 'a"b,c\nd', "\x00=1", "'quoted"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a hostile title for each kind of formula, over three days."""
    path = tmp_path_factory.mktemp("export")
    with Store.open(path, "test") as store:
        store.merge([source(), story("s", "a0"), story("t", "b"), member("s", "a0"), member("t", "b")])
        store.merge(
            article(f"a{n}", title=t, text=f"x{t}", authors=(t,)) for n, t in enumerate(HOSTILE) if "\x00" not in t
        )
        store.merge([article("b", published_at=at(24)), article("c", published_at=at(48)), translation("b", "partial")])
        store.merge([StoryAlias("old", "t", "merged", NOON)])
        publish(path, store)
    return path


def rows_of(file: Path) -> list[list[str]]:
    """Return the cells of a CSV file."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


def test_parquet_is_the_snapshot(home: Path, tmp_path: Path) -> None:
    """Every table is there with all its rows; articles stand in a folder a day; nothing else is left behind."""
    done = export_tables(home, tmp_path / "out", "parquet")
    files = f"{tmp_path}/out/articles/**/*.parquet"
    with duckdb.connect() as con:
        read = con.execute("SELECT article_id, title, text FROM read_parquet(?) ORDER BY 1", [files]).fetchall()
        days = con.execute("SELECT DISTINCT day_caracas::VARCHAR FROM read_parquet(?) ORDER BY 1", [files]).fetchall()
    assert read == run_query(home, "SELECT article_id, title, text FROM v_articles ORDER BY 1", 10).rows
    assert days == [("2026-01-08",), ("2026-01-09",), ("2026-01-10",)]
    assert set(done.rows) == set(TABLES)
    assert done.rows["articles"] == len(read)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]
    assert sum(f.stat().st_size for f in (tmp_path / "out").rglob("*") if f.is_file()) == done.bytes


def test_days_narrow(home: Path, tmp_path: Path) -> None:
    """First and last day are both in; stories are those with an article in these days, counted whole."""
    done = export_tables(home, tmp_path / "out", "csv", date(2026, 1, 9), date(2026, 1, 9))
    assert (done.rows["articles"], done.rows["stories"], done.rows["coverage"], done.rows["sources"]) == (1, 1, 1, 1)
    header, row = rows_of(tmp_path / "out" / "stories.csv")
    assert row[header.index("story_id")] == "t"


def test_no_cell_is_a_formula(home: Path, tmp_path: Path) -> None:
    """No cell of any file begins, blanks aside, as a formula; the words behind the mark are the words."""
    export_tables(home, tmp_path / "out", "csv")
    cells = [cell for f in (tmp_path / "out").glob("*.csv") for row in rows_of(f) for cell in row]
    assert len(cells) > 500
    wrong = [c for c in cells if c.strip("\u00a0 ").startswith(("=", "+", "@", "\t", "\r", "＝")) or c == "-1"]
    assert wrong == []
    header, *rows = rows_of(tmp_path / "out" / "articles.csv")
    titles = {row[header.index("title")] for row in rows}
    assert {"'=1+1", "'-1", "'@A1", "'＝1", 'a"b,c\nd', "'quoted"} <= titles
    assert neutral("\x00=1") == "\N{REPLACEMENT CHARACTER}=1", "a NUL would end the cell for some readers"


def test_provenance_says_what_it_is(home: Path, tmp_path: Path) -> None:
    """The file names snapshot, days, rows, the meaning of every column, and the hash of every file."""
    export_tables(home, tmp_path / "out", "csv", date(2026, 1, 8))
    found = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    stamp = run_query(home, "SELECT search_version FROM v_snapshot", 10).rows[0][0]
    assert found["snapshot"]["search_version"] == stamp
    assert found["days_caracas"] == {"since": "2026-01-08", "until": None}
    for file in found["files"]:
        assert hashlib.sha256((tmp_path / "out" / file["file"]).read_bytes()).hexdigest() == file["sha256"]
    assert {f["file"] for f in found["files"]} == {f"{t}.csv" for t in TABLES}
    for table in TABLES:
        assert len(rows_of(tmp_path / "out" / f"{table}.csv")) == found["rows"][table] + 1
        assert all(found["columns"][table].values()), table


def test_an_export_replaces_an_export_and_nothing_else(home: Path, tmp_path: Path) -> None:
    """An earlier export goes as a whole; a folder with other files is left alone."""
    out = tmp_path / "out"
    out.mkdir()
    export_tables(home, out, "csv")
    export_tables(home, out, "parquet")
    assert not list(out.glob("*.csv"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(ExportError, match="holds other files"):
        export_tables(home, other, "csv")
    (other / "provenance.json").write_text("[]")
    with pytest.raises(ExportError, match="holds other files"):
        export_tables(home, other, "csv")
    assert (other / "thesis.txt").read_text() == "mine"


def test_a_failed_export_leaves_the_one_before(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing breaks off, the export before is there whole and no half of the new one is."""
    out = tmp_path / "out"
    export_tables(home, out, "csv")
    before = {f: f.read_bytes() for f in out.iterdir()}

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(module._WRITERS, "csv", full)
    with pytest.raises(ExportError, match="No space left"):
        export_tables(home, out, "csv")
    assert {f: f.read_bytes() for f in out.iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]
    with pytest.raises(StorageError, match="no such database"):
        export_tables(tmp_path, out, "parquet")


def test_the_same_snapshot_exports_the_same_bytes(home: Path, tmp_path: Path) -> None:
    """Two exports differ in nothing but the time of the export."""
    hashes = []
    for name in ("a", "b"):
        export_tables(home, tmp_path / name, "parquet")
        hashes.append(json.loads((tmp_path / name / "provenance.json").read_text())["files"])
    assert hashes[0] == hashes[1]


def test_a_story_as_json(home: Path) -> None:
    """A story holds its articles with texts, coverage, topics; an old id leads to it, an unknown one is explained."""
    found = json.loads(story_json(home, "old"))
    assert found["story_id"] == "t"
    (one,) = found["articles"]
    assert (one["article_id"], one["text"], one["text_en"], one["position"]) == ("b", "Texto de b.", "Text of b.", 1)
    assert found["coverage"][0]["country"] == "VE"
    assert found["provenance"]["snapshot"]["article_count"] == len(HOSTILE) + 1
    with pytest.raises(ExportError, match="no story 'x'"):
        story_json(home, "x")
    with pytest.raises(ExportError, match="no story"):
        story_json(home, "'; DROP TABLE stories; --")


def test_the_command(home: Path, tmp_path: Path) -> None:
    """Usage mistakes end with status 2, a story goes to standard output or whole into a file."""
    where = ("--home", str(home))
    for words in ((), ("--to", "x", "--format", "xlsx"), ("--story", "t", "--since", "2026-01-08")):
        assert atalaya("export", *where, *words).status == 2
    assert atalaya("export", *where, "--to", str(tmp_path / "o"), "--since", "yesterday").status == 2
    assert json.loads(atalaya("export", *where, "--story", "t").stdout)["story_id"] == "t"
    ran = atalaya("export", *where, "--story", "t", "--to", str(tmp_path / "sub" / "story.json"))
    assert (ran.status, ran.stdout) == (0, "")
    assert json.loads((tmp_path / "sub" / "story.json").read_text())["story_id"] == "t"
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["story.json"]


def test_a_story_goes_into_a_file_not_into_a_folder(home: Path, tmp_path: Path) -> None:
    """A folder that is there gets a sentence with the file to name; the folder stays as it was."""
    ran = atalaya("export", "--home", str(home), "--to", str(tmp_path), "--story", "s1/../x")
    assert ran.status == 2
    assert f"is a folder, and a story goes into a file. Name it: --to {tmp_path}/s1____x.json" in ran.stderr
    assert list(tmp_path.iterdir()) == []
