"""Mistakes of engines that can be put right from the sentence itself, without doubt and without a second engine."""

from __future__ import annotations

import re

from pipeline.translate.glossary import Glossary, repair_terms

_SPANISH_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+)(?![.,]?\d)")


def repair(source: str, translation: str, *, lang: str = "es", glossary: Glossary | None = None) -> str:
    """Return a translation with numbers in the English way and terms as the glossary says."""
    text = _numbers(source, translation)
    if glossary is not None:
        text = repair_terms(source, text, glossary, lang)
    return text


def _numbers(source: str, text: str) -> str:
    for number in sorted(set(_SPANISH_NUMBER.findall(source)), key=len, reverse=True):
        english = number.translate(str.maketrans(".,", ",."))
        text = re.sub(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)", english, text)
    return text
