"""The topics of ``config/topics.toml``: read, checked and ready to match."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.declarations import declared_tables, read_toml, unknown_name
from pipeline.terms import Gazetteer, TermError, TermList, TermMatcher
from storage.ids import sha256_text
from storage.records import Topic

METHOD = "topics-4"
_ID = re.compile(r"medtop:\d{8}|ata:[a-z0-9][a-z0-9-]*")
_LISTS = ("terms_es", "terms_en", "terms_ca", "weak_es", "weak_en", "not_es", "not_en")
_TEXTS = ("id", "name_en", "name_es", "parent", "definition_en", "definition_es")
_KNOWN = {*_LISTS, *_TEXTS, "level"}


class TopicError(ValueError):
    """config/topics.toml cannot be used; the message names file, topic and field."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic as declared: its record, its definitions (level 1) and its terms by language."""

    record: Topic
    definition_en: str
    definition_es: str
    terms: Mapping[str, TermList]  # "es", "en", "ca" (the Catalan terms and the Spanish ones)


class TopicSet:
    """The topics of one file and their gazetteers: one for English, one for Spanish and every other language."""

    def __init__(self, specs: Sequence[TopicSpec], fingerprint: str) -> None:
        self.specs = {s.record.topic_id: s for s in specs}
        self.fingerprint = fingerprint
        """Eight hex digits that change with any edit of the file."""
        self.level1 = tuple(sorted(i for i, s in self.specs.items() if s.record.level == 1))
        self._top = {i: self._find_top(i) for i in self.specs}
        self._gazetteers = {
            lang: Gazetteer({i: s.terms[lang] for i, s in self.specs.items()}) for lang in ("es", "en", "ca")
        }

    @property
    def version(self) -> str:
        """Return the version of tags made with this set: it changes with the method, the weights and any edit."""
        from pipeline.topic_model import load_model

        return f"{METHOD}+{load_model().version}+{self.fingerprint}"

    def records(self) -> list[Topic]:
        """Return the topics as rows, parents before children."""
        return sorted((s.record for s in self.specs.values()), key=lambda t: (t.level, t.topic_id))

    def top(self, topic_id: str) -> str:
        """Return the level-1 ancestor of a topic (itself at level 1)."""
        return self._top[topic_id]

    def gazetteer(self, lang: str) -> Gazetteer:
        """Return the terms for an article in ``lang``: English, Catalan with Spanish, or for all else Spanish."""
        return self._gazetteers.get(lang.split("-", maxsplit=1)[0].lower(), self._gazetteers["es"])

    def definition(self, topic_id: str, lang: str) -> str:
        """Return a topic's definition (its name where it has none) in English for ``en``, else in Spanish."""
        spec = self.specs[topic_id]
        if lang.split("-", maxsplit=1)[0].lower() == "en":
            return spec.definition_en or spec.record.name_en
        return spec.definition_es or spec.record.name_es

    def _find_top(self, topic_id: str) -> str:
        parent = self.specs[topic_id].record.parent_id
        return topic_id if parent is None else self._find_top(parent)


def load_topics(path: Path) -> TopicSet:
    """Read ``config/topics.toml``; raises TopicError naming file, topic and field."""
    text, data = read_toml(path, TopicError)
    items = declared_tables(path, data, "topic", TopicError)
    specs = [_spec(path, number, item) for number, item in enumerate(items, 1)]
    _check_tree(path, specs)
    return TopicSet(specs, sha256_text(text)[:8])


def _spec(path: Path, number: int, item: Mapping[str, object]) -> TopicSpec:
    topic_id = item.get("id")
    if not isinstance(topic_id, str) or not _ID.fullmatch(topic_id):
        raise TopicError(
            f"{path}: topic number {number}: id: must be medtop:<8 digits> or ata:<name>, not {topic_id!r}"
        )

    def fail(field: str, words: str) -> TopicError:
        return TopicError(f"{path}: topic {topic_id}: {field}: {words}")

    if unknown := unknown_name(item, _KNOWN):
        raise fail(unknown[0], f"no such field. {unknown[1]}")
    texts: dict[str, str] = {}
    for field in _TEXTS:
        value = item.get(field, "")
        if not isinstance(value, str):
            raise fail(field, "must be a text")
        texts[field] = value.strip()
    for field in ("name_en", "name_es"):
        if not texts[field]:
            raise fail(field, "must not be empty")
    level = item.get("level")
    if not isinstance(level, int) or isinstance(level, bool) or level < 1:
        raise fail("level", "must be a whole number from 1")
    lists: dict[str, tuple[str, ...]] = {}
    for field in _LISTS:
        value = item.get(field, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise fail(field, "must be a list of texts")
        lists[field] = tuple(value)
        try:
            TermMatcher(lists[field])
        except TermError as error:
            raise fail(field, str(error)) from error
    terms = {x: TermList(lists[f"terms_{x}"], lists[f"weak_{x}"], lists[f"not_{x}"]) for x in ("es", "en")}
    terms["ca"] = TermList(terms["es"].strong + lists["terms_ca"], terms["es"].weak, terms["es"].shields)
    record = Topic(topic_id, texts["name_en"], texts["name_es"], texts["parent"] or None, level)
    return TopicSpec(record, texts["definition_en"], texts["definition_es"], terms)


def _check_tree(path: Path, specs: Sequence[TopicSpec]) -> None:
    levels: dict[str, int] = {}
    for spec in specs:
        if spec.record.topic_id in levels:
            raise TopicError(f"{path}: topic {spec.record.topic_id}: id: declared twice")
        levels[spec.record.topic_id] = spec.record.level
    for spec in specs:
        topic = spec.record
        if topic.parent_id is None:
            if topic.level != 1:
                raise TopicError(f"{path}: topic {topic.topic_id}: parent: a topic of level {topic.level} needs one")
        elif topic.parent_id not in levels:
            raise TopicError(f"{path}: topic {topic.topic_id}: parent: {topic.parent_id} is not declared in this file")
        elif topic.level != levels[topic.parent_id] + 1:
            raise TopicError(
                f"{path}: topic {topic.topic_id}: level: must be {levels[topic.parent_id] + 1}, one below its parent"
            )
