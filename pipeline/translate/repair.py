"""Mistakes of engines that can be put right from the sentence itself, without doubt and without a second engine."""

from __future__ import annotations

import re

from pipeline.translate.glossary import Glossary, repair_terms
from pipeline.translate.repair_apertium import repair_apertium

_SPANISH_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+)(?![.,]?\d)")


def repair(
    source: str, translation: str, *, lang: str = "es", glossary: Glossary | None = None, engine: str | None = None
) -> str:
    """Return a translation with English numbers, the glossary's terms, and an engine's regular mistakes undone."""
    text = _numbers(source, translation)
    if glossary is not None:
        text = repair_terms(source, text, glossary, lang)
    return repair_apertium(source, text) if engine == "apertium" and lang == "es" else text


def _numbers(source: str, text: str) -> str:
    for number in sorted(set(_SPANISH_NUMBER.findall(source)), key=len, reverse=True):
        english = number.translate(str.maketrans(".,", ",."))
        text = re.sub(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)", english, text)
    return text
