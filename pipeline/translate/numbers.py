"""Numbers in running text as values, whatever convention or words they are written in, to compare two languages.

"1.234,5" in Spanish is "1,234.5" in English; "mil millones" is a billion and "un billón" a trillion; "los años 90" are
the 1990s, "siglo XXI" is the 21st century, "14.30 horas" is 2:30 p.m., "medio millón" is 500,000. A mention may have
several readings. Some words ("un", "primero", "década", a month) may or may not stand for a number: they answer for
one on the other side and are never missed themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pipeline.translate.conversions import said_twice
from pipeline.translate.number_reader import Mention, Reader, read_literal

__all__ = ["Mention", "numbers_in", "read_literal", "unmatched"]


@lru_cache(maxsize=4096)
def numbers_in(text: str, lang: str) -> tuple[Mention, ...]:
    """Return the numbers of a text in order. Languages that have no table are read as Spanish."""
    return tuple(Reader(text, lang).read())


def unmatched(
    source: str, translation: str, lang: str = "es", target: str = "en"
) -> tuple[list[Mention], list[Mention]]:
    """Return the numbers of the source that the translation lacks, and those it has that the source lacks.

    Of a measure that is given twice, "40 kilometres (25 miles)", one number is enough.
    """
    there, here = numbers_in(source, lang), numbers_in(translation, target)
    lost = [m for m in _uncovered(there, here) if not _quoted(source[m.start : m.end], translation)]
    return _once(source, there, lost), _once(translation, here, _uncovered(here, there))


def _once(text: str, mentions: Sequence[Mention], missed: list[Mention]) -> list[Mention]:
    """Return what is missed without the half of a measure given twice whose other half is not missed."""
    if not missed:
        return missed
    known = {m for pair in said_twice(text, mentions) if sum(n in missed for n in pair) == 1 for m in pair}
    return [m for m in missed if m not in known]


def _uncovered(wanted: Sequence[Mention], offered: Sequence[Mention]) -> list[Mention]:
    """Return the needed mentions for which a largest matching has no partner (augmenting paths)."""
    taken: dict[int, int] = {}

    def place(at: int, tried: set[int]) -> bool:
        for to, other in enumerate(offered):
            if to not in tried and wanted[at].values & other.values:
                tried.add(to)
                if to not in taken or place(taken[to], tried):
                    taken[to] = at
                    return True
        return False

    return [m for at, m in enumerate(wanted) if m.needed and not place(at, set())]


def _quoted(number: str, translation: str) -> bool:
    """Return whether a number in words stands in the translation as it is: part of a title that was left."""
    return number.isalpha() and number[0].isupper() and re.search(rf"\b{number}\b", translation) is not None
