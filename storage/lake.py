"""A warehouse that several machines write: a DuckLake whose catalogue is in PostgreSQL, its rows in Parquet files.

Tables have no keys, and DuckLake 1.0 does not notice two writers that insert one key at the same moment; nor do its
statistics always survive two commits at once (its issue 1094: rows are there and a filter does not find them). So
writers queue: each transaction first takes an advisory lock of PostgreSQL, which ends with its connection. Whatever
takes long (polling, translating, reading files, parsing records) is done before, so the queue is short. Readers take
no lock and see one snapshot.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath
from urllib.parse import parse_qsl, unquote, urlsplit

from storage import db
from storage.advice import LakeName
from storage.errors import LockBusy, StorageError

SCHEME = "ducklake+postgres"
EXAMPLE = f"{SCHEME}://atalaya@db.example/atalaya?data=s3://bucket/lake"
PATIENCE_S = 600.0
"""So long a writer waits for the others. A transaction takes seconds; ten minutes mean that something hangs."""

_LOCK_SPACE = 0x0A7A1A7A  # ours among the advisory locks of the database
_TURN_MS = 2_000  # a wait is cut so often, to be told by a signal and to count the patience


@dataclass(frozen=True, slots=True)
class LakeUrl:
    """A lake: its catalogue's database and where its files are (an absolute path or ``s3://bucket/prefix``)."""

    database: str
    data: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    schema: str = "public"

    @property
    def name(self) -> LakeName:
        """What messages call it: no password."""
        place = f" on {self.host}" if self.host else ""
        schema = "" if self.schema == "public" else f".{self.schema}"
        return LakeName(f"lake {self.database}{schema}{place}")


def parse_url(url: str) -> LakeUrl:
    """Return the parts of ``ducklake+postgres://user@host:port/database?data=…&schema=…``.

    ``data`` is a folder that all machines share (a path or ``file://``) or ``s3://bucket/prefix``; ``schema`` (default
    ``public``) keeps several lakes apart in one database. Raises StorageError that says what is wrong with it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        given = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError as error:
        raise StorageError(f"store.url cannot be read ({error}). Write it like {EXAMPLE}") from error
    if parts.scheme != SCHEME:
        raise StorageError(f"store.url begins with {parts.scheme or 'nothing'}://, not {SCHEME}://, as in {EXAMPLE}")
    unknown = sorted(given.keys() - {"data", "schema"})
    if unknown:
        raise StorageError(f"store.url: {', '.join(unknown)} is not known; data and schema are.")
    database = unquote(parts.path.strip("/"))
    if not database or not given.get("data"):
        raise StorageError(f"store.url names no {'data' if database else 'database'}. Write it like {EXAMPLE}")
    return LakeUrl(
        database=database,
        data=_data_path(given["data"]),
        host=parts.hostname,
        port=port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        schema=given.get("schema", "public"),
    )


def _data_path(text: str) -> str:
    if text.startswith("s3://"):
        return text.rstrip("/") + "/"
    if "://" in text and not text.startswith("file://"):
        raise StorageError(
            f"store.url: data is {text}; a folder that all machines share or s3://bucket/prefix is known."
        )
    path = Path(unquote(urlsplit(text).path) if text.startswith("file://") else text).expanduser()
    if not path.is_absolute():
        raise StorageError(f"store.url: data is {text}; write a whole path, the same on every machine.")
    return f"{path}/"


class Lake:
    """The lake behind one URL. Any number of processes may have it open."""

    def __init__(self, url: LakeUrl, patience_s: float = PATIENCE_S) -> None:
        self.url = url
        self.name: PurePath = url.name
        self.patience_s = patience_s

    def exists(self) -> bool:
        """Return whether the lake was ever made. Raises StorageError when PostgreSQL does not answer."""
        try:
            _instance(self.url, os.getpid(), create=False)
        except StorageError as error:
            if "no lake in this database yet" in str(error):
                return False
            raise
        return True

    @contextmanager
    def session(self, command: str) -> Iterator[db.Connection]:
        """Connect to the lake, making it when there is none. ``command`` is not told: many may be at work."""
        con = self._connected()
        try:
            db.execute(con, self.name, "USE lake")
            db.prepare(con, self.name)
            yield con
        finally:
            con.close()

    def _connected(self) -> db.Connection:
        if not self.exists():
            self._make()
        return _instance(self.url, os.getpid(), create=False).cursor()

    def _make(self) -> None:
        """Make the lake's catalogue; of several processes one makes it and the others find it made."""
        if not self.url.data.startswith("s3://"):
            try:
                Path(self.url.data).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(
                    f"Cannot make {self.url.data} ({error.strerror}): the lake's files go there."
                ) from error
        for pause in (0.2, 0.5, 1.0, 2.0, None):
            try:
                with _attached(self.url, create=True):
                    return
            except StorageError:
                if pause is None:
                    raise
                time.sleep(pause)  # two processes made its tables at once: PostgreSQL let one of them win
                if self.exists():
                    return

    @contextmanager
    def transaction(self, con: db.Connection) -> Iterator[None]:
        """Queue for the right to write, then commit what the block does, or nothing of it when it raises.

        Raises LockBusy when the queue does not move, WriteConflict when somebody wrote past the queue.
        """
        with self._locked() as guard, db.transaction(con, self.name):
            yield
            self._ask(guard, db.sql_file("lake", "held_in_postgres.sql"))  # a lock that was lost must not commit

    @contextmanager
    def alone(self, con: db.Connection) -> Iterator[None]:
        """Hold the right to write through several transactions of ``con``."""
        with self._locked():
            yield

    def settle(self, con: db.Connection) -> None:
        """Do nothing: what is committed to a catalogue is durable."""

    def compact(self, con: db.Connection) -> None:
        """Join small files, write out deleted rows, and remove files that no snapshot needs. The caller is `alone`."""
        for name in ("flush", "merge", "rewrite", "expire", "cleanup"):
            db.execute(con, self.name, db.sql_file("lake", f"{name}.sql"))

    @contextmanager
    def _locked(self) -> Iterator[db.Connection]:
        """Hold the lake's advisory lock, in a connection of its own: it ends with it, whatever happens to us."""
        guard = _instance(self.url, os.getpid(), create=False).cursor()
        try:
            db.prepare(guard, self.name)
            self._lock(guard)
            yield guard
        finally:
            # Without a connection there is no lock left to give back.
            with suppress(db.engine_error()):
                guard.rollback()
            guard.close()

    def _lock(self, guard: db.Connection) -> None:
        words = {"patience_ms": _TURN_MS, "space": _LOCK_SPACE, "lake": zlib.crc32(self.url.schema.encode()) >> 1}
        query = db.sql_file("lake", "lock_in_postgres.sql").format(**words)
        deadline = time.monotonic() + self.patience_s
        while True:
            db.execute(guard, self.name, "BEGIN TRANSACTION")
            try:
                self._ask(guard, query)
            except StorageError as error:
                with suppress(db.engine_error()):
                    guard.rollback()
                if "lock timeout" not in str(error):
                    raise
                if time.monotonic() >= deadline:
                    raise LockBusy(
                        f"{self.name} was being written by others for {self.patience_s:g} s. Look for a process that "
                        "hangs: PostgreSQL's pg_locks names the holder of locktype `advisory`."
                    ) from error
            else:
                return

    def _ask(self, guard: db.Connection, query: str) -> None:
        """Run a query in the guard's own transaction of PostgreSQL."""
        db.fetch(guard, self.name, db.sql_file("lake", "lock.sql").format(query=db.quoted(query)))


@cache
def _instance(url: LakeUrl, process: int, *, create: bool) -> db.Connection:
    """Return this process's DuckDB with the lake attached; sessions are cursors of it.

    Kept because loading the extensions takes half a second. A forked child (another ``process``) has its own.
    """
    return _attach(url, create=create)


@contextmanager
def _attached(url: LakeUrl, *, create: bool) -> Iterator[db.Connection]:
    con = _attach(url, create=create)
    try:
        yield con
    finally:
        con.close()


def _attach(url: LakeUrl, *, create: bool) -> db.Connection:
    remote = url.data.startswith("s3://")
    con = db.connect_with(["postgres_scanner", "ducklake", *(["httpfs"] if remote else [])])
    try:
        # Secrets, because DuckDB shows them in no message.
        db.execute(con, url.name, _secret("catalogue", "postgres", _catalogue(url)))
        if remote:
            db.execute(con, url.name, _secret("files", "s3", _s3_options(os.environ)))
        words = {
            "data": db.quoted(url.data),
            "schema": db.quoted(url.schema),
            "create": str(create).lower(),
        }
        db.execute(con, url.name, db.sql_file("lake", "attach.sql").format(**words))
    except BaseException:
        con.close()
        raise
    return con


def _catalogue(url: LakeUrl) -> dict[str, str | bool]:
    given = {
        "HOST": url.host,
        "PORT": str(url.port) if url.port else None,
        "DATABASE": url.database,
        "USER": url.user,
        "PASSWORD": url.password,
    }
    return {k: v for k, v in given.items() if v is not None}


def _s3_options(environment: Mapping[str, str]) -> dict[str, str | bool]:
    """Return what DuckDB must know of the object storage, from the variables that all its clients read."""
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise StorageError("The lake's files are in s3://: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    options: dict[str, str | bool] = {"KEY_ID": key, "SECRET": secret}
    options["REGION"] = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    if token := environment.get("AWS_SESSION_TOKEN"):
        options["SESSION_TOKEN"] = token
    if endpoint := environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL"):
        parts = urlsplit(endpoint)
        options |= {"ENDPOINT": parts.netloc, "USE_SSL": parts.scheme == "https", "URL_STYLE": "path"}
    return options


def _secret(name: str, kind: str, options: Mapping[str, str | bool]) -> str:
    words = [f"{k} {str(v).lower() if isinstance(v, bool) else db.quoted(v)}" for k, v in options.items()]
    return f"CREATE SECRET {name} ({', '.join([f'TYPE {kind}', *words])})"
