"""Read numbers in running text, from left to right: figures in either convention, words, and what multiplies them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from pipeline.terms import fold
from pipeline.translate.number_sum import HALF, Sum

Value = Fraction | str
"""A number, or "plural N" for a magnitude without a count ("miles de" is "plural 1000")."""

LANGUAGES = ("es", "en", "pt", "ca", "gl")

_GAP = "\u00a0\u202f\u2009 "
_TOKEN = re.compile(
    rf"""(?P<time>(?<![\d:.,])(?:[01]?\d|2[0-4])(?::[0-5]\d|h[0-5]\d)(?::[0-5]\d)?(?![\d:]))
    | (?P<number>
        (?<!\d[.,])(?<!\d)\d{{1,3}}(?:(?P<gap>[.,'’{_GAP}])\d{{3}})(?:(?P=gap)\d{{3}})*(?:[.,]\d+)?(?!\d|[.,]\d)
      | (?<!\d[.,])(?<!\d)\d+[.,]\d+(?![.,]?\d)
      | \d+)
    | (?P<word>[^\W\d_]+)
    | (?P<other>[^\s])""",
    re.VERBOSE,
)
_ROMAN = re.compile(r"[IVXLC]{2,}")
_CENTURY = re.compile(r"[IVX]+")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_DEFINITE = frozenset(
    "los las estos estas esos esas sus nuestros nuestras the these those his her its their our os as els les".split()
)
_SHORT = {"m": 10**6, "mm": 10**6, "mn": 10**6, "bn": 10**9, "b": 10**9, "k": 10**3, "tn": 10**12, "mil": 10**3}
_THOUSAND_OF = {"millones": 10**9}
"""What "miles de" makes of a scale behind a count: 10,7 miles de millones is 10.7 billion."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a text: its readings, whether the other language must have it too, and where it stands."""

    values: frozenset[Value]
    needed: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The table of a language in ``pipeline/data/number_words.toml``."""

    cardinals: dict[str, int]
    ones: dict[str, int]
    scales: dict[str, int]
    plurals: dict[str, int]
    ordinals: dict[str, int]
    loose: dict[str, list[int | str]]
    months: dict[str, int]
    forms: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int
    low: str


@cache
def number_words(lang: str) -> NumberWords:
    """Return the table of a language; languages that have none are read as Spanish."""
    table = tomllib.loads(files("pipeline.data").joinpath("number_words.toml").read_text(encoding="utf-8"))
    return NumberWords(**table[lang if lang in LANGUAGES else "es"])


@cache
def counting_words(lang: str) -> frozenset[str]:
    """Return the words without which, and without figures, a text has no number that is surely one."""
    words = number_words(lang)
    return frozenset((*words.cardinals, *words.scales, *words.plurals, *words.forms["century"]))


def read_literal(literal: str, lang: str) -> frozenset[Fraction]:
    """Return what figures may mean in a language: "1.234" is 1234 in Spanish, and a bit over one in English.

    Figures such as "3.5" mean the same in both. Spanish "1,234" may be either: American outlets write in that way.
    """
    text = re.sub(rf"[{_GAP}'’]", "", literal)
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return frozenset({Fraction(text)})
    if points and commas:
        decimal = "." if text.rfind(".") > text.rfind(",") else ","
        whole = text.replace("," if decimal == "." else ".", "")
        return frozenset({Fraction(whole.replace(decimal, "."))}) if whole.count(decimal) == 1 else frozenset()
    mark = "." if points else ","
    grouped, decimal_value = Fraction(text.replace(mark, "")), text.replace(mark, ".")
    if points + commas > 1:
        return frozenset({grouped})
    if len(text) - text.index(mark) - 1 != 3 or text[0] == "0" or text.index(mark) > 3:
        return frozenset({Fraction(decimal_value)})
    if lang == "en":
        return frozenset({grouped if mark == "," else Fraction(decimal_value)})
    return frozenset({grouped}) if mark == "." else frozenset({grouped, Fraction(decimal_value)})


def _token(match: re.Match[str]) -> _Token:
    kind = next(k for k in ("time", "number", "word", "other") if match[k] is not None)
    return _Token(kind, match[0], match.start(), match.end(), fold(match[0]))


class Reader:
    """Reads the mentions of one text from left to right."""

    def __init__(self, text: str, lang: str) -> None:
        self.text, self.lang, self.words = text, lang, number_words(lang)
        self.tokens = [_token(m) for m in _TOKEN.finditer(text)]

    def read(self) -> Iterator[Mention]:
        at = 0
        found: list[Mention] = []
        scaled: list[Fraction | None] = []
        while at < len(self.tokens):
            mentions, scale, to = self._at(at)
            found += mentions
            scaled += [scale] * len(mentions)
            at = max(to, at + 1)
        yield from self._shared_scales(found, scaled)

    def _shared_scales(self, found: list[Mention], scaled: list[Fraction | None]) -> Iterator[Mention]:
        """ "2 or 3 million": the first may be two million as well."""
        for i, mention in enumerate(found):
            after = found[i + 1] if i + 1 < len(found) else None
            scale = scaled[i + 1] if after is not None else None
            if after is not None and scale is not None and scaled[i] is None and mention.needed:
                between = fold(self.text[mention.end : after.start]).strip()
                if between in (*self.words.forms["between"], "-", "–", "—", "/", "y los", "y unos", "and some"):
                    more = {v * scale for v in mention.values if isinstance(v, Fraction)}
                    yield Mention(mention.values | more, True, mention.start, mention.end)
                    continue
            yield mention

    def _low(self, at: int) -> str:
        return self.tokens[at].low if 0 <= at < len(self.tokens) else ""

    def _kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def _at(self, at: int) -> tuple[list[Mention], Fraction | None, int]:
        token = self.tokens[at]
        if token.kind == "time":
            return [self._time(token)], None, at + 1
        if token.kind == "other":
            return [], None, at + 1
        phrase = self._phrase(at)
        if phrase is not None:
            return phrase
        return self._loose(at), None, at + 1

    def _time(self, token: _Token) -> Mention:
        hour, minute = (int(n) for n in re.split(r"[:h]", token.text)[:2])
        hours = {hour, hour % 12, hour % 12 + 12} if hour else {0, 12, 24}
        values: set[Value] = {h + Fraction(minute, 100) for h in hours}
        return Mention(frozenset(values), True, token.start, token.end)

    def _loose(self, at: int) -> list[Mention]:
        token, words = self.tokens[at], self.words
        values: set[Value] = set()
        needed = False
        if token.low in words.loose:
            values |= {Fraction(v) if isinstance(v, int) or "/" in v else v for v in words.loose[token.low]}
        if token.low in words.ones:
            values.add(Fraction(1))
        if token.low in words.months and (self.lang != "en" or token.text[0].isupper()):
            values.add(Fraction(words.months[token.low]))
        if token.low in words.ordinals:
            place = words.ordinals[token.low]
            values |= {Fraction(place), Fraction(1, place)} if place > 2 else {Fraction(place)}
        if self._low(at - 1) in words.forms["century"] and _CENTURY.fullmatch(token.text):
            values.add(Fraction(_roman(token.text)))
            needed = True
        elif _ROMAN.fullmatch(token.text):
            values.add(Fraction(_roman(token.text)))
        if token.low in words.plurals:
            return [Mention(frozenset({f"plural {self._plural(at)}"}), True, token.start, token.end)]
        return [Mention(frozenset(values), needed, token.start, token.end)] if values else []

    def _plural(self, at: int) -> int:
        return self.words.plurals[self.tokens[at].low]

    def _phrase(self, at: int) -> tuple[list[Mention], Fraction | None, int] | None:  # noqa: PLR0911 - one a shape
        """Read the longest number that starts here: figures or words, with what multiplies it."""
        words, first, parts = self.words, self.tokens[at], Sum()
        readings = frozenset({Fraction(0)})
        percent = first.low in ("cien", "ciento", "cem", "cento") and self._low(at - 1) in words.forms["thing"]
        if percent and self._low(at + 1) not in words.cardinals:  # "iban por ciento cuarenta" is 140
            return [], None, at + 1
        if first.low in words.forms["half"]:
            return self._half(at)
        if first.low in words.plurals:  # at the head of a number nothing counts them
            return self._plurals(at)
        to = at + 1
        if first.kind == "number":
            readings = read_literal(first.text, self.lang)
            parts.figures()
        elif first.low in words.cardinals:
            parts.put(Fraction(words.cardinals[first.low]))
        elif first.low in words.ones and (self._low(to) in words.scales or self._and_half(to)):
            parts.put(Fraction(1))
        elif first.low in words.scales:
            if self._some(at):
                return self._plurals(at)
            parts.put(Fraction(1))
            to = at
        else:
            return None
        if not readings:
            return None
        while to < len(self.tokens) and (step := self._step(to, parts, first.kind == "number" and to == at + 1)):
            to = step
        return self._finish(at, to, parts, readings) if to > at else None

    def _and_half(self, at: int) -> bool:
        forms = self.words.forms
        return (
            self._low(at) in forms["and"] and self._low(at + 1) in forms["count"] and self._low(at + 2) in forms["half"]
        )

    def _step(self, to: int, parts: Sum, after_figures: bool) -> int | None:  # noqa: PLR0911 - one a shape
        """Take one more word into the number; None when it does not belong to it."""
        words = self.words
        hyphen = self.tokens[to].text in ("-", "‐") and self._kind(to + 1) == "word"
        joined = self.tokens[to].low in words.forms["and"]
        at = to + 1 if joined or hyphen else to
        if at >= len(self.tokens):
            return None
        token = self.tokens[at]
        if token.low == "miles" and self._low(at + 1) == "de" and self._low(at + 2) in _THOUSAND_OF and not joined:
            return at + 3 if parts.times(_THOUSAND_OF[self._low(at + 2)]) else None
        if after_figures and token.low in _SHORT and token.start == self.tokens[to - 1].end and token.kind == "word":
            parts.times(_SHORT[token.low])
            parts.short = token.text == "m"  # metres as well as a million
            return at + 1
        if token.low in words.scales and token.kind == "word":
            return at + 1 if not joined and parts.times(words.scales[token.low]) else None
        if joined and token.low in words.forms["half"] and parts.scale >= 1000:
            parts.half()
            return at + 1
        if self._and_half(to):
            parts.half()
            return to + 3
        if after_figures:
            return None
        value = self._addend(at, parts)
        if value is None or (joined and token.kind == "number"):  # 3 million and 4 million
            return None
        if joined and parts.tens is (self.lang == "en"):  # treinta y cinco; two hundred and five
            return None
        if parts.tens and self.lang != "en" and not joined and not hyphen:
            return None
        return at + 1 if parts.put(value) else None

    def _addend(self, at: int, parts: Sum) -> Fraction | None:
        """Return what a word or figures can add to the number read so far."""
        words, token = self.words, self.tokens[at]
        if token.kind == "number":
            fits = token.text.isdigit() and len(token.text) <= 3 and parts.scale >= 1000
            return Fraction(token.text) if fits and (parts.scale == 1000 or self._low(at + 1) in words.scales) else None
        if token.low in words.cardinals:
            return Fraction(words.cardinals[token.low])
        # cuatrocientos uno, mil una
        follows = parts.tens or self.lang == "en" or parts.room in (100, 1000)
        if token.low in words.ones and token.low not in ("a", "an") and follows:
            return Fraction(1)
        if self.lang == "en" and parts.tens and token.low in words.ordinals:
            return Fraction(words.ordinals[token.low])
        return None

    def _finish(
        self, at: int, to: int, parts: Sum, readings: frozenset[Fraction]
    ) -> tuple[list[Mention], Fraction | None, int]:
        plain = [parts.value(r) for r in sorted(readings)]
        values: set[Value] = {*plain}
        following, first = self._low(to), self.tokens[at]
        if parts.short:
            values |= readings
        if to == at + 1 and first.kind == "number":
            values |= self._figures(at, plain)
        elif to == at + 1 and parts.tens and self._low(at - 1) in ("anos", "los", "els", "anys"):
            values.add(1900 + plain[0])  # los años noventa
        if self._half_follows(to):
            values |= {v + more for v in plain for more in (HALF, Fraction(3, 10))}  # of a thing, or past an hour
        elif parts.room == 0 and parts.scale == 1:  # three and a half years: tres años y medio
            values |= {v - HALF for v in plain}
        if {following, self._low(to + 1)} & set(self.words.forms["cents"]):
            values |= {v / 100 for v in plain}  # 50 cents: 0,50 dólares
        if following in self.words.forms["pm"] or (following == "de" and self._low(to + 2) in self.words.forms["pm"]):
            values |= {v + 12 for v in plain if v < 13} | {v - 12 for v in plain if 12 <= v <= 24}
        scale = Fraction(parts.scale) if parts.scale >= 1000 else None
        # MP3, CO2, m2: the figures belong to a name or a unit, which may be written otherwise
        part_of_name = (
            first.kind == "number" and self._kind(at - 1) == "word" and self.tokens[at - 1].end == first.start
        )
        # "los dos países", "the two countries": the other language may say "the countries" or "both"
        known = first.kind == "word" and to == at + 1 and plain[0] <= 4 and self._low(at - 1) in _DEFINITE
        return (
            [Mention(frozenset(values), not part_of_name and not known, first.start, self.tokens[to - 1].end)],
            scale,
            to,
        )

    def _figures(self, at: int, plain: list[Fraction]) -> set[Value]:
        """Return further readings of figures alone: decades, years of two digits."""
        token, value = self.tokens[at], plain[0]
        more: set[Value] = set()
        after = self.text[token.end : token.end + 2].lower()
        before = self.text[max(0, token.start - 1) : token.start]
        if token.text.isdigit() and value % 10 == 0 and (after[:1] == "s" or after in ("'s", "’s")):
            more.add(value % 100)
            if value < 100:
                more.add(1900 + value)
        elif token.text.isdigit() and len(token.text) == 2:
            if value % 10 == 0 and self._low(at - 1) in ("anos", "los"):
                more.add(1900 + value)
            if before in ("'", "’", "/", "-", "–"):
                more |= {1900 + value, 2000 + value}
        elif token.text.isdigit() and len(token.text) == 4 and 1900 <= value < 2100 and value % 10 == 0:
            more.add(value % 100)
        return more

    def _half_follows(self, to: int) -> bool:
        """Return whether "y medio" stands behind the thing counted: tres años y medio."""
        words = self.words.forms
        return any(self._low(to + k) in words["and"] and self._low(to + k + 1) in words["half"] for k in (0, 1, 2))

    def _some(self, at: int) -> bool:
        before = self._low(at - 1)
        return before in self.words.forms["some"] or (before == "of" and self._low(at - 2) == "couple")

    def _plurals(self, at: int) -> tuple[list[Mention], Fraction | None, int]:
        """Read "miles de millones", "hundreds of thousands": a magnitude without a count, several words together."""
        words = self.words
        token = self.tokens[at]
        value = words.plurals.get(token.low) or words.scales[token.low]
        end = at + 1
        while self._low(end) in ("de", "of") and self._low(end + 1) in words.plurals:
            value *= words.plurals[self._low(end + 1)]
            end += 2
        while self._low(end) in words.scales and self._low(end) not in ("dozen", "docena"):
            value *= words.scales[self._low(end)]
            end += 1
        last = self.tokens[end - 1]
        return [Mention(frozenset({f"plural {value}"}), True, token.start, last.end)], None, end

    def _half(self, at: int) -> tuple[list[Mention], Fraction | None, int] | None:
        """Read "medio millón", "half a million", "media docena"."""
        to = at + 1
        if self._low(to) in self.words.forms["count"]:
            to += 1
        scale = self.words.scales.get(self._low(to))
        if scale is None:
            return None
        mention = Mention(frozenset({HALF * scale}), True, self.tokens[at].start, self.tokens[to].end)
        return [mention], Fraction(scale), to + 1


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[c] for c in text]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))
