"""The page's own words in its languages: ``words/LANG.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

from pipeline.reasons import REASONS

FOLDER = Path(__file__).with_name("words")


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Return all words of a language by their key. A key ``x_one`` beside ``x`` is its singular."""
    with (FOLDER / f"{lang}.toml").open("rb") as file:
        found: Mapping[str, Mapping[str, str]] = tomllib.load(file)
    words = {f"{section}.{key}": text for section, some in found.items() for key, text in some.items()}
    # What a reason means stands in English beside its code, where the documentation is made of it
    return words | ({f"reason.{r.code}": r.meaning for r in REASONS.values()} if lang == "en" else {})


class Words:
    """The words of one language: ``t`` says a key, ``n`` a number with its noun, ``name`` a code in words."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._words = catalogue(lang)

    def t(self, key: str, **values: object) -> str:
        """Return the words of ``key`` with ``values`` put in. Raises KeyError for a key that is not there."""
        return self._words[key].format(**values) if values else self._words[key]

    def n(self, number: int, key: str) -> str:
        """Return a number with its noun in the right form and with the language's thousands mark."""
        one = self._words.get(f"count.{key}_one")
        text = one if number == 1 and one is not None else self._words[f"count.{key}"]
        return text.format(n=self.number(number))

    def number(self, value: int) -> str:
        """Return a whole number as the language writes it: 12,345 or 12.345."""
        text = f"{value:,}"
        # Spanish leaves four figures together
        return text if self.lang == "en" else str(value) if abs(value) < 10_000 else text.replace(",", ".")

    def figure(self, value: Fraction) -> str:
        """Return any number as the language writes it, to three decimals: 5.7 or 5,7."""
        if value.denominator == 1:
            return self.number(int(value))
        text = f"{float(value):.3f}".rstrip("0")
        return text if self.lang == "en" else text.replace(".", ",")

    def name(self, kind: str, code: str | None) -> str:
        """Return a code of a closed list in words; a code that has none stays as it is."""
        return "" if code is None else self._words.get(f"{kind}.{code}", code)

    def agency(self, agency_id: str | None) -> str:
        """Return an agency's id as people write it: ``efe`` is EFE, ``europa-press`` Europa Press."""
        text = agency_id or ""
        return text.upper() if len(text) <= 4 else text.replace("-", " ").title()

    def evidence(self, evidence: Sequence[str], topics: Mapping[str, str]) -> list[str]:
        """Return what says that something is about a topic; ``topics`` has names by id for those narrower ones."""
        return [self._evidence(e, topics) for e in evidence]

    def _evidence(self, text: str, topics: Mapping[str, str]) -> str:
        if found := re.fullmatch(r"(\d+) of (\d+) articles", text):
            return self.t("evidence.of", n=self.number(int(found[1])), all=self.number(int(found[2])))
        if found := re.fullmatch(r"child: (\S+)", text):
            return self.t("evidence.child", name=topics.get(found[1], found[1]))
        places = re.search(r" \(((?:(?:title|lead|body) \d+(?:, )?)+)\)$", text)
        if places is None:
            return text
        said = re.sub(r"title|lead|body", lambda word: self.t(f"evidence.{word[0]}"), places[1])
        return f"{text[: places.start()]} ({said})"
