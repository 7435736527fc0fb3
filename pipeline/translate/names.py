"""Names in a Spanish sentence that its translation lacks.

Spanish capitalises names and little else, so that names can be told inside a sentence: words with a capital, joined
by "de", "del" or "de la". A name answers for itself if it comes back in the same or a close spelling, as what the table
``pipeline/data/exonyms.toml`` knows it by in English, or, an acronym, in its letters in another order (OTAN, NATO) or
spelled out. Words of which titles, institutions and feasts are made are translated and tell nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from pipeline.terms import fold
from pipeline.translate.glossary import Glossary

LANGUAGES = ("es",)
"""Languages whose names are looked at: the table is of Spanish forms."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_WORD = re.compile(r"[^\W_]+")
_OPENS = re.compile(
    r"[.:;?!¿¡…—–\"“«‘'(\[|/*·•-]|\d"
)  # what follows may be capital for another reason than being a name
_JOINS = re.compile(r" (?:de |del |de la |de los |de las |la |el |von |van |van der |bin |al )?")
_QUOTED = re.compile(r"[\"“«‘][^\"“”«»‘’]{1,60}[\"”»’](?!\w)")
_ENDING = re.compile(
    r"(?:cion|ciones|siones|sion|miento|mientos|[dt]ad|[dt]ades|ismo|ista|istas|ario|aria|arios|arias|orio|oria|ogia"
    r"|ivo|iva|ivos|ivas|ico|ica|icos|icas|[aei]nte|[aei]ntes|[ae]nci?as?|dor|dora|dores|ional|ionales|al|ales|ura"
    r"|[oe]so|[oe]sa|ado|ada|ados|adas|ido|ida|idos|idas|es|esa|eses|ano|ana|anos|anas|eo|ea|eos|eas|eno|ena|enos"
    r"|erio|eria)$"
)
"""Endings of ordinary nouns and of adjectives: of such words institutions and peoples are called."""
_VERB = re.compile(r"(?:ó|[aei]ron|aban)$")  # what a sentence may begin with before a name
_ARTICLES = ("El", "La", "Los", "Las")
_NO_PROOF = ("known", "acronym")  # people put countries and bodies in many ways
_MIN = 3
_TITLE_CASE = 0.65  # where more of the words than this are capitalised, and no long one is not, capitals tell nothing
_LONG = 5


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a sentence, and those of its words that can be known again.

    ``kind``: ``known`` stands in the table; ``acronym``; ``full`` has two words or more and nothing but such; ``word``
    is a single one; ``mixed`` has words among it that are translated.
    """

    text: str
    words: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class _Table:
    exonyms: dict[str, tuple[str, ...]]
    pattern: re.Pattern[str]
    ordinary: frozenset[str]
    given: frozenset[str]


def lost_names(
    source: str, translation: str, *, lang: str = "es", glossary: Glossary | None = None, copies: bool = False
) -> tuple[str, ...]:
    """Return the names that a translation lacks, if they are enough to say that it is wrong.

    People leave single names out, or put them in ways that no table has; two words that go together, or most of what is
    named, they do not. An engine that ``copies`` what it does not know has translated any name that is not there.
    Names of the glossary are not looked at: they have a check of their own.
    """
    names = names_in(source, lang, glossary) if lang in LANGUAGES else ()
    if not names:
        return ()
    here = _Here(translation, copies)
    lost = [n for n in names if n.kind not in _NO_PROOF and not here.has(n)]
    if copies or any(n.kind == "full" and n.words[0] not in _ARTICLES for n in lost):
        return tuple(n.text for n in lost)
    firm = [n.text for n in lost if n.kind != "mixed"]
    return tuple(firm) if len(firm) >= 2 and 2 * len(firm) >= len(names) else ()


def names_in(source: str, lang: str = "es", glossary: Glossary | None = None) -> tuple[Name, ...]:
    """Return the names of a sentence that have a word by which they can be known, in order."""
    taken = [m.span() for m in _QUOTED.finditer(source)]
    if glossary is not None:
        taken += [m.span() for m in glossary.names_in(source)]
        taken += [m.span() for m, _ in glossary.terms_in(source, lang)]
    for start, end in taken:
        source = source[:start] + "x" * (end - start) + source[end:]
    table = _table(lang)
    return tuple(n for group in _groups(source, table) for n in _named(source, group, table))


def _groups(text: str, table: _Table) -> Iterator[list[re.Match[str]]]:
    """Yield the runs of capitalised words, joined by a space or by "de" and its like.

    The first word of a sentence counts where another follows it and it is no ordinary word.
    """
    tokens = list(_TOKEN.finditer(text))
    words = [t[0] for t in tokens[1:] if len(t[0]) >= _MIN]
    plain = any(w[0].islower() and len(w) >= _LONG for w in words)
    share = sum(w.isupper() if plain else w[0].isupper() for w in words)
    if not words or share > _TITLE_CASE * len(words):
        return
    group: list[re.Match[str]] = []
    opened = True
    for at, token in enumerate(tokens):
        inside = at > 0 and not _OPENS.search(text[tokens[at - 1].end() : token.start()])
        if not token[0][0].isupper():
            continue
        if group and (
            _acronym(group[-1][0]) or _acronym(token[0]) or not _JOINS.fullmatch(text[group[-1].end() : token.start()])
        ):
            yield group[opened and len(group) == 1 :]
            group = []
        if not group:
            opened = not inside
        elif opened and len(group) == 1 and text[group[0].end() : token.start()] != " ":
            group, opened = [], False  # "Viajó de Londres"
        if inside or not (_ordinary(token[0], table) or _VERB.search(token[0])):
            group.append(token)
    yield group[opened and len(group) == 1 :]


def _named(text: str, group: Sequence[re.Match[str]], table: _Table) -> Iterator[Name]:
    if not group:
        return
    whole = text[group[0].start() : group[-1].end()]
    known = list(table.pattern.finditer(fold(whole)))
    covered = {w for m in known for w in m[0].split()}
    # Behind a given name "Iglesias" is a name, and beside one that has no such ending "Serrano" and "Morales" are
    person = fold(group[0][0]) in table.given or (
        not any(fold(t[0]) in table.ordinary for t in group) and any(not _ordinary(t[0], table) for t in group)
    )
    firm = [t for t in group if len(t[0]) >= _MIN and not _ordinary(t[0], table, person)]
    if not any(fold(t[0]) not in covered for t in firm) or (known and all(fold(t[0]) in covered for t in group[1:])):
        yield from (Name(m[0], (m[0],), "known") for m in known)
        return
    firm = [t for t in firm if t is group[0] or fold(t[0]) not in covered]  # Juan Guaidó is no Juan
    words = tuple(t[0] for t in firm)
    if any(w.isupper() for w in words):
        yield Name(whole, words, "acronym")
        return
    article = group[0][0] in _ARTICLES and len(group) == len(firm) + (group[0] not in firm)
    kind = "mixed"
    if len(group) == 1:
        kind = "word"
    elif article or (len(firm) == len(group) and whole == " ".join(words)):
        kind = "full"
    if not person and not article and any(fold(t[0]) in table.ordinary for t in group):
        whole = text[firm[0].start() : firm[-1].end()]
    yield Name(whole, ((group[0][0],) if article and group[0] not in firm else ()) + words, kind)


def _acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _ordinary(word: str, table: _Table, person: bool = False) -> bool:
    word = fold(word)
    return not (person or word in table.given) and (word in table.ordinary or _ENDING.search(word) is not None)


class _Here:
    """The words of a translation."""

    def __init__(self, translation: str, copies: bool) -> None:
        self.copies = copies
        self.words = _WORD.findall(fold(translation.replace("*", "")))
        self.joined = f" {' '.join(self.words)} "
        self.squeezed = "".join(self.words)
        self.acronyms = {w.lower() for w in re.findall(r"\b[A-Z]{2,}s?\b", translation.replace(".", ""))}
        self.initials = "".join(w[0] for w in self.words)

    def has(self, name: Name) -> bool:
        known = _table("es").exonyms.get(fold(name.text))
        if known is not None and any(self._reads(form) for form in known):
            return True
        # Whoever copies leaves the surname too; people leave the given name out, or the surname
        words = name.words[1:] if len(name.words) > 1 and self.copies else name.words
        return any(self._like(fold(w)) for w in words) or (
            name.kind == "acronym" and self._acronym(fold(name.words[0]))
        )

    def _reads(self, form: str) -> bool:
        return f" {form.removesuffix('*')}" + ("" if form.endswith("*") else " ") in self.joined

    def _like(self, word: str) -> bool:
        parts = _WORD.findall(word)
        return "".join(parts) in self.squeezed or any(
            close(part, other, 4 if self.copies else 3) for part in parts if len(part) >= _MIN for other in self.words
        )

    def _acronym(self, word: str) -> bool:
        return any(sorted(a) == sorted(word) for a in self.acronyms) or word in self.initials


@lru_cache(maxsize=65536)
def close(one: str, other: str, strictness: int = 4) -> bool:
    """Return whether two folded words may be spellings of one name, an ending or one letter in ``strictness`` apart."""
    if one == other:
        return True
    one, other = _sound(one), _sound(other)
    short = min(len(one), len(other))
    if short < _MIN:
        return False
    if one[:4] == other[:4] and short >= 4:
        return True
    return short > 3 and _distance(one, other, limit := max(1, max(len(one), len(other)) // strictness)) <= limit


_SOUNDS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"ph", "f"), (r"ou|oo", "u"), (r"ee|[yj](?=[aeiou])|y|j", "i"), (r"sch|sh|tch|cz|tsch|tz", "ch"),
        (r"qu|k|c(?=[aourl])|ck", "c"), (r"th", "t"),
        (r"kh|ch", "j"), (r"w", "v"), (r"h", ""), (r"z", "s"), (r"x", "s"),
        (r"(.)\1", r"\1"), (r"^es(?=[ptc])", "s"), (r"ue", "u"), (r"oe", "o"), (r"ae", "a"),
    )
)  # fmt: skip
"""Spellings by which one sound is written in transcriptions: Jrushchov and Khrushchev, Poutine and Putin."""


@lru_cache(maxsize=65536)
def _sound(word: str) -> str:
    for pattern, to in _SOUNDS:
        word = pattern.sub(to, word)
    return word


def _distance(one: str, other: str, limit: int) -> int:
    """Return Levenshtein's distance, or more than ``limit`` as soon as it must be more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _inflected(word: str) -> Iterator[str]:
    yield word
    if len(word) > _MIN:
        yield from (f"{word}s", f"{word}es")
    if len(word) > _MIN and word.endswith("o"):
        yield from (f"{word[:-1]}a", f"{word[:-1]}as")


@cache
def _table(lang: str) -> _Table:
    data = tomllib.loads(files("pipeline.data").joinpath("exonyms.toml").read_text(encoding="utf-8"))
    exonyms = {
        " ".join(fold(form).split()): tuple(english.split("|"))
        for forms, english in data[lang].items()
        for form in forms.split("|")
    }
    longest = sorted(exonyms, key=lambda f: (-len(f), f))
    ordinary = frozenset(f for words in data["words"].values() for w in words.split() for f in _inflected(fold(w)))
    given = frozenset(fold(w) for w in data["given"]["names"].split())
    return _Table(exonyms, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"), ordinary, given)
