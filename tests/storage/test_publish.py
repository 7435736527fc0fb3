"""The snapshot: whole, described, without what readers must not see, and swapped under them without an error."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from storage import db
from storage.errors import QueryError, StorageError
from storage.migrate import load
from storage.publish import FACTS, VIEWS, publish
from storage.query import run_query
from storage.records import RECORDS, ArticleFeatures, TranslationMemory
from storage.store import Store
from tests.storage.builders import NOON, article, member, source, story, translation

BACKSTAGE = {"translation_memory", "furniture", "stage_marks"}


def fill(store: Store, count: int) -> None:
    store.merge([source(), story("s", "a0")])
    store.merge([article(f"a{i}") for i in range(count)])
    store.merge([member("s", f"a{i}") for i in range(count)])


def test_snapshot_holds_tables_views_and_words(tmp_path: Path) -> None:
    """The snapshot has the readers' tables, the history, every view, and a comment on every column; mode 0444."""
    with Store.open(tmp_path, "test") as store:
        fill(store, 3)
        store.merge([story("s", "a1")])
        store.merge([ArticleFeatures("a0", "x", (1,), (1,), (1,), 1, ("oil",), ("Ana",), (), "t")])
        store.merge([TranslationMemory("x", "es", "en", "argos", "1", "hola", "hello", (), NOON)])
        path = publish(tmp_path, store)
        assert store.read(TranslationMemory), "the warehouse must be left as it was"
    assert path == tmp_path / "news.duckdb"
    assert path.stat().st_mode & 0o777 == 0o444
    names = {str(row[0]) for row in run_query(tmp_path, "SHOW TABLES", 10).rows}
    assert names == {r.TABLE for r in RECORDS} - BACKSTAGE | set(VIEWS) | {*FACTS, "schema_migrations", "snapshot"}
    bare = run_query(
        tmp_path,
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE NOT internal AND schema_name = 'main' AND coalesce(comment, '') = ''",
        10,
    )
    assert bare.rows == []
    assert run_query(tmp_path, "SELECT lead_article_id FROM log.stories", 10).rows == [("a0",)]
    assert run_query(tmp_path, "SELECT terms, names FROM article_features", 10).rows == [(["oil"], ["Ana"])]
    columns = run_query(tmp_path, "SELECT * FROM article_features", 10).columns
    assert not {"title_vector", "lead_vector", "minhash"} & set(columns)
    ledger = run_query(tmp_path, "SELECT count(*) FROM schema_migrations", 10).rows
    assert ledger == [(len(load()),)]


def test_publish_by_itself(tmp_path: Path) -> None:
    """Without a store at hand publish opens one, and an open transaction is refused."""
    with Store.open(tmp_path, "test") as store:
        fill(store, 2)
        with store.transaction(), pytest.raises(StorageError, match="transaction"):
            publish(tmp_path, store)
    publish(tmp_path)
    assert run_query(tmp_path, "SELECT count(*) FROM v_articles", 10).rows == [(2,)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["news.duckdb", "search", "warehouse.duckdb", "writer.lock"]


def test_failed_translation_is_in_no_table(tmp_path: Path) -> None:
    """The words of a quarantined translation are not in the snapshot at all, not even in the history."""
    with Store.open(tmp_path, "test") as store:
        fill(store, 1)
        store.merge([translation("a0", "quarantined", title="mainstre@@", text="mainstre@@")])
        store.merge([translation("a0", "quarantined", title="mainstre@@ @@", text="x")])
        publish(tmp_path, store)
    for table in ("translations", "log.translations"):
        assert run_query(tmp_path, f"SELECT status, title, text FROM {table}", 10).rows == [("quarantined", None, None)]
    assert b"mainstre@@" not in (tmp_path / "news.duckdb").read_bytes()


def test_stale_log_is_removed(tmp_path: Path) -> None:
    """A write-ahead log left beside the old snapshot by a killed writer is not replayed into the new one."""
    with Store.open(tmp_path, "test") as store:
        fill(store, 1)
        publish(tmp_path, store)
        path, wal = tmp_path / "news.duckdb", tmp_path / "news.duckdb.wal"
        path.chmod(0o644)
        import duckdb

        intruder = duckdb.connect(str(path))
        intruder.execute("PRAGMA disable_checkpoint_on_shutdown")
        intruder.execute("INSERT INTO article_beats VALUES ('a0', 'ghost', 1, [], '')")
        intruder.close()
        assert wal.stat().st_size > 0, "the test needs a log to be left behind"
        publish(tmp_path, store)
        assert not wal.exists()
    assert run_query(tmp_path, "SELECT count(*) FROM article_beats", 10).rows == [(0,)]


def test_leftovers_of_a_killed_publish_go(tmp_path: Path) -> None:
    """Half-built files of a killed publish are cleared away, and a failed one keeps the snapshot that was there."""
    with Store.open(tmp_path, "test") as store:
        fill(store, 1)
        publish(tmp_path, store)
        (tmp_path / ".news.duckdb.123.tmp").write_bytes(b"half")
        (tmp_path / ".news.duckdb.123.tmp.wal").write_bytes(b"half")
        publish(tmp_path, store)
        assert not list(tmp_path.glob(".news*"))
        store.con.execute("DROP TABLE translation_memory")
        with pytest.raises(StorageError, match="translation_memory"):
            publish(tmp_path, store)
        assert store.con.execute("SELECT current_database()").fetchall() == [("warehouse",)]
        assert not list(tmp_path.glob(".news*"))
    assert run_query(tmp_path, "SELECT count(*) FROM v_articles", 10).rows == [(1,)]


def test_readers_never_meet_a_publish(tmp_path: Path) -> None:
    """Hundreds of reads from several threads over twenty swaps: no error, and no reader sees a count go back."""
    problems: list[str] = []
    reads = [0] * 2
    done = threading.Event()

    def read(number: int) -> None:
        last = 0
        while not done.is_set() or reads[number] < 110:
            try:
                found = run_query(tmp_path, "SELECT count(*) FROM story_articles", 30).rows
            except QueryError as error:
                problems.append(str(error))
                return
            count = int(str(found[0][0]))
            if count < last:
                problems.append(f"{count} articles after {last}")
            last = count
            reads[number] += 1
            done.wait(0.01)

    with Store.open(tmp_path, "test") as store:
        fill(store, 1)
        publish(tmp_path, store)
        threads = [threading.Thread(target=read, args=(n,)) for n in range(len(reads))]
        for thread in threads:
            thread.start()
        for i in range(20):
            store.merge([article(f"b{i}"), member("s", f"b{i}")])
            publish(tmp_path, store)
        done.set()
        for thread in threads:
            thread.join()
    assert problems == []
    assert sum(reads) >= 220
    assert run_query(tmp_path, "SELECT article_count FROM v_stories", 10).rows == [(21,)]


def test_open_reader_keeps_its_snapshot(tmp_path: Path) -> None:
    """Who has the snapshot open goes on reading it after a swap; who opens it next sees the new one."""
    with Store.open(tmp_path, "test") as store:
        fill(store, 1)
        publish(tmp_path, store)
        early = db.open_snapshot(tmp_path)
        fill(store, 5)
        publish(tmp_path, store)
        late = db.open_snapshot(tmp_path)
        counts = [con.execute("SELECT count(*) FROM articles").fetchall() for con in (early, late, early)]
        early.close()
        late.close()
    assert counts == [[(1,)], [(5,)], [(1,)]]
