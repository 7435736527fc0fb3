"""A gazetteer matcher: many words and phrases looked up in a text in one pass, blind to case and accents.

A pattern is one or more words. A word may end in ``*`` (any ending: ``preso* polític*``) and a pattern may begin with
``=`` (upper and lower case count: ``=ICE``, ``=AP``). Matches stand on word boundaries, the longest at a place wins,
and its words are used up: a longer harmless phrase ("departamento de Bolívar") therefore shields the shorter one in it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
_MIN_STEM = 3


class TermError(ValueError):
    """A pattern that cannot be used; the message quotes it and says why."""


def fold(text: str) -> str:
    """Return ``text`` in lower case and without accents ("Amnistía" → "amnistia"); ñ becomes n."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: as written and folded."""

    raw: str
    folded: str


def tokenize(text: str) -> list[Token]:
    """Split ``text`` into words (letters and digits; hyphens, dots and apostrophes separate)."""
    composed = unicodedata.normalize("NFC", text)
    return [Token(raw, fold(raw)) for raw in _WORD.findall(composed)]


@dataclass(frozen=True, slots=True)
class Hit:
    """One match: which pattern, at which word (from 0), over how many words, and the words as written."""

    pattern: str
    start: int
    length: int
    words: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    source: str
    words: tuple[tuple[str, bool], ...]  # (folded or raw word, is a stem)
    cased: bool

    def matches(self, tokens: Sequence[Token], at: int) -> bool:
        if at + len(self.words) > len(tokens):
            return False
        for offset, (word, stem) in enumerate(self.words):
            token = tokens[at + offset]
            text = token.raw if self.cased else token.folded
            if not (text.startswith(word) if stem else text == word):
                return False
        return True


def _compile(source: str) -> _Pattern:
    cased = source.startswith("=")
    words: list[tuple[str, bool]] = []
    for part in source.removeprefix("=").split():
        stem = part.endswith("*")
        pieces = _WORD.findall(unicodedata.normalize("NFC", part.removesuffix("*")))
        if not pieces:
            raise TermError(f"term {source!r}: {part!r} holds no letter or digit")
        for n, piece in enumerate(pieces):
            last = n == len(pieces) - 1
            words.append((piece if cased else fold(piece), stem and last))
    if not words:
        raise TermError("a term is empty")
    if words[0][1] and len(words[0][0]) < _MIN_STEM:
        raise TermError(f"term {source!r}: give at least {_MIN_STEM} letters before the first *")
    return _Pattern(source, tuple(words), cased)


class TermMatcher:
    """Patterns compiled once; `find` is linear in the text and does not slow down with the number of patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile ``patterns``; raises TermError on one that cannot be used."""
        self._exact: dict[str, list[_Pattern]] = {}
        self._stems: dict[str, list[_Pattern]] = {}
        for source in dict.fromkeys(patterns):
            pattern = _compile(source)
            first, is_stem = pattern.words[0]
            (self._stems if is_stem else self._exact).setdefault(fold(first), []).append(pattern)
        self._lengths = tuple(sorted({len(stem) for stem in self._stems}, reverse=True))

    def find_all(self, tokens: Sequence[Token]) -> list[Hit]:
        """Return every match in ``tokens``, overlapping ones too: left to right, the longest first at each place."""
        hits: list[Hit] = []
        for at, token in enumerate(tokens):
            candidates = list(self._exact.get(token.folded, ()))
            for length in self._lengths:
                if length <= len(token.folded):
                    candidates.extend(self._stems.get(token.folded[:length], ()))
            fitting = [p for p in candidates if p.matches(tokens, at)]
            # more words first, then the more exact pattern, then the alphabet: the input's order changes nothing
            fitting.sort(key=lambda p: (-len(p.words), not p.cased, -sum(len(w) for w, _ in p.words), p.source))
            for pattern in fitting:
                length = len(pattern.words)
                hits.append(Hit(pattern.source, at, length, " ".join(t.raw for t in tokens[at : at + length])))
        return hits

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """Return the matches in ``tokens`` without overlap: from left to right, the longest at each place."""
        return without_overlap(self.find_all(tokens))


def without_overlap(hits: Iterable[Hit]) -> list[Hit]:
    """Keep, of hits in the order of `TermMatcher.find_all`, those that do not share a word with one kept before."""
    kept: list[Hit] = []
    free_from = 0
    for hit in hits:
        if hit.start >= free_from:
            kept.append(hit)
            free_from = hit.start + hit.length
    return kept


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one pattern amounts to in one article: how often in title, lead and body, and a form as written."""

    pattern: str
    strong: bool
    title: int
    lead: int
    body: int
    words: str


@dataclass(frozen=True, slots=True)
class ArticleTokens:
    """An article cut for matching: title, lead (the first ``LEAD_WORDS`` words of the text) and the rest."""

    title: tuple[Token, ...]
    lead: tuple[Token, ...]
    body: tuple[Token, ...]

    @property
    def words(self) -> int:
        """Words in all."""
        return len(self.title) + len(self.lead) + len(self.body)


LEAD_WORDS = 60
MAX_WORDS = 4000  # a longer text says nothing new about what it is about


def article_tokens(title: str, text: str) -> ArticleTokens:
    """Cut an article; a text that begins with its own title does not count the title twice."""
    head = tokenize(title)
    rest = tokenize(text)[:MAX_WORDS]
    if head and [t.folded for t in rest[: len(head)]] == [t.folded for t in head]:
        rest = rest[len(head) :]
    return ArticleTokens(tuple(head), tuple(rest[:LEAD_WORDS]), tuple(rest[LEAD_WORDS:]))


@dataclass(frozen=True, slots=True)
class TermList:
    """The patterns of one owner (a topic, a beat) in one language; ``shields`` are harmless phrases around a term."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    shields: tuple[str, ...] = ()


class Gazetteer:
    """The term lists of many owners, matched in one pass; within an owner a word counts for one pattern only."""

    def __init__(self, lists: Mapping[str, TermList]) -> None:
        """Compile ``lists`` by owner; raises TermError naming the pattern that cannot be used."""
        self._roles: dict[str, list[tuple[str, bool | None]]] = {}  # pattern → owners, strong or weak; None: a shield
        for owner, terms in lists.items():
            roles: dict[str, bool | None] = dict.fromkeys(terms.weak, False)
            roles.update(dict.fromkeys(terms.strong, True))
            roles.update(dict.fromkeys(terms.shields, None))
            for pattern, strong in roles.items():
                self._roles.setdefault(pattern, []).append((owner, strong))
        self._matcher = TermMatcher(self._roles)

    def evidence(self, article: ArticleTokens) -> dict[str, list[Evidence]]:
        """Return what speaks for each owner, in the order of first mention; owners without any are left out."""
        counts: dict[tuple[str, str], list[int]] = {}
        words: dict[tuple[str, str], str] = {}
        roles: dict[tuple[str, str], bool] = {}
        for place, tokens in enumerate((article.title, article.lead, article.body)):
            by_owner: dict[str, list[tuple[Hit, bool | None]]] = {}
            for hit in self._matcher.find_all(tokens):
                for owner, strong in self._roles[hit.pattern]:
                    by_owner.setdefault(owner, []).append((hit, strong))
            for owner, found in by_owner.items():
                meaning = {hit.pattern: strong for hit, strong in found}
                for hit in without_overlap(hit for hit, _ in found):
                    strong = meaning[hit.pattern]
                    if strong is None:
                        continue
                    key = (owner, hit.pattern)
                    counts.setdefault(key, [0, 0, 0])[place] += 1
                    words.setdefault(key, hit.words)
                    roles[key] = strong
        result: dict[str, list[Evidence]] = {}
        for (owner, pattern), n in counts.items():
            key = (owner, pattern)
            result.setdefault(owner, []).append(Evidence(pattern, roles[key], n[0], n[1], n[2], words[key]))
        return result


_TITLE_WEIGHT = 3.0
_LEAD_WEIGHT = 1.5
_BODY_WEIGHT = 0.5
_WEAK_SHARE = 0.4
_USUAL_WORDS = 600  # beyond this length a mention in the body weighs less


def term_strength(evidence: Iterable[Evidence], words: int) -> float:
    """Return how much the terms found in an article of ``words`` words say, from 0, without an upper bound.

    A strong term in the title says 1, in the lead 1/2, once in a body of usual length 1/6; different terms add up,
    repetition counts logarithmically. Weak terms count
    for less, never for more than the strong ones, and for nothing without one.
    """
    found = list(evidence)
    if not any(e.strong for e in found):
        return 0.0
    dilution = min(1.0, _USUAL_WORDS / max(words, 1))
    strong = weak = 0.0
    for e in found:
        weight = _TITLE_WEIGHT * min(e.title, 1) + _LEAD_WEIGHT * math.log2(1 + e.lead)
        weight += _BODY_WEIGHT * math.log2(1 + e.body) * dilution
        if e.strong:
            strong += weight
        else:
            weak += _WEAK_SHARE * weight
    return (strong + min(weak, strong)) / _TITLE_WEIGHT


def term_score(evidence: Iterable[Evidence], words: int) -> float:
    """Return how much an article of ``words`` words is about something, 0 to 1, from the evidence of its terms.

    A strong term in the title gives .63, in the lead .39, once in a body of usual length .15: 1 - e^-strength.
    """
    return 1.0 - math.exp(-term_strength(evidence, words))


def shown(evidence: Iterable[Evidence], limit: int = 6) -> tuple[str, ...]:
    """Return the evidence as people read it, strongest first: "amnistía (title 1, lead 2)"."""

    def rank(e: Evidence) -> tuple[bool, int, int, int, str]:
        return (not e.strong, -e.title, -e.lead, -e.body, e.pattern)

    lines: list[str] = []
    for e in sorted(evidence, key=rank)[:limit]:
        places = [f"{name} {n}" for name, n in (("title", e.title), ("lead", e.lead), ("body", e.body)) if n]
        lines.append(f"{e.words} ({', '.join(places)})")
    return tuple(lines)
