"""The glossary, ``config/glossary.toml``: names that no engine may translate, and fixed renderings of terms.

A name must come back (the check ``name``); a term is put right where an engine left it or is known to get it wrong
(`repair_terms`), else the check ``term`` says so. Where an engine translates a name in spite of that, the sentence can
go through it once more with placeholders (`shield`), which are checked to come back, each once (`unshield`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pipeline.declarations import read_toml
from pipeline.terms import fold

LANGUAGES = ("es", "ca", "gl", "pt", "eu", "fr")
_ARTICLES = ("El ", "La ", "Los ", "Las ", "Un ", "Una ", "O ", "A ", "Els ", "Les ")
_FIELDS = {"keep", "term"}
_TERM_FIELDS = {*LANGUAGES, "en", "wrong", "must"}


class GlossaryError(ValueError):
    """A glossary that cannot be used; the message names the file, the entry and the field."""


@dataclass(frozen=True)
class Term:
    """A fixed rendering: its forms by language, what it may be in English (the first is used), what it must not be."""

    forms: Mapping[str, tuple[str, ...]]
    english: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    must: bool = False
    """Whether a translation without any of the renderings is said to lack it; else people may put it otherwise."""


@dataclass(frozen=True)
class Glossary:
    """Names to keep and terms; ``version`` changes with anything that changes a translation."""

    keep: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()

    @cached_property
    def version(self) -> str:
        """Hash of names and terms, eight hexadecimal digits; comments, order and layout of the file do not count."""
        terms = sorted(json.dumps([dict(t.forms), t.english, t.wrong, t.must], sort_keys=True) for t in self.terms)
        content = json.dumps([sorted(set(self.keep)), terms])
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        names = sorted(set(self.keep), key=lambda n: (-len(n), n))
        # "El País Vasco" is no newspaper
        parts = [re.escape(n) + (r"(?! [A-ZÁÉÍÓÚÑ])" if n.startswith(_ARTICLES) else "") for n in names]
        return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)") if parts else None

    def names_in(self, text: str) -> Iterator[re.Match[str]]:
        """Yield where names to keep stand in a text, longest first where two begin at one place."""
        if self._names is not None:
            yield from self._names.finditer(text)

    @cached_property
    def _forms(self) -> dict[str, tuple[re.Pattern[str], dict[str, Term]]]:
        found = {}
        for lang in LANGUAGES:
            of = {fold(form): term for term in self.terms for form in term.forms.get(lang, ())}
            if of:
                forms = sorted({f for t in self.terms for f in t.forms.get(lang, ())}, key=lambda f: (-len(f), f))
                pattern = "|".join(re.escape(f).replace(r"\ ", r"\s+") for f in forms)
                found[lang] = (re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), of)
        return found

    def terms_in(self, text: str, lang: str) -> Iterator[tuple[re.Match[str], Term]]:
        """Yield where terms stand in a text of a language, with the term; none inside a name to keep."""
        if lang not in self._forms:
            return
        pattern, of = self._forms[lang]
        names = [m.span() for m in self.names_in(text)]
        for match in pattern.finditer(text):
            if not any(a < match.end() and match.start() < b for a, b in names):
                yield match, of[fold(re.sub(r"\s+", " ", match[0]))]


def load_glossary(path: Path) -> Glossary:
    """Read a glossary. Raises GlossaryError, which says what to mend."""
    _, data = read_toml(path, GlossaryError)
    _only(path, "", data, _FIELDS, "names stand in a list called keep, fixed renderings in tables [[term]]")
    keep = _strings(path, "keep", data.get("keep", []))
    entries = data.get("term", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise GlossaryError(f"{path}: term: must be tables, each under a line [[term]]")
    terms = tuple(_term(path, number, entry) for number, entry in enumerate(entries, 1))
    owner: dict[tuple[str, str], int] = {}
    for number, term in enumerate(terms, 1):
        for lang, forms in term.forms.items():
            for form in forms:
                other = owner.setdefault((lang, fold(form)), number)
                if other != number:
                    raise GlossaryError(f"{path}: term {number}: {lang}: {form!r} stands in term {other} already")
    return Glossary(keep, terms)


def _term(path: Path, number: int, entry: dict[str, Any]) -> Term:
    where = f"term {number}"
    _only(path, f"{where}: ", entry, _TERM_FIELDS, f"a term has {', '.join(LANGUAGES)}, en wrong and must")
    forms = {lang: _strings(path, f"{where}: {lang}", entry[lang]) for lang in LANGUAGES if lang in entry}
    english = _strings(path, f"{where}: en", entry.get("en", []))
    if not any(forms.values()):
        raise GlossaryError(f"{path}: {where}: needs its forms in a language, such as es = ['excarcelación']")
    if not english:
        raise GlossaryError(f"{path}: {where}: needs en, what it is in English, such as en = ['release from prison']")
    must = entry.get("must", False)
    if not isinstance(must, bool):
        raise GlossaryError(f"{path}: {where}: must: is true or false")
    return Term(forms, english, _strings(path, f"{where}: wrong", entry.get("wrong", [])), must)


def _only(path: Path, where: str, data: dict[str, Any], fields: set[str], hint: str) -> None:
    unknown = sorted(set(data) - fields)
    if unknown:
        raise GlossaryError(f"{path}: {where}{unknown[0]}: no such field; {hint}")


def _strings(path: Path, field: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise GlossaryError(f"{path}: {field}: must be a list of words, such as ['Foro Penal']")
    return tuple(" ".join(v.split()) for v in value)


def missing_names(source: str, translation: str, glossary: Glossary) -> tuple[str, ...]:
    """Return the names to keep that a translation lacks. A surname alone, or other accents, will do."""
    there = fold(translation)
    squeezed = re.sub(r"\W", "", there)
    lost = []
    for match in glossary.names_in(source):
        name = fold(match[0])
        words = [w for w in name.split() if len(w) >= 4] or [name]
        last = re.search(rf"(?<!\w){re.escape(words[-1])}(?!\w)", there) if len(words) < 3 else None
        if last is None and name not in there and re.sub(r"\W", "", name) not in squeezed:
            lost.append(match[0])
    return tuple(lost)


def repair_terms(source: str, translation: str, glossary: Glossary, lang: str = "es") -> str:
    """Return a translation in which terms that were left or are known to go wrong read as the glossary says.

    Each is put right as often as the sentence has it and the translation has not.
    """
    found = list(glossary.terms_in(source, lang))
    for match, term in found:
        if _times_rendered(translation, term) < sum(other is term for _, other in found):
            new = partial(_cased, term.english[0], match[0][0].isupper())
            translation = _wrong(term, lang).sub(new, translation, count=1)
    return translation


def _wrong(term: Term, lang: str) -> re.Pattern[str]:
    """Match what a term must not be: its own forms, with an engine's mark or not, and known wrong renderings."""
    bad = sorted({*term.wrong, *term.forms[lang]}, key=lambda w: (-len(w), w))
    pattern = "|".join(r"\s+".join(rf"\*?{re.escape(w)}" for w in b.split()) for b in bad)
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _cased(new: str, opening: bool, match: re.Match[str]) -> str:
    first = match[0].lstrip("*")[:1]
    return new[0].upper() + new[1:] if first.isupper() and opening and match.start() == 0 else new


def missing_terms(source: str, translation: str, glossary: Glossary, lang: str = "es") -> tuple[str, ...]:
    """Return the terms of a sentence that were left or put wrongly, and those that must be there and are not."""
    return tuple(
        m[0]
        for m, term in glossary.terms_in(source, lang)
        if not _rendered(translation, term) and (term.must or _wrong(term, lang).search(translation))
    )


def _rendered(translation: str, term: Term) -> bool:
    return _times_rendered(translation, term) > 0


def _times_rendered(translation: str, term: Term) -> int:
    forms = "|".join(re.escape(fold(e)) for e in sorted(term.english, key=len, reverse=True))
    return len(re.findall(rf"(?<!\w)(?:{forms})(?!\w)", fold(translation)))


@dataclass(frozen=True)
class Shielded:
    """A sentence with placeholders, and what each of them stands for."""

    text: str
    slots: tuple[tuple[str, str], ...]


def shield(text: str, glossary: Glossary, lang: str = "es") -> Shielded:
    """Return a sentence in which names and terms are placeholders.

    A placeholder is three capital letters that the sentence lacks: engines copy what looks like an acronym, and a
    figure in it would be mistaken for a number.
    """
    spans = [(m.start(), m.end(), m[0]) for m in glossary.names_in(text)]
    spans += [(m.start(), m.end(), _cased_like(t.english[0], m)) for m, t in glossary.terms_in(text, lang)]
    parts, slots, at = [], [], 0
    names = (f"{a}{b}{c}" for a in "QXZ" for c in "XKQ" for b in "WVJKZQX")
    free = (n for n in names if n.lower() not in text.lower())
    for start, end, stands_for in sorted(spans):
        placeholder = next(free, None)
        if placeholder is None:
            break
        parts += [text[at:start], placeholder]
        slots.append((placeholder, stands_for))
        at = end
    return Shielded("".join(parts) + text[at:], tuple(slots))


def _cased_like(new: str, match: re.Match[str]) -> str:
    return new[0].upper() + new[1:] if match.start() == 0 and match[0][0].isupper() else new


def unshield(shielded: Shielded, translation: str) -> str | None:
    """Return a translation with names and terms put back; None where a placeholder is lost, doubled or mangled."""
    for placeholder, stands_for in shielded.slots:
        found = re.findall(rf"(?<![^\W_])\*?{placeholder}(?![^\W_])", translation)
        if len(found) != 1 or translation.lower().count(placeholder.lower()) != 1:
            return None
        translation = translation.replace(found[0], stands_for)
    return translation
