"""Add sources to a user's own declarations, keeping their comments and layout.

The only module that writes declarations, and the only one that knows tomlkit.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.settings import BUILTIN_CONFIG
from pipeline.source_rules import DEFAULT_TIMEZONES, FeedDecl
from pipeline.sources import SourceError, parse_sources, read_folder

if TYPE_CHECKING:
    from tomlkit.items import Table
    from tomlkit.toml_document import TOMLDocument


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be declared; the fields are those of a declaration, ``comment`` becomes a line above them."""

    id: str
    name: str
    country: str
    languages: tuple[str, ...]
    homepage: str
    media_type: str
    ownership: str
    feeds: tuple[FeedDecl, ...]
    timezone: str | None = None
    owner_group: str | None = None
    alignment: str | None = None
    evidence: str | None = None
    based_in: str | None = None
    paywall: bool = False
    fictional: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What was written: the files with new declarations, and the built-in files copied beside them first."""

    files: tuple[Path, ...]
    copied: tuple[Path, ...]


def add_source(config_dir: Path | None, source: NewSource) -> Added:
    """Declare one source in ``config_dir/sources``. See `add_sources`."""
    return add_sources(config_dir, [source])


def add_sources(config_dir: Path | None, sources: Sequence[NewSource]) -> Added:
    """Declare ``sources`` in ``config_dir/sources``, in the file of their country (``ve``, ``es``, ``us`` or ``xx``).

    A sources/ folder replaces the built-in sources whole, so a new one starts as a copy of them. Everything is checked
    before anything is written, and each file is replaced in one step. Raises SourceError with every problem.
    """
    if config_dir is None:
        raise SourceError(["sources are added to your own folder: name it with --config DIR (it may be new)."])
    folder = config_dir / "sources"
    fresh = not folder.is_dir()
    texts, problems = read_folder(BUILTIN_CONFIG / "sources" if fresh else folder)
    if problems:
        raise SourceError(problems, f"The sources in {folder} cannot be used:")
    changed = _with_added(texts, sources)
    parse_sources({**texts, **changed}, str(folder))
    _write(folder, {**(texts if fresh else {}), **changed})
    copied = tuple(folder / name for name in sorted(texts)) if fresh else ()
    return Added(tuple(folder / name for name in sorted(changed)), copied)


def file_of(country: str) -> str:
    """Return the name of the file that holds the sources of ``country``."""
    return f"{country.lower()}.toml" if country in DEFAULT_TIMEZONES else "xx.toml"


def _with_added(texts: dict[str, str], sources: Iterable[NewSource]) -> dict[str, str]:
    """Return the new text of each file that gets a source. Raises SourceError where a file is not TOML already."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    documents: dict[str, TOMLDocument] = {}
    for source in sources:
        name = file_of(source.country)
        try:
            document = documents.setdefault(name, tomlkit.parse(texts.get(name, "")))
        except TOMLKitError as error:
            raise SourceError([f"{name}: not valid TOML: {error}"]) from error
        if "source" not in document:
            document.append("source", tomlkit.aot())
        if not isinstance(document["source"], tomlkit.items.AoT):
            raise SourceError([f"{name}: source: is not a list of tables. Write [[source]] with two brackets."])
        document["source"].append(_table(source))
    return {name: tomlkit.dumps(document) for name, document in documents.items()}


def _table(source: NewSource) -> Table:
    """Return the declaration as TOML; what is not set is left out."""
    import tomlkit

    table = tomlkit.table()
    for line in source.comment.splitlines():
        table.add(tomlkit.comment("".join(c for c in line if c.isprintable())))
    for name in ("id", "name", "country", "languages", "homepage", "media_type", "ownership"):
        value = getattr(source, name)
        table.add(name, list(value) if isinstance(value, tuple) else value)
    for name in ("timezone", "owner_group", "alignment", "evidence", "based_in", "paywall", "fictional"):
        if getattr(source, name) not in (None, False):
            table.add(name, getattr(source, name))
    feeds = tomlkit.array()
    for feed in source.feeds:
        if feed.scope is None:
            feeds.append(feed.url)
            continue
        item = tomlkit.inline_table()
        item.update({"url": feed.url, "scope": feed.scope})
        feeds.append(item)
    table.add("feeds", feeds.multiline(len(source.feeds) > 1))
    table.add(tomlkit.nl())
    return table


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Write each file beside its place, then move it there. Raises SourceError where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                Path(temporary).chmod(0o644)
                Path(temporary).replace(folder / name)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise SourceError([f"{folder}: cannot be written: {error.strerror}. Choose another --config DIR."]) from error
