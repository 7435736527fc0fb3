"""Whose text an article is: the news agency named in its byline, its dateline or its credit.

"según Reuters" in the running text is a mention, not a byline: only the author field, the first words of the text (the
dateline) and set phrases of credit in its last lines count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.declarations import declared_tables, read_toml, unknown_name
from pipeline.terms import fold

_HEAD_CHARS = 160  # a dateline stands in the first words: "CARACAS, 9 ene (EFE).- "
_TAIL_CHARS = 400
_MAX_BYLINE = 160
_FIELDS = ("id", "name", "names", "codes", "sources")


class AgencyError(ValueError):
    """config/agencies.toml cannot be used; the message names file, agency and field."""


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency: its id, its name and the forms it signs with."""

    agency_id: str
    name: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Forms:
    agency: Agency
    byline: re.Pattern[str]
    dateline: re.Pattern[str]
    credit: re.Pattern[str]


class AgencyTable:
    """The agencies of one file, compiled: whose text an article is, and which sources are the agencies' own."""

    def __init__(self, agencies: Sequence[Agency]) -> None:
        self.agencies = tuple(agencies)
        self._by_source = {s: a.agency_id for a in agencies for s in a.sources}
        self._forms = tuple(_forms(a) for a in agencies)

    @property
    def owners(self) -> Mapping[str, str]:
        """Return the agency of each source that is an agency's own: source id to agency id."""
        return dict(self._by_source)

    def agency_of(self, authors: Sequence[str], text: str, source_id: str = "") -> str | None:
        """Return the id of the agency whose text this is, or None.

        ``authors`` are the names of the byline as the page or the feed gives them, ``text`` the article's plain text.
        """
        own = self._by_source.get(source_id)
        if own is not None:
            return own
        for author in authors:
            if len(author) <= _MAX_BYLINE:
                found = self._first(author, "byline") or self._first(author, "credit")
                if found is not None:
                    return found
        head = text.lstrip()[:_HEAD_CHARS]
        return (
            self._first(head, "dateline")
            or self._first(text.rstrip()[-_TAIL_CHARS:], "credit")
            or (self._first(head, "credit"))
        )

    def _first(self, text: str, kind: str) -> str | None:
        """Return the agency that is named first in ``text``: the one whose match ends first, then the table's order."""
        best: tuple[int, str] | None = None
        for forms in self._forms:
            pattern: re.Pattern[str] = getattr(forms, kind)
            match = pattern.search(text)
            if match is not None and (best is None or match.end() < best[0]):
                best = (match.end(), forms.agency.agency_id)
        return None if best is None else best[1]


def _loose(name: str) -> str:
    """Return a pattern for ``name`` that is blind to case, and to accents of the name as declared."""
    folded = "".join(f"[{c}{_ACCENTS[c]}]" if c in _ACCENTS else re.escape(c) for c in fold(name))
    return f"(?i:{folded})"


_ACCENTS = {"a": "áàä", "e": "éèë", "i": "íìï", "o": "óòö", "u": "úùü", "n": "ñ"}


def _forms(agency: Agency) -> _Forms:
    names = "|".join(_loose(n) for n in sorted(agency.names, key=len, reverse=True))
    codes = "|".join(re.escape(c) for c in sorted(agency.codes, key=len, reverse=True))
    any_form = "|".join(p for p in (names, codes) if p)
    start, end = r"(?<![\w@.])", r"(?![\w@])"
    # In a byline a code stands alone or set off: "EFE", "Redacción / EFE", "AP | Regina Doe", "Ana Doe (AFP)".
    set_off = (
        rf"(?:^|[/|,;(·•–—-]\s?|\b(?:[Cc]on|[Pp]or|[Bb]y|[Vv]ía|[Vv]ia|y|and|e|[Aa]gencia|[Aa]gencias)\s+)(?:{codes})"
    )
    byline = rf"{start}(?:{names}){end}" if names else ""
    if codes:
        signed = rf"{set_off}(?=\s*(?:$|[/|,;).·•–—-]|y\s|and\s|[Ss]taff))"
        byline = f"{byline}|{signed}" if byline else signed
    # Datelines: "(EFE).-", "CARACAS (AP) —", "Madrid, 9 ene. EUROPA PRESS -", "EFE.-", "(EUROPA PRESS)"
    parens = rf"\((?:[^()]{{0,30}}[/,\s–-]\s?)?(?:{any_form})(?:\s?[/,–-][^()]{{0,30}})?\)"
    opening = rf"^(?:{any_form})\s*(?:[./|:]?\s*[–—-]|[.|/]\s)"
    placed = rf"^[^\W\d_][^.()\n]{{2,60}}[.,]?\s+(?:{codes})\s*[.]?\s*[–—-]" if codes else opening
    # Brackets make a dateline before a dash, or after a place in capitals or a day; "Partido Liberal (PL)" is none.
    dash = r"\s*[.:]?\s*[–—-]"
    dated = rf"^(?:[^.()\n]{{0,50}}\d{{1,2}}[^()\n]{{0,20}}|[^a-z()\n]{{3,50}}){parens}"
    alone = rf"^{parens}"
    dateline = f"(?:{parens}{dash})|(?:{dated})|(?:{alone})|(?:{opening})|(?:{placed})"
    credit = (
        r"(?:\b(?:[Cc]on informaci[oó]n(?:es)? de|[Ff]uente:|[Cc]on datos de|[Cc]r[eé]dito:|[Tt]exto:"
        r"|[Aa]mb informaci[oó] d['’e]\s?"
        r"|[Ww]ith (?:reporting|information|files) (?:by|from)|[Ss]ource:|[Rr]eporting by [^.\n]{0,80}"
        r"|[Cc]ontributed to this report|[Pp]ublicado originalmente (?:por|en))"
        rf"\s*(?:la agencia\s+|agencias?\s+|[^.\n]{{0,40}}?\b(?:y|and|e)\s+|[^.\n,]{{0,30}},\s+)?(?:{any_form}){end})"
        rf"|(?:^|\n)\s*[(©]?\s*(?:{any_form})\s*[).]?\s*$"
        rf"|©\s*(?:\d{{4}}\s+)?(?:{any_form}){end}"
        rf"|{start}(?:{any_form})\s+contributed to this report"
        rf"|{start}(?:{any_form})\s+(?:journalist|writer)s?\s[^.\n]{{3,120}}\scontributed"
    )
    return _Forms(agency, re.compile(byline), re.compile(dateline), re.compile(credit))


def load_agencies(path: Path) -> AgencyTable:
    """Read ``config/agencies.toml``; raises AgencyError naming file, agency and field."""
    _, data = read_toml(path, AgencyError)
    agencies: list[Agency] = []
    seen: set[str] = set()
    for number, item in enumerate(declared_tables(path, data, "agency", AgencyError), 1):
        agency_id = item.get("id")
        if not isinstance(agency_id, str) or not agency_id:
            raise AgencyError(f"{path}: agency number {number}: id: must be a text that is not empty")
        if agency_id in seen:
            raise AgencyError(f"{path}: agency {agency_id!r}: id: declared twice")
        seen.add(agency_id)
        if unknown := unknown_name(item, _FIELDS):
            raise AgencyError(f"{path}: agency {agency_id!r}: {unknown[0]}: no such field. {unknown[1]}")
        lists: dict[str, tuple[str, ...]] = {}
        for field in ("names", "codes", "sources"):
            values = item.get(field, [])
            if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
                raise AgencyError(f"{path}: agency {agency_id!r}: {field}: must be a list of texts")
            lists[field] = tuple(values)
        if not lists["names"] and not lists["codes"]:
            raise AgencyError(f"{path}: agency {agency_id!r}: names: give names or codes")
        name = item.get("name")
        if not isinstance(name, str) or not name:
            raise AgencyError(f"{path}: agency {agency_id!r}: name: must be a text that is not empty")
        agencies.append(Agency(agency_id, name, lists["names"], lists["codes"], lists["sources"]))
    return AgencyTable(agencies)


def agency_of(authors: Sequence[str], text: str, source_id: str = "", table: AgencyTable | None = None) -> str | None:
    """Return the agency whose text this is, or None; without ``table`` the built-in one is read."""
    if table is None:
        from pipeline.settings import BUILTIN_CONFIG

        table = load_agencies(BUILTIN_CONFIG / "agencies.toml")
    return table.agency_of(authors, text, source_id)
