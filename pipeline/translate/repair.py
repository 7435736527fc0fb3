"""Mistakes of engines that can be put right from the sentence itself, without doubt and without a second engine."""

from __future__ import annotations

import re

from pipeline.translate.glossary import Glossary, repair_terms
from pipeline.translate.repair_apertium import repair_apertium

_SPANISH_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+)(?![.,]?\d)")
_EITHER = re.compile(r"[1-9]\d{0,2},\d{3}")  # 1,234: a bit over one, or as American outlets write a thousand and more
_DECIMAL = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,(?:\d{1,2}|\d{4,}))(?![.,]?\d)")
_SHARE = re.compile(r"\s?(?:%|por ciento)")


def repair(
    source: str, translation: str, *, lang: str = "es", glossary: Glossary | None = None, engine: str | None = None
) -> str:
    """Return a translation with English numbers, the glossary's terms, and an engine's regular mistakes undone."""
    text = _numbers(source, translation)
    if glossary is not None:
        text = repair_terms(source, text, glossary, lang)
    return repair_apertium(source, text) if engine == "apertium" and lang == "es" else text


def _numbers(source: str, text: str) -> str:
    european = _DECIMAL.search(source) is not None
    for found in sorted(_SPANISH_NUMBER.finditer(source), key=lambda m: len(m[0]), reverse=True):
        number = found[0]
        if _EITHER.fullmatch(number) and not european and not _SHARE.match(source, found.end()):
            continue  # nothing in the sentence tells which of both it is: it stays as the outlet wrote it
        english = number.translate(str.maketrans(".,", ",."))
        text = re.sub(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)", english, text)
    return text
