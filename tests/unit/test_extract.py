"""Extraction: the text without furniture, title, dates and authors, and every hostile page in one recorded outcome."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import Extractor, clean_text, extract_page, judge
from pipeline.reasons import REASONS
from pipeline.settings import ExtractSettings
from pipeline.steps import Extraction, PageInput

URL = "https://www.faroejemplo.example/politica/2026/03/05/la-asamblea-aprueba-la-ley-de-puertos-123.html"
TITLE = "La asamblea aprueba la ley de puertos tras doce horas de debate"
PARAGRAPHS = (
    "La asamblea regional aprobó en la madrugada de este jueves la ley de puertos, una norma que reordena las tasas de "
    "amarre y obliga a publicar cada trimestre el tráfico de mercancías de los once muelles de la costa norte.",
    "El texto salió adelante con treinta y un votos a favor, veintidós en contra y cuatro abstenciones, después de una "
    "sesión en la que la oposición presentó más de cien enmiendas, de las que solo siete fueron aceptadas.",
    "La consejera de Infraestructuras, Amparo Lledó, defendió que la reforma acerca las cuentas de los puertos a los "
    "ciudadanos y recordó que el anterior reglamento llevaba veintiséis años sin revisarse a fondo.",
    "Las cofradías de pescadores, reunidas a las puertas del edificio, pidieron que las nuevas tasas no se apliquen "
    "hasta que termine la temporada de la sardina y anunciaron que llevarán la norma a los tribunales.",
)
FURNITURE = (
    "Lea también: El puerto viejo reabre sus lonjas",
    "Te puede interesar: Diez playas para el otoño",
    "Suscríbete a nuestro boletín y recibe cada mañana las noticias",
    "Únete a nuestro canal de WhatsApp",
    "Síguenos en Facebook, Instagram y X",
    "Foto: Archivo / Faro Ejemplo",
    "Compartir",
    "Attach Product",
    "Cancel",
    "You have a new feedback message",
    "3wks ago",
    "hace 2 horas",
    "Contenido relacionado",
    "Etiquetas: puertos, pesca, asamblea",
    "Todos los derechos reservados. Prohibida su reproducción total o parcial",
)


def page_html(
    body: str = "",
    head: str = "",
    title: str = TITLE,
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    h1: str | None = None,
) -> str:
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    top = h1 if h1 is not None else title
    return (
        f"<!doctype html><html lang='es'><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>"
        f"<header><nav><a href='/'>Portada</a> <a href='/politica/'>Política</a></nav></header>"
        f"<article><h1>{top}</h1><div class='cuerpo'>{text}{body}</div></article></body></html>"
    )


def page_input(html: str | bytes, **changes: object) -> PageInput:
    body = html if isinstance(html, bytes) else html.encode()
    values: dict[str, object] = {
        "key": URL, "url": URL, "body": body, "content_type": "text/html", "source_id": "faro-ejemplo",
        "timezone": "America/Caracas", "languages": ("es",), **changes,
    }  # fmt: skip
    return PageInput(**values)  # type: ignore[arg-type]


def extract(html: str | bytes, **changes: object) -> Extraction:
    return extract_page(page_input(html, **changes))


def json_ld(**fields: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


# --- text -----------------------------------------------------------------------------------------------------------


def test_the_text_is_the_paragraphs_one_a_line() -> None:
    """Paragraphs come in order, separated by one newline, without title or navigation."""
    found = extract(page_html())
    assert found.reason == "ok"
    assert found.text == "\n".join(PARAGRAPHS)
    assert found.title == TITLE
    assert found.lang == "es"
    assert found.lang_origin == "text"


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_between_and_after_paragraphs_does_not_survive(line: str) -> None:
    """Prompts, credits, related links, buttons and relative dates are no part of an article, wherever they stand."""
    mixed = (PARAGRAPHS[0], line, *PARAGRAPHS[1:])
    assert extract(page_html(paragraphs=mixed, body=f"<p>{line}</p><div>{line}</div>")).text == "\n".join(PARAGRAPHS)


def test_related_links_are_told_by_being_links_to_the_site_itself() -> None:
    """A line that is one link into the site goes; one that cites another site stays."""
    related = "<p><a href='/puertos/lonja-456.html'>El puerto viejo reabre sus lonjas después de nueve años</a></p>"
    cited = "<p><a href='https://boletin.example.org/ley'>El texto completo de la ley está en el boletín</a></p>"
    text = extract(page_html(body=related + cited)).text
    assert "lonjas" not in text
    assert text.endswith("El texto completo de la ley está en el boletín")


def test_boxes_beside_the_text_go_and_a_box_that_holds_the_article_stays() -> None:
    """``related`` around a teaser is a box; ``share-page`` around everything is not."""
    teaser = f"<div class='noticias-relacionadas'><p>{PARAGRAPHS[0].replace('puertos', 'playas')}</p></div>"
    assert "playas" not in extract(page_html(body=teaser)).text
    whole = page_html().replace("<article>", "<article class='share-page newsletter-layout'>")
    assert extract(whole).text == "\n".join(PARAGRAPHS)


def test_article_body_of_json_ld_decides_what_is_a_stranger() -> None:
    """Where the outlet gives the whole body, a paragraph that is not in it goes, though it looks like one of it."""
    stranger = "Esta sesión se abrió en otro equipo con la misma cuenta y no puede seguir abierta en los dos a la vez."
    html = page_html(head=json_ld(headline=TITLE, articleBody=" ".join(PARAGRAPHS)), body=f"<div>{stranger}</div>")
    assert extract(html).text == "\n".join(PARAGRAPHS)


def test_article_body_stands_in_where_the_page_shows_no_text() -> None:
    """A page filled in by script still says in JSON-LD what it is about."""
    html = (
        f"<html><head><title>{TITLE}</title>{json_ld(headline=TITLE, articleBody=chr(10).join(PARAGRAPHS))}</head>"
        "<body><div id='app'></div></body></html>"
    )
    assert extract(html).text == "\n".join(PARAGRAPHS)


def test_a_page_laid_out_in_tables_gives_paragraphs() -> None:
    """Old templates put the whole page into one row; its cells are no table of figures."""
    text = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    html = (
        f"<html><head><title>{TITLE}</title></head><body><table><tr><td><b>Lo más leído</b><br>Enlaces</td>"
        f"<td>Inicio &gt; Nacionales<h2>{TITLE}</h2>{text}</td></tr></table></body></html>"
    )
    assert extract(html).text == "\n".join(PARAGRAPHS)


def test_headings_between_short_paragraphs_stay() -> None:
    """They are part of the text, unlike a kicker above it."""
    parts = ("Costa norte", "La ley entra en vigor en otoño y alcanza a los once muelles de toda la costa norte.",
             "A quién alcanza", *PARAGRAPHS[:2], "Cómo se aplica", *PARAGRAPHS[2:])  # fmt: skip
    html = page_html(paragraphs=parts)
    for heading in ("A quién alcanza", "Cómo se aplica"):
        html = html.replace(f"<p>{heading}</p>", f"<h3>{heading}</h3>")
    assert extract(html).text == "\n".join(parts[1:])


def test_the_standfirst_is_put_before_the_text() -> None:
    """A subtitle that the page shows and its description repeats belongs to the article."""
    deck = "La norma obliga a publicar el tráfico de los once muelles y entra en vigor en otoño"
    html = page_html(head=f"<meta name='description' content='{deck}'>").replace("</h1>", f"</h1><h2>{deck}</h2>")
    assert extract(html).text == "\n".join((deck, *PARAGRAPHS))


def test_paragraphs_learnt_as_furniture_go_and_stay_learnt() -> None:
    """Hashes of this page are returned before the learnt ones are taken out, so the next page knows them too."""
    prompt = "El Faro Ejemplo cumple treinta años junto a los vecinos de la costa norte"
    html = page_html(body=f"<p>{prompt}</p>")
    first = extract(html)
    assert first.text.endswith(prompt)
    again = extract(html, furniture=frozenset({first.paragraph_hashes[-1]}))
    assert again.text == "\n".join(PARAGRAPHS)
    assert again.paragraph_hashes == first.paragraph_hashes


def test_a_page_of_nothing_but_boilerplate_is_empty() -> None:
    """Fault 53: the same consent text on every page is learnt, and then nothing is left of such a page."""
    html = page_html()
    hashes = frozenset(extract(html).paragraph_hashes)
    assert extract(html, furniture=hashes).reason == "extract_empty"


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "text/html; charset=iso-8859-1"),  # a server's mistake
        ("iso-8859-1", "text/html; charset=ISO-8859-1"),
        ("cp1252", "text/html; charset=latin1"),
        ("utf-16", "text/html"),
        ("iso-8859-1", "text/html; charset=no-such-thing"),
    ],
)
def test_characters_survive_whatever_they_are_encoded_in(encoding: str, content_type: str) -> None:
    """Valid UTF-8 is believed, then the byte order mark, the header and the page, in the browsers' manner."""
    html = page_html().replace("<meta charset='utf-8'>", "")
    assert extract(html.encode(encoding), content_type=content_type).text == "\n".join(PARAGRAPHS)


def test_a_charset_declared_in_the_page_alone_is_enough() -> None:
    """Windows quotation marks on a page that says it is Latin-1, as browsers read them."""
    html = page_html(paragraphs=("“Nunca más”, dijo. " + PARAGRAPHS[0], *PARAGRAPHS[1:]))
    html = html.replace("charset='utf-8'", "charset='iso-8859-1'")
    assert extract(html.encode("cp1252"), content_type="text/html").text.startswith("“Nunca más”, dijo.")


# --- title ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tail", [" | Faro Ejemplo", " - Política - Faro Ejemplo", " – Faro Ejemplo", " · Faro Ejemplo"]
)
def test_the_sites_signature_is_cut_off_the_title(tail: str) -> None:
    """With a heading to compare with, and without one by the site's name."""
    name = "<meta property='og:site_name' content='Faro Ejemplo'>"
    assert extract(page_html(title=TITLE + tail, h1=TITLE, head=name)).title == TITLE
    assert extract(page_html(title=TITLE + tail, h1="Faro Ejemplo", head=name)).title == TITLE


def test_a_title_with_a_dash_of_its_own_is_left_whole() -> None:
    """A separator alone is no signature."""
    title = "Puertos y pesca: la ley que divide a la costa - y a sus alcaldes"
    assert extract(page_html(title=title)).title == title


def test_relative_dates_and_entities_are_cleaned_from_titles() -> None:
    """Titles copied with their age or escaped twice read as they should."""
    assert extract(page_html(title=f"{TITLE} - 3wks ago")).title == TITLE
    head = json_ld(headline="La ley &amp;#8216;dif&#237;cil&amp;#8217; sale adelante por dos votos")
    assert extract(page_html(title="", head=head)).title == "La ley ‘difícil’ sale adelante por dos votos"


def test_the_feeds_title_repairs_the_pages() -> None:
    """The feed's title wins where the page only wraps it or has none; else the page's own stands."""
    wrapped = extract(page_html(title=f"{TITLE} en directo por la radio", h1=""), feed_title=TITLE)
    assert (wrapped.title, wrapped.title_origin) == (TITLE, "feed")
    bare = extract(page_html(title="", h1=""), feed_title=TITLE)
    assert (bare.title, bare.title_origin) == (TITLE, "feed")
    other = extract(page_html(), feed_title="Otra manera de contarlo en la portada")
    assert (other.title, other.title_origin) == (TITLE, "page")


# --- dates, authors, address ------------------------------------------------------------------------------------------


def test_the_feeds_date_comes_first() -> None:
    """Origin ``feed``, in UTC, whatever the page says."""
    when = datetime(2026, 3, 5, 11, 30, tzinfo=UTC)
    found = extract(page_html(head=json_ld(datePublished="2026-03-04T08:00:00Z")), feed_published_at=when)
    assert (found.published_at, found.published_at_origin) == (when, "feed")


def test_a_feed_date_at_midnight_is_made_exact_by_the_page() -> None:
    """A day from the feed and a time on that day from the page are one date."""
    midnight = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # 00:00 in Caracas
    found = extract(page_html(head=json_ld(datePublished="2026-03-05T08:15:00-04:00")), feed_published_at=midnight)
    assert found.published_at == datetime(2026, 3, 5, 12, 15, tzinfo=UTC)
    assert (found.published_at_origin, found.published_precision) == ("page", "second")
    alone = extract(page_html(), feed_published_at=midnight)
    assert (alone.published_at, alone.published_precision) == (midnight, "day")


@pytest.mark.parametrize(
    ("written", "utc", "precision"),
    [
        ("2026-03-05T08:15:30-04:00", datetime(2026, 3, 5, 12, 15, 30, tzinfo=UTC), "second"),
        ("2026-03-05T08:15-0400", datetime(2026, 3, 5, 12, 15, tzinfo=UTC), "minute"),
        ("2026-03-05 08:15:30", datetime(2026, 3, 5, 12, 15, 30, tzinfo=UTC), "second"),
        ("2026-03-05", datetime(2026, 3, 5, 4, 0, tzinfo=UTC), "day"),
    ],
)
def test_page_dates_without_an_offset_are_local_to_the_source(written: str, utc: datetime, precision: str) -> None:
    """JSON-LD dates become UTC with the precision they were written in."""
    found = extract(page_html(head=json_ld(headline=TITLE, datePublished=written)))
    assert (found.published_at, found.published_at_origin, found.published_precision) == (utc, "page", precision)


def test_a_spelled_out_date_is_read_and_one_in_a_paragraph_is_not() -> None:
    """ "5 de marzo de 2026" in a byline is the date; inside the news it is part of the news."""
    url = "https://www.faroejemplo.example/nota/ley-de-puertos"
    dated = page_html().replace("</h1>", "</h1><p>Por Nuria Sala, 5 de marzo de 2026</p>")
    found = extract(dated, url=url, timezone="UTC")
    assert (found.published_at, found.published_precision) == (datetime(2026, 3, 5, tzinfo=UTC), "day")
    inside = page_html(paragraphs=(f"{PARAGRAPHS[0]} La ley rige desde el 5 de marzo de 2026.", *PARAGRAPHS[1:]))
    assert extract(inside, url=url).published_at is None


def test_the_date_in_the_address_is_a_day_with_its_own_origin() -> None:
    """Without anything better, ``/2026/03/05/`` says the day."""
    found = extract(page_html())
    assert (found.published_at, found.published_at_origin) == (datetime(2026, 3, 5, 4, tzinfo=UTC), "url")
    assert found.published_precision == "day"


@pytest.mark.parametrize("bad", ["1767-01-01", "2026-13-05", "9999-01-01", "ayer", "0"])
def test_impossible_dates_are_no_dates(bad: str) -> None:
    """Epoch slips and month 13 fall through to the next place."""
    assert extract(page_html(head=json_ld(datePublished=bad))).published_at_origin == "url"


def test_authors_are_names_alone() -> None:
    """No "Por", no addresses, no handles, no doubles; organisations only without people."""
    author = [{"@type": "Person", "name": "Por Nuria Sala"}, {"@type": "Person", "name": "Tomás Rey @tomasrey"},
              {"@type": "Person", "name": "nuria sala"}, {"@type": "Person", "name": "https://faroejemplo.example/autor/x"},
              {"@type": "Organization", "name": "Faro Ejemplo"}]  # fmt: skip
    assert extract(page_html(head=json_ld(headline=TITLE, author=author))).authors == ("Nuria Sala", "Tomás Rey")
    assert extract(page_html(head="<meta name='author' content='Nuria Sala y Tomás Rey'>")).authors == (
        "Nuria Sala",
        "Tomás Rey",
    )


def test_json_ld_graphs_are_followed_and_broken_blocks_passed_over() -> None:
    """An author given by ``@id`` is found in the graph; a block that is no JSON costs nothing."""
    graph = {"@context": "https://schema.org", "@graph": [
        {"@type": "NewsArticle", "headline": TITLE, "author": {"@id": "#nuria"}, "articleSection": ["Política"],
         "dateModified": "2026-03-06T10:00:00Z"},
        {"@type": "Person", "@id": "#nuria", "name": "Nuria Sala"}]}  # fmt: skip
    head = "<script type='application/ld+json'>{broken</script>"
    found = extract(page_html(head=f"{head}<script type='application/ld+json'>{json.dumps(graph)}</script>"))
    assert found.authors == ("Nuria Sala",)
    assert found.section == "Política"
    assert found.modified_at == datetime(2026, 3, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        (URL, True),
        ("/politica/2026/03/05/la-asamblea-aprueba-la-ley-de-puertos-123.html", True),
        ("https://amp.faroejemplo.example/la-ley-de-puertos-123.html", True),
        ("https://www.faroejemplo.example/", False),
        ("https://www.faroejemplo.example/politica/", False),
        ("https://www.faroejemplo.example/politica/2026/", False),
        ("https://otro.example/la-ley-de-puertos-123.html", False),
        ("javascript:alert(1)", False),
        ("http://[bad", False),
    ],
)
def test_a_declared_address_is_believed_only_where_it_can_be(href: str, kept: bool) -> None:
    """Same site, and neither the home page nor a section."""
    found = extract(page_html(head=f"<link rel='canonical' href='{href}'>")).canonical_url
    assert (found is not None) == kept


def test_the_language_is_the_texts_not_the_templates() -> None:
    """A template that says ``en`` does not make a Spanish text English."""
    found = extract(page_html().replace("lang='es'", "lang='en'"), languages=("en",))
    assert (found.lang, found.lang_origin) == ("es", "text")


# --- hostile pages ----------------------------------------------------------------------------------------------------


def test_nul_bidi_and_surrogates_are_cleaned() -> None:
    """Fault 54: what cannot be seen does not get in, and a NUL does not end the page."""
    dirty = (
        page_html()
        .replace("asamblea regional", "asam\u202eblea\u200b regional\x00")
        .replace("de este", "de&#xD800; este")
    )
    found = extract(dirty)
    assert found.text.split("\n")[0].startswith("La asamblea regional aprobó")
    assert found.text.split("\n")[-1] == PARAGRAPHS[-1]
    assert not any(ord(c) < 32 and c != "\n" for c in found.text)
    found.text.encode("utf-8")


def test_surrogates_in_json_ld_reach_no_field() -> None:
    """Escaped halves of characters in JSON-LD cannot be stored; they are taken out everywhere."""
    head = json_ld(headline=f"{TITLE} \ud83d", author="Nuria\udc00 Sala", articleSection="Pol\ud800ítica")
    found = extract(page_html(title="", h1="", head=f"{head}<link rel='canonical' href='/ley-\u202e123.html'>"))
    for text in (found.title, *found.authors, found.section or "", found.canonical_url or ""):
        text.encode("utf-8")
    assert (found.title, found.authors, found.section) == (TITLE, ("Nuria Sala",), "Política")
    assert found.canonical_url == "https://www.faroejemplo.example/ley-123.html"


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_cleaned_text_can_be_stored_and_is_stable(text: str) -> None:
    """Any text becomes valid UTF-8 without controls or empty lines, and cleaning twice changes nothing."""
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned
    assert all(line.strip() for line in cleaned.split("\n")) or not cleaned
    assert not set(cleaned) & set("\x00\u202e\u2066\ufeff\u200b")


@given(st.binary(max_size=400) | st.text("<>/apdiv\"'=& \n&#;", max_size=400).map(str.encode))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_an_extraction(body: bytes) -> None:
    """No input raises; what is not a page is ``extract_empty`` or a short text."""
    found = extract(body)
    assert found.reason in {"ok", "extract_empty"}
    assert bool(found.text) == (found.reason == "ok")


@pytest.mark.parametrize("depth", [300, 20_000])
def test_deep_nesting_is_an_outcome_not_a_crash(depth: int) -> None:
    """Fault 48: a page nested deeper than the parser goes ends in ``ok`` or ``extract_empty``."""
    html = page_html().replace("<article>", "<div>" * depth).replace("</article>", "</div>" * depth)
    assert extract(html).reason in {"ok", "extract_empty"}


def test_short_texts_are_thin() -> None:
    """Fault 43: a wall leaves few words; the feed's own are better."""
    found = extract(page_html(paragraphs=("Este contenido no está disponible en tu región ahora mismo, lo sentimos.",)))
    thin = judge(found, 40)
    assert (thin.reason, thin.text) == ("thin", "")
    assert judge(extract(page_html()), 40).reason == "ok"
    assert judge(Extraction("k", "extract_empty"), 40).reason == "extract_empty"


FAST = ExtractSettings(workers=2, timeout_s=6.0, max_memory_mb=1024, min_words=40)


def test_a_page_that_kills_its_worker_costs_itself_only() -> None:
    """Faults 50 to 52: abort, hang and memory each give their reason, and the pages around them their text."""
    fates = ["a", "abort", "b", "hang", "c", "memory", "d"]
    pages = [page_input(page_html(), key=f"https://faroejemplo.example/{fate}") for fate in fates]
    with Extractor(FAST, "tests.unit.extract_targets:fated") as extractor:
        found = list(extractor.run(pages))
    assert [e.key for e in found] == [p.key for p in pages]
    assert [e.reason for e in found] == ["ok", "worker_crash", "ok", "extract_timeout", "ok", "worker_oom", "ok"]
    assert all(e.reason in REASONS for e in found)
    assert all(e.text == "\n".join(PARAGRAPHS) for e in found if e.reason == "ok")
    assert all(e.text == "" and e.detail for e in found if e.reason != "ok")


def test_pages_too_heavy_to_read_meet_the_deadline() -> None:
    """Faults 49 and 50: 100,000 paragraphs are cut off, 10 MB of one text node is empty; a good page is served."""
    many = "<html><body>" + "".join(f"<p>uno dos tres cuatro cinco {n}</p>" for n in range(100_000)) + "</body></html>"
    blob = "<html><body><p>" + "palabra " * 1_400_000 + "</p></body></html>"
    with Extractor(FAST) as extractor:
        slow, heavy, good = extractor.run([page_input(many), page_input(blob), page_input(page_html())])
    assert slow.reason == "extract_timeout"
    assert heavy.reason in {"extract_empty", "extract_timeout", "worker_oom"}
    assert good.reason == "ok"


@pytest.mark.corpora
def test_the_seed_articles_furniture_does_not_survive(corpora: Path) -> None:
    """The text the project began with, as it was copied, keeps its paragraphs and loses its furniture."""
    lines = [x.strip() for x in (corpora / "seed-article" / "article.txt").read_text("utf-8").splitlines() if x.strip()]
    head, *body = lines
    html = f"<html lang='en'><head><title>{head}</title></head><body><h1>{head}</h1><article>" + "".join(
        f"<p>{line}</p>" for line in body
    )
    found = extract(html + "</article></body></html>", url="https://daily.example/venezuela-releases")
    assert found.title == head.rpartition(" - ")[0]
    assert found.text == "\n".join(body[:-3])
    assert found.lang == "en"
