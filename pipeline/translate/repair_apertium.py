"""What Apertium's Spanish to English output regularly has wrong, put right by rule.

Each rule is sure of what it does: it looks at the original as well, or at a shape no good English has ("the 2007", "a
percent forty", "five thousand millions"). Words with a sense that news seldom mean stand in
``pipeline/data/apertium_words.toml``. Which rules help was measured on newstest 2009 and 2010.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, partial
from importlib.resources import files

from pipeline.terms import fold

_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_SPAN = "week|month|year|weekend|century|decade|season|summer|winter|spring|autumn"
_COUNT = (
    r"(?i:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|one|a hundred|one hundred|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+)"
)
_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2}(?:[:.]\d\d)?)"
_BIG = "hundred|thousand|million|billion|trillion"

_Rule = tuple[str, str, str]
_RULES: tuple[_Rule, ...] = (
    # what must stand in the original ("" for anything), what Apertium makes, what is meant; a capital stays one
    ("", r"#(?=\w)", ""),
    ("", r'""', ""),
    ("", r'(^|[\s(])"\s+([^"]+?)\s*"', r'\1"\2"'),
    ("", r"\b(in|to|of|the|a|that) \1\b", r"\1"),
    # the calendar
    ("", rf"\b(of|on|since|until|from|by|for|to|after|before) the (?=(?:{_DAY})\b)", r"\1 "),
    ("", rf"\b[Tt]he past ((?:{_DAY}|{_SPAN}))\b", r"last \1"),
    (r"\bpasad[oa]\b", rf"\bthe ({_SPAN}) spent\b", r"last \1"),
    (r"proxim[oa]", rf"\b(?:the|The) next ((?:{_DAY}|{_SPAN}))\b", r"next \1"),
    ("", rf"(?<!last )(?<!next )(?<!of )\bthe ((?:{_DAY})\b)(?! of)", r"on \1"),
    ("", rf"(?<![\w,] )\bThe ((?:{_DAY})\b)(?! of)", r"On \1"),
    ("", r"\b[Tt]he ((?:1[5-9]|20)\d\d)\b(?! [a-z]+s\b)", r"\1"),
    (
        r"\bhace\b",
        rf"\b(?:does|ago|do) (only |roughly |more than |some )?({_COUNT}) (years?|months?|days?|weeks?|hours?)\b",
        r"\1\2 \3 ago",
    ),
    # numbers
    ("", r"\b(?:one )?hundred one (?=thousand|million)", "one hundred "),
    ("", r"(?<=\d) ?one (?=thousand\b)", " "),
    ("", rf"\b({_COUNT}) one (?=thousand\b)", r"\1 "),
    ("", r"\b(tens|hundreds|thousands|dozens) of (million|thousand|billion)\b(?: of\b)?", r"\1 of \2s of"),
    ("", rf"\bin an? ({_COUNT}) (percent|%)", r"by \1 \2"),
    ("", rf"\b(?:an?|the|The) ({_COUNT}) ?(percent|%)", r"\1 \2"),
    ("", r"\b(percent) (\d[\d.,]*)\b(?! \w+s)", r"\2 \1"),
    ("", r"(?<=\d) %", "%"),
    ("", rf"\b({_COUNT}) thousand millions?\b", r"\1 billion"),
    ("", r"\b(\d{1,3}),000 millions?\b", r"\1 billion"),
    ("", r"\b(\d{1,2}),(\d)00 millions?\b", r"\1.\2 billion"),
    ("", rf"\b({_COUNT}) (million|billion|trillion)s\b", r"\1 \2"),
    ("", rf"\b({_COUNT} (?:{_BIG})) of (?!(?:the|these|those|them|his|its|our|this|that|which|whom|whose)\b)", r"\1 "),
    ("", r"\b[Cc]ientos of\b", "hundreds of"),
    ("", r"\bciento and\b", "hundred and"),
    ("", r"\bquinient[oa]s\b", "five hundred"),
    (r"\by millones\b|\ba millones\b|\bde millones\b|^\W*millones\b", r"(?<!\d )\b([Mm]illion) (?!of)", r"\1s of "),
    # small words
    (r"\bdeberi", r"\bwould have to\b", "should"),
    (r"\bpodri", r"\bwould be able to\b", "could"),
    (r"\bdeben?\b", r"\b(?:has|have) to\b", "must"),
    ("", r"\b[Cc]an not\b", "cannot"),
    ("", r", the one who\b", ", who"),
    (r"\bque\b", r"(?<!said)(?<!says)(?<!so)(?<!thinks), that (?=[a-z])", ", which "),
    (r"\bentre\b", r"\b[Aa]mong ([^,.;]{1,60}?) and\b", r"between \1 and"),
    (r"\bcomo\b", r"\blike (an?|the)\b", r"as \1"),
    (r"\bmuch[oa]s\b", r"\b[Aa] lot of\b", "many"),
    (r"\bmayoria\b", r"\b[Tt]he majority of\b", "most of"),
    (r"\bsol[oa]\b", r"\b[Aa]n alone\b", "a single"),
    (r"\ba pesar\b", r"\b[Ii]n spite of\b", "despite"),
    (r"\bestados unidos\b", r"(?<!the )(?<!The )\bUnited States\b", "the United States"),
    (r"\bee\.? ?uu\b", r"(?<!the )(?<!The )\bUSA\b", "the USA"),
    (r"\bex\b", r"\b[Ee]x (?=[a-z])", "former "),
    (r"\bbolsas? (?:de|con)\b", r"\bstock exchange(s?) of (?!the\b|values)(?=[a-z])", r"bag\1 of "),
    (r"\bfuerzas? armadas?\b", r"\bforces? (?:Spanish Navy|Navy)\b", "armed forces"),
    (r"\bfuerzas? armadas?\b", r"\bForces? (?:Spanish Navy|Navy)\b", "Armed Forces"),
    (r"\bno (?:para|a)\b", r"\bno to (?=[a-z])", "not to "),
    (r"\bni\b", r"\b([Nn]ot?|[Ww]ithout|[Nn]ever|[Nn]obody)\b([^.;:!?]{1,80}?) neither\b", r"\1\2 nor"),
    # the hour
    (r"\ba las? \w", rf"\b[Tt]o the (?={_HOUR}\b)", "at "),
    (r"\by media\b", rf"\b[Aa]t ({_HOUR}) and average\b", r"at half past \1"),
    (r"\bde la tarde\b", rf"\b([Aa]t (?:half past )?{_HOUR}) of the evening\b", r"\1 in the afternoon"),
    (r"\bde la noche\b", rf"\b([Aa]t (?:half past )?{_HOUR}) of the night\b", r"\1 at night"),
    (r"\bde la (?:manana|madrugada)\b", rf"\b([Aa]t (?:half past )?{_HOUR}) of the morning\b", r"\1 in the morning"),
    (r"\bno (?:va|van|voy|vamos)\b|\b(?:va|van|voy|vamos) a\b", r"\bgoes to (?=[a-z])", "is going to "),
    (r"\b(?:van|vamos) a\b", r"\bgo to (?=[a-z])", "are going to "),
)
_AUXILIARY = re.compile(
    r"(?<=[\w,] )(?:Is|Are|Was|Were|Has|Have|Had|Will|Would|Does|Did|Can|Could|It|Been|Be)\b(?! [A-Z])"
)
_NONE = re.compile(r"\b(?:ningun[oa]?|nada)\b")
_DENIES = re.compile(r"\b(?:not?|never|none|nobody|nothing|without|cannot|neither)\b|n['’]t\b", re.IGNORECASE)
_ANY = tuple(
    (re.compile(wrong, re.IGNORECASE), right)
    for wrong, right in (
        (r"\bany another\b", "no other"),
        (r"\bany of\b", "none of"),
        (r"\bany\b", "no"),
        (r"\bat all\b", "nothing"),
    )
)
_SHOUT = re.compile(r"^[\"“(¿]*([A-Z]{3,}(?: [A-Z]{2,})*)\b")


@cache
def _rules() -> tuple[tuple[re.Pattern[str] | None, re.Pattern[str], str], ...]:
    return tuple((re.compile(there) if there else None, re.compile(wrong), right) for there, wrong, right in _RULES)


@cache
def _words() -> tuple[tuple[frozenset[str], re.Pattern[str], str], ...]:
    table = tomllib.loads(files("pipeline.data").joinpath("apertium_words.toml").read_text(encoding="utf-8"))
    found = []
    for forms, changes in table["es"].items():
        for change in [changes] if isinstance(changes, str) else changes:
            wrong, right = change.split(" > ")
            found.append((frozenset(forms.split()), re.compile(rf"\b{wrong}\b", re.IGNORECASE), right))
    return tuple(found)


def repair_apertium(source: str, translation: str) -> str:
    """Return Apertium's translation of a Spanish sentence with what is surely wrong put right."""
    plain = fold(source)
    words = re.findall(r"\w+", plain)
    text = translation
    for forms, wrong, right in _words():
        times = sum(w in forms for w in words)
        if times:
            text = wrong.sub(partial(_as_cased, right), text, count=times)
    for there, pattern, replacement in _rules():
        if there is None or there.search(plain):
            text = pattern.sub(partial(_as_cased, replacement), text)
    text = _AUXILIARY.sub(lambda m: m[0].lower(), text)
    return _calmer(source, _denied(plain, text))


def _denied(plain: str, text: str) -> str:
    """Put "no" where Apertium has "any" for a "ningún" that denies by itself: "Any title could win"."""
    if not _NONE.search(plain) or _DENIES.search(text):
        return text
    for pattern, right in _ANY:
        changed = pattern.sub(partial(_as_cased, right), text, count=1)
        if changed != text:
            return changed
    return text


def _as_cased(template: str, match: re.Match[str]) -> str:
    new = match.expand(template)
    return new[:1].upper() + new[1:] if match[0][0].isupper() else new


def _calmer(source: str, text: str) -> str:
    """Take back capitals that the sentence does not have, and give it the one it needs."""
    shout = _SHOUT.match(text)
    if shout is not None and not re.match(r"\W*[A-ZÁÉÍÓÚÑ]{2,}", source):
        text = text[: shout.start(1)] + shout[1].capitalize() + text[shout.end(1) :]
    first = re.match(r"\W*", text)
    at = first.end() if first is not None else 0
    opening = re.search(r"\w", source)
    if opening is not None and opening[0].isupper() and text[at : at + 1].islower():
        text = text[:at] + text[at].upper() + text[at + 1 :]
    return text
