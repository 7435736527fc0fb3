"""Copies: the same text published more than once, verbatim, edited or cut short.

Candidates come from MinHash with banding (Broder 1997; Leskovec, Rajaraman and Ullman, ch. 3), over the time window
only, so that an article's cost does not grow with the archive. Every candidate is then checked on the texts themselves.
Short bands (two rows) find even a third of a text; what they find too much, the check throws out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.identity.dates import precedence
from pipeline.identity.words import fold, jaccard, numbers, shingle_words, shingles
from storage.ids import text_group_id
from storage.records import Article, ArticleFeatures, Copy, CopyKind

METHOD = "copies-1"

_BAND_ROWS = 2
_MAX_BUCKET = 400
"""A band shared by more texts than this is furniture (a subscription line, say), not a sign of a copy."""
_VERBATIM = 0.9
_EDITED = 0.5
_CONTAINED = 0.75
_SAME_SOURCE = 0.85
"""One outlet's own texts from one template (prices, weather, lottery) are alike without being copies."""
_SAME_NUMBERS = 0.3
_MIN_CUT = 25  # distinct 3-word runs: a shorter piece held by another text is a quotation
_ALIGNED = 80  # words: a cut keeps the opening, a round-up or a quotation does not


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts compare: ``jaccard`` and ``containment`` (of the shorter in the longer) of their 3-word runs."""

    jaccard: float
    containment: float
    aligned: bool


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
) -> list[Copy]:
    """Return a copy record for every article that repeats another's text, in groups that a new article belongs to.

    ``window`` holds the articles of the last days; those of ``new`` may be among them. The result depends on the set of
    articles alone, not on their order. The original is the agency's own article where one is held, else the earliest
    published (a date without a time is never first; ties by id); it has no record of its own. Where a member names an
    agency whose own text is not held, nobody is the original: every member has a record with
    ``original_article_id`` None. ``known`` are stored records of the window's articles: a group whose original has left
    the window keeps it. Articles of kind ``feed_only`` are not compared.
    """
    articles = {a.article_id: a for a in (*window, *new) if a.kind == "full" and _signature(a, features)}
    fresh = {a.article_id for a in new}
    texts: dict[str, _Text] = {}
    parent = {key: key for key in articles}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for a, b in _candidates(articles, features):
        left, right = articles[a], articles[b]
        if root(a) != root(b) and _is_copy(left, right, texts):
            first, second = sorted((root(a), root(b)))
            parent[second] = first
    groups: dict[str, list[Article]] = defaultdict(list)
    for key, article in articles.items():
        groups[root(key)].append(article)
    stored = {c.article_id: c for c in known}
    found: list[Copy] = []
    for members in groups.values():
        if len(members) > 1 and any(m.article_id in fresh for m in members):
            found.extend(_records(members, texts, stored, articles))
    return sorted(found, key=lambda c: c.article_id)


def compare(a: Article, b: Article) -> Likeness:
    """Compare two texts exactly."""
    return _likeness(_text(a), _text(b))


def _signature(article: Article, features: Mapping[str, ArticleFeatures]) -> tuple[int, ...]:
    held = features.get(article.article_id)
    return held.minhash if held is not None else ()


def _candidates(articles: Mapping[str, Article], features: Mapping[str, ArticleFeatures]) -> Iterable[tuple[str, str]]:
    """Yield each pair of ids that shares a band of the signature and may, by its estimate, be a copy."""
    import numpy as np

    keys = sorted(articles)
    if len(keys) < 2:
        return
    signatures = np.array([features[k].minhash for k in keys], dtype=np.uint64)
    sizes = np.array([features[k].shingle_count for k in keys], dtype=np.float64)
    pairs: set[int] = set()
    n = len(keys)
    for start in range(0, signatures.shape[1], _BAND_ROWS):
        band = signatures[:, start].astype(np.uint64)
        for row in range(start + 1, start + _BAND_ROWS):
            band = (band << np.uint64(32)) ^ signatures[:, row]
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        bounds = np.flatnonzero(np.diff(ordered)) + 1
        for bucket in np.split(order, bounds):
            if 1 < len(bucket) <= _MAX_BUCKET:
                ids = np.sort(bucket)
                left, right = np.triu_indices(len(ids), 1)
                pairs.update((ids[left] * n + ids[right]).tolist())
    codes = np.array(sorted(pairs), dtype=np.int64)
    for block in np.array_split(codes, max(1, len(codes) // 20_000)):
        i, j = block // n, block % n
        estimate = (signatures[i] == signatures[j]).mean(axis=1)
        smaller = np.minimum(sizes[i], sizes[j])
        shared = estimate * (sizes[i] + sizes[j]) / (1 + estimate)
        # Three standard errors of the estimate are granted, so that the exact check decides and not chance.
        slack = 3 * np.sqrt(np.maximum(estimate, 0.02) / signatures.shape[1])
        likely = (estimate + slack >= _EDITED) | (
            (shared / smaller) * (1 + slack / np.maximum(estimate, 0.02)) >= _CONTAINED
        )
        for a, b in zip(i[likely].tolist(), j[likely].tolist(), strict=True):
            yield keys[a], keys[b]


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


def _kind(copy: _Text, original: _Text, like: Likeness) -> CopyKind:
    if like.jaccard >= _VERBATIM:
        return "verbatim"
    ratio = min(len(copy.runs), len(original.runs)) / max(len(copy.runs), len(original.runs), 1)
    return "cut" if like.containment >= _CONTAINED and ratio < _CONTAINED else "edited"


def _agency_key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(name))


def _is_own(article: Article, agency: str) -> bool:
    """Say whether ``article`` comes from the agency itself: source ``europa-press`` for agency "Europa Press"."""
    return _agency_key(article.source_id) == _agency_key(agency)


def _records(
    members: list[Article], texts: dict[str, _Text], stored: Mapping[str, Copy], window: Mapping[str, Article]
) -> list[Copy]:
    ranked = sorted(members, key=precedence)
    named = Counter(m.agency for m in ranked if m.agency)
    agency = min(named, key=lambda a: (-named[a], a)) if named else None
    own = [m for m in ranked if agency is not None and _is_own(m, agency)]
    original: Article | None = own[0] if own else (None if agency else ranked[0])
    original_id = original.article_id if original else None
    group = text_group_id(original_id) if original_id else text_group_id(f"{agency}:{ranked[0].article_id}")
    here = {text_group_id(f"{agency}:{m.article_id}") for m in ranked}
    for copy in (stored[m.article_id] for m in ranked if m.article_id in stored):
        if copy.original_article_id is None and original is None and copy.text_group_id not in here:
            group = copy.text_group_id  # named after a taker that has left the window
            break
        if copy.original_article_id is not None and copy.original_article_id not in window and not own:
            original, original_id, group = None, copy.original_article_id, copy.text_group_id
            break
    # Likeness is measured to the original or, where nobody holds it, to the fullest text there is.
    reference = original or max(ranked, key=lambda m: (len(_held(m, texts).runs), m.article_id))
    records = []
    for member in ranked:
        if member is original:
            continue
        like = _likeness(_held(member, texts), _held(reference, texts))
        records.append(
            Copy(
                article_id=member.article_id,
                original_article_id=original_id,
                text_group_id=group,
                kind=_kind(_held(member, texts), _held(reference, texts), like),
                similarity=round(max(like.jaccard, like.containment), 4),
                agency=agency,
                method_version=METHOD,
            )
        )
    return records
