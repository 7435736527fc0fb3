"""The files that a user declares things in: one way to read them, one set of words for those that cannot be read."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.settings import Settings


def read_toml(path: Path, problem: type[ValueError]) -> tuple[str, dict[str, Any]]:
    """Return the text of ``path`` and what it declares.

    Raises ``problem``, with the file and what to do, where it cannot be read, is not UTF-8 or not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise problem(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise problem(f"{path}: not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        words = "Put strings in double quotes and lists in [brackets]."
        raise problem(f"{path}: not valid TOML: {error}. {words}") from error


def unknown_name(given: Iterable[str], known: Collection[str]) -> tuple[str, str] | None:
    """Return the first of the names ``given`` that is not ``known``, with a hint at what is; None where all are."""
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            return name, f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}."
    return None


def declared_tables(path: Path, data: Mapping[str, Any], table: str, problem: type[ValueError]) -> list[dict[str, Any]]:
    """Return the tables that a file declares as ``[[table]]``; raises ``problem`` for anything else at its top."""
    if found := unknown_name(data, {table}):
        raise problem(f"{path}: {found[0]}: no such section; everything here is declared as [[{table}]]. {found[1]}")
    items = data.get(table, [])
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise problem(f"{path}: {table}: is declared as [[{table}]], with two brackets")
    if not items:
        raise problem(f"{path}: no [[{table}]] declared")
    return items


@dataclass(frozen=True, slots=True)
class Declared:
    """How one file of declarations is: ``words`` say what it holds, or what is wrong with it."""

    name: str
    good: bool
    words: str


def examine(settings: Settings) -> Iterator[Declared]:
    """Yield how each file of declarations is, beside the settings and the sources."""
    from pipeline.agency import load_agencies
    from pipeline.beats import load_beats
    from pipeline.output import counted
    from pipeline.settings import config_file
    from pipeline.topics import load_topics
    from pipeline.translate.glossary import load_glossary
    from pipeline.watch_set import load_watches

    def agencies(path: Path) -> str:
        return counted(len(load_agencies(path).agencies), "agency", "agencies")

    def beats(path: Path) -> str:
        return counted(len(load_beats(path).beats), "beat")

    def topics(path: Path) -> str:
        found = load_topics(path)
        return f"{counted(len(found.records()), 'topic')}, version {found.version}"

    def glossary(path: Path) -> str:
        found = load_glossary(path)
        return f"{counted(len(found.keep), 'name')} to keep, {counted(len(found.terms), 'term')}"

    def watches(path: Path) -> str:
        known = load_topics(config_file(settings, "topics.toml"))
        return counted(len(load_watches(path, known).specs), "watch", "watches")

    for look in (agencies, beats, topics, glossary, watches):
        try:
            words, good = look(config_file(settings, f"{look.__name__}.toml")), True
        except ValueError as error:
            words, good = str(error), False
        yield Declared(look.__name__, good, words)
