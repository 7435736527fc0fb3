"""Copies: the same text published more than once, verbatim, edited, cut short or translated.

Candidates come from signatures (`signatures`) and vectors (`translated`), over the time window only; every one is then
checked on the texts themselves, so that chance decides nothing. Who is credited is decided in `credit`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.identity.credit import Likeness, Relation, credit
from pipeline.identity.signatures import likely_pairs
from pipeline.identity.translated import TranslationCheck, apart_days, language, near_translations
from pipeline.identity.words import jaccard, numbers, shingle_words, shingles
from storage.records import Article, ArticleFeatures, Copy

if TYPE_CHECKING:
    from pipeline.identity.embed import Embedder

METHOD = "copies-2"

_VERBATIM = 0.9
_EDITED = 0.5
_CONTAINED = 0.75
_SAME_SOURCE = 0.85
"""One outlet's own texts from one template (prices, weather, lottery) are alike without being copies."""
_SAME_NUMBERS = 0.3
_MIN_CUT = 25  # distinct 3-word runs: a shorter piece held by another text is a quotation
_ALIGNED = 80  # words: a cut keeps the opening, a round-up or a quotation does not


@dataclass(frozen=True, slots=True)
class _Text:
    runs: frozenset[str]
    opening: frozenset[str]
    numbers: frozenset[str]


def find_copies(
    new: Sequence[Article],
    window: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    known: Sequence[Copy] = (),
    *,
    owners: Mapping[str, str] | None = None,
    embedder: Embedder | None = None,
    reach_days: float = 7.0,
) -> list[Copy]:
    """Return a copy record for every article that repeats another's text.

    Groups are returned in which an article is new or was known to be a copy. ``window`` holds the other articles that
    may be alike; those of ``new`` may be among them. Two articles further apart than ``reach_days`` are not compared,
    but may meet through a third. The result depends on the set of articles alone, not on their order.

    ``owners`` says which source is an agency's own (source id to agency id, see `AgencyTable.owners`): the original is
    the agency's own article where one is held, else the earliest published (a date without a time is never first;
    ties by id); it has no record of its own. Where a member names an agency whose own text is not held, nobody is the
    original: every member has a record with ``original_article_id`` None. ``known`` are stored records of these
    articles: a group whose original has left the window keeps it, and a translation once recognised is not checked
    again unless one of its texts is new. Translations are looked for only where there is an ``embedder``. Articles of
    kind ``feed_only`` are not compared.
    """
    articles = {a.article_id: a for a in (*window, *new) if a.kind == "full" and _signature(a, features)}
    fresh = {a.article_id for a in new}
    stored = {c.article_id: c for c in known}
    texts: dict[str, _Text] = {}
    links = _Links(articles)
    for a, b in _candidates(articles, features, reach_days):
        if not links.joined(a, b) and _is_copy(articles[a], articles[b], texts):
            links.join(a, b)
    shares: dict[str, float] = {}
    if embedder is not None:
        check = TranslationCheck(embedder)
        for a, b, known_share in near_translations(articles, features, fresh, known):
            share = known_share or (0.0 if links.joined(a, b) else check.share(articles[a], articles[b]))
            if share:
                links.join(a, b)
                shares.update((k, max(share, shares.get(k, 0.0))) for k in (a, b))

    def relation(member: Article, reference: Article) -> Relation:
        left, right = _held(member, texts), _held(reference, texts)
        like = _likeness(left, right)
        if language(member) != language(reference) and max(like.jaccard, like.containment) < _EDITED:
            return Relation("translated", shares.get(member.article_id, max(shares.values(), default=1.0)))
        return Relation.between(like, len(left.runs), len(right.runs))

    found: list[Copy] = []
    for members in links.groups():
        if len(members) > 1 and any(m.article_id in fresh or m.article_id in stored for m in members):
            longest = max(members, key=lambda m: (len(_held(m, texts).runs), m.article_id))
            found.extend(credit(members, longest, relation, owners or {}, stored, articles, METHOD))
    return sorted(found, key=lambda c: c.article_id)


def compare(a: Article, b: Article) -> Likeness:
    """Compare two texts exactly."""
    return _likeness(_text(a), _text(b))


class _Links:
    """Which articles hang together; the groups do not depend on the order in which they were joined."""

    def __init__(self, articles: Mapping[str, Article]) -> None:
        self._articles = articles
        self._parent = {key: key for key in articles}

    def _root(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def joined(self, a: str, b: str) -> bool:
        return self._root(a) == self._root(b)

    def join(self, a: str, b: str) -> None:
        first, second = sorted((self._root(a), self._root(b)))
        self._parent[second] = first

    def groups(self) -> Iterator[list[Article]]:
        found: dict[str, list[Article]] = defaultdict(list)
        for key in sorted(self._articles):
            found[self._root(key)].append(self._articles[key])
        yield from found.values()


def _signature(article: Article, features: Mapping[str, ArticleFeatures]) -> tuple[int, ...]:
    held = features.get(article.article_id)
    return held.minhash if held is not None else ()


def _candidates(
    articles: Mapping[str, Article], features: Mapping[str, ArticleFeatures], reach_days: float
) -> Iterator[tuple[str, str]]:
    """Yield the pairs of ids that may be copies by their signatures."""
    import numpy as np

    keys = sorted(articles)
    if len(keys) < 2:
        return
    signatures = np.array([features[k].minhash for k in keys], dtype=np.uint32)
    sizes = np.array([features[k].shingle_count for k in keys], dtype=np.int64)
    for i, j in likely_pairs(signatures, sizes, np.ones(len(keys), dtype=np.bool_)).tolist():
        if apart_days(articles[keys[i]], articles[keys[j]]) <= reach_days:
            yield keys[i], keys[j]


def _text(article: Article) -> _Text:
    words = shingle_words(article.text)
    runs = shingles(words)
    return _Text(
        frozenset(runs), frozenset(runs[:_ALIGNED]), frozenset(n for n in numbers(article.text, 40) if len(n) > 1)
    )


def _likeness(a: _Text, b: _Text) -> Likeness:
    shared = len(a.runs & b.runs)
    union = len(a.runs) + len(b.runs) - shared
    smaller = min(len(a.runs), len(b.runs))
    short, long = (a, b) if len(a.runs) <= len(b.runs) else (b, a)
    # The opening of the shorter one stands, for the most part, near the opening of the longer one.
    head = sum(1 for run in short.opening if run in long.opening)
    aligned = bool(short.opening) and head >= 0.3 * min(len(short.opening), len(long.opening))
    return Likeness(shared / union if union else 0.0, shared / smaller if smaller else 0.0, aligned)


def _held(article: Article, texts: dict[str, _Text]) -> _Text:
    if article.article_id not in texts:
        texts[article.article_id] = _text(article)
    return texts[article.article_id]


def _is_copy(a: Article, b: Article, texts: dict[str, _Text]) -> bool:
    left, right = _held(a, texts), _held(b, texts)
    like = _likeness(left, right)
    if like.jaccard >= _VERBATIM:
        return True
    if a.source_id == b.source_id and like.jaccard < _SAME_SOURCE:
        return False
    if like.containment >= _CONTAINED and like.jaccard < _CONTAINED:
        # One text stands within a longer one: a cut if both open alike, else a quotation or a round-up.
        return like.aligned and min(len(left.runs), len(right.runs)) >= _MIN_CUT
    few = min(len(left.numbers), len(right.numbers)) < 3
    return like.jaccard >= _EDITED and (few or jaccard(left.numbers, right.numbers) >= _SAME_NUMBERS)
