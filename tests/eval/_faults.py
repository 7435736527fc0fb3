"""One fault put into a good translation, as engines make them; None where there is nothing to spoil.

The faults are made with patterns of their own: nothing of the gate is asked where to strike.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise

_FIGURES = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_SMALL = (
    "two three four five six seven eight nine ten eleven twelve fifteen"
    " twenty thirty forty fifty sixty seventy eighty ninety"
).split()
_SMALL_WORD = re.compile(rf"\b(?:{'|'.join(_SMALL)})\b", re.IGNORECASE)
_SCALES = {
    "hundred": "thousand",
    "thousand": "million",
    "million": "billion",
    "billion": "million",
    "trillion": "billion",
}
_SCALE_WORD = re.compile(rf"(?<=\s)(?:{'|'.join(_SCALES)})(?=s?\b)", re.IGNORECASE)
_WORD = re.compile(r"\S+")

_DENIALS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        (r"\bwon['’]t\b", "will"),
        (r"\bcan['’]t\b|\bcannot\b|\bcan not\b", "can"),
        (r"\bshan['’]t\b", "shall"),
        (r"n['’]t\b", ""),
        (r"\b(?:do|does|did) not ", ""),
        (r" not\b(?! only)", ""),
        (r" never\b", " always"),
        (r"\bnobody\b|\bno one\b", "somebody"),
        (r"\bnothing\b", "something"),
        (r"\bno longer\b", "still"),
        (r"\bno (?=[a-z])", "some "),
        (r"\bnone\b", "some"),
        (r"\bwithout\b", "with"),
        (r"\bneither\b", "both"),
    )
)
DENIES = re.compile(r"\b(?:no|nunca|jamás|nadie|nada|ningun[oa]|ningún|tampoco|ni|sin)\b", re.IGNORECASE)
"""A Spanish sentence with one of these denies something, as far as a word tells."""


def spoil_number(text: str, rng: random.Random) -> str | None:
    """Change one number: a digit, two digits in turn, a digit lost, a separator moved, a magnitude, a number word."""
    ways: list[Callable[[], str | None]] = []
    for match in _FIGURES.finditer(text):
        ways += [
            lambda m=match, w=way: _spoil_figures(text, m, w, rng)
            for way in ("digit", "digit", "swap", "lose", "point")
        ]
    for match in _SMALL_WORD.finditer(text):
        other = rng.choice([w for w in _SMALL if w != match[0].lower()])
        ways += [lambda m=match, w=other: text[: m.start()] + _cased(w, m[0]) + text[m.end() :]] * 3
    for match in _SCALE_WORD.finditer(text):
        other = _SCALES[match[0].lower()]
        ways += [lambda m=match, w=other: text[: m.start()] + w + text[m.end() :]] * 3
    rng.shuffle(ways)
    return next((spoilt for way in ways if (spoilt := way()) not in (None, text)), None)


def _spoil_figures(text: str, match: re.Match[str], way: str, rng: random.Random) -> str | None:
    old = match[0]
    at = [i for i, c in enumerate(old) if c.isdigit()]
    new: str | None = None
    if way == "digit":
        i = rng.choice(at)
        new = old[:i] + rng.choice([d for d in "123456789" if d != old[i]]) + old[i + 1 :]
    elif way == "swap":
        pairs = [(i, j) for i, j in pairwise(at) if old[i] != old[j] and (i or old[j] != "0")]
        if pairs:
            i, j = rng.choice(pairs)
            new = old[:i] + old[j] + old[i + 1 : j] + old[i] + old[j + 1 :]
    elif way == "lose" and len(at) > 1 and old.isdigit():
        new = old[:-1] if old[1] == "0" else old[0] + old[2:]
    elif way == "point" and re.fullmatch(r"\d+\.\d{1,2}", old):
        new = old.replace(".", "").lstrip("0")  # 3.5 becomes 35
    elif way == "point" and re.fullmatch(r"\d{1,3},\d{3}", old):
        new = old.replace(",", ".")  # left as Spanish writes it: 22.000 reads twenty-two
    if new is None or new == old or not new or _value(new) == _value(old):
        return None
    return text[: match.start()] + new + text[match.end() :]


def _value(figures: str) -> float | str:
    plain = figures.replace(",", "")
    return float(plain) if plain.count(".") < 2 else plain


def spoil_repeat(text: str, rng: random.Random) -> str | None:
    """Say a phrase of one to six words again, once to four times, where it stands."""
    words = text.split()
    size = rng.randint(1, 6)
    if len(words) < size + 1:
        return None
    at = rng.randrange(len(words) - size + 1)
    phrase = words[at : at + size]
    if not any(any(c.isalpha() for c in w) for w in phrase):
        return None
    again = rng.randint(1, 4) if size > 1 else rng.randint(2, 5)
    return " ".join(words[: at + size] + phrase * again + words[at + size :])


def spoil_negation(text: str, rng: random.Random) -> str | None:
    """Take one denial out and leave a grammatical sentence where that is easy."""
    places = [(m, new) for pattern, new in _DENIALS for m in pattern.finditer(text)]
    if not places:
        return None
    match, new = rng.choice(places)
    return text[: match.start()] + _cased(new, match[0]) + text[match.end() :]


_NAME = re.compile(r"(?<=[\w,;] )[^\W\d_a-zà-ÿ]\w{2,}(?: [^\W\d_a-zà-ÿ]\w{2,}){0,2}(?!\w)")
_OTHERS = ("Thornbury", "Kowalczyk", "Alvarsson", "Brennick", "Yamazaki", "Dufresnoy", "Okwuosa", "Petterman")


def spoil_name(source: str, translation: str, rng: random.Random, *, words: int = 1) -> str | None:
    """Put another name in place of one that stands in both texts, or leave it out; names of ``words`` words or more."""
    there = [
        m
        for m in _NAME.finditer(translation)
        if m[0].count(" ") + 1 >= words and re.search(rf"(?<=[\w,;] ){re.escape(m[0])}(?!\w)", source)
    ]
    if not there:
        return None
    match = rng.choice(there)
    new = "" if rng.random() < 0.5 else " ".join(rng.sample(_OTHERS, match[0].count(" ") + 1))
    return " ".join(f"{translation[: match.start()]}{new}{translation[match.end() :]}".split())


def spoil_half(source: str, translation: str) -> str | None:
    """Leave the second half of the sentence in the original."""
    there, here = source.split(), translation.split()
    if len(there) < 10 or len(here) < 8:
        return None
    return " ".join(here[: len(here) // 2] + there[len(there) // 2 :])


_CLASSES: dict[str, tuple[str, ...]] = {
    "month": (
        r"(?<=\w )(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
        r"|\b(?:January|February|April|June|July|August|September|October|November|December)\b",
        "January February March April May June July August September October November December",
    ),
    "weekday": (
        r"\b(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)s?\b",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    ),
    "ordinal": (
        r"(?i)\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)\b",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    ),
    "unit": (
        r"(?i)\b(?:euros|dollars|pounds|pesos|yen)\b",
        "euros dollars pounds pesos yen",
        r"[$€£](?=\d)",
        "$ € £",
        r"(?i)(?<=\d )(?:minutes|hours|days|weeks|months|years)\b",
        "minutes hours days weeks months years",
        r"(?i)(?<=\d )(?:metres|meters|kilometres|kilometers|miles|feet)\b",
        "metres kilometres miles feet",
    ),
}
"""Each class: a pattern and the words that stand for one another there, in turn."""
_RISES = (
    "rose fell", "risen fallen", "rises falls", "rise fall", "rising falling", "increased decreased",
    "increase decrease", "increases decreases", "increasing decreasing", "grew shrank", "growing shrinking",
    "climbed dropped",
)  # fmt: skip
_TURNS = dict(pair for up, down in map(str.split, _RISES) for pair in ((up, down), (down, up)))
_TURN_WORD = re.compile(rf"\b(?:{'|'.join(_TURNS)})\b(?=(?: \w+){{0,5}} [$€£]?\d)", re.IGNORECASE)
_ALONE = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-]|[.,]\d)")


def spoil_class(text: str, rng: random.Random, kind: str) -> str | None:
    """Put another month, day, place in order or unit in place of one."""
    parts = _CLASSES[kind]
    ways = [
        (m, words) for pattern, words in zip(parts[::2], parts[1::2], strict=True) for m in re.finditer(pattern, text)
    ]
    if not ways:
        return None
    match, words = rng.choice(ways)
    plural = "s" if kind == "weekday" and match[0].endswith("s") else ""
    other = rng.choice([w for w in words.split() if w.lower() != match[0].lower().removesuffix(plural)])
    return text[: match.start()] + _cased(other, match[0]) + plural + text[match.end() :]


def spoil_direction(text: str, rng: random.Random) -> str | None:
    """Turn a rise before a figure into a fall, or a fall into a rise."""
    places = list(_TURN_WORD.finditer(text))
    if not places:
        return None
    match = rng.choice(places)
    return text[: match.start()] + _cased(_TURNS[match[0].lower()], match[0]) + text[match.end() :]


def spoil_order(text: str, rng: random.Random) -> str | None:
    """Let two figures change places."""
    found = list(_ALONE.finditer(text))
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0] != b[0]]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def _cased(new: str, old: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
