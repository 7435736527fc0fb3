"""Titles that say nothing of what happened: "Última hora", "Breaking news - CNN", "Resumen de noticias del jueves".

They stand over any text, so that strangers under the same one would look alike.
"""

from __future__ import annotations

import re

from pipeline.identity.words import content_terms, fold, headline, is_stopword, tokens

_BULLETINS = (
    "última hora", "noticias de última hora", "minuto a minuto", "breaking news", "live updates", "latest updates",
    "latest news", "top news", "top stories", "noticias", "últimas noticias", "principales noticias", "resumen",
    "resumen de noticias", "resumen informativo", "resumen de prensa", "titulares", "principales titulares",
    "titulares de prensa", "portadas", "news", "news summary", "news roundup", "news brief", "news in brief",
    "news briefing", "news headlines", "headlines", "briefing", "daily briefing", "morning briefing",
    "evening briefing", "boletín", "boletín de noticias", "boletín informativo", "newsletter", "breves",
)  # fmt: skip
"""What may have a place or an outlet beside it and still says nothing: noticias de Venezuela."""
_OTHERS = (
    "en vivo", "en directo", "breaking", "live", "portada", "editorial", "opinión", "opinion", "video", "videos",
    "fotos", "galería", "en fotos", "photos", "horóscopo", "horoscope", "el tiempo", "weather", "newswatch", "viñeta",
    "cartoon", "podcast", "exclusiva", "ampliación", "avance", "agenda", "efemérides", "in pictures",
    "lo más leído",
)  # fmt: skip
"""What says nothing alone or with a date: with a name it may be news (agenda de Rodríguez en China)."""
_COMMON = frozenset(
    "semana semanal week weekly weekend mes month diario daily noche tarde madrugada morning afternoon evening tonight"
    " night am pm mundo world pais country nacional nacionales internacional internacionales international national"
    " local locales importantes destacadas claves gmt".split()
)
"""Words of time and reach that tell one day's bulletin from another's, folded; days and months are stopwords."""
_FORMS = {tuple(fold(t) for t in tokens(form)): form in _BULLETINS for form in (*_BULLETINS, *_OTHERS)}
_LONGEST = max(map(len, _FORMS))
_MARK = re.compile(r"\s*(?::(?!\d)|\||\s(?:[–—»]|--?)\s)\s*")
_NAMES = 2  # words of a place or an outlet beside a bulletin's form: Puerto Ordaz, El Nacional


def informative_title(title: str) -> str:
    """Return what ``title`` says, without label and signature, or nothing where it says nothing of what happened."""
    marks = list(_MARK.finditer(title))
    ends = [0, *(m.end() for m in marks)], [*(m.start() for m in marks), len(title)]
    parts = [(start, end) for start, end in zip(*ends, strict=True) if title[start:end].strip()]
    told = next((at for at, part in enumerate(parts) if not _generic(title[slice(*part)])), len(parts))
    telling = " ".join(text for part in parts if not _generic(text := title[slice(*part)]))
    # a report stands behind a colon, an outlet behind a bar or dash
    signed = 0 < told == len(parts) - 1 and not title.startswith(":", parts[told - 1][1]) and _a_name(telling)
    if signed or len(content_terms(telling, 2)) < 2:
        return ""
    while _generic(title[slice(*parts[0])], names=0):
        parts = parts[1:]
    said = headline(title[parts[0][0] :].strip())
    return "" if _generic(said) or len(content_terms(said, 2)) < 2 else said


def _generic(text: str, names: int = _NAMES) -> bool:
    """Return whether a text is a bulletin's or rubric's form, with dates and ``names`` words of a name about it."""
    words = tokens(text)
    folded = [fold(w) for w in words]
    for size in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            bulletin = _FORMS.get(tuple(folded[start : start + size]))
            if bulletin is not None and _says_nothing(words[:start], words[start + size :], names if bulletin else 0):
                return True
    return False


def _says_nothing(before: list[str], behind: list[str], most: int) -> bool:
    """Return whether dates stand about a form, and a name of ``most`` words at most: "de" or "from" leads to it."""
    names = [w for w in (*before, *behind) if not _common(w)]
    led = not behind or _common(behind[0])
    return not names or (led and len(names) <= most and all(w[0].isupper() for w in names))


def _common(word: str) -> bool:
    folded = fold(word)
    return word[0].isdigit() or len(folded) < 2 or is_stopword(folded) or folded in _COMMON


def _a_name(text: str) -> bool:
    """Return whether a text is written like an outlet's name."""
    meant = [w for w in tokens(text) if not _common(w)]
    return len(meant) <= _NAMES and all(w[0].isupper() for w in meant)
