"""What a searcher's words mean, and where they stand in a text. Pure functions.

All words are needed. ``"words in a row"`` are looked for as they stand, ``-word`` leaves articles out, ``this OR that``
lets either do, ``excarcel*`` finds what begins so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from storage.errors import SearchMistake
from storage.search_find import Words, keys_of, stems_of

MAX_CHARS = 500
MAX_WORDS = 32
_MIN_PREFIX = 3
_SHOWN = 240
_LOOKED_AT = 20_000
_QUOTES = str.maketrans("“”„«»‟＂", '"""""""')
_PIECE = re.compile(r'(-?)"([^"]*)"|(\S+)')
_OR = "OR stands between two words: amnistía OR excarcelación."
_WORD = re.compile(r"[^\W_]+")
_FILTER = re.compile(r"(source|country|lang|language|topic|since|until|date|title|text):", re.IGNORECASE)

_FUNCTION_WORDS = frozenset(
    "a al con de del e el en la las lo los o para por que se su sus un una y"
    " an and as at by for from in is it of on or that the to was with".split()
)
"""Words that nearly every text has: asked for beside others they are not needed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for: one of each group of ``needed``, none of ``refused``."""

    needed: tuple[tuple[Words, ...], ...] = ()
    refused: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text; ``hit`` where it is one of the words looked for."""

    text: str
    hit: bool


def parse(words: str) -> Wish:
    """Return what ``words`` look for. Raises SearchMistake with the mistake and what is right instead."""
    text = unicodedata.normalize("NFC", words).translate(_QUOTES).strip()
    if len(text) > MAX_CHARS:
        raise SearchMistake(f"The search has {len(text)} characters; at most {MAX_CHARS} are read. Use fewer words.")
    if text.count('"') % 2:
        raise SearchMistake('A quotation mark is missing: words in a row stand between two, "presos políticos".')
    read = _Reader()
    for minus, phrase, bare in _PIECE.findall(text):
        read.piece(bool(minus) or bare.startswith("-"), bare if bare else Words(phrase, "phrase"))
    wish = read.wish()
    count = sum(len(_WORD.findall(w.text)) for g in (*wish.needed, wish.refused) for w in g)
    if count > MAX_WORDS:
        raise SearchMistake(f"The search has {count} words; at most {MAX_WORDS} are looked for.")
    if text and not wish.needed and not wish.refused:
        raise SearchMistake("There is no word to look for, only signs.")
    return wish


class _Reader:
    """Puts the pieces of a search together, one after another."""

    def __init__(self) -> None:
        self._groups: list[tuple[Words, ...]] = []
        self._refused: list[Words] = []
        self._either = False  # the last piece was OR

    def piece(self, minus: bool, piece: Words | str) -> None:
        if piece == "OR":
            if not self._groups or self._either:
                raise SearchMistake(_OR)
            self._either = True
            return
        found = _word(piece) if isinstance(piece, str) else piece
        if not _WORD.search(found.text):
            return
        if minus and self._either:
            raise SearchMistake("OR stands between two words; one to leave out cannot be one of them.")
        if minus:
            self._refused.append(found)
        elif self._either:
            self._groups[-1] = (*self._groups[-1], found)
            self._either = False
        else:
            self._groups.append((found,))

    def wish(self) -> Wish:
        if self._either:
            raise SearchMistake(_OR)
        return Wish(tuple(_without_function_words(self._groups)), tuple(self._refused))


def _word(bare: str) -> Words:
    word = bare.lstrip("-+")
    if _FILTER.match(word):
        name, _, value = word.partition(":")
        raise SearchMistake(
            f"A filter stands beside the words, not among them: give {name.lower()} {value} as an option."
        )
    stem = word.rstrip("*")
    if "*" in stem:
        raise SearchMistake(f"The star stands at the end of a word, excarcel*, not as in {word}.")
    if stem == word:
        return Words(word)
    pieces = _WORD.findall(stem)
    if len(pieces) != 1 or len(pieces[0]) < _MIN_PREFIX:
        raise SearchMistake(f"The beginning of a word has at least {_MIN_PREFIX} letters before the star: excarcel*.")
    return Words(pieces[0], "prefix")


def _without_function_words(groups: list[tuple[Words, ...]]) -> list[tuple[Words, ...]]:
    weighty = [g for g in groups if not (len(g) == 1 and g[0].kind == "word" and g[0].text.lower() in _FUNCTION_WORDS)]
    return weighty or groups


class Marks:
    """Which words of a text a wish finds."""

    def __init__(self, wish: Wish) -> None:
        looked_for = [w for group in wish.needed for w in group]
        self._beginnings = tuple(_folded(w.text) for w in looked_for if w.kind == "prefix")
        rows = [[_keys(p.lower()) for p in _WORD.findall(w.text)] for w in looked_for]
        self._single = frozenset(key for row in rows if len(row) == 1 for key in row[0])
        self._rows = [row for row in rows if len(row) > 1]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand in ``text``, in order."""
        words = list(_WORD.finditer(text[:_LOOKED_AT]))
        keys = [_keys(w[0].lower()) for w in words]
        hit = {n for n, key in enumerate(keys) if not key.isdisjoint(self._single)}
        if self._beginnings:
            hit.update(n for n, w in enumerate(words) if _folded(w[0]).startswith(self._beginnings))
        for row in self._rows:
            for n in range(len(words) - len(row) + 1):
                if all(not a.isdisjoint(b) for a, b in zip(row, keys[n : n + len(row)], strict=True)):
                    hit.update(range(n, n + len(row)))
        return [words[n].span() for n in sorted(hit)]

    def marked(self, text: str) -> tuple[Part, ...]:
        """Return the whole of ``text`` in parts."""
        return _parts(text, self.spans(text), 0, len(text))

    def snippet(self, text: str) -> tuple[tuple[Part, ...], int]:
        """Return the piece of ``text`` (one line) with most different words of the wish, and how many those are."""
        spans = self.spans(text)
        if not spans:
            return _cut(text, [], 0), 0
        best, at = 0, spans[0][0]
        for first in range(len(spans)):
            start = spans[first][0]
            near = {_folded(text[a:b]) for a, b in spans[first : first + 40] if b <= start + _SHOWN - 40}
            if len(near) > best:
                best, at = len(near), start
        return _cut(text, spans, max(0, at - 40)), best


def _cut(text: str, spans: list[tuple[int, int]], start: int) -> tuple[Part, ...]:
    """Return about `_SHOWN` characters from ``start`` on, cut between words, with signs where something is left out."""
    end = min(len(text), start + _SHOWN)
    if start:
        start = text.find(" ", start, end) + 1 or start
    if end < len(text):
        end = text.rfind(" ", start, end) if " " in text[start:end] else end
    parts = _parts(text, spans, start, end)
    left = (Part("… ", False),) if start else ()
    right = (Part(" …", False),) if end < len(text) else ()
    return tuple(Part(re.sub(r"\s+", " ", p.text), p.hit) for p in (*left, *parts, *right))


def _parts(text: str, spans: list[tuple[int, int]], start: int, end: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = start
    for a, b in spans:
        if a < at or b > end:
            continue
        parts += [Part(text[at:a], False)] if a > at else []
        parts.append(Part(text[a:b], True))
        at = b
    return (*parts, Part(text[at:end], False)) if at < end else tuple(parts)


@lru_cache(maxsize=100_000)
def _keys(word: str) -> frozenset[str]:
    return keys_of(word)


@lru_cache(maxsize=100_000)
def _folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def missing_words(wish: Wish) -> tuple[Words, ...]:
    """Return the single wishes that stand alone, for asking which of them no article has."""
    return tuple(g[0] for g in wish.needed if len(g) == 1 and stems_of(g[0].text, "es"))
