"""Storage faults: killed writers, a full disk, flipped bytes, newer files, folders without rights."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from storage.errors import StorageError
from storage.publish import publish
from storage.query import run_query
from storage.records import Article, Translation
from storage.store import Store
from tests.conftest import ROOT
from tests.storage.builders import article, translation

WRITER = """
import os, signal, sys
from pathlib import Path
from storage.publish import publish
from storage.store import Store
from tests.storage.builders import article, translation

home, where = Path(sys.argv[1]), sys.argv[2]

def die_at(place):
    if where == place:
        os.kill(os.getpid(), signal.SIGKILL)

with Store.open(home, "first") as store:
    store.merge([article(f"a{i}", text="palabra " * 50) for i in range(200)])
with Store.open(home, "second") as store:
    die_at("opened")
    with store.transaction():
        store.merge([article(f"b{i}") for i in range(200)])
        die_at("in transaction")
        store.merge([translation(f"b{i}") for i in range(200)])
    die_at("committed")
    store.con.execute("SET checkpoint_threshold = '1TB'")
    if where == "checkpointing":
        import threading
        threading.Timer(0.002, lambda: die_at("checkpointing")).start()
        for i in range(1000):
            store.con.execute("CHECKPOINT")
            store.merge([article("c", title=str(i))])
    publish(home, store)
"""


def write(home: Path, where: str) -> None:
    process = subprocess.run([sys.executable, "-c", WRITER, str(home), where], cwd=ROOT, check=False)
    assert process.returncode == (0 if where == "end" else -signal.SIGKILL)


def counts(home: Path) -> tuple[int, int]:
    with Store.open(home, "after") as store:
        held = [a.article_id for a in store.read(Article) if a.article_id != "c"]
        return len(held), len(store.read(Translation))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("opened", (200, 0)),
        ("in transaction", (200, 0)),
        ("committed", (400, 200)),
        ("checkpointing", (400, 200)),
    ],
)
def test_killed_writer(tmp_path: Path, where: str, expected: tuple[int, int]) -> None:
    """After kill -9 the next writer finds all that was committed and nothing else, and can go on writing."""
    write(tmp_path, where)
    assert counts(tmp_path) == expected
    with Store.open(tmp_path, "again") as store:
        store.merge([article(f"b{i}") for i in range(200)])
        store.merge([translation(f"b{i}") for i in range(200)])
    assert counts(tmp_path) == (400, 200)


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 0xFF
    path.write_bytes(content)


def test_flipped_byte_in_the_log(tmp_path: Path) -> None:
    """A damaged write-ahead log is refused with what to do, or reads as a commit that never was; never as half of one.

    (DuckDB takes a damaged length for a torn write.) Moved aside, as the message says, the rest is intact.
    """
    home = tmp_path / "home"
    write(home, "committed")
    size = (home / "warehouse.duckdb.wal").stat().st_size
    refused = 0
    for position in (0, 20, 100, size // 3, size // 2, size - 50, size - 4):
        damaged = tmp_path / str(position)
        shutil.copytree(home, damaged)
        wal = damaged / "warehouse.duckdb.wal"
        flip(wal, position)
        try:
            assert counts(damaged) in {(200, 0), (400, 200)}
        except StorageError as error:
            refused += 1
            assert re.search(r"warehouse\.duckdb\.wal is damaged\. Move", str(error))
            wal.rename(damaged / "aside")
            assert counts(damaged) == (200, 0)
    assert refused >= 5


def test_flipped_byte_in_the_warehouse(tmp_path: Path) -> None:
    """A damaged warehouse is refused with what to do; readers still have the snapshot."""
    home = tmp_path / "home"
    write(home, "end")
    path = home / "warehouse.duckdb"
    whole = path.read_bytes()
    for position in (0, 9, 100, 4096, 8200):
        path.write_bytes(whole)
        flip(path, position)
        with pytest.raises(StorageError, match=r"the database file is damaged\. Move.*news\.duckdb"):
            counts(home)
    for cut in (len(whole) // 2, 100, 0):
        path.write_bytes(whole[:cut])
        with pytest.raises(StorageError, match=r"the database file is damaged"):
            counts(home)
    assert run_query(home, "SELECT count(*) FROM v_articles", 30).rows == [(400,)]


def test_file_of_a_newer_duckdb(tmp_path: Path) -> None:
    """A file format that this DuckDB does not know is named as such, not as damage."""
    with Store.open(tmp_path, "test"):
        pass
    path = tmp_path / "warehouse.duckdb"
    content = bytearray(path.read_bytes())
    content[12] = 200  # the format's number; its checksum stands before it
    path.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        counts(tmp_path)
    computed = re.search(r"computed checksum (\d+)", str(caught.value))
    assert computed is not None
    content[0:8] = int(computed[1]).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(StorageError, match="written by another version of DuckDB"):
        counts(tmp_path)


FILLER = """
import resource, sys
from pathlib import Path
from storage.errors import StorageError
from storage.publish import publish
from storage.spool import write_spool
from storage.store import Store
from tests.storage.builders import article
import random

home = Path(sys.argv[1])
size = (home / "warehouse.duckdb").stat().st_size
draw = random.Random(1)
big = [article(f"big{i}", text=draw.randbytes(4000).hex()) for i in range(400)]
# A limit on the size of files fails a write as a full disk does, without the right to mount one.
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 500_000, resource.RLIM_INFINITY))
for act in (lambda s: s.merge(big), lambda s: write_spool(home / "s.jsonl.gz", big * 3)):
    try:
        with Store.open(home, "fill") as store:
            act(store)
    except StorageError as error:
        print("refused:", error)
"""


def test_full_disk(tmp_path: Path) -> None:
    """When the disk is full the writer is told so; committed rows are intact afterwards and writing goes on."""
    with Store.open(tmp_path, "test") as store:
        store.merge([article(f"a{i}") for i in range(50)])
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    refusals = [line for line in done.stdout.splitlines() if line.startswith("refused:")]
    assert len(refusals) == 2, done.stdout
    assert all("disk" in line and "full" in line for line in refusals), refusals
    assert counts(tmp_path) == (50, 0)
    with Store.open(tmp_path, "test") as store:
        store.merge([article("more")])
    assert counts(tmp_path) == (51, 0)
    assert not list(tmp_path.glob(".*tmp*"))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def as_nobody(work: object) -> str:
    """Run ``work`` in a child that is not root and return the message of its StorageError."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        words = "no error"
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()  # type: ignore[operator]
        except StorageError as error:
            words = str(error)
        except BaseException as error:  # noqa: BLE001 - the parent compares the words
            words = repr(error)
        os.write(writer, words.encode()[:4000])
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        return pipe.read()


def test_folder_without_rights() -> None:
    """In a folder that may only be read, writing is refused with an advice; the snapshot can be read."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Store.open(home, "test") as store:
            store.merge([article("a")])
            publish(home, store)
        home.chmod(0o555)
        try:

            def write_there() -> None:
                with Store.open(home, "test"):
                    pass

            assert "--home DIR" in as_nobody(write_there)
            assert "ermission denied" in as_nobody(write_there)
            assert run_query(home, "SELECT count(*) FROM articles", 10).rows == [(1,)]
        finally:
            home.chmod(0o755)
