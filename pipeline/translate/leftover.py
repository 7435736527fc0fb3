"""What stayed in the original language, as a whole or in part."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_QUOTED = re.compile(r"[\"“«‘'][^\"”»’']{3,60}[\"”»’'](?!\w)")
_SUFFIX = re.compile(r"(?:mente|ci[oó]n|ciones|miento|mientos|dad|dades|[aei]nte|[aei]ntes)$")
_FUNCTION = {
    "es": (
        "el la los las de del que en y por con para una un unos unas se su sus lo le les al como más pero sino es era"
        " fue son está están este esta estos estas ese esa eso esto ya también muy sobre entre hasta desde cuando"
        " donde porque ni o yo tú él ella nos mi qué ha han había hay ser fueron sido está según cada todo todos toda"
        " todas otro otra sin tras"
    ),
    "pt": (
        "o os as de do da dos das que em no na nos nas e por com para uma um se seu sua ao à mais mas é foi são está"
        " este esta esse isso também não muito sobre entre até desde quando onde porque"
    ),
    "gl": (
        "o os as de do da dos das que en no na nos nas e por con para unha un se seu súa ao á máis pero é foi son"
        " está este esta iso tamén non moi sobre entre ata desde cando onde porque"
    ),
    "ca": (
        "el la els les de del dels que en i per amb una un es seu seva al als com més però és va són està aquest"
        " aquesta això també no molt sobre entre fins des quan on perquè l d s n"
    ),
}
_ENGLISH = frozenset(
    "a an the of to in on at by for with and or but is was are were be been has have had he she it they his her"
    " its their who which this that these those from as not no than will would said".split()
)
_WORDS = {lang: frozenset(words.split()) - _ENGLISH for lang, words in _FUNCTION.items()}
_FOREIGN_LETTER = re.compile(r"[áéíóúñüçàèòãõêâôï¿¡]", re.IGNORECASE)
_RUN = 4  # words copied in a row, among them two of the language's small ones


def left_over(source: str, translation: str, lang: str = "es") -> bool:
    """Return whether much of a translation, or a whole clause, is still in the original language."""
    small = _WORDS.get(lang, _WORDS["es"])
    there, here = _TOKEN.findall(source), _TOKEN.findall(translation)
    if not here:
        return False
    if len(here) > 3 and source.isupper():
        there, here = _TOKEN.findall(source.lower()), _TOKEN.findall(translation.lower())
    lower = [w.lower() for w in here]
    copied = {w.lower() for w in there}
    if [w.lower() for w in there] == lower:
        return _is_language(here, small)
    # titles of works and quoted words may stay: what is outside of quotation marks decides
    outside = _TOKEN.findall(_QUOTED.sub(" ", translation))
    here = outside if len(outside) >= 4 else here
    plain = [w for w in here if w[0].islower()]
    spanish = sum(w in small for w in plain)
    if spanish >= 2 and spanish > 0.25 * len(plain):
        return True
    if len(plain) >= 4 and sum(w in copied and w not in _ENGLISH for w in plain) > 0.6 * len(plain):
        return True
    return _copied_run(there, here, small)


def untranslated_words(source: str, translation: str, lang: str = "es") -> tuple[str, ...]:
    """Return ordinary words (no names) that stand in both texts alike and cannot be English."""
    small = _WORDS.get(lang, _WORDS["es"])
    there = {w for w in _TOKEN.findall(source) if w[0].islower()}
    here = [w for w in _TOKEN.findall(_QUOTED.sub(" ", translation)) if w in there and len(w) > 3]
    return tuple(w for w in here if _FOREIGN_LETTER.search(w) or w in small)


def _is_language(words: Sequence[str], small: frozenset[str]) -> bool:
    """Return whether words that are the same in both texts are the language's, not a name or a figure."""
    plain = [w for w in words if w[0].islower()]
    if any(w in small for w in plain):
        return True
    if any(_FOREIGN_LETTER.search(w) for w in plain):
        return True
    if len(words) == 1 and _SUFFIX.search(words[0]):
        return True
    # a headline of one or two words may be the same in both languages
    return len([w for w in plain if len(w) > 3]) >= 2


def _copied_run(there: Sequence[str], here: Sequence[str], small: frozenset[str]) -> bool:
    runs = {tuple(there[i : i + _RUN]) for i in range(len(there) - _RUN + 1)}
    for at in range(len(here) - _RUN + 1):
        run = tuple(here[at : at + _RUN])
        if run in runs and sum(w in small for w in run) >= 2 and sum(w[0].islower() for w in run) >= 3:
            return True
    return False
