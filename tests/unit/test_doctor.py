"""What `doctor` finds, and that each thing that is missing comes with its cure."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.doctor import Finding, examine, print_findings
from pipeline.settings import Settings, load_settings
from storage.db import WAREHOUSE
from storage.lock import WriterLock
from storage.store import Store
from tests.cli import atalaya
from tests.conftest import ROOT
from tests.storage.builders import publish_as_before


@pytest.fixture(autouse=True)
def no_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines of this machine are not asked for, so that findings are the same everywhere."""
    monkeypatch.setenv("ATALAYA_ENGINES", "none")


def found(settings: Settings) -> dict[str, Finding]:
    """Return the findings by name."""
    return {f.name: f for f in examine(settings)}


def test_a_bare_home_is_no_error(tmp_path: Path) -> None:
    """Before the first run everything that is missing is a warning with a command, and nothing is made."""
    findings = found(load_settings(tmp_path / "new" / "home"))
    assert {n: f.level for n, f in findings.items()} == {
        "python": "ok", "home": "ok", "disk": findings["disk"].level, "contact": "warning", "sources": "ok",
        "agencies": "ok", "beats": "ok", "topics": "ok", "glossary": "ok", "watches": "ok", "translation": "warning",
        "warehouse": "ok", "snapshot": "warning", "airflow": "ok",
    }  # fmt: skip
    assert [f.name for f in findings.values() if f.level != "ok" and not f.mend] == []
    assert "./atalaya run" in findings["snapshot"].mend
    assert not (tmp_path / "new").exists()


def test_a_home_with_a_snapshot(demo_home: Path) -> None:
    """The snapshot is named; nothing has to be done about it."""
    finding = found(load_settings(demo_home))["snapshot"]
    assert (finding.level, finding.words, finding.mend) == ("ok", str(demo_home / "news.duckdb"), "")


def test_a_snapshot_of_another_version_is_told(tmp_path: Path) -> None:
    """With what writes it anew."""
    publish_as_before(tmp_path)
    finding = found(load_settings(tmp_path))["snapshot"]
    assert finding.level == "warning"
    assert "written by another version" in finding.words
    assert "./atalaya run" in finding.mend


def test_a_damaged_snapshot_is_an_error_in_words(tmp_path: Path) -> None:
    """A file that is no database is said to be so, and what to do; doctor itself goes on."""
    (tmp_path / "news.duckdb").write_bytes(b"not a database" * 500)
    findings = found(load_settings(tmp_path))
    assert findings["sources"].level == "error"
    assert "news.duckdb" in findings["sources"].words
    assert findings["airflow"].level == "ok"


def test_a_warehouse_says_how_it_is(tmp_path: Path) -> None:
    """Its schema, who writes to it just now, that a newer version made it, or that it is damaged; it is not changed."""
    settings = load_settings(tmp_path)
    with Store.open(tmp_path, "test") as store:
        (schema,) = store.con.execute("SELECT max(number) FROM schema_migrations").fetchone() or (0,)
    held = (tmp_path / WAREHOUSE).read_bytes()
    assert found(settings)["warehouse"].words == f"{tmp_path / WAREHOUSE}, schema {schema}"
    with WriterLock(tmp_path, "maintain"):
        busy = found(settings)["warehouse"]
    assert (busy.level, "`maintain`" in busy.words) == ("ok", True)
    assert (tmp_path / WAREHOUSE).read_bytes() == held
    with Store.open(tmp_path, "test") as store:
        store.con.execute(
            "INSERT INTO schema_migrations SELECT * REPLACE (99 AS number) FROM schema_migrations LIMIT 1"
        )
    newer = found(settings)["warehouse"]
    assert (newer.level, "newer version of Atalaya" in newer.words) == ("error", True)
    (tmp_path / WAREHOUSE).write_bytes(b"not a database" * 500)
    assert found(settings)["warehouse"].level == "error"


def test_a_contact_is_shown(tmp_path: Path) -> None:
    """Once somebody is named, the warning is gone."""
    finding = found(load_settings(tmp_path, fetch={"contact": "mesa@faro.example"}))["contact"]
    assert (finding.level, finding.words) == ("ok", "mesa@faro.example")


@pytest.mark.parametrize("text", [b"[[topic]]\nid = 'x'\n[[source]]\nid = 'x'", b"[[topic]\n", b"x = 'se\xf1or'\n"])
@pytest.mark.parametrize("name", ["sources", "agencies", "beats", "topics", "glossary", "watches"])
def test_a_mistake_in_a_declaration_is_an_error(tmp_path: Path, name: str, text: bytes) -> None:
    """The finding has the words of the mistake, with its file, and the exit status is 1: fields, syntax, encoding."""
    config = tmp_path / "mine"
    (config / "sources").mkdir(parents=True)
    shutil.copy(ROOT / "config" / "sources" / "ve.toml", config / "sources")
    (config / ("sources/ve.toml" if name == "sources" else f"{name}.toml")).write_bytes(text)
    finding = found(load_settings(tmp_path, config))[name]
    assert (finding.level, finding.mend) == ("error", "correct the file named")
    assert f"{'ve' if name == 'sources' else name}.toml" in finding.words
    ran = atalaya("doctor", "--home", str(tmp_path), "--config", str(config), "--json")
    assert ran.status == 1
    assert {f["name"]: f["level"] for f in json.loads(ran.stdout)}[name] == "error"


def test_a_home_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user learns it here instead of in the middle of a run."""
    monkeypatch.setattr("os.access", lambda path, mode: False)  # as root every folder can be written
    finding = found(load_settings(tmp_path / "home"))["home"]
    assert (finding.level, finding.mend) == ("error", "chmod, or --home DIR")


def test_an_old_python_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that the lock was not made for is named."""
    settings = load_settings(tmp_path)
    monkeypatch.setattr("pipeline.doctor.sys", type("Sys", (), {"version_info": (3, 14, 0, "final", 0)}))
    finding = found(settings)["python"]
    assert (finding.level, finding.words) == ("error", "3.14.0")


def test_a_full_disk_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room is said before the archive fills the rest."""
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1_500_000_000}))
    finding = found(load_settings(tmp_path))["disk"]
    assert (finding.level, finding.words) == ("warning", "1.5 GB free")


def test_sources_that_were_reached_are_counted(tmp_path: Path) -> None:
    """After `sources check` doctor no longer asks for it."""
    from pipeline.newsroom import CONFIG
    from pipeline.newsroom.live import NewsroomServer

    with NewsroomServer(2) as server:
        resolve = "\n".join(f'"{h}" = "{a}"' for h, a in server.hosts().items())
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / "sources").symlink_to(CONFIG / "sources")
        (mine / "settings.toml").write_text(f"[fetch]\nmin_delay_s = 0\n[fetch.resolve]\n{resolve}\n")
        words = ["--home", str(tmp_path / "home"), "--config", str(mine)]
        only = ["--source", "la-ceiba", "--source", "diario-marisma"]
        ran = atalaya("sources", "check", *words, *only, "--allow-private-network", "--json")
    assert ran.status == 0, ran.output
    assert {r["source_id"]: (r["ok"], r["entries"]) for r in json.loads(ran.stdout)} == {
        "la-ceiba": (True, 11), "diario-marisma": (False, 0),
    }  # fmt: skip
    finding = found(load_settings(tmp_path / "home", mine))["sources"]
    assert finding.words.endswith("feeds, 1 source reached by `sources check`")
    assert finding.mend == ""


def test_findings_are_a_table_with_cures() -> None:
    """A warning reads `missing`, an error `ERROR`, and brackets in words are words."""
    out = io.StringIO()
    print_findings(Console(file=out, width=160, no_color=True), [
        Finding("a", "ok", "fine"), Finding("b", "warning", "[fetch] lacks", "set it"), Finding("c", "error", "broken"),
    ])  # fmt: skip
    rows = [[c.strip() for c in line.split("│")[1:-1]] for line in out.getvalue().splitlines() if line.startswith("│")]
    assert rows == [["a", "ok", "fine", ""], ["b", "missing", "[fetch] lacks", "set it"], ["c", "ERROR", "broken", ""]]
