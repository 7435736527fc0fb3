"""Web addresses: what may be fetched, and what is the same page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.urls import MAX_URL_CHARS, canonical_url, check_url

BASE = "https://diario.example/feed/"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " data:text/html,<b>x</b>",
        "file:///etc/passwd",
        "ftp://diario.example/x",
        "mailto:redaccion@diario.example",
        "http://",
        "https:///ruta",
        "http://usuario:clave@diario.example/",
        "https://diario.example\\@otro.example/",
        "http://diario.example:0/",
        "http://diario.example:99999/",
        "http://[::1/",
        "http://dos palabras.example/",
        "http://-mal.example/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://256.1.1.1/",
        "https://diario.example/" + "a" * MAX_URL_CHARS,
        "   ",
    ],
)
def test_refuses_what_may_not_be_fetched(url: str) -> None:
    """Other schemes, no or odd hosts, credentials and endless addresses are refused, also against a base."""
    assert check_url(url) is None
    if url.strip() and not url.startswith("http"):
        assert check_url(url, BASE) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://diario.example/a", "https://diario.example/a"),
        ("HTTPS://Diario.Example", "https://diario.example/"),
        ("  https://diario.example/a\n  b ", "https://diario.example/a%20%20b"),
        ("/noticias/1", "https://diario.example/noticias/1"),
        ("1.html?x=1", "https://diario.example/feed/1.html?x=1"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("www.otro.example/nota", "https://www.otro.example/nota"),
        ("https://diario.example/canción?q=año#resto", "https://diario.example/canci%C3%B3n?q=a%C3%B1o"),
        ("https://diario.example/100%/a%20b", "https://diario.example/100%25/a%20b"),
        ("https://ñandú.example/", "https://xn--and-6ma2c.example/"),
        ("http://127.0.0.1:8081/feed", "http://127.0.0.1:8081/feed"),
        ("http://[::1]:8081/feed", "http://[::1]:8081/feed"),
        ("http://localhost:8081/feed", "http://localhost:8081/feed"),
    ],
)
def test_gives_the_absolute_address(url: str, expected: str) -> None:
    """Addresses are made absolute, trimmed and encoded; whether the host may be reached is the fetcher's matter."""
    assert check_url(url, BASE) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://diario.example/nota", "https://diario.example/nota"),
        ("https://diario.example/nota", "https://DIARIO.example:443/nota/"),
        ("https://diario.example/nota", "https://www.diario.example/nota"),
        ("https://diario.example/nota", "https://m.diario.example/nota#comentarios"),
        ("https://diario.example/nota", "https://diario.example/nota?utm_source=rss&utm_medium=feed&fbclid=1"),
        ("https://diario.example/nota", "https://diario.example/nota?at_medium=RSS&ns_mchannel=rss&xtor=RSS-1"),
        ("https://diario.example/nota", "https://diario.example/nota?ref=portada&gclid=2&source=rss"),
        ("https://diario.example/nota", "https://diario.example/nota/amp/"),
        ("https://diario.example/nota", "https://diario.example/amp/nota"),
        ("https://diario.example/nota", "https://diario.example/nota?outputType=amp"),
        ("https://diario.example/nota.html", "https://diario.example/nota.amp.html"),
        ("https://diario.example/nota", "https://diario-example.cdn.ampproject.org/c/s/diario.example/nota/amp/"),
        ("https://diario.example/nota", "https://www.google.com/amp/s/www.diario.example/nota"),
        ("https://diario.example/?b=2&a=1", "https://diario.example?a=1&b=2"),
        ("https://diario.example/a%2fb?q=x%20y", "https://diario.example/a%2Fb?q=x+y"),
        ("https://diario.example/canción", "https://diario.example/cancio%CC%81n"),
        ("https://diario.example/a/./b/../c//d", "https://diario.example/a/c/d"),
        ("https://diario.example/n;jsessionid=AB12", "https://diario.example/n"),
    ],
)
def test_same_page_has_one_canonical_url(one: str, other: str) -> None:
    """Scheme, www, mobile and AMP forms, tracking, order, encoding and slashes make no other page."""
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://diario.example/?p=12", "https://diario.example/?p=13"),
        ("https://diario.example/n?id=1", "https://diario.example/n?id=2"),
        ("https://diario.example/n?page=2", "https://diario.example/n"),
        ("https://diario.example/n?source=interview-7", "https://diario.example/n"),
        ("https://diario.example/a%2Fb", "https://diario.example/a/b"),
        ("https://diario.example/n?q=a%26b", "https://diario.example/n?q=a&b"),
        ("https://diario.example/Nota", "https://diario.example/nota"),
        ("https://diario.example:8443/n", "https://diario.example/n"),
        ("https://deportes.diario.example/n", "https://diario.example/n"),
        ("https://diario.example/amp", "https://diario.example/"),
        ("https://m.com/", "https://com.example/"),
    ],
)
def test_other_pages_stay_apart(one: str, other: str) -> None:
    """What may choose another page is kept: ids, ports, case of the path, escaped delimiters, other hosts."""
    assert canonical_url(one) != canonical_url(other)


def test_canonical_url_refuses_what_check_url_refuses() -> None:
    """There is no canonical form of something that is no web address."""
    with pytest.raises(ValueError, match="not a web address"):
        canonical_url("javascript:alert(1)")


_PIECES = st.text(alphabet="abAB01%2Ff/.;=&?+-_~!á\u0301 ,:@amp#", max_size=40)


@given(
    host=st.sampled_from(["diario.example", "www.diario.example", "m.www.diario.example", "amp.x.com.ve", "1.2.3.4"]),
    port=st.sampled_from(["", ":80", ":443", ":8443"]),
    path=_PIECES,
    query=_PIECES,
)
def test_canonical_url_is_idempotent_and_scheme_blind(host: str, port: str, path: str, query: str) -> None:
    """For any address: canonical of canonical is itself, it may be fetched, and http or https give the same."""
    rest = f"{host}{port}/{path}?{query}"
    secure, plain = check_url(f"https://{rest}"), check_url(f"http://{rest}")
    assert (secure is None) == (plain is None)
    if secure is None or plain is None:
        return
    canonical = canonical_url(secure)
    assert canonical_url(canonical) == canonical
    assert check_url(canonical) == canonical
    assert canonical_url(plain) == canonical


@given(st.text(max_size=60), st.sampled_from([None, BASE]))
def test_check_url_never_raises_and_gives_only_fetchable_addresses(text: str, base: str | None) -> None:
    """Whatever the text, the answer is None or an ASCII http(s) address that passes again unchanged."""
    checked = check_url(text, base)
    if checked is not None:
        assert checked.isascii()
        assert checked.startswith(("http://", "https://"))
        assert check_url(checked) == checked
