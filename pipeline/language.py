"""The language of a text, told from the text itself.

A country says nothing: Spain publishes in Catalan, Galician, Basque and English too, the US in Spanish.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("es", "en", "pt", "ca", "gl", "eu", "fr")
_ENOUGH_LETTERS = 40
_SURE = 0.80
_SAMPLE = 4000  # characters; more does not change the answer
_FALLBACK = "es"  # neither text nor feed nor source says anything

Origin = Literal["text", "feed", "source"]


@cache
def _identifier() -> LanguageIdentifier:
    """Load the model once per process (0.2 s), restricted to the languages our outlets write in."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def _primary(tag: str | None) -> str | None:
    """Return the primary subtag of a BCP 47 tag where it is one of ours: ``es-VE`` gives ``es``."""
    code = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else None


def detect(text: str, hint: str | None = None, source: str | None = None) -> tuple[str, Origin, float]:
    """Return ``(language, origin, confidence 0 to 1)`` of ``text``.

    ``hint`` is what the feed or the page declares, ``source`` the outlet's main language; they decide when the text is
    too short or the model is not sure. Where the model is unsure and a hint agrees with its first guess, the text has
    spoken. The confidence is the model's, also where a fallback decided.
    """
    sample = text[:_SAMPLE]
    letters = sum(c.isalpha() for c in sample)
    guess, confidence = None, 0.0
    if letters:
        code, score = _identifier().classify(sample)
        guess, confidence = str(code), float(score)
        confidence = min(1.0, confidence)
    declared, own = _primary(hint), _primary(source)
    if guess in LANGUAGES and ((letters >= _ENOUGH_LETTERS and confidence >= _SURE) or guess == declared):
        return guess, "text", confidence
    if declared:
        return declared, "feed", confidence
    if own:
        return own, "source", confidence
    if guess in LANGUAGES:
        return guess, "text", confidence
    return _FALLBACK, "source", 0.0
