"""Measures that a text gives twice, the second time in parentheses: "40 kilometres (25 miles)".

Papers convert for their readers, and a translation may add such a figure or leave it out; it says nothing that is new.
One that is no conversion of what stands before it is let be: there the figure may be wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise

from pipeline.terms import fold
from pipeline.translate.number_reader import Mention

_WORD = re.compile(r"[^\W\d_]+")
_BEFORE = re.compile(r"[^().;]{0,40}\((?:[^\W\d_]+\s){0,3}")  # kilometres (or about
_BEHIND = re.compile(r"[^().;]{1,40}\)")
_REACH = 4  # words in which a unit is looked for: million square kilometres
_TOLERANCE = Fraction(1, 10)
_ROUNDED = Fraction(6, 10)


def said_twice(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Yield the numbers of which the second, in parentheses, says the first in another unit."""
    if "(" not in text:
        return
    for one, other in pairwise([m for m in mentions if m.needed]):
        before, behind = _BEFORE.fullmatch(text, one.end, other.start), _BEHIND.match(text, other.end)
        if before is None or behind is None:
            continue
        # "40 m" may be read as forty million, so that its unit stands within the number
        here, there = _unit(text[one.start : other.start]), _unit(text[other.start : behind.end()])
        if here is None or there is None or here[0] != there[0] or here == there:
            continue
        if any(
            _converts(v, w, here[1:], there[1:])
            for v in one.values
            for w in other.values
            if isinstance(v, Fraction) and isinstance(w, Fraction)
        ):
            yield one, other


def _converts(value: Fraction, other: Fraction, unit: tuple[Fraction, ...], its: tuple[Fraction, ...]) -> bool:
    (size, zero), (its_size, its_zero) = unit, its
    exact = (value * size + zero - its_zero) / its_size
    return abs(exact - other) <= max(_TOLERANCE * abs(exact), _ROUNDED)


def _unit(text: str) -> tuple[str, Fraction, Fraction] | None:
    words = [fold(w) for w in _WORD.findall(text)][:_REACH]
    return next((_table()[w] for w in words if w in _table()), None)


@cache
def _table() -> dict[str, tuple[str, Fraction, Fraction]]:
    """Return what each form measures, its size in base units, and where its zero lies."""
    data = tomllib.loads(files("pipeline.data").joinpath("conversions.toml").read_text(encoding="utf-8"))
    return {
        form: (kind, Fraction(str(unit["is"])), Fraction(str(unit.get("zero", 0))))
        for kind, units in data.items()
        for unit in units.values()
        for form in unit["forms"].split()
    }
