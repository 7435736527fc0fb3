"""Other ways to put a sentence to an engine: in clauses, without capitals, without marks. Pure.

An engine that fails on a whole sentence often gets its parts right; very long sentences are always cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pipeline.translate.engine import EngineError

_BREAK = re.compile(r"(?<=[;:])\s+|(?<=,)\s+(?=\S{2,})|\s+(?=[—–(])|(?<=[)])\s+")
_WORD = re.compile(r"\w+")
_MARKS = str.maketrans(dict.fromkeys('«»“”"„‘[]{}*_|<>') | {"—": ",", "–": ","})
_MIN_WORDS = 4  # a shorter clause says too little by itself
_BUDGET = 40


def clauses(text: str, max_chars: int | None = None) -> list[str]:
    """Return the clauses of a sentence, each of a few words at least; joined by blanks they are the sentence.

    With ``max_chars`` only what is longer is cut, into as few parts as that allows, at a blank where no mark helps.
    """
    if max_chars is not None and len(text) <= max_chars:
        return [text]
    parts: list[str] = []
    for piece in _BREAK.split(text):
        joined = f"{parts[-1]} {piece}" if parts else piece
        short = bool(parts) and (_words(parts[-1]) < _MIN_WORDS or _words(piece) < _MIN_WORDS)
        if parts and (len(joined) <= max_chars if max_chars is not None else short):
            parts[-1] = joined
        else:
            parts.append(piece)
    if max_chars is None:
        return parts
    return [cut for part in parts for cut in _cut(part, max_chars)]


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _cut(text: str, max_chars: int) -> list[str]:
    parts = []
    while len(text) > max_chars:
        at = text.rfind(" ", 1, max_chars + 1)
        parts.append(text[: at if at > 0 else max_chars])
        text = text[at + 1 if at > 0 else max_chars :]
    return [*parts, text]


def quieter(text: str) -> str:
    """Return a sentence that shouts in ordinary letters; any other, and very short ones, as they are."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 12 or sum(c.isupper() for c in letters) / len(letters) < 0.7:
        return text
    low = text.lower()
    return low[:1].upper() + low[1:]


def unmarked(text: str) -> str:
    """Return a sentence without quotation marks, brackets and dashes."""
    return " ".join(text.translate(_MARKS).replace(" ,", ",").split())


def divide(run: Callable[[Sequence[str]], list[str]], texts: Sequence[str]) -> list[str]:
    """Run a batch; where it breaks down, find the sentences that break it and give empty translations for those.

    Raises EngineError when the engine breaks down on the plainest sentence too, or on very many.
    """
    left = _BUDGET

    def part(some: Sequence[str]) -> list[str]:
        nonlocal left
        try:
            return run(some)
        except EngineError:
            left -= 1
            if left < 0:
                raise
            if len(some) == 1:
                return [""]
            middle = len(some) // 2
            return part(some[:middle]) + part(some[middle:])

    if not texts:
        return []
    try:
        return run(texts)
    except EngineError:
        if len(texts) == 1:
            raise
        run([min(texts, key=lambda t: (len(t), t))])  # is it the engine, or a sentence?
        return part(texts)
