"""A lake: many writers at once lose nothing and store nothing twice, whatever ends one of them; readers never wait."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import db
from storage.backend import backend_at
from storage.dump import logical_dump
from storage.errors import LockBusy, StorageError, WriteConflict
from storage.lake import Lake, parse_url
from storage.migrate import load
from storage.move import move
from storage.publish import publish
from storage.query import run_query
from storage.records import Article, Entry, Feed, Translation
from storage.spool import write_spool
from storage.store import Store
from tests.conftest import ROOT
from tests.services import postgres, s3
from tests.storage.builders import article, entry, feed, source, story, translation

pytestmark = pytest.mark.services

LOADER = """
import sys
from pathlib import Path
from pipeline.load import load_harvest
from storage.spool import read_spool
from storage.store import Store

url, home, *spools = sys.argv[1:]
for spool in spools:
    with Store.open(Path(home), "load", url) as store:
        load_harvest(store, read_spool(spool))
"""

KILLED = """
import os, signal, sys
from pathlib import Path
from storage.store import Store
from tests.storage.builders import article

with Store.open(Path(sys.argv[2]), "first", sys.argv[1]) as store:
    with store.transaction():
        store.merge([article(f"b{i}") for i in range(50)])
        print("written", flush=True)
        sys.stdin.read(1)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def start(script: str, *words: str, **pipes: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *words], cwd=ROOT, text=True, **pipes)


def finish(processes: list[subprocess.Popen[str]]) -> list[int]:
    return [p.wait(timeout=240) for p in processes]


@pytest.fixture
def store(lake_url: str, tmp_path: Path) -> Iterator[Store]:
    """A new lake, open."""
    with Store.open(tmp_path, "test", lake_url) as opened:
        yield opened


def harvest(source_id: str, count: int) -> list[Article | Entry | Feed]:
    """Return what a poll of a source brings: its feed, entries and their articles."""
    ids = [f"{source_id}{i}" for i in range(count)]
    articles = [article(f"a{i}", source_id, entry_id=i) for i in ids]
    return [feed(source_id), *(entry(i, source_id, article_id=f"a{i}") for i in ids), *articles]


def test_four_loaders_at_once(lake_url: str, tmp_path: Path) -> None:
    """Four processes load overlapping spools into a lake that none has made yet: it ends as a file does after one."""
    spools = []
    for name in ("faro", "ola", "sol", "luz", "mar", "rio"):
        spools.append(str(tmp_path / "spool" / f"{name}.jsonl.gz"))
        write_spool(spools[-1], harvest(name, 20))
    shares = [spools[:4], spools[1:5][::-1], spools[2:], [*spools[4:], *spools[:2]]]
    assert (
        finish([start(LOADER, lake_url, str(tmp_path / f"m{i}"), *share) for i, share in enumerate(shares)]) == [0] * 4
    )
    assert finish([start(LOADER, "", str(tmp_path / "one"), *spools)]) == [0]
    with Store.open(tmp_path, "test", lake_url) as store:
        (ledger,) = store.con.execute("SELECT count(*), count(DISTINCT number) FROM schema_migrations").fetchall()
        assert ledger == (len(load()), len(load()))
        assert logical_dump(store.con) == logical_dump(tmp_path / "one" / "warehouse.duckdb")
        found = store.con.execute("SELECT count(*), count(DISTINCT article_id) FROM articles").fetchall()
        assert found == [(120, 120)]


def test_a_killed_writer_holds_up_nobody(store: Store, lake_url: str, tmp_path: Path) -> None:
    """Killed within its transaction, a writer leaves nothing of it, and the one that waited goes on."""
    process = start(KILLED, lake_url, str(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == "written\n"
    waiting = threading.Thread(target=lambda: later(lake_url, tmp_path))
    waiting.start()
    process.communicate("x")
    waiting.join(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert [a.article_id for a in store.read(Article)] == ["later"]


def later(url: str, home: Path) -> None:
    with Store.open(home, "second", url) as store:
        store.merge([article("later")])


def test_waiting_has_an_end(store: Store, lake_url: str) -> None:
    """When the queue does not move within its patience the writer is told, and nothing is written."""
    impatient = Lake(parse_url(lake_url), patience_s=0.0)
    with store.transaction(), impatient.session("test") as con:
        with pytest.raises(LockBusy, match=r"being written by others.*pg_locks"), impatient.transaction(con):
            pass
        store.merge([article("a")])
    assert len(store.read(Article)) == 1


def test_a_lost_lock_does_not_commit(store: Store, lake_url: str) -> None:
    """When PostgreSQL ends the connection that holds the lock, another may write: the transaction is given up."""
    database = parse_url(lake_url).database
    with pytest.raises(StorageError, match="PostgreSQL"), store.transaction():
        store.merge([article("a")])
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database "
            f"WHERE locktype = 'advisory' AND datname = '{database}'"
        )
    assert store.read(Article) == []
    store.merge([article("b")])
    assert len(store.read(Article)) == 1


def test_what_somebody_wrote_past_the_queue_is_met_by_trying_again(store: Store, lake_url: str) -> None:
    """A conflict ends in a second attempt that sees the other's change; inside a transaction it is an error."""
    store.merge([translation("a", "pending")])
    stranger = Lake(parse_url(lake_url))
    seen: list[str] = []

    def work() -> None:
        (held,) = store.read(Translation)
        seen.append(held.status)
        if len(seen) == 1:  # somebody with another client, who does not know of the queue
            with stranger.session("psql") as con:
                con.execute("UPDATE translations SET status = 'partial'")
        store.merge([translation("a", "ok")])

    store.attempt(work)
    assert seen == ["pending", "partial"]
    assert [t.status for t in store.read(Translation)] == ["ok"]
    with pytest.raises(WriteConflict), store.transaction():
        store.merge([translation("a", "pending")])
        with stranger.session("psql") as con:
            con.execute("UPDATE translations SET status = 'partial'")


def test_readers_see_whole_states_while_others_write(store: Store, lake_url: str) -> None:
    """An analyst with a client of their own, attached read-only, sees each transaction whole and no count go back."""
    import duckdb

    url = parse_url(lake_url)
    reader = duckdb.connect()
    for name in ("postgres_scanner", "ducklake"):
        reader.execute(f"LOAD '{db.extension_path(name)}'")
    attach = f"dbname={url.database} host={url.host} port={url.port} user={url.user}"
    reader.execute(f"ATTACH 'ducklake:postgres:{attach}' AS lake (READ_ONLY)")
    ask = "SELECT (SELECT count(*) FROM lake.articles), (SELECT count(*) FROM lake.translations)"
    counts: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            counts.append(reader.execute(ask).fetchone())  # type: ignore[arg-type]

    thread = threading.Thread(target=read)
    thread.start()
    for i in range(8):
        with store.transaction():
            store.merge([article(f"a{i}"), article(f"b{i}")])
            store.merge([translation(f"a{i}"), translation(f"b{i}")])
    done.set()
    thread.join()
    assert all(articles == translations and articles % 2 == 0 for articles, translations in counts)
    assert counts == sorted(counts)
    with pytest.raises(duckdb.Error, match=r"(?i)read-only"):
        reader.execute("DELETE FROM lake.articles")
    reader.close()


def test_compacting_changes_no_row(store: Store, tmp_path: Path) -> None:
    """Many small files become few; what the lake says stays the same."""
    for i in range(6):
        store.merge([article(f"a{i}"), translation("t", "pending", title=str(i))])
    before, files = logical_dump(store.con), live_files(store)
    store.compact()
    assert logical_dump(store.con) == before
    assert live_files(store) < files
    store.merge([article("a0", title="after"), translation("t", "ok")])
    assert {a.title for a in store.read(Article)} >= {"after"}


def live_files(store: Store) -> int:
    rows = store.con.execute("SELECT sum(file_count) FROM ducklake_table_info('lake')").fetchall()
    return int(rows[0][0])


def test_the_snapshot_is_the_same_from_both(store: Store, tmp_path: Path) -> None:
    """Analysts cannot tell where the warehouse was: tables, rows, comments, types and views are equal."""
    given = [source(), feed(), entry("e"), article("a"), translation("a"), story("s", "a")]
    store.merge(given)
    with Store.open(tmp_path / "file", "test") as other:
        other.merge(given)
        publish(tmp_path / "file", other)
    publish(tmp_path / "lake-home", url=lake_of(store))
    questions = [
        "SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE database_name = 'news' AND NOT internal ORDER BY ALL",
        "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE database_name = 'news' ORDER BY ALL",
        "SELECT view_name, sql, comment FROM duckdb_views() WHERE database_name = 'news' ORDER BY ALL",
        "FROM v_articles",
        "FROM v_stories",
    ]
    for sql in questions:
        one, two = (run_query(tmp_path / home, sql, 60) for home in ("file", "lake-home"))
        assert one == two
    assert run_query(tmp_path / "lake-home", "SELECT count(*) FROM v_articles", 60).rows == [(1,)]


def lake_of(store: Store) -> str:
    """Return the URL of an open lake."""
    assert isinstance(store.backend, Lake)
    url = store.backend.url
    return f"ducklake+postgres://{url.user}@{url.host}:{url.port}/{url.database}?data={url.data}"


def test_what_is_wrong_is_said_in_words(lake_url: str, tmp_path: Path) -> None:
    """No server, no database, another data path: each says what to do; a password is shown nowhere."""
    assert not backend_at(tmp_path, lake_url).exists()
    cases = {
        lake_url.replace(f":{postgres.PORT}/", ":1/"): "does not answer",
        lake_url.replace("/atalaya_test_", "/no_such_"): "createdb",
    }
    with Store.open(tmp_path, "test", lake_url):
        pass
    cases[f"{lake_url}/other"] = "keeps its files in another place"
    for url, words in cases.items():
        with pytest.raises(StorageError, match=words) as caught:  # noqa: SIM117
            with Store.open(tmp_path, "test", url.replace("@", ":geheim@")):
                pass
        assert "geheim" not in str(caught.value)
        assert "geheim" not in repr(parse_url(url.replace("@", ":geheim@")))
    assert backend_at(tmp_path, lake_url).exists()


def test_two_lakes_in_one_database(lake_url: str, tmp_path: Path) -> None:
    """Schemas keep lakes apart."""
    second = lake_url.replace("/lake", "/second") + "&schema=second"
    with Store.open(tmp_path, "test", lake_url) as one, Store.open(tmp_path, "test", second) as two:
        with one.transaction(), two.transaction():
            one.merge([article("a")])
            two.merge([article("b")])
        assert [[a.article_id for a in s.read(Article)] for s in (one, two)] == [["a"], ["b"]]


def test_files_in_object_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its files in s3:// a lake works the same, through DuckDB's httpfs where that wheel is installed."""
    with s3.storage(monkeypatch) as bucket, postgres.database() as name:
        url = f"ducklake+postgres://{postgres.USER}@{postgres.HOST}:{postgres.PORT}/{name}?data={bucket}/lake"
        if db.extension_path("httpfs") is None:
            with pytest.raises(StorageError, match="pip install duckdb-extension-httpfs=="):
                backend_at(tmp_path, url).exists()
            return
        with Store.open(tmp_path, "test", url) as store:
            store.merge([article("a"), article("b")])
            store.merge([article("a", title="new")])
            assert [a.title for a in store.read(Article)] == ["new", "Título b"]
            store.compact()
        with pytest.raises(StorageError, match="AWS_ACCESS_KEY_ID"):
            monkeypatch.delenv("AWS_ACCESS_KEY_ID")
            backend_at(tmp_path, f"{url}&schema=other").exists()


def test_a_home_moves_into_a_lake(lake_url: str, tmp_path: Path) -> None:
    """All rows arrive, history included, once: a lake that holds something is not filled."""
    with Store.open(tmp_path, "test") as store:
        store.merge([source(), feed(), entry("e"), article("a"), translation("a", "pending"), story("s", "a")])
        store.merge([translation("a", "ok")])
    rows = move(tmp_path, lake_url)
    assert {k: v for k, v in rows.items() if v} == {
        **dict.fromkeys(("sources", "feeds", "entries", "articles", "translations", "stories"), 1),
        "log.translations": 1,
    }
    with Store.open(tmp_path, "test", lake_url) as store:
        assert logical_dump(store.con) == logical_dump(tmp_path / "warehouse.duckdb")
        assert store.con.execute("SELECT status FROM log.translations").fetchall() == [("pending",)]
    with pytest.raises(StorageError, match="only an empty lake"):
        move(tmp_path, lake_url)
