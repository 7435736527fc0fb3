"""The figures of a text: how many of what, in the outlet's words, each with its sentence. Pure functions.

Numbers are read as the gate of translations reads them (`pipeline.translate.numbers`): in figures or words, in the
conventions of each language. What counts nothing is left out: dates, years, times of day, telephone numbers, numbers of
laws and flights, ages, spans such as "five days later".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from pipeline.terms import fold
from pipeline.translate.number_reader import counting_words
from pipeline.translate.numbers import Mention, numbers_in
from pipeline.translate.sentences import split_text

MAX_SENTENCE = 320

# Words that are no noun: what they stand before or after is not what is counted.
_SMALL = frozenset(
    "a al ante antes aquel aquella como con contra cual cuando de del desde despues donde durante e el ella ellas ellos"
    " en entre era eran es esa ese esta estaba este fue fueron ha habia han hasta la las le les lo los mas mientras muy"
    " ni no o otra otras otro otros para pero por porque pues que quien quienes se segun ser si sido sin sobre son su"
    " sus tambien tan tras tu u un una unos unas y ya menos mayor menor"
    " about after again against all also among an and are as at be been before began but by can could did do for from"
    " had has have he her here him his how if in into is it its later may more most of off on only or other others our"
    " out over said says she should since so some such than that the their them then there these they this those to"
    " under until up was we were what when where which while who will with would you across least less"
    " amb als dels els i les mes per pels ser sense una uns van va"
    " ao aos as com da das do dos foi foram mais mas na nas nao nos ou pela pelas pelo pelos sao uma"
    .split()
)  # fmt: skip
_OF_THEM = re.compile(r"(?:de|of|d')\s*(?:ellos|ellas|them|els|elles|eles|elas|los|las|the|sus|their)\s+", re.I)
_NOUN = re.compile(
    r"[\s\-‑]+(?P<of>(?:de|of|d['’])\s*)?(?P<one>[^\W\d_][^\W\d_'’-]+)(?:(?P<gap> )(?P<two>[^\W\d_]{3,}))?"
)
_PERCENT = re.compile(r"\s?%|\s(?:por|per|por) ?(?:ciento|cent)\b", re.I)
_MAGNITUDE = re.compile(r"\b(magnitude?|intensidad)\s+(?:de\s+|of\s+)?$", re.I)
_BEFORE = re.compile(r"(?P<noun>[^\W\d_]{4,})\s+(?:de|of)\s+$")
_VERB = re.compile(r"(?:aban?|ian|aron|ieron)$|^(?:estan|eran|siguen|quedan|remain|stand)$")
# "otros cuatro", "four more", "cuatro presos más": a count of the rest, not of all
_REST_BEFORE = re.compile(r"\b(?:otr[oa]s?|outr[oa]s?|altres?|another|others?)\s+$", re.I)
_REST_BETWEEN = re.compile(
    r"\s+(?:other|more|additional|further|altres|otr[oa]s|más|més)(?=\s+(?!than\b|que\b|de\b))", re.I
)
_REST_AFTER = re.compile(r"\s+[^\W\d_]{3,}(?:\s+[^\W\d_]{3,}s)?\s+(?:más|més|more)\b(?!\s+(?:de|que|than)\b)", re.I)
_ROMAN = re.compile(r"[IVXLCM]+")
_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene feb mar abr"
    " may jun jul ago sep set sept oct nov dic january february march april june july august september october november"
    " december jan apr aug dec gener febrer marc abril maig juny juliol agost setembre novembre desembre janeiro"
    " fevereiro marco maio junho julho outubro dezembro"
).split()
_MONTH = rf"(?:{'|'.join(sorted(set(_MONTHS), key=len, reverse=True))})"
# Over folded text: what follows or goes before a number that counts nothing
_DATE_AFTER = re.compile(
    rf"(?:st|nd|rd|th)?(?:\s*(?:y|e|i|al?|and|to|-|–|,)\s*(?:el\s+)?\d{{1,2}})*\s+(?:de\s+|d'|of\s+)?{_MONTH}\b\.?"
)
_DATE_BEFORE = re.compile(
    rf"(?:\b{_MONTH}\.?\s+(?:de\s+|del?\s+|the\s+)?(?:\d{{1,2}}\s*(?:-|–|y|and|to)\s*)?"
    r"|\b(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|dia|pasado|proximo),?\s+)$"
)
_CLOCK_AFTER = re.compile(
    r"\s*(?:[ap]\.?\s?m\b\.?|o'?clock|hrs?\b|hs\b|de la (?:manana|tarde|noche|madrugada)|del mediodia"
    r"|in the (?:morning|afternoon|evening))"
)
_CLOCK_BEFORE = re.compile(
    r"\b(?:a|hacia|sobre|desde|hasta|entre|de|y) las\s+$|\b(?:around|shortly (?:before|after))\s+$"
)
_NAME_BEFORE = re.compile(
    r"\b(?:articulos?|art|articles?|leyes|ley|law|act|decreto|decree|resolucion|resolution|numero|num|number|no|n[ºo°]"
    r"|nro|capitulo|chapter|paginas?|pages?|seccion|section|ruta|route|calle|street|avenida|vuelo|flight|expediente|case"
    r"|boeing|airbus|torre|piso|floor|canal|channel|grado|zona|sector|parroquia|lote|c-|g-)\.?\s*$"
)
_CLOCK = re.compile(r"\d{1,2}[:h]\d\d")
# 08/01/2026, 0212-555-1234, 0414 555 12 34, +58, 14:30, names with figures; `|` stands for the number
_OF_CODE = re.compile(r"[/+@#:_]\||\d[ .\-–]\||\|[/:@_]|\|[ \-–]\d")
_SPAN_AFTER = re.compile(
    r"\s+(?:anos?|years?|meses|mes|months?|semanas?|weeks?|dias?|days?|horas?|hours?|minutos?|minutes?|segundos?|seconds?)"
    r"\s+(?:despues|antes|mas tarde|atras|later|earlier|ago|after|before)\b"
)
_SPAN_BEFORE = re.compile(
    r"\b(?:hace|hacia|tras|dentro de|desde hace|en (?:las|los) (?:ultim|proxim)[oa]s|within|the (?:last|past|next))\s+$"
)
_SPAN = re.compile(
    r"\s+(?:anos?|years?|meses|mes|months?|semanas?|weeks?|dias?|days?|horas?|hours?|minutos?|minutes?)\b"
)
_AGE_AFTER = re.compile(r"(?:\s+anos(?:\s*[,.;)]|\s+de edad|$)|[\s-]+years?[\s-]+old|[\s-]year[\s-])")
_AGE_BEFORE = re.compile(r"(?:,\s*|\bde\s+|\baged\s+|\([^)]*)$")


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of what: ``value``, what it counts as `stem` of its first and second word, as it is written.

    ``qualifier`` is empty where there is no second word; ``partial`` is a count of the rest ("otros cuatro españoles").
    """

    value: Fraction
    noun: str
    qualifier: str
    partial: bool
    words: str
    sentence: str


def stem(word: str) -> str:
    """Return a word without accents and the endings of number and gender: heridos and herida, not familia and familiar.

    Spanish and Catalan words that differ only in ñ and ny come out the same.
    """
    text = fold(word)
    text = (text.removesuffix("s") if len(text) > 3 else text).replace("ny", "n")
    if len(text) < 4:
        return text
    return text[:-1] if text[-1] in "aeo" else text[:-1] + "i" if text[-1] == "y" else text


@lru_cache(maxsize=4096)
def figures_of(text: str, lang: str) -> tuple[Figure, ...]:
    """Return the figures of a text in order, each value and noun once."""
    found: dict[tuple[Fraction, str, bool], Figure] = {}
    for sentences in split_text(text, lang):
        for sentence in sentences:
            for figure in _in_sentence(sentence, lang):
                found.setdefault((figure.value, figure.noun, figure.partial), figure)
    return tuple(found.values())


def _in_sentence(sentence: str, lang: str) -> list[Figure]:
    if not re.search(r"\d", sentence) and counting_words(lang).isdisjoint(re.findall(r"\w+", fold(sentence))):
        return []  # most sentences: reading them word by word would be for nothing
    mentions = [m for m in numbers_in(sentence, lang) if m.needed]
    made = []
    for mention in mentions:
        value = _value(sentence[mention.start : mention.end], lang)
        if value is None or _counts_nothing(sentence, mention, value):
            continue
        said = _said(sentence, mention)
        if said is not None:
            nouns, words = said
            rest = _REST_BEFORE.search(sentence[: mention.start])
            after = sentence[mention.end :]
            partial = bool(rest or _REST_BETWEEN.match(after) or _REST_AFTER.match(after))
            words = f"{rest[0]}{words}" if rest else words
            made.append(Figure(value, *nouns, partial, words, _shortened(sentence, mention)))
    return made


def _value(written: str, lang: str) -> Fraction | None:
    """Return what a number is by itself; of two readings the whole one, since "1.234" is rarely a bit over one."""
    if _ROMAN.fullmatch(written):
        return None
    values = [v for m in numbers_in(written, lang) for v in m.values]
    numbers = [v for v in values if isinstance(v, Fraction)]
    return max(numbers, key=lambda v: (v.denominator == 1, v)) if numbers and len(numbers) == len(values) else None


def _counts_nothing(sentence: str, mention: Mention, value: Fraction) -> bool:
    """Return whether a number is a date, a year, a time of day, a telephone number, a name's, an age or a mere span."""
    written = sentence[mention.start : mention.end]
    before, after = _folded(sentence[max(0, mention.start - 60) : mention.start]), _folded(sentence[mention.end :][:60])
    beside = sentence[max(0, mention.start - 2) : mention.start] + "|" + sentence[mention.end : mention.end + 2]
    bare = written.isdigit()
    day = value.denominator == 1 and value < 32
    checks = (
        written[0].isdigit() and (_OF_CODE.search(beside) or _NAME_BEFORE.search(before)),
        bare and (len(written) >= 7 or (written[0] == "0" and len(written) > 1)),
        bare and len(written) == 4 and 1900 <= value < 2100,
        _CLOCK.match(written) or (value < 25 and (_CLOCK_AFTER.match(after) or _CLOCK_BEFORE.search(before))),
        day and (_DATE_AFTER.match(after) or (bare and _DATE_BEFORE.search(before))),
        _SPAN_AFTER.match(after) or (_SPAN_BEFORE.search(before) and _SPAN.match(after)),
        value < 111 and _AGE_AFTER.match(after) and (_AGE_BEFORE.search(before) or "old" in after[:16]),
    )
    return any(checks)


def _said(sentence: str, mention: Mention) -> tuple[tuple[str, str], str] | None:
    """Return what is counted: its one or two stems and the words with the number; None where no noun stands beside."""
    written, rest = sentence[mention.start : mention.end], sentence[mention.end :]
    if percent := _PERCENT.match(rest):
        return ("%", ""), written + percent[0]
    if magnitude := _MAGNITUDE.search(sentence[: mention.start]):
        return ("magnitud", ""), f"{magnitude[1]} {written}"
    if between := _REST_BETWEEN.match(rest):
        written, rest = written + between[0], rest[between.end() :]
    skipped = re.match(rf"\s+{_OF_THEM.pattern}", rest, re.I)
    noun = _NOUN.match(rest[skipped.end() - 1 :] if skipped else rest)
    if noun and fold(noun["one"]) not in _SMALL:
        two = noun["two"] if noun["two"] and not _is_small(noun["two"]) else None
        tail = f"{noun['of'] or ''}{noun['one']}{' ' + two if two else ''}"
        joint = "" if noun[0][0] in "-‑" else " "
        lead = written if joint else written + noun[0][0]
        return (stem(noun["one"]), stem(two or "")), f"{lead}{joint}{tail}"
    ahead = _BEFORE.search(sentence[: mention.start])
    if ahead and fold(ahead["noun"]) not in _SMALL and not ahead["noun"][0].isupper():
        return (stem(ahead["noun"]), ""), f"{ahead[0]}{written}"
    return None


def _is_small(word: str) -> bool:
    return fold(word) in _SMALL or _VERB.search(fold(word)) is not None


def _folded(text: str) -> str:
    """Return text in lower case without accents, character by character."""
    return "".join(fold(c) or c if len(fold(c) or c) == 1 else c.lower() for c in text)


def _shortened(sentence: str, mention: Mention) -> str:
    """Return the sentence, or of a long one the part around the number."""
    if len(sentence) <= MAX_SENTENCE:
        return sentence
    begin = max(0, min(mention.start - MAX_SENTENCE // 2, len(sentence) - MAX_SENTENCE))
    part = sentence[begin : begin + MAX_SENTENCE]
    return f"{'… ' if begin else ''}{part.strip()}{' …' if begin + MAX_SENTENCE < len(sentence) else ''}"
