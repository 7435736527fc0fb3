"""OPML goes out and comes back the same; what others write into it can do no harm and is answered with reasons."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.opml import MAX_BYTES, MAX_FEEDS, MAX_OUTLINES, MAX_REJECTIONS, Defaults, export_opml, import_opml
from pipeline.settings import load_settings
from pipeline.source_edit import add_sources
from pipeline.sources import Catalogue, load_sources
from storage.records import Feed, Source

DEFAULTS = Defaults(country="VE", languages=("es",))
EMPTY = Catalogue()


def opml(*outlines: str) -> bytes:
    return f'<opml version="2.0"><head><title>T</title></head><body>{"".join(outlines)}</body></opml>'.encode()


def feed(url: str, text: str = "Un medio", more: str = "") -> str:
    return f'<outline type="rss" text="{text}" xmlUrl="{url}" {more}/>'


def test_the_catalogue_goes_out_and_comes_back(tmp_path: Path) -> None:
    """Export, import and add give the same sources and feeds, with what OPML has a place for."""
    catalogue = load_sources(load_settings())
    report = import_opml(export_opml(catalogue).encode(), EMPTY, DEFAULTS)
    assert report.rejected == ()
    (tmp_path / "sources").mkdir()
    add_sources(tmp_path, report.sources)
    back = load_sources(load_settings(config_dir=tmp_path))

    def told(c: Catalogue) -> set[tuple[object, ...]]:
        return {
            (
                s.source_id,
                s.name,
                s.country,
                s.languages,
                s.homepage,
                s.media_type,
                s.ownership,
                s.timezone,
                s.alignment,
            )
            for s in c.sources
        }

    assert told(back) == told(catalogue)
    assert {(f.feed_url, f.source_id, f.scope) for f in back.feeds} == {
        (f.feed_url, f.source_id, f.scope) for f in catalogue.feeds
    }


@settings(max_examples=40)
@given(
    st.lists(st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=30), min_size=1, max_size=4)
)
def test_any_name_survives_the_way_out_and_back(names: list[str]) -> None:
    """Quotes, angle brackets, commas and slashes in names and addresses change nothing."""
    sources = tuple(
        Source(f"s-{i}", n, "VE", ("es",), f"https://h{i}.example/?a=1&b=2", "digital", "private", "America/Caracas")
        for i, n in enumerate(names)
    )
    feeds = tuple(Feed(f"https://h{i}.example/f?x=1&y='2'", f"s-{i}") for i in range(len(names)))
    report = import_opml(export_opml(Catalogue(sources, feeds)).encode(), EMPTY, DEFAULTS)
    assert [(s.id, s.name, s.homepage) for s in report.sources] == [(s.source_id, s.name, s.homepage) for s in sources]


def test_feeds_of_one_home_page_become_one_source() -> None:
    """One outlet is one source; without a home page the host stands in; ids are made from the host and stay free."""
    home = 'htmlUrl="https://www.elfaro.example/"'
    data = opml(
        feed("https://feeds.example/elfaro", "El Faro", home),
        feed("https://www.elfaro.example/sucesos", "El Faro: sucesos", home),
        feed("https://laluna.example/rss", "La Luna"),
    )
    report = import_opml(data, EMPTY, DEFAULTS)
    assert [(s.id, s.name, len(s.feeds), s.country) for s in report.sources] == [
        ("elfaro-example", "El Faro", 2, "VE"),
        ("laluna-example", "La Luna", 1, "VE"),
    ]
    held = Catalogue((Source("laluna-example", "x", "VE", ("es",), "x", "digital", "private", "UTC"),), ())
    assert import_opml(data, held, DEFAULTS).sources[1].id == "laluna-example-2"


def test_each_outline_that_is_not_taken_has_its_reason() -> None:
    """Known, repeated and unusable addresses are named one by one; the others are taken all the same."""
    held = Catalogue((), (Feed("https://elfaro.example/feed/", "el-faro"),))
    data = opml(
        feed("https://good.example/rss"),
        feed("http://www.good.example/rss/"),
        feed("http://elfaro.example/feed"),
        feed("file:///etc/passwd"),
        feed("javascript:alert(1)", "&lt;script&gt;"),
        '<outline type="include" text="more" url="https://evil.example/more.opml"/>',
    )
    report = import_opml(data, held, DEFAULTS)
    assert [s.feeds[0].url for s in report.sources] == ["https://good.example/rss"]
    assert [r.reason for r in report.rejected] == ["same_feed", "known", "bad_url", "bad_url", "bad_url"]
    assert report.rejected_count == 5
    assert "el-faro" in report.rejected[1].detail


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    """A file with a DOCTYPE or an entity is refused whole: no XXE, no billion laughs."""
    secret = tmp_path / "secret"
    secret.write_text("https://secret.example/", encoding="utf-8")
    xxe = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode() + opml(feed("&x;", "&x;"))
    laughs = b'<!DOCTYPE o [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + opml(feed("https://a.example/", "&b;"))
    for data in (xxe, laughs, xxe.replace(b"DOCTYPE", b"doctype"), xxe.decode().encode("utf-16")):
        report = import_opml(data, EMPTY, DEFAULTS)
        assert (report.sources, [r.reason for r in report.rejected]) == ((), ["unsafe_xml"])
        assert "secret" not in str(report.sources)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_opml"),
        (b"\0\0\0\0", "not_opml"),
        (b"<html><body>Sign in</body></html>", "not_opml"),
        (b'<?xml version="1.0" encoding="utf-7"?><opml/>', "not_opml"),
        (b" " * (MAX_BYTES + 1), "too_large"),
        (b"<opml><body>" + b'<outline text="a">' * 1000, "too_deep"),
        (b"<opml><body>" + feed("https://a.example/").encode() * (MAX_OUTLINES + 1), "too_many"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_whole(data: bytes, reason: str) -> None:
    """No text, no list, an odd encoding, too large, too deep, too many outlines: one reason, nothing taken."""
    report = import_opml(data, EMPTY, DEFAULTS)
    assert report.sources == ()
    assert [r.reason for r in report.rejected] == [reason]
    assert report.rejected_count == 1


def test_many_feeds_are_cut_and_the_rest_is_counted() -> None:
    """The first MAX_FEEDS are taken, the others counted, and the list of refusals stays short."""
    total = MAX_FEEDS + MAX_REJECTIONS + 500
    report = import_opml(opml(*(feed(f"https://h{i}.example/") for i in range(total))), EMPTY, DEFAULTS)
    assert len(report.sources) == MAX_FEEDS
    assert report.rejected_count == total - MAX_FEEDS
    assert len(report.rejected) == MAX_REJECTIONS
    assert report.rejected[0].reason == "too_many"


def test_broken_xml_as_people_send_it_is_still_read() -> None:
    """A bare ampersand and a missing end, or Latin-1 and UTF-16, cost nothing."""
    data = b'<opml><body><outline text="A & B" xmlUrl="https://a.example/?x=1&y=2"/><outline text="C"'
    assert import_opml(data, EMPTY, DEFAULTS).sources[0].feeds[0].url == "https://a.example/?x=1&y=2"
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>{opml(feed("https://a.example/", "Añó")).decode()}'
    assert import_opml(text.encode("latin-1"), EMPTY, DEFAULTS).sources[0].name == "Añó"
    assert import_opml(text.replace("ISO-8859-1", "utf-16").encode("utf-16"), EMPTY, DEFAULTS).sources[0].name == "Añó"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="<>/!?&;\"'=- opmlutinexUr:[]", max_size=200).map(str.encode))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever a file holds, the answer is a report."""
    for given_bytes in (data, b"<opml><body>" + data, b'<opml><outline text="' + data):
        report = import_opml(given_bytes, EMPTY, DEFAULTS)
        assert report.rejected_count >= len(report.rejected)
