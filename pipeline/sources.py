"""The source catalogue: declarations in ``config/sources/*.toml`` read, checked and narrowed.

`load_sources` reads the folder a process is to use, `select` narrows it to what a command asked for. What a declaration
may say stands in `pipeline.source_rules`; this module turns checked declarations into the records the pipeline uses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.settings import BUILTIN_CONFIG, Settings
from pipeline.source_rules import DEFAULT_TIMEZONES, FeedDecl, check_catalogue, feed_decls
from storage.records import Feed, Source

__all__ = ["Catalogue", "FeedDecl", "SourceError", "load_sources", "parse_sources", "select", "shown", "sources_folder"]


class SourceError(ValueError):
    """Declarations, or a choice among them, that cannot be used; the message says where and what to do.

    ``problems`` holds one line per problem, so that a caller may print them as a list.
    """

    def __init__(self, problems: Iterable[str], heading: str = "") -> None:
        self.problems = tuple(problems)
        lines = [heading, *(f"  - {p}" for p in self.problems)] if heading else list(self.problems)
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Sources in the order they are declared (files by name), and their feeds in the same order."""

    sources: tuple[Source, ...] = ()
    feeds: tuple[Feed, ...] = ()

    def source(self, source_id: str) -> Source:
        """Return the source of this id; raises KeyError."""
        for source in self.sources:
            if source.source_id == source_id:
                return source
        raise KeyError(source_id)

    def feeds_of(self, source_id: str) -> tuple[Feed, ...]:
        """Return the feeds of one source in the order declared."""
        return tuple(feed for feed in self.feeds if feed.source_id == source_id)

    def verified(self, source_ids: Iterable[str], at: datetime) -> Catalogue:
        """Return the catalogue with ``verified_at`` set for the sources whose feed was really fetched ``at``."""
        seen = frozenset(source_ids)
        return replace(
            self, sources=tuple(replace(s, verified_at=at) if s.source_id in seen else s for s in self.sources)
        )


def sources_folder(settings: Settings) -> Path:
    """Return the folder of declarations: ``--config DIR/sources`` where it exists, whole, else the built-in one."""
    if settings.config_dir is not None and (settings.config_dir / "sources").is_dir():
        return settings.config_dir / "sources"
    return BUILTIN_CONFIG / "sources"


def load_sources(settings: Settings) -> Catalogue:
    """Read and check every ``*.toml`` of the folder in use.

    Raises SourceError listing all problems at once, each with file, source, field and advice.
    """
    folder = sources_folder(settings)
    texts, problems = read_folder(folder)
    if not texts and not problems:
        problems = [f"{folder}: no .toml file here. Add one, or remove the folder to use the built-in sources."]
    if problems:
        raise SourceError(problems, f"The sources in {folder} cannot be used:")
    return parse_sources(texts, str(folder))


def read_folder(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Return the text of every ``*.toml`` by file name, and what could not be read."""
    texts: dict[str, str] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            texts[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problems.append(f"{path.name}: not UTF-8 (byte {error.start}). Save the file as UTF-8.")
        except OSError as error:
            problems.append(f"{path.name}: cannot be read: {error.strerror}.")
    return texts, problems


def parse_sources(texts: Mapping[str, str], where: str = "the catalogue") -> Catalogue:
    """Turn the texts of declaration files, by file name, into a catalogue.

    Raises SourceError with every problem of every file; a file that is not TOML does not hide the others' problems.
    """
    documents: dict[str, Mapping[str, object]] = {}
    problems: list[str] = []
    for name, text in texts.items():
        try:
            documents[name] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{name}: not valid TOML: {error}. Put strings in double quotes and lists in [brackets].")
    problems.extend(map(str, check_catalogue(documents)))
    if problems:
        raise SourceError(problems, f"The sources in {where} cannot be used:")
    sources: list[Source] = []
    feeds: list[Feed] = []
    for document in documents.values():
        for raw in _tables(document):
            source = _source(raw)
            sources.append(source)
            feeds.extend(
                Feed(feed_url=decl.url, source_id=source.source_id, scope=decl.scope, position=position)
                for position, decl in enumerate(feed_decls(raw))
            )
    return Catalogue(tuple(sources), tuple(feeds))


def select(catalogue: Catalogue, source_ids: Iterable[str] = (), countries: Iterable[str] = ()) -> Catalogue:
    """Return the part of ``catalogue`` asked for: these ids, of these countries; empty means all.

    Raises SourceError for an id or country that no source has, with near matches, and when nothing is left.
    """
    wanted_ids = tuple(dict.fromkeys(i.strip().lower() for i in source_ids))
    wanted_countries = tuple(dict.fromkeys(c.strip().upper() for c in countries))
    known = {s.source_id: s for s in catalogue.sources}
    held = sorted({s.country for s in catalogue.sources})
    problems = [_unknown_id(i, catalogue) for i in wanted_ids if i not in known]
    problems += [
        f"no source of country {c!r} is declared. Countries here: {', '.join(held)}."
        for c in wanted_countries
        if c not in held
    ]
    if problems:
        raise SourceError(problems)
    kept = [
        s
        for s in catalogue.sources
        if (not wanted_ids or s.source_id in wanted_ids) and (not wanted_countries or s.country in wanted_countries)
    ]
    if not kept and (wanted_ids or wanted_countries):
        pairs = ", ".join(f"{i} is of {known[i].country}" for i in wanted_ids)
        raise SourceError([f"no source is both among the ids and of the countries asked for ({pairs})."])
    ids = {s.source_id for s in kept}
    return Catalogue(tuple(kept), tuple(f for f in catalogue.feeds if f.source_id in ids))


def _unknown_id(wanted: str, catalogue: Catalogue) -> str:
    """Say that no source has this id, and which ones look like it by id or by name."""
    names = {s.source_id: s.source_id for s in catalogue.sources}
    names |= {s.name.lower(): s.source_id for s in catalogue.sources}
    near = dict.fromkeys(names[n] for n in get_close_matches(wanted, names, n=3, cutoff=0.6))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"no source has the id {wanted!r}.{hint} `atalaya sources list` shows all {len(catalogue.sources)}."


def _tables(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = document.get("source", [])
    return [t for t in found if isinstance(t, Mapping)] if isinstance(found, list) else []


def _source(raw: Mapping[str, object]) -> Source:
    """Build the record of a declaration that `check_catalogue` found right."""

    def text(name: str) -> str | None:
        value = raw.get(name)
        return str(value) if value is not None else None

    country = str(raw["country"])
    zone = text("timezone") or DEFAULT_TIMEZONES[country]
    languages = raw["languages"]
    assert isinstance(languages, list)  # noqa: S101 (checked by check_catalogue; tells the type checker)
    return Source(
        source_id=str(raw["id"]),
        name=str(raw["name"]),
        country=country,
        languages=tuple(map(str, languages)),
        homepage=str(raw["homepage"]),
        media_type=str(raw["media_type"]),
        ownership=str(raw["ownership"]),
        timezone=zone,
        owner_group=text("owner_group"),
        alignment=text("alignment"),
        evidence=text("evidence"),
        based_in=text("based_in"),
        parent_id=text("parent_id"),
        paywall=bool(raw.get("paywall", False)),
        panel=text("panel"),
        fictional=bool(raw.get("fictional", False)),
        valid_from=_moment(raw.get("valid_from"), zone),
        valid_to=_moment(raw.get("valid_to"), zone),
    )


def _moment(value: object, zone: str) -> datetime | None:
    """Return a TOML date or time as UTC; a date is its first moment at the source, a naive time is the source's."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    local = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def shown(value: str | None, source: Source) -> str:
    """Return ownership or alignment for a reader: marked unverified without evidence, a dash where it is not set."""
    if value is None:
        return "–"
    return value if source.evidence else f"{value} (unverified)"
