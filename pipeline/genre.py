"""What kind of text an article is: news, opinion, live coverage, a service (horoscope, lottery, weather) or other.

Decided from address, title, section and the feed's categories alone, so that a `feed_only` article has a genre too.
Opinion, live and service texts are kept and shown; identity must not let them glue strangers together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from pipeline.terms import fold
from storage.records import Genre

# Path segments and section names, folded: whole segments, never parts of one ("opinion-publica" is not opinion).
_OPINION_SECTION = re.compile(
    r"opinion(es)?|opinio|opinions|tribunas?|columnas?|columnistas?|columns?|columnists?|editorial(es)?|editorials?"
    r"|op-?eds?|blogs?|analisis-y-opinion|firmas|punto-de-vista|puntos-de-vista|articulos-de-opinion|cartas-al-director"
    r"|letters(-to-the-editor)?|commentary|articulistas?|opinion-y-analisis|opinantes|perspectives?|humor|vinetas?"
)
_LIVE_SECTION = re.compile(r"directos?|en-directo|en-vivo|live|live-?blogs?|live-?updates?|live-?news|minuto-a-minuto")
_SERVICE_SECTION = re.compile(
    r"horoscopos?|horoscopes?|horoscop|astrologia|loterias?|lottery|lotto|sorteos?|el-tiempo|clima|meteo|pasatiempos"
    r"|crosswords?|crucigramas?|sudoku|recetas?|recipes|receptes|games|puzzles|programacion-tv|programacion|tv-guide"
    r"|esquelas|obituarios-y-esquelas|cotizaciones|cartelera|efemerides|santoral"
)
_OTHER_SECTION = re.compile(
    r"video|videos|fotos|galerias?|galleries|photos|podcasts?|audios?|especiales-publicitarios|brand-?content"
    r"|contenido-patrocinado|patrocinado|sponsored|branded|publirreportajes?|newsletters?|boletines|ofertas|cupones"
    r"|coupons|shopping|comunicados|press-releases?|quiz(zes)?"
)

_OPINION_TITLE = re.compile(
    r"^(editorial|opinion|opinio|tribuna|columna|analisis|analysis|op-ed|commentary|letters?"
    r"|cartas? al director)\s*[:|.–—-]\s"
    r"|\s[|–—]\s*(opinion|opinio|editorial|columna|tribuna|op-ed)$"
    r"|^(opinion|opinio|editorial)\s*[|]"
)
# "…, por Ana Doe" signs a column; "…, por ahora" does not: names are told by their capitals.
_SIGNED_TITLE = re.compile(r"[,|]\s*(?:[Pp]or|POR|[Bb]y)(?:\s+(?:de|del|la|los)?\s*[^\W\d_a-z][\w.'’-]+){2,4}$")
_LIVE_TITLE = re.compile(
    r"^(en directo|en vivo|directo|ultima hora|minuto a minuto|live|live updates?|en directe|ultima hora)\b\s*[:|.,–—-]"
    r"|\blive ?(updates?|blog)\b|\bas it happened\b|\bminuto a minuto\b|\bultima hora,? en directo\b"
    r"|[|:,–—]\s*(en directo|en vivo|en directe|live|ultima hora)\b[^|]{0,30}$"
)
_SERVICE_TITLE = re.compile(
    r"\bhoroscop[eo]s?\b|\bhoroscop\b|\btarot\b.{0,30}\b(hoy|semana|today)\b"
    r"|\b(loteria|sorteo|numeros ganadores|winning numbers|powerball|mega millions|euromillones|euromillons|bonoloto"
    r"|la primitiva|cupon(?: diario)?(?: de la)? once|baloto|chance|triple (?:zulia|caracas|tachira)|lotto activo)\b"
    r".{0,60}\b(resultados?|comprobar|comprueba|results?|numbers?|numeros?|hoy|jueves|viernes|sabado|domingo|lunes|martes"
    r"|miercoles|drawing|ganadores?|winning)\b"
    r"|\b(resultados?|comprobar|comprueba|results?|winning numbers)\b.{0,60}\b(loteria|lottery|sorteo|powerball"
    r"|mega millions|euromillones|bonoloto|primitiva|lotto|once)\b"
    r"|^(el tiempo (?:en|hoy|para)|pronostico del tiempo|prevision del tiempo|weather forecast"
    r"|clima (?:hoy|en .{3,30} hoy)"
    r"|el temps (?:avui|dema|a ))"
    r"|\b(precio|cotizacion|valor|tasa|price) (?:oficial )?(?:del|de la|of the) (?:dolar|euro|oro|luz|dollar)\b.{0,60}"
    r"\b(hoy|today|este (?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)|a cuanto|bcv|\d{1,2} de [a-z]+)\b"
    r"|\b(dolar (?:bcv|paralelo|today|blue)|dolartoday)\b.{0,40}\b(hoy|este|precio|today|\d{1,2} de)\b"
    r"|\ba (?:cuanto|como) (?:esta|amanece|cotiza|abre|cierra) el (?:dolar|euro)\b"
    r"|^(receta|recipe|recepta)s?\s*[:|de]|\bcrossword\b|\bcrucigrama\b|\bsantoral\b|^efemerides\b"
    r"|\b(programacion de tv|tv guide|que ver (?:hoy|esta noche) en (?:la )?(?:tv|tele))\b"
)
_OTHER_TITLE = re.compile(r"^(fotos?|video|galeria|podcast|patrocinado|sponsored|newsletter|boletin|quiz)\s*[:|]")


def _segments(url: str) -> list[str]:
    """Return the folders of the path (its last part, the article's own name, left out) and the host's first label."""
    parts = urlsplit(url)
    path = [fold(unquote(s)) for s in parts.path.split("/") if s]
    host = (parts.hostname or "").split(".")
    label = [host[0]] if len(host) > 2 and host[0] != "www" else []  # opinion.example.com, blogs.example.org
    return label + path[:-1]


def _labels(section: str | None, categories: Sequence[str]) -> list[str]:
    return [re.sub(r"\s+", "-", fold(s).strip()) for s in (section or "", *categories) if s and s.strip()]


def genre_of(
    url: str,
    title: str,
    section: str | None = None,
    categories: Sequence[str] = (),
    source_media_type: str | None = None,
) -> Genre:
    """Return the genre of an article.

    ``section`` is what the page says of itself, ``categories`` what the feed says; either may hold several words.
    ``source_media_type`` is the outlet's (an agency publishes no opinion sections, so there only titles speak for it).
    """
    places = [*_segments(url), *_labels(section, categories)]
    words = fold(title).strip()

    def placed(pattern: re.Pattern[str]) -> bool:
        return any(pattern.fullmatch(p) for p in places)

    if placed(_SERVICE_SECTION) or _SERVICE_TITLE.search(words):
        return "service"
    if (
        _OPINION_TITLE.search(words)
        or _SIGNED_TITLE.search(title.strip())
        or (placed(_OPINION_SECTION) and source_media_type != "agency")
    ):
        return "opinion"
    if placed(_LIVE_SECTION) or _LIVE_TITLE.search(words):
        return "live"
    if placed(_OTHER_SECTION) or _OTHER_TITLE.search(words):
        return "other"
    return "news"
