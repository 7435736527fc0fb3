"""Translated copies: the same text in two languages, told from two reports of one event.

Sentences of both texts are compared by their multilingual vectors and aligned in order, as parallel texts are (dynamic
programming over one-to-one, one-to-two and skipped sentences: Gale and Church 1993; with vectors: Thompson and Koehn
2019, Vecalign). A translation leaves few sentences over; another report tells other things in another order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.identity.words import numbers, sentences, tokens
from storage.records import Article, ArticleFeatures, Copy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.identity.embed import Embedder

REACH_DAYS = 3.0
"""A translation follows its original within days; a later text on the same event is another one."""
NEAR = 0.55
"""Cosine of the leads, or of title and lead together, from which two texts are compared sentence by sentence."""
_MOST = 6
"""Texts that one text is compared with at most, the nearest first: encoding sentences is what costs."""
_SENTENCES = 40
_MIN_SENTENCES = 3
_MIN_WORDS = 4  # in a sentence: shorter ones ("Photo: AP") say nothing
SAME_SENTENCE = 0.6
"""Cosine from which two sentences say the same: true pairs stand at .77 to .93, others at most at .55."""


@dataclass(frozen=True, slots=True)
class _Demand:
    """What an alignment must reach (see `Alignment`), and the share of the fewer numbers that both texts hold."""

    share: float
    share_long: float
    cosine: float
    numbers: float


_TRANSLATED = _Demand(share=0.7, share_long=0.4, cosine=0.69, numbers=0.5)
_SAME_AGENCY = _Demand(share=0.6, share_long=0.3, cosine=0.66, numbers=0.5)
"""Two texts that name one agency are more often one text: less is asked for. Fitted on 200 pseudo articles of parallel
news text (WMT 2009 and 2010) against 186 pairs of independent reports of one event; see docs/decisions/identity.md."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """``share`` of the shorter text's words that stand in aligned sentences, and of the longer's (``share_long``);
    ``cosine`` is the mean over the aligned pairs."""

    share: float
    share_long: float
    cosine: float


def align(
    left: NDArray[np.float32], left_words: Sequence[int], right: NDArray[np.float32], right_words: Sequence[int]
) -> Alignment:
    """Align two texts given as vectors of their sentences (n, 512) and (m, 512) with the sentences' lengths in words.

    Costs n times m; the order of the two texts does not matter.
    """
    import numpy as np

    n, m = len(left), len(right)
    if not n or not m:
        return Alignment(0.0, 0.0, 0.0)
    one = left @ right.T
    steps: list[tuple[int, int, NDArray[np.float32]]] = [(1, 1, one)]
    if m > 1:
        steps.append((1, 2, left @ _unit(right[:-1] + right[1:]).T))
    if n > 1:
        steps.append((2, 1, _unit(left[:-1] + left[1:]) @ right.T))
    words_left, words_right = np.array(left_words), np.array(right_words)
    best = np.zeros((n + 1, m + 1))
    back: dict[tuple[int, int], tuple[int, int, float]] = {}
    for i in range(n + 1):
        for j in range(m + 1):
            options = [(best[i - 1, j], 1, 0, 0.0)] if i else []
            options += [(best[i, j - 1], 0, 1, 0.0)] if j else []
            for di, dj, cosines in steps:
                if i >= di and j >= dj:
                    cosine = float(cosines[i - di, j - dj])
                    if cosine >= SAME_SENTENCE:
                        weight = words_left[i - di : i].sum() + words_right[j - dj : j].sum()
                        options.append((best[i - di, j - dj] + (cosine - SAME_SENTENCE / 2) * weight, di, dj, cosine))
            if options:
                score, di, dj, cosine = max(options)
                best[i, j], back[i, j] = score, (di, dj, cosine)
    return _read_back(n, m, back, words_left, words_right)


def _read_back(
    n: int,
    m: int,
    back: dict[tuple[int, int], tuple[int, int, float]],
    words_left: NDArray[np.int64],
    words_right: NDArray[np.int64],
) -> Alignment:
    held_left = held_right = 0
    cosines: list[float] = []
    i, j = n, m
    while (i, j) in back:
        di, dj, cosine = back[i, j]
        if cosine:
            held_left += int(words_left[i - di : i].sum())
            held_right += int(words_right[j - dj : j].sum())
            cosines.append(cosine)
        i, j = i - di, j - dj
    shares = (held_left / max(int(words_left.sum()), 1), held_right / max(int(words_right.sum()), 1))
    shorter_first = words_left.sum() <= words_right.sum()
    share, share_long = shares if shorter_first else shares[::-1]
    return Alignment(share, share_long, sum(cosines) / len(cosines) if cosines else 0.0)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


class TranslationCheck:
    """Decides of two texts whether one is the other's translation; keeps sentence vectors for the time of its life."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._sentences: dict[str, tuple[list[str], NDArray[np.float32]]] = {}

    def share(self, a: Article, b: Article) -> float:
        """Return the share of the shorter text that stands aligned in the other, 0.0 where it is no translation."""
        demand = _SAME_AGENCY if a.agency is not None and a.agency == b.agency else _TRANSLATED
        if _shared_numbers(a.text, b.text) < demand.numbers:
            return 0.0
        (left, left_vectors), (right, right_vectors) = self._vectors(a), self._vectors(b)
        if min(len(left), len(right)) < _MIN_SENTENCES:
            return 0.0
        found = align(left_vectors, _lengths(left), right_vectors, _lengths(right))
        reached = (found.share, found.share_long, found.cosine)
        wanted = (demand.share, demand.share_long, demand.cosine)
        return round(found.share, 4) if all(x >= y for x, y in zip(reached, wanted, strict=True)) else 0.0

    def _vectors(self, article: Article) -> tuple[list[str], NDArray[np.float32]]:
        if article.article_id not in self._sentences:
            held = [s for s in sentences(article.text, _SENTENCES) if len(tokens(s)) >= _MIN_WORDS]
            self._sentences[article.article_id] = held, self._embedder.encode(held)
        return self._sentences[article.article_id]


def _lengths(held: Sequence[str]) -> list[int]:
    return [len(tokens(s)) for s in held]


def _shared_numbers(a: str, b: str) -> float:
    """Return the share of the fewer numbers that the other text has too; 1.0 where there are too few to tell."""
    left, right = set(numbers(a, 60)), set(numbers(b, 60))
    fewer = min(len(left), len(right))
    return len(left & right) / fewer if fewer >= 3 else 1.0


def language(article: Article) -> str:
    """Return the language without its region."""
    return article.lang.split("-")[0]


def apart_days(a: Article, b: Article) -> float:
    """Return the days between two publications."""
    return abs((a.published_at - b.published_at).total_seconds()) / 86_400


def near_translations(
    articles: Mapping[str, Article],
    features: Mapping[str, ArticleFeatures],
    fresh: Collection[str],
    known: Sequence[Copy],
) -> Iterator[tuple[str, str, float | None]]:
    """Yield the pairs of ids in two languages that are worth aligning, and those recognised before with their share.

    Worth aligning is a pair near in time and by its vectors of which one text is new; of those in two texts that were
    both there before the answer is known.
    """
    import numpy as np

    group = {c.article_id: c.text_group_id for c in known}
    group |= {c.original_article_id: c.text_group_id for c in known if c.original_article_id is not None}
    share_of = {c.article_id: c.similarity for c in known if c.kind == "translated"}
    keys = [k for k in sorted(articles) if features[k].lead_vector]
    if len({language(articles[k]) for k in keys}) < 2:
        return
    lead = _unit(np.array([features[k].lead_vector for k in keys], dtype=np.float32))
    title = np.array([features[k].title_vector or (0.0,) * lead.shape[1] for k in keys], dtype=np.float32)
    joint = _unit(lead + _unit(title))
    langs = np.array([language(articles[k]) for k in keys])
    days = np.array([articles[k].published_at.timestamp() / 86_400 for k in keys])
    new = np.array([k in fresh for k in keys])
    pairs: set[tuple[int, int]] = set()
    for i in range(len(keys)):
        others = np.flatnonzero((langs != langs[i]) & (np.abs(days - days[i]) <= REACH_DAYS))
        near = np.maximum(lead[others] @ lead[i], joint[others] @ joint[i])
        kept = [int(others[at]) for at in np.argsort(-near, kind="stable").tolist() if near[at] >= NEAR]
        same = [j for j in kept if group.get(keys[i], keys[i]) == group.get(keys[j], keys[j])]
        pairs.update((min(i, j), max(i, j)) for j in {*kept[:_MOST], *same})
    for i, j in sorted(pairs):
        a, b = keys[i], keys[j]
        if new[i] or new[j]:
            yield a, b, None
        elif group.get(a, a) == group.get(b, b):
            yield a, b, max(share_of.get(a, 0.0), share_of.get(b, 0.0)) or None
