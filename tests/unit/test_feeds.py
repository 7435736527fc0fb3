"""Feeds as servers really send them: what is kept, what is refused, and what a hostile one may cost."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.feeds import FeedInput, FeedParser, parse_feed
from pipeline.reasons import REASONS
from pipeline.steps import FeedItem, ParsedFeed
from storage.ids import entry_id

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
FEED_URL = "https://diario.example/feed/"
ITEM = (
    "<item><title>Uno</title><link>https://diario.example/1</link><guid>g1</guid>"
    "<description>Resumen</description><pubDate>Thu, 08 Jan 2026 10:00:00 -0400</pubDate></item>"
)


def rss(items: str, head: str = '<?xml version="1.0"?>') -> str:
    return (
        f'{head}<rss version="2.0"><channel><title>El Diario</title><link>https://diario.example/</link>'
        f"<language>es-VE</language>{items}</channel></rss>"
    )


def parse(body: bytes | str, content_type: str = "", max_entries: int = 500, feed_url: str = FEED_URL) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse_feed(
        raw,
        feed_url=feed_url,
        content_type=content_type,
        timezone="America/Caracas",
        fetched_at=NOW,
        max_entries=max_entries,
    )


def only(feed: ParsedFeed) -> FeedItem:
    assert len(feed.items) == 1, feed
    return feed.items[0]


def test_rss_item_in_full() -> None:
    """Every field of an ordinary item arrives clean, with the id made from feed and canonical URL."""
    item = only(
        parse(
            rss(
                "<item><title>Título &amp;aacute;gil</title><link>http://www.diario.example/1/?utm_source=rss</link>"
                "<guid isPermaLink='false'>77</guid><dc:creator>Por Ana Pérez y Luis Gil</dc:creator>"
                "<category>Política</category><category>Política</category><category>Economía</category>"
                "<description>&lt;p&gt;Resumen.&lt;/p&gt; La entrada X se publicó primero en Y.</description>"
                "<content:encoded><![CDATA[<p>Uno.</p><p>Dos.</p>]]></content:encoded>"
                "<pubDate>Thu, 08 Jan 2026 10:00:00 VET</pubDate></item>"
            )
        )
    )
    assert item == dataclasses.replace(
        item,
        entry_id=entry_id(FEED_URL, "https://diario.example/1"),
        guid="77",
        url="http://www.diario.example/1/?utm_source=rss",
        canonical_url="https://diario.example/1",
        title="Título ágil",
        summary="Resumen.",
        content="Uno.\nDos.",
        authors=("Ana Pérez", "Luis Gil"),
        categories=("Política", "Economía"),
        lang="es",
        published_at=datetime(2026, 1, 8, 14, 0, tzinfo=UTC),
        published_at_origin="feed",
        published_precision="second",
        updated_at=None,
        problem=None,
        notes=(),
    )


def test_atom_entry() -> None:
    """Atom's page link, dates, language and bases are understood."""
    feed = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ca" xml:base="https://diari.example/b/"><title>Diari</title>'
        '<entry><title type="html">A &lt;b&gt;B&lt;/b&gt;</title><id>urn:1</id>'
        '<link rel="enclosure" href="https://diari.example/x.mp3"/><link rel="alternate" href="n/1"/>'
        "<published>2026-01-08T10:00:00Z</published><updated>2026-01-08T11:00:00Z</updated>"
        "<author><name>Núria Font</name></author><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
        "<p>Text</p></div></content></entry></feed>"
    )
    item = only(feed)
    assert (feed.reason, feed.version, feed.title, feed.lang) == ("ok", "atom10", "Diari", "ca")
    assert (item.url, item.title, item.content, item.lang) == ("https://diari.example/b/n/1", "A B", "Text", "ca")
    assert item.published_at == datetime(2026, 1, 8, 10, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 1, 8, 11, tzinfo=UTC)
    assert item.authors == ("Núria Font",)


def test_json_feed() -> None:
    """JSON Feed 1.1 gives the same kind of items."""
    feed = parse(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "D", "language": "es", "items": ['
        '{"id": "1", "url": "/1", "title": "5 < 6", "content_text": "Uno & dos\\nTres", "tags": ["a"],'
        '"authors": [{"name": "Ana Pérez"}], "date_published": "2026-01-08T10:00:00-04:00"}, {"id": 7}, null]}'
    )
    first, second = feed.items
    assert (feed.reason, feed.version, feed.lang) == ("ok", "json1.1", "es")
    assert (first.url, first.title, first.content) == ("https://diario.example/1", "5 < 6", "Uno & dos\nTres")
    assert (first.authors, first.categories) == (("Ana Pérez",), ("a",))
    assert first.published_at == datetime(2026, 1, 8, 14, tzinfo=UTC)
    assert (second.guid, second.problem) == ("7", "bad_url")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00\x00", "empty"),
        (b"<!DOCTYPE html><html><head><title>x</title></head><body>y</body></html>", "not_feed"),
        (b"<html><script>var feed = '<rss version=2>';</script></html>", "not_feed"),
        (b"Service temporarily unavailable", "not_feed"),
        (b"<?xml version='1.0'?><NewsML version='2.0'><NewsItem><x/></NewsItem></NewsML>", "not_feed"),
        (b"<opml version='2.0'><body/></opml>", "not_feed"),
        (b'{"error": "not found"}', "not_feed"),
        (b'{"items": [', "not_feed"),
        (b'{"a":' * 100_000, "not_feed"),
        (b"\x1f\x8b\x08\x00\x00\x00", "not_feed"),
        (b"%PDF-1.7 \xff\xfe", "not_feed"),
    ],
)
def test_what_is_no_feed_says_so(body: bytes, reason: str) -> None:
    """Empty answers, pages, challenges and other formats have a reason of their own and no items."""
    feed = parse(body, "text/html")
    assert (feed.reason, feed.items) == (reason, ())
    assert feed.detail


@pytest.mark.parametrize(
    "body",
    [
        rss(ITEM, '<!DOCTYPE rss PUBLIC "-//X\\Y//DTD RSS" "x.dtd">'),
        rss(ITEM, '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "\\b">]>'),
        rss(ITEM.replace("Uno", "U&#1114112;n&#xD800;o&#7;")),
        rss(ITEM.replace("Uno", "U\x07n\x00o")),
        rss(ITEM, "<br />\n<b>Warning</b>: Undefined index in /srv/x.php<br />\n<?xml version='1.0'?>"),
        rss(ITEM, "\n\n \ufeff<?xml version='1.0'?>"),
        rss(ITEM) + "<script src='x.js'></script>",
        rss(ITEM.replace("<guid>", "<dc:creator>Ana</dc:creator><otro:x y:z='1'/><guid>")),
        rss(ITEM, '<?xml version="1.0" encoding="utf-8"?><?xml-stylesheet href="x.xsl"?><!-- <rss> -->'),
        rss(ITEM, '<?xml version="1.0" encoding="klingon"?>'),
    ],
)
def test_broken_feeds_that_can_be_mended_are_whole(body: str) -> None:
    """Doctypes, impossible references, control characters, junk around and undeclared prefixes cost nothing."""
    feed = parse(body)
    item = only(feed)
    assert feed.reason == "ok"
    assert (item.title, item.url, item.summary) == ("Uno", "https://diario.example/1", "Resumen")
    assert item.published_at == datetime(2026, 1, 8, 14, tzinfo=UTC)


def test_undefined_entities_and_stray_marks() -> None:
    """HTML's entities, bare ampersands and brackets read as the author meant them, in links too."""
    item = only(
        parse(
            rss(
                "<item><title>El d&oacute;lar&nbsp;sube: AT&T <3 %</title><link>https://diario.example/?a=1&b=2</link>"
                "<description><![CDATA[Uno & dos]]></description></item>"
            )
        )
    )
    assert (item.title, item.summary) == ("El dólar sube: AT&T <3 %", "Uno & dos")
    assert item.url == "https://diario.example/?a=1&b=2"


def test_loose_html_in_descriptions() -> None:
    """HTML that should have been escaped, unclosed tags and all, is read as HTML."""
    feed = parse(rss(ITEM.replace("Resumen", "<p>Uno<br>dos <b>y</i> tres & más</p><![CDATA[ <b>fin</b>]]>")))
    assert only(feed).summary == "Uno dos y tres & más fin"
    assert feed.reason == "ok"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss(ITEM.replace("Uno", "Año “x” €")).encode("cp1252"), ""),
        (rss(ITEM.replace("Uno", "Año “x” €"), '<?xml version="1.0" encoding="utf-8"?>').encode("cp1252"), ""),
        (rss(ITEM.replace("Uno", "Año “x” €"), '<?xml version="1.0" encoding="ISO-8859-1"?>').encode("cp1252"), ""),
        (rss(ITEM.replace("Uno", "Año “x” €"), '<?xml version="1.0" encoding="ISO-8859-1"?>').encode(), ""),
        (rss(ITEM.replace("Uno", "Año “x” €")).encode(), "text/xml; charset=iso-8859-1"),
        (rss(ITEM.replace("Uno", "Año “x” €")).encode("utf-16"), "text/xml; charset=utf-8"),
        (rss(ITEM.replace("Uno", "Año “x” €")).encode("utf-16-le"), ""),
        (rss(ITEM.replace("Uno", "Año “x” €")).encode("utf-16-be"), ""),
        (rss(ITEM.replace("Uno", "Año “x” €")).encode("utf-32"), ""),
        (rss(ITEM.replace("Uno", "Año “x” €")).encode("utf-8-sig"), ""),
        (rss(ITEM.replace("Uno", "AÃ±o â€œxâ€\x9d â‚¬")).encode(), ""),
        (rss(ITEM.replace("Uno", "Año “x” €").replace("Resumen", "áéíóú")).encode().replace("€".encode(), b"\x80"), ""),
    ],
)
def test_encodings(body: bytes, content_type: str) -> None:
    """The bytes decide, not what header and declaration claim; single wrong bytes do not spoil the rest."""
    assert only(parse(body, content_type)).title == "Año “x” €"


def test_declared_eastern_encoding_is_used() -> None:
    """A declared encoding that fits the bytes is used where they are not UTF-8."""
    body = rss(ITEM.replace("Uno", "Привет мир"), '<?xml version="1.0" encoding="koi8-r"?>').encode("koi8-r")
    assert only(parse(body)).title == "Привет мир"


def test_external_entities_and_bombs_are_never_expanded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No file is read and no entity grows: the doctype goes before any parser sees it."""
    secret = tmp_path_factory.mktemp("xxe") / "secret.txt"
    secret.write_text("SECRETO")
    external = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    levels = "".join(f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">{levels}]>'
    assert "SECRETO" not in repr(parse(rss(ITEM.replace("Uno", "U&x;o"), external)))
    assert len(only(parse(rss(ITEM.replace("Uno", "&j;"), bomb))).title) < 10


def test_truncated_feed_keeps_whole_items() -> None:
    """A feed that breaks off is ``partial``: whole items stay, the last only where title and link were whole."""
    second = ITEM.replace("/1", "/2").replace("g1", "g2").replace("Uno", "Dos")
    body = rss(ITEM + second)
    in_description = parse(body[: body.rindex("Resumen") + 3])
    in_title = parse(body[: body.rindex("Dos") + 2])
    in_cdata = parse(rss(ITEM + second.replace("Resumen", "<![CDATA[Resu"))[:-20])
    assert [(i.title, i.url) for i in in_description.items] == [
        ("Uno", "https://diario.example/1"),
        ("Dos", "https://diario.example/2"),
    ]
    assert [i.title for i in in_title.items] == ["Uno"]
    assert [i.title for i in in_cdata.items] == ["Uno", "Dos"]
    assert {f.reason for f in (in_description, in_title, in_cdata)} == {"partial"}
    assert in_description.items[0] == parse(body).items[0]


@given(st.integers(0, 900))
@settings(max_examples=60)
def test_any_cut_gives_a_prefix_of_the_items(cut: int) -> None:
    """Cut anywhere: never a crash, no item that the whole feed does not have, order kept."""
    items = "".join(ITEM.replace("/1", f"/{k}").replace("g1", f"g{k}") for k in range(3))
    whole = rss(items)
    feed = parse(whole[:cut])
    assert feed.reason in {"ok", "partial", "empty", "not_feed"}
    urls = [i.url for i in feed.items]
    assert urls == [f"https://diario.example/{k}" for k in range(3)][: len(urls)]


@given(st.binary(max_size=200))
@settings(max_examples=150)
def test_flipped_bytes_never_raise(noise: bytes) -> None:
    """Random bytes in the middle of a feed give a feed with a documented reason."""
    body = rss(ITEM).encode()
    feed = parse(body[:150] + noise + body[150:])
    assert feed.reason in REASONS
    assert all(i.problem is None or i.problem in REASONS for i in feed.items)


def test_cap_counts_what_it_tosses_and_is_quick_about_it() -> None:
    """Of 50,000 items the first ones are kept and the others counted, well-formed or not."""
    items = [f"<item><title>N{k}</title><link>https://diario.example/{k}</link></item>" for k in range(50_000)]
    for feed in (parse(rss("".join(items))), parse(rss("".join(items).replace("N7<", "N&7<br><")))):
        assert len(feed.items) == 500
        assert feed.tossed == 49_500
        assert feed.items[-1].url == "https://diario.example/499"


@pytest.mark.parametrize(
    ("fields", "url", "problem", "notes"),
    [
        ("<link>javascript:alert(1)</link>", None, "bad_url", ()),
        ("<link>data:text/html,x</link>", None, "bad_url", ()),
        (f"<link>https://diario.example/{'a' * 10_000}</link>", None, "bad_url", ()),
        ("<link>javascript:alert(1)</link><guid>https://diario.example/5</guid>", "https://diario.example/5", None,
         ("bad_url",)),
        ("", None, "no_key", ()),
        ("<link> </link>", None, "no_key", ()),
        ("<guid isPermaLink='false'>abc</guid>", None, "bad_url", ()),
        ("<guid>12345</guid>", None, "bad_url", ()),
        ("<guid isPermaLink='false'>https://diario.example/?p=5</guid>", "https://diario.example/?p=5", None, ()),
        ("<guid>https://diario.example/5</guid>", "https://diario.example/5", None, ()),
        ("<link>/noticias/5</link>", "https://diario.example/noticias/5", None, ()),
        ("<link>\n   https://diario.example/5\n  </link>", "https://diario.example/5", None, ()),
        ("<link><![CDATA[https://diario.example/?a=1&b=2]]></link>", "https://diario.example/?a=1&b=2", None, ()),
    ],
)  # fmt: skip
def test_links(fields: str, url: str | None, problem: str | None, notes: tuple[str, ...]) -> None:
    """A link that may be fetched, else a guid that is one, else the reason why the item cannot go on."""
    item = only(parse(rss(f"<item><title>T</title>{fields}</item>")))
    assert (item.url, item.problem, item.notes) == (url, problem, notes)
    assert (item.canonical_url is None) == (problem is not None)
    assert item.entry_id.startswith("e")


def test_relative_links_of_a_feed_service_are_the_sites() -> None:
    """Where another host serves the feed, relative links are resolved against the site it names."""
    item = only(parse(rss("<item><link>/n/5</link></item>"), feed_url="https://feeds.servicio.example/diario"))
    assert item.url == "https://diario.example/n/5"


@pytest.mark.parametrize(
    "raw",
    ["2026-13-08T10:00:00Z", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "0", "ayer",
     "Sun, 11 Jan 2026 12:00:00 GMT"],
)  # fmt: skip
def test_bad_dates_leave_the_item(raw: str) -> None:
    """A date that makes no sense is noted, and the caller's time of seeing stands in."""
    item = only(parse(rss(f"<item><link>https://diario.example/1</link><pubDate>{raw}</pubDate></item>")))
    assert (item.published_at, item.published_at_origin, item.notes) == (None, "seen", ("bad_date",))
    assert item.problem is None


@pytest.mark.parametrize(
    "raw",
    ["jue, 08 ene 2026 10:00:00 -0400", "Thu, 08 Jan 2026 10:00:00", "Thu, 08 Jan 2026 10:00:00 VET", "1767880800"],
)
def test_dates_in_the_sources_words(raw: str) -> None:
    """Spanish, naive, Venezuelan and epoch dates are read by the feed's own zone."""
    item = only(parse(rss(f"<item><link>https://diario.example/1</link><pubDate>{raw}</pubDate></item>")))
    assert item.published_at == datetime(2026, 1, 8, 14, tzinfo=UTC)


def test_one_good_date_is_enough() -> None:
    """Where one of two dates is nonsense the other counts, and nothing is noted."""
    item = only(
        parse(
            rss("<item><link>https://diario.example/1</link><pubDate>ayer</pubDate>"
                "<dc:date>2026-01-08T10:00:00-04:00</dc:date></item>")
        )
    )  # fmt: skip
    assert (item.published_at, item.notes) == (datetime(2026, 1, 8, 14, tzinfo=UTC), ())


def test_markup_in_titles_is_text() -> None:
    """A handler in a title is gone, and so are characters that reorder what a reader sees."""
    title = "&lt;img src=x onerror=alert(1)&gt;Uno&#x202E; dos&lt;script&gt;x()&lt;/script&gt;"
    assert only(parse(rss(ITEM.replace("Uno", title)))).title == "Uno dos"


def test_caption_is_no_summary_unless_there_is_no_other() -> None:
    """A picture's caption does not pass for the article, yet stands in for a missing description."""
    words = "<media:description type='html'>Foto &amp;lt;i&amp;gt;</media:description>"
    caption = f"<media:content url='x.jpg'>{words}</media:content>"
    both, alone = ITEM.replace("<guid>", caption + "<guid>"), ITEM.replace("Resumen", "&lt;a&gt;Leer&lt;/a&gt;")
    assert only(parse(rss(both))).content == ""
    assert only(parse(rss(both))).summary == "Resumen"
    assert only(parse(rss(alone.replace("<guid>", caption + "<guid>")))).summary == "Foto"


def test_long_description_is_content() -> None:
    """A description as long as an article is its content, and the summary its lead."""
    long = "Una frase que dice algo. " * 80
    item = only(parse(rss(ITEM.replace("Resumen", long))))
    assert item.content == long.strip()
    assert len(item.summary) <= 500
    assert item.content.startswith(item.summary)


def test_repeated_items_are_counted_and_the_first_stays() -> None:
    """Two items with one canonical URL have one id: the first is kept, deterministically."""
    again = ITEM.replace("Uno", "Uno bis").replace("/1<", "/1?utm_source=x<").replace("g1", "g9")
    feed = parse(rss(ITEM + again))
    assert [i.title for i in feed.items] == ["Uno"]
    assert feed.repeated == 1


def test_hash_changes_with_the_words_and_not_with_the_date() -> None:
    """The content hash tells a revision: words and date of change count, the publication date's noise does not."""
    first = only(parse(rss(ITEM)))
    assert only(parse(rss(ITEM.replace("10:00:00", "10:00:09")))).content_sha256 == first.content_sha256
    assert only(parse(rss(ITEM.replace("Resumen", "Resumen nuevo")))).content_sha256 != first.content_sha256
    updated = ITEM.replace("<guid>", "<atom:updated>2026-01-09T10:00:00Z</atom:updated><guid>")
    assert only(parse(rss(updated))).content_sha256 != first.content_sha256
    assert only(parse(rss(updated))).entry_id == first.entry_id


def _input(body: str, timezone: str = "UTC") -> FeedInput:
    return FeedInput(body.encode(), FEED_URL, "", timezone, NOW)


def test_workers_cost_one_feed_at_most() -> None:
    """A feed that takes too long, needs too much memory or meets an error is recorded; its neighbours are whole."""
    slow = rss(ITEM + "<a>" * 400_000)
    with FeedParser(timeout_s=1.5, max_memory_mb=512, workers=2) as parser:
        results = list(
            parser.parse_many([_input(rss(ITEM)), _input(slow), _input(rss(ITEM), "No/Zone"), _input(rss(ITEM))])
        )
        assert parser.parse(_input(rss(ITEM))).reason == "ok"
    feeds = [feed for _, feed in results]
    assert [f.reason for f in feeds] == ["ok", "parse_timeout", "parse_crash", "ok"]
    assert feeds[0] == feeds[3] == parse_feed(
        rss(ITEM).encode(), feed_url=FEED_URL, content_type="", timezone="UTC", fetched_at=NOW, max_entries=500
    )  # fmt: skip
    assert "No/Zone" in (feeds[2].detail or "")


def test_memory_limit_is_recorded() -> None:
    """A feed that needs more than the worker may use ends as ``worker_oom``."""
    big = rss(ITEM.replace("Resumen", "palabra " * 1_250_000))
    with FeedParser(timeout_s=30, max_memory_mb=90, workers=1) as parser:
        assert parser.parse(_input(big)).reason == "worker_oom"
        assert parser.parse(_input(rss(ITEM))).reason == "ok"
