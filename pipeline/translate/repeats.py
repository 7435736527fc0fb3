"""Words an engine repeated without end, which the sentence does not repeat."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_LOOP = re.compile(r"(.{1,6}?)\1{5,}", re.DOTALL)
_CONTENT = 5  # letters from which a word said twice in a row is no accident
_LINKS = frozenset("and or by after to on".split())
_LONG = 6  # words; as many in the same order twice are no accident of language
_MAX_RUN = 12


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [w.lower() for w in _WORD.findall(text)]


def repeats(source: str, translation: str) -> bool:
    """Return whether the translation says something over again that the source does not."""
    there, here = words_of(source), words_of(translation)
    if _in_a_row(here) > _in_a_row(there):
        return True
    loop = _LOOP.search(translation)
    if loop is not None and loop[0].strip(" .-_*=…") and _LOOP.search(source) is None:
        return True
    return _copies(here, _LONG) > _copies(there, _LONG - 3)


def _in_a_row(words: list[str]) -> int:
    """Return the number of words that stand again directly behind themselves, alone or as a phrase."""
    most = 0
    for size in range(1, min(_MAX_RUN, len(words) // 2) + 1):
        for at in range(len(words) - 2 * size + 1):
            if words[at] == words[at + size] and words[at : at + size] == words[at + size : at + 2 * size]:
                if size == 1 and len(words[at]) < _CONTENT and words[at + 1 : at + 3].count(words[at]) < 2:
                    continue  # "had had"; "the the" is a slip that misleads nobody
                if size == 2 and words[at + 1] in _LINKS and words[at + 2 : at + 5].count(words[at]) < 2:
                    continue  # worse and worse, and
                if any(len(w) > 1 or w.isalpha() for w in words[at : at + size]):
                    most += size
    return most


def _copies(words: list[str], size: int) -> int:
    """Return how many runs of ``size`` words occur once more."""
    seen: set[tuple[str, ...]] = set()
    count = 0
    for at in range(len(words) - size + 1):
        run = tuple(words[at : at + size])
        count += run in seen
        seen.add(run)
    return count
