"""Where files travel between machines: a folder, or object storage behind a URL. The one module that knows fsspec.

A place is a path or a URL in text: ``/mnt/spool``, ``file:///mnt/spool``, ``s3://bucket/spool``. A file appears at a
place whole or not at all. Credentials and the address of the storage come from the environment, as its clients read
them (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT_URL``).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from storage.advice import in_words
from storage.errors import StorageError


def join(place: str | Path, *names: str) -> str:
    """Return the place of ``names`` below ``place``."""
    return "/".join([str(place).rstrip("/"), *names])


def name_of(place: str | Path) -> str:
    """Return the last name of a place."""
    return str(place).rstrip("/").rsplit("/", 1)[-1]


def local_path(place: str | Path) -> Path | None:
    """Return the path of a place on this machine's file system (mounted shares are), None for object storage."""
    if isinstance(place, Path):
        return place
    if place.startswith("file://"):
        return Path(unquote(urlsplit(place).path))
    return None if "://" in place else Path(place)


@contextmanager
def writing(place: str | Path) -> Iterator[Path]:
    """Yield a path to write to; what is there at the block's end becomes the file at ``place``, whole or not at all.

    Raises StorageError when it cannot be written; what was there before then stays.
    """
    path = local_path(place)
    if path is None:
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / name_of(place)
            yield temporary
            with _explained(place, "write"):
                # one PUT, or a multipart upload whose end makes it visible: storage shows no half of it
                _remote(str(place)).put_file(str(temporary), str(place))
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with _explained(place, "write"):
            path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with _explained(place, "write"):
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def reading(place: str | Path) -> Iterator[Path]:
    """Yield a path at which the file of ``place`` can be read within the block.

    Raises StorageError when object storage does not hand it out; a path that is missing is for the reader to find.
    """
    path = local_path(place)
    if path is not None:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / name_of(place)
        with _explained(place, "read"):
            _remote(str(place)).get_file(str(place), str(temporary))
        yield temporary


def exists(place: str | Path) -> bool:
    """Return whether there is a file at ``place``."""
    path = local_path(place)
    if path is not None:
        return path.is_file()
    with _explained(place, "read"):
        return bool(_remote(str(place)).isfile(str(place)))


def remove_folder(place: str | Path) -> None:
    """Remove everything below ``place``, if there is anything."""
    path = local_path(place)
    if path is not None:
        if path.is_dir():
            with _explained(place, "remove"):
                shutil.rmtree(path)
        return
    with _explained(place, "remove"):
        storage = _remote(str(place))
        if storage.exists(str(place)):
            storage.rm(str(place), recursive=True)


def prune_folders(place: str | Path, older_than: timedelta, now: datetime) -> list[str]:
    """Remove the folders right below ``place`` in which nothing was written for ``older_than``; return their names.

    Runs leave their spool when they are killed, or when their load failed for good.
    """
    newest: dict[str, datetime] = {}
    for folder, at in _ages(place):
        newest[folder] = max(at, newest.get(folder, at))
    old = sorted(folder for folder, at in newest.items() if now - at > older_than)
    for folder in old:
        remove_folder(join(place, folder))
    return old


def _ages(place: str | Path) -> Iterator[tuple[str, datetime]]:
    """Yield each file below ``place`` as the folder it is in, right below it, and when it was written."""
    path = local_path(place)
    if path is not None:
        for folder_path in sorted(path.iterdir()) if path.is_dir() else ():
            if folder_path.is_dir():
                for inner in (folder_path, *folder_path.rglob("*")):
                    with suppress(FileNotFoundError):  # of a run that is under way
                        yield folder_path.name, datetime.fromtimestamp(inner.stat().st_mtime, UTC)
        return
    with _explained(place, "read"):
        storage, root = _remote_path(str(place))
        root = root.rstrip("/") + "/"
        found: dict[str, dict[str, Any]] = storage.find(root, detail=True)
        for name, details in found.items():
            folder, slash, _ = name.removeprefix(root).partition("/")
            if slash:
                yield folder, details["LastModified"]


def _remote(url: str) -> Any:
    """Return the file system behind ``url``."""
    return _remote_path(url)[0]


def _remote_path(url: str) -> tuple[Any, str]:
    """Return the file system behind ``url`` and what it calls the place.

    It keeps no listings: none of ours may be older than another worker's file.
    """
    import fsspec

    try:
        storage, path = fsspec.url_to_fs(url, use_listings_cache=False)
        return storage, str(path)
    except (ImportError, ValueError) as error:
        raise StorageError(f"{url}: {error}. For s3:// install what several machines need: pip install s3fs") from error


@contextmanager
def _explained(place: str | Path, verb: str) -> Iterator[None]:
    remote = local_path(place) is None
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        if remote:  # every client of a storage has errors of its own
            raise StorageError(
                f"Cannot {verb} {place} ({error}). Look at AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, and that the bucket exists and lets this key in."
            ) from error
        if not isinstance(error, OSError):
            raise
        raise in_words(f"{verb} {place}", error) from error
