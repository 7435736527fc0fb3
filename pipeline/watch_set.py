"""The analysts' standing queries, as declared in ``config/watches.toml``, and which of them a text meets.

A watch holds when every condition that it states holds; a condition holds when any of its values does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.declarations import read_toml
from pipeline.terms import Hit, TermError, TermMatcher, article_tokens
from pipeline.topic_set import TopicSet
from storage.ids import sha256_text
from storage.records import Watch

METHOD = "watches-1"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CONDITIONS = ("words", "not_words", "topics", "beats", "sources", "countries", "languages", "genres")
_KNOWN = ("id", "name", "where", *_CONDITIONS)
_PLACES = ("anywhere", "top")
_EVIDENCE = 8


class WatchError(ValueError):
    """config/watches.toml cannot be used; the message names file, watch and field."""


@dataclass(frozen=True, slots=True)
class WatchSpec:
    """One watch as declared. An empty condition asks for nothing."""

    watch_id: str
    name: str
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    where: str = "anywhere"
    """Where ``words`` may stand: anywhere, or at the top (title, first 60 words). ``not_words`` count anywhere."""

    @property
    def definition(self) -> str:
        """Return what is asked, as a JSON object without what is not asked."""
        asked: dict[str, object] = {c: list(getattr(self, c)) for c in _CONDITIONS if getattr(self, c)}
        if self.words and self.where != "anywhere":
            asked["where"] = self.where
        return json.dumps(asked, ensure_ascii=False)

    @property
    def version(self) -> str:
        """Return the version of the definition: another name changes nothing."""
        return f"{METHOD}+{sha256_text(self.definition)[:8]}"

    def record(self) -> Watch:
        """Return the watch as a row."""
        return Watch(self.watch_id, self.name, self.definition, self.version)


@dataclass(frozen=True, slots=True)
class Watched:
    """What of an article a watch can ask about. ``texts`` are pairs of title and text: the original, the English."""

    texts: tuple[tuple[str, str], ...]
    source_id: str
    country: str
    lang: str
    genre: str
    beats: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class WatchSet:
    """The watches of one file, ready to match."""

    def __init__(self, specs: Sequence[WatchSpec], topics: TopicSet) -> None:
        """Take ``specs`` whose topics exist in ``topics``; a topic stands for all that lie below it."""
        self.specs = tuple(specs)
        self._below = {s.watch_id: {t for t in topics.specs if _reaches(topics, t, s.topics)} for s in specs}
        self._matcher = TermMatcher(w for s in specs for w in (*s.words, *s.not_words))

    @property
    def version(self) -> str:
        """Return the version of the whole set: what was matched with another one is matched anew."""
        asked = sorted(f"{s.watch_id} {s.version} {sorted(self._below[s.watch_id])}" for s in self.specs)
        return f"{METHOD}+{sha256_text(json.dumps(asked))[:8]}"

    def match(self, article: Watched) -> list[tuple[WatchSpec, tuple[str, ...]]]:
        """Return the watches that ``article`` meets, each with what it met, in the order of declaration."""
        top: dict[str, Hit] = {}
        anywhere: dict[str, Hit] = {}
        for title, text in article.texts:
            cut = article_tokens(title, text)
            for tokens, place in ((cut.title, top), (cut.lead, top), (cut.body, anywhere)):
                for hit in self._matcher.find_all(tokens):
                    place.setdefault(hit.pattern, hit)
        anywhere = top | {p: h for p, h in anywhere.items() if p not in top}
        found: list[tuple[WatchSpec, tuple[str, ...]]] = []
        for spec in self.specs:
            if any(w in anywhere for w in spec.not_words):
                continue
            evidence = self._evidence(spec, article, top if spec.where == "top" else anywhere)
            if evidence is not None:
                found.append((spec, evidence))
        return found

    def _evidence(self, spec: WatchSpec, article: Watched, hits: Mapping[str, Hit]) -> tuple[str, ...] | None:
        met: list[str] = []
        has: tuple[tuple[Sequence[str], Sequence[str]], ...] = (
            (spec.words, [w for w in spec.words if w in hits]),
            (spec.topics, [t for t in article.topics if t in self._below[spec.watch_id]]),
            (spec.beats, [b for b in article.beats if b in spec.beats]),
            (spec.sources, [article.source_id] if article.source_id in spec.sources else []),
            (spec.countries, [article.country] if article.country in spec.countries else []),
            (spec.languages, [article.lang] if _primary(article.lang) in spec.languages else []),
            (spec.genres, [article.genre] if article.genre in spec.genres else []),
        )
        for asked, found in has:
            if asked and not found:
                return None
            met += [hits[w].words if w in hits else w for w in found]
        return tuple(dict.fromkeys(met))[:_EVIDENCE]


def _primary(lang: str) -> str:
    return lang.split("-", maxsplit=1)[0].lower()


def _reaches(topics: TopicSet, topic_id: str, asked: Sequence[str]) -> bool:
    """Tell whether ``topic_id`` is one of ``asked`` or lies below one."""
    at: str | None = topic_id
    while at is not None:
        if at in asked:
            return True
        at = topics.specs[at].record.parent_id
    return False


def load_watches(path: Path, topics: TopicSet) -> WatchSet:
    """Read ``watches.toml``; raises WatchError naming file, watch and field. A file without watches is all right."""
    _, data = read_toml(path, WatchError)
    unknown = sorted(set(data) - {"watch"})
    if unknown:
        raise WatchError(f"{path}: {unknown[0]}: no such table; watches are declared as [[watch]]")
    items = data.get("watch", [])
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise WatchError(f"{path}: watches are declared as [[watch]], with two brackets")
    specs: list[WatchSpec] = []
    for number, item in enumerate(items, 1):
        spec = _spec(path, number, item, topics)
        if any(s.watch_id == spec.watch_id for s in specs):
            raise WatchError(f"{path}: watch {spec.watch_id}: id: declared twice")
        specs.append(spec)
    return WatchSet(specs, topics)


def _spec(path: Path, number: int, item: Mapping[str, object], topics: TopicSet) -> WatchSpec:
    watch_id = item.get("id")
    if not isinstance(watch_id, str) or not _ID.fullmatch(watch_id):
        raise WatchError(
            f"{path}: watch number {number}: id: must be small letters, digits and hyphens, not {watch_id!r}"
        )

    def fail(field: str, words: str) -> WatchError:
        return WatchError(f"{path}: watch {watch_id}: {field}: {words}")

    unknown = sorted(set(item) - set(_KNOWN))
    if unknown:
        raise fail(unknown[0], f"no such field; fields are {', '.join(_KNOWN)}")
    name = item.get("name", watch_id)
    if not isinstance(name, str) or not name.strip():
        raise fail("name", "must be a text that is not empty")
    where = item.get("where", "anywhere")
    if where not in _PLACES:
        raise fail("where", f"must be one of {', '.join(_PLACES)}")
    lists: dict[str, tuple[str, ...]] = {}
    for field in _CONDITIONS:
        values = item.get(field, [])
        if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
            raise fail(field, 'must be a list of texts, such as ["one", "two"]')
        lists[field] = tuple(dict.fromkeys(v.strip() for v in values))
    if not any(lists[c] for c in _CONDITIONS if c != "not_words"):
        raise fail("words", "state at least one condition, or every article is a match")
    for field in ("words", "not_words"):
        try:
            TermMatcher(lists[field])
        except TermError as error:
            raise fail(field, str(error)) from error
    for topic_id in lists["topics"]:
        if topic_id not in topics.specs:
            raise fail("topics", f"{topic_id} is no topic of topics.toml")
    lists["countries"] = tuple(c.upper() for c in lists["countries"])
    lists["languages"] = tuple(_primary(x) for x in lists["languages"])
    return WatchSpec(watch_id, name.strip(), **lists, where=str(where))
