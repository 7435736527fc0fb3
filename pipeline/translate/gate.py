"""The gate: pure checks that a translated sentence, and a translated article, must pass before anyone reads it.

Each check returns a reason. They look for the failures that mislead a reader of news: a number that changed, a
negation that was lost, a sentence that was dropped, words repeated without end, text left in the original, a name that
was translated. What each looks at stands in a module of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from pipeline.translate.align import parity
from pipeline.translate.glossary import Glossary, missing_names, missing_terms
from pipeline.translate.kinds import exchanged
from pipeline.translate.leftover import left_over, untranslated_words
from pipeline.translate.names import lost_names
from pipeline.translate.negation import lost_negation
from pipeline.translate.numbers import unmatched
from pipeline.translate.order import exchanged_numbers
from pipeline.translate.repair import repair
from pipeline.translate.repeats import repeats
from pipeline.translate.sentences import split_text

GATE_VERSION = "gate/9"
"""Changes with the checks and repairs: what was translated under another one is due again."""

CHECKS = {
    "empty": "There is no translation at all.",
    "number": "A number is missing, new or another one.",
    "order": "Two numbers stand in each other's place.",
    "date": "A month or a day of the week is another one.",
    "ordinal": "A place in order, from the first to the twelfth, is another one.",
    "unit": "A currency is another one, or a number counts another unit.",
    "direction": "What rose falls, or what fell rises.",
    "repetition": "The engine repeated words without end.",
    "length": "The translation is far shorter or longer than the sentence.",
    "leftover": "Much of it, or a whole clause, is still in the original language.",
    "negation": "The sentence denies something and the translation does not.",
    "name": "A name of the glossary did not come back as it stands.",
    "names": "Another name is gone: a person's or place's, or most of those that the sentence names.",
    "marks": "Parts of the engine's own notation stand in the text.",
    "sentences": "A sentence of the original has no counterpart, or one of the translation has none.",
    "untranslated": "The engine did not know a word and left it; the sentence is shown all the same.",
    "term": "A term does not read as the glossary says; the sentence is shown all the same.",
}
"""Name of each check and what it means when it fails; the names stand in ``translations.checks``."""
SOFT = frozenset({"untranslated", "term"})
"""Checks after which a sentence is still shown; its article is no better than ``partial``."""

_COPY_UNKNOWN = frozenset({"apertium"})
"""Engines that leave what they do not know as it stands: a name that is gone was translated."""

_UNKNOWN = re.compile(r"(?<!\w)\*(?=\w)")
_UNKNOWN_WORD = re.compile(r"(?<!\w)\*[a-záéíóúüñ]")  # an unknown name is no defect
_MARKS = re.compile(r"@@|▁|<unk>|<s>|</s>|⁇|<pad>|\bunk\b|[@#](?=[a-z])\w*<\w+>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_SHORT = 12  # characters; of shorter sentences any length may be right
_RATIO = 0.92  # English characters for a Spanish one
_SENTENCE_LIMIT, _ARTICLE_LIMIT = 5.0, 7.0  # standard deviations by which a length may differ
_VARIANCE = 6.8  # Gale and Church (1993), per character
_DROPPED_LIMIT, _ADDED_LIMIT = -0.8, 1.0  # log odds; sentences are dropped more often than made up


def check_sentence(
    source: str,
    translation: str,
    *,
    lang: str = "es",
    target: str = "en",
    glossary: Glossary | None = None,
    engine: str | None = None,
) -> tuple[str, ...]:
    """Return the names of the checks that a translation fails, as it would be shown; empty when nothing is wrong.

    Of a rule-based ``engine`` more is known about names: see `missed_names`.
    """
    if not _WORD.search(translation):
        return ("empty",) if _WORD.search(source) or not translation.strip() else ()
    failed = []
    if any(unmatched(source, translation, lang, target)):
        failed.append("number")
    if exchanged_numbers(source, translation, lang, target):
        failed.append("order")
    failed += exchanged(source, translation, lang, target)
    if repeats(source, translation):
        failed.append("repetition")
    if not _plausible_length(len(source), len(translation), _SENTENCE_LIMIT):
        failed.append("length")
    left = left_over(source, translation, lang)
    if left:
        failed.append("leftover")
    if lost_negation(source, translation, lang):
        failed.append("negation")
    if _MARKS.search(translation) and not _MARKS.search(source):
        failed.append("marks")
    if glossary is not None and missing_names(source, translation, glossary):
        failed.append("name")
    if missed_names(source, translation, lang=lang, target=target, glossary=glossary, engine=engine):
        failed.append("names")
    if not left and untranslated_words(source, translation, lang):
        failed.append("untranslated")
    if glossary is not None and missing_terms(source, translation, glossary, lang):
        failed.append("term")
    return tuple(failed)


def missed_names(
    source: str,
    translation: str,
    *,
    lang: str = "es",
    target: str = "en",
    glossary: Glossary | None = None,
    engine: str | None = None,
) -> tuple[str, ...]:
    """Return the names, others than the glossary's, for which the check ``names`` fails."""
    if target != "en":
        return ()
    return lost_names(source, translation, lang=lang, glossary=glossary, copies=engine in _COPY_UNKNOWN)


def check_article(pairs: Sequence[tuple[str, str]], *, lang: str = "es", target: str = "en") -> tuple[str, ...]:
    """Return the checks that sentences fail together. A pair may hold more than one sentence on either side.

    ``sentences``: within a pair one has no counterpart. ``repetition``: other sentences have one and the same
    translation. ``length`` and ``leftover``: of the whole.
    """
    shown = [(s, t) for s, t in pairs if _WORD.search(s)]
    failed = []
    if any(not _WORD.search(t) for _, t in shown) or any(_unpaired(s, t, lang, target) for s, t in shown):
        failed.append("sentences")
    if _same_for_others(shown):
        failed.append("repetition")
    source, translation = "\n".join(s for s, _ in shown), "\n".join(t for _, t in shown)
    if shown and not _plausible_length(len(source), len(translation), _ARTICLE_LIMIT):
        failed.append("length")
    if shown and left_over(source, translation, lang) and len(shown) > 1:
        failed.append("leftover")
    return tuple(failed)


def polish(
    source: str, translation: str, *, lang: str = "es", glossary: Glossary | None = None, engine: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """Return a translation fit to show, and the soft checks it fails.

    The engine's marks on words it does not know go; what can be put right without doubt is: numbers in the English way
    (22.000 would be read as twenty-two), terms of the glossary, and the mistakes that `repair` names.
    """
    text = repair(source, translation, lang=lang, glossary=glossary, engine=engine)
    unknown = bool(_UNKNOWN_WORD.search(text))
    return _UNKNOWN.sub("", text), ("untranslated",) if unknown else ()


def _plausible_length(source: int, translation: int, limit: float) -> bool:
    if source <= _SHORT:
        return translation <= 10 * _SHORT
    if source > 2 * _SHORT and not 0.4 <= translation / source <= 2.2:
        return False
    mean = (source + translation / _RATIO) / 2
    return abs(translation - source * _RATIO) / math.sqrt(mean * _VARIANCE) <= limit + source / 60


def _unpaired(source: str, translation: str, lang: str, target: str) -> bool:
    there = [s for p in split_text(source, lang) for s in p]
    here = [s for p in split_text(translation, target) for s in p]
    if len(there) < 2 and len(here) < 2:
        return False
    found = parity(there, here, lang)
    return found.dropped > _DROPPED_LIMIT or found.added > _ADDED_LIMIT


def _same_for_others(pairs: Sequence[tuple[str, str]]) -> bool:
    """Return whether long sentences that differ have the same translation: the engine is stuck."""
    sources: dict[str, set[str]] = {}
    for source, translation in pairs:
        words = _WORD.findall(translation.lower())
        if len(words) >= 5:
            sources.setdefault(" ".join(words), set()).add(" ".join(_WORD.findall(source.lower())))
    return any(len(of) > 1 for of in sources.values())
