"""The gate: pure checks that a translated sentence must pass before anyone reads it. A first, strict set.

Each check returns a reason. They look for the failures that mislead a reader of news: a number that changed, a
negation that was lost, words repeated without end, a sentence left in the original, a sentence that shrank.
"""

from __future__ import annotations

import re
from collections import Counter

CHECKS = {
    "empty": "There is no translation at all.",
    "number": "A number is missing, new or another one.",
    "repetition": "The engine repeated words without end.",
    "length": "The translation is far shorter or longer than the sentence.",
    "leftover": "Much of it is still in the original language.",
    "negation": "The sentence denies something and the translation does not.",
    "untranslated": "The engine did not know a word and left it; the sentence is shown all the same.",
}
"""Name of each check and what it means when it fails; the names stand in ``translations.checks``."""
SOFT = frozenset({"untranslated"})
"""Checks after which a sentence is still shown; its article is no better than ``partial``."""

_UNKNOWN = re.compile(r"\*(?=\w)")
_UNKNOWN_WORD = re.compile(r"\*[a-záéíóúüñ]")  # an unknown name is no defect
_SPANISH_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+)(?![.,]?\d)")
_NUMBER = re.compile(r"\d+(?:[.,\s]\d{3})*(?:[.,]\d+)?|\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.UNICODE)
_SPANISH_NEGATION = frozenset("no nunca jamás tampoco nadie nada ningún ninguna ninguno sin ni".split())
_ENGLISH_NEGATION = re.compile(
    r"\b(?:no|not|never|neither|nor|nobody|nothing|none|without|cannot|anyone|anything|any|either|unable|lack\w*"
    r"|fail\w*|refus\w*|den(?:y|ie\w*)|un\w{4,}|in\w{6,}|im\w{5,}|non\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_SPANISH_FUNCTION_WORDS = frozenset(
    "el la los las de del que en y por con para una un se su lo al como más pero sus".split()
)
_SPELLED_OUT_BELOW = 13  # "5 presos" may well become "five prisoners"


def check_sentence(source: str, translation: str) -> tuple[str, ...]:
    """Return the names of the checks that a Spanish-to-English translation fails; empty when it may be shown."""
    failed = []
    if not translation.strip():
        return ("empty",)
    if not _same_numbers(source, translation):
        failed.append("number")
    if _repeats(translation) > max(2, _repeats(source)):
        failed.append("repetition")
    source_words = _words(source)
    words = _words(translation)
    if not _plausible_length(len(source_words), len(words)):
        failed.append("length")
    if _left_over(source_words, words):
        failed.append("leftover")
    if _SPANISH_NEGATION & set(source_words) and not _ENGLISH_NEGATION.search(translation):
        failed.append("negation")
    return tuple(failed)


def polish(source: str, translation: str) -> tuple[str, tuple[str, ...]]:
    """Return a translation fit to show, and the soft checks it fails.

    The engine's marks on words it does not know go, and numbers that it left as they stood are written in the English
    way: 22.000 would be read as twenty-two.
    """
    unknown = bool(_UNKNOWN_WORD.search(translation))
    text = _UNKNOWN.sub("", translation)
    for number in sorted(set(_SPANISH_NUMBER.findall(source)), key=len, reverse=True):
        english = number.translate(str.maketrans(".,", ",."))
        text = re.sub(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)", english, text)
    return text, ("untranslated",) if unknown else ()


def _words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text)]


def _numbers(text: str) -> Counter[str]:
    """Numbers as digit strings without separators: 1.234,5 and 1,234.5 are the same."""
    found = (re.sub(r"\D", "", m) for m in _NUMBER.findall(text))
    return Counter(n for n in found if n and int(n) >= _SPELLED_OUT_BELOW)


def _same_numbers(source: str, translation: str) -> bool:
    return _numbers(source) == _numbers(translation)


def _repeats(text: str) -> int:
    """Return how often the most repeated run of one to four words stands in a row (1: nothing repeats)."""
    words = _words(text)
    most = 1
    for size in range(1, 5):
        for start in range(len(words) - size):
            times = 1
            at = start + size
            while words[at : at + size] == words[start : start + size]:
                times += 1
                at += size
            most = max(most, times)
    return most


def _plausible_length(source: int, translation: int) -> bool:
    return source <= 3 or 0.4 <= translation / source <= 2.5


def _left_over(source: list[str], words: list[str]) -> bool:
    if len(words) < 4:
        return False
    spanish = sum(w in _SPANISH_FUNCTION_WORDS for w in words)
    if spanish / len(words) > 0.2:
        return True
    kept = set(source)
    long_words = [w for w in words if len(w) > 3]
    return len(long_words) >= 5 and sum(w in kept for w in long_words) / len(long_words) > 0.6
