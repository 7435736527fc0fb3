"""Which beats an article is on, by the gazetteer of ``config/beats.toml``; the matched terms are kept as evidence.

A beat says what an article is about, not where its outlet is. A name in passing is not enough: title and lead weigh
most, and mentions further down count against the length of the text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.declarations import declared_tables, read_toml, unknown_name
from pipeline.terms import ArticleTokens, Evidence, Gazetteer, TermError, TermList, TermMatcher, article_tokens, shown
from storage.ids import sha256_text
from storage.records import Article, ArticleBeat

_METHOD = "beats-1"
_THRESHOLD = 0.5
_LISTS = ("strong", "weak", "shields")
_TEXTS = ("id", "name_en", "name_es")


class BeatError(ValueError):
    """config/beats.toml cannot be used; the message names file, beat and field."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat as declared."""

    beat_id: str
    name_en: str
    name_es: str
    terms: TermList


class BeatSet:
    """The beats of one file, compiled."""

    def __init__(self, beats: Sequence[Beat], fingerprint: str) -> None:
        self.beats = tuple(beats)
        self.method_version = f"{_METHOD}+{fingerprint}"
        self._gazetteer = Gazetteer({b.beat_id: b.terms for b in beats})

    def evidence(self, article: ArticleTokens) -> dict[str, list[Evidence]]:
        """Return the matched terms by beat."""
        return self._gazetteer.evidence(article)


def load_beats(path: Path) -> BeatSet:
    """Read ``config/beats.toml``; raises BeatError naming file, beat and field."""
    text, data = read_toml(path, BeatError)
    items = declared_tables(path, data, "beat", BeatError)
    beats: list[Beat] = []
    for number, item in enumerate(items, 1):
        where = f"{path}: beat {item.get('id') or f'number {number}'}"
        if unknown := unknown_name(item, {*_LISTS, *_TEXTS}):
            raise BeatError(f"{where}: {unknown[0]}: no such field. {unknown[1]}")
        for field in _TEXTS:
            if not isinstance(item.get(field), str) or not item[field].strip():
                raise BeatError(f"{where}: {field}: must be a text that is not empty")
        for field in _LISTS:
            values = item.get(field, [])
            if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
                raise BeatError(f"{where}: {field}: must be a list of texts")
            try:
                TermMatcher(values)
            except TermError as error:
                raise BeatError(f"{where}: {field}: {error}") from error
        if not item.get("strong"):
            raise BeatError(f"{where}: strong: give at least one term")
        if any(b.beat_id == item["id"] for b in beats):
            raise BeatError(f"{where}: id: declared twice")
        terms = TermList(tuple(item["strong"]), tuple(item.get("weak", ())), tuple(item.get("shields", ())))
        beats.append(Beat(item["id"], item["name_en"], item["name_es"], terms))
    return BeatSet(beats, sha256_text(text)[:8])


def beat_score(evidence: Sequence[Evidence], words: int) -> float:
    """Return how surely an article of ``words`` words is on a beat, 0 to 1; .5 is the line.

    A strong term in the title is worth 2, in the lead 1 and .6 for each further mention there. In the body mentions
    count by density: one for every hundred words is worth 1 (at most 2), but a single one is worth .15 whatever the
    length, so a name in the last paragraph carries nothing. Weak terms add a quarter of that, at most as much as the
    strong ones. 1.25 in all is the line: the title alone, two mentions in the lead, or one there and more below.
    """
    strong = [e for e in evidence if e.strong]
    if not strong:
        return 0.0
    total = _weigh(strong, words)
    total += min(0.25 * _weigh([e for e in evidence if not e.strong], words), total)
    return 1.0 - math.exp(-math.log(2) * total / 1.25)


def _weigh(found: Sequence[Evidence], words: int) -> float:
    title = sum(e.title for e in found)
    lead = sum(e.lead for e in found)
    body = sum(e.body for e in found)
    value = 2.0 * min(title, 1) + 0.5 * max(min(title, 3) - 1, 0)
    if lead:
        value += 1.0 + 0.6 * (min(lead, 4) - 1)
    if body == 1:
        value += 0.15
    elif body > 1:
        value += min(2.0, 100.0 * body / max(words, 100))
    return value


def beats_of(title: str, text: str, beats: BeatSet) -> list[tuple[str, float, tuple[str, ...]]]:
    """Return the beats of a text with score and evidence, surest first."""
    tokens = article_tokens(title, text)
    found: list[tuple[str, float, tuple[str, ...]]] = []
    for beat_id, evidence in beats.evidence(tokens).items():
        score = beat_score(evidence, tokens.words)
        if score >= _THRESHOLD:
            found.append((beat_id, round(score, 4), shown(evidence, 8)))
    return sorted(found, key=lambda b: (-b[1], b[0]))


def tag_beats(articles: Sequence[Article], beats: BeatSet) -> list[ArticleBeat]:
    """Return the beats of each article; an article on none has no row. ``Article.beats`` is the ids of its rows."""
    return [
        ArticleBeat(article.article_id, beat_id, score, evidence, beats.method_version)
        for article in articles
        for beat_id, score, evidence in beats_of(article.title, article.text or article.summary, beats)
    ]
