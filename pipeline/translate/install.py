"""Install an Argos package file: a zip from the network, so nothing in it is trusted.

    translate-es_en-1_9/metadata.json  model/…  sentencepiece.model | bpe.model  (stanza/ minisbd/ README.md)

It is unpacked beside the packages, tried on the test sentences, and only then given its name: other programs that use
the same folder see the old package or the new one, never a half.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.settings import TranslateSettings
from pipeline.translate import canary
from pipeline.translate.argos import engine_of
from pipeline.translate.engine import EngineError
from pipeline.translate.index import CODE, VERSION, SetupError

_MAX_FILES = 5_000
_MAX_BYTES = 4_000_000_000  # the largest packages of the index hold 0.4 GB
_BLOCK = 1 << 20
_MAX_METADATA = 1_000_000


@dataclass(frozen=True, slots=True)
class Contents:
    """What a package file says of itself. ``folder`` is the one folder that everything in it stands in."""

    folder: str
    source: str
    target: str
    version: str

    @property
    def code(self) -> str:
        """The package's name."""
        return f"translate-{self.source}_{self.target}"


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a package file. Raises SetupError, also for what turns out wrong while it is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,  # zipfile's word for a compression that it does not know
        RuntimeError,
        ValueError,
        lzma.LZMAError,
    ) as error:
        if isinstance(error, SetupError):
            raise
        raise SetupError(f"{file} is no Argos package: {error}") from error
    except OSError as error:
        raise SetupError(f"{file} cannot be read or unpacked ({error.strerror or error}).") from error


def look_into(file: Path) -> Contents:
    """Return what a package file says of itself. Raises SetupError where it is no translation package, or unsafe."""
    with opened(file) as archive:
        folder = _check_members(file, archive.infolist())
        try:
            info = archive.getinfo(f"{folder}/metadata.json")
        except KeyError as error:
            raise SetupError(f"{file} is no Argos package: it has no metadata.json.") from error
        with archive.open(info) as data:
            raw = data.read(_MAX_METADATA)
        try:
            metadata = json.loads(raw)
            words = {k: metadata[k] for k in ("from_code", "to_code", "package_version")}
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(f"{file} is no translation package: its metadata.json names no languages.") from error
        names = {PurePosixPath(m.filename) for m in archive.infolist()}
        for wanted in (("model/model.bin",), ("sentencepiece.model", "bpe.model")):
            if not any(PurePosixPath(folder, w) in names for w in wanted):
                raise SetupError(f"{file} is no translation package: it has no {' or '.join(wanted)}.")
    if not all(isinstance(w, str) for w in words.values()) or not (
        CODE.fullmatch(words["from_code"]) and CODE.fullmatch(words["to_code"])
    ):
        raise SetupError(f"{file} is no translation package: its metadata.json names no languages.")
    if not VERSION.fullmatch(words["package_version"]):
        raise SetupError(f"{file} is no translation package: its metadata.json has no version such as 1.9.")
    return Contents(folder, words["from_code"], words["to_code"], words["package_version"])


def _check_members(file: Path, members: list[zipfile.ZipInfo]) -> str:
    """Return the one top folder of an archive whose names and sizes are harmless. Raises SetupError."""
    if len(members) > _MAX_FILES or sum(m.file_size for m in members) > _MAX_BYTES:
        raise SetupError(f"{file} is refused: it would unpack into more than a package ever holds.")
    tops = set()
    for member in members:
        path = PurePosixPath(member.filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        unsafe = path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename
        if unsafe or not path.parts or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise SetupError(f"{file} is refused: {member.filename[:100]!r} would be written outside its folder.")
        tops.add(path.parts[0])
    if len(tops) != 1 or (top := tops.pop()).startswith("."):
        raise SetupError(f"{file} is no Argos package: not everything in it stands in one folder.")
    return top


def unpack(file: Path, into: Path) -> None:
    """Unpack a package file that `look_into` took, counting what really comes out. Raises SetupError."""
    left = _MAX_BYTES
    with opened(file) as archive:
        for member in archive.infolist():
            path = into / member.filename
            if member.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as data, path.open("wb") as out:
                while block := data.read(_BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise SetupError(f"{file} is refused: it unpacks into more than a package ever holds.")
                    out.write(block)


def install(file: Path, settings: TranslateSettings, packages: Path) -> Contents:
    """Install a package file into the folder ``packages``, in place of an older one for the same languages.

    Raises SetupError when the file is none, unsafe, or fails the test sentences; what was installed then stays.
    """
    contents = look_into(file)
    packages.mkdir(parents=True, exist_ok=True)
    with _workshop(packages) as workshop:
        unpack(file, workshop)
        fresh = workshop / contents.folder
        try:
            engine = engine_of(fresh, settings)
            wrong = canary.problem(engine, contents.source, contents.target)
        except EngineError as error:
            wrong = str(error)
        if wrong is not None:
            raise SetupError(f"{contents.code} {contents.version} was not installed: {wrong}.")
        try:
            _swap(fresh, packages, contents, workshop)
        except OSError as error:
            raise SetupError(f"{packages} cannot be written ({error.strerror}).") from error
    return contents


@contextmanager
def _workshop(packages: Path) -> Iterator[Path]:
    """Make a folder to unpack in, on the same disk and out of sight of those who list the packages; remove it."""
    beside = packages.parent
    usable = os.access(beside, os.W_OK | os.X_OK) and beside.stat().st_dev == packages.stat().st_dev
    try:
        folder = Path(tempfile.mkdtemp(prefix=".atalaya-", dir=beside if usable else packages))
    except OSError as error:
        raise SetupError(f"{packages} cannot be written ({error.strerror}).") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _swap(fresh: Path, packages: Path, contents: Contents, workshop: Path) -> None:
    """Give the fresh package its name; older ones for the same languages go, or Argos would take any of them."""
    for file in fresh.rglob("*"):
        if file.is_file():
            with file.open("rb") as data:
                os.fsync(data.fileno())
    old = [f for f in packages.iterdir() if f.is_dir() and (f.name == contents.folder or _same_pair(f, contents))]
    for number, folder in enumerate(old):
        folder.rename(workshop / f"old-{number}")
    try:
        fresh.rename(packages / contents.folder)
    except OSError:
        for number, folder in enumerate(old):
            (workshop / f"old-{number}").rename(folder)
        raise


def _same_pair(folder: Path, contents: Contents) -> bool:
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        return (metadata.get("from_code"), metadata.get("to_code")) == (contents.source, contents.target)
    except (OSError, ValueError, AttributeError):
        return False
