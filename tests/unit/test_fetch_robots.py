"""robots.txt as a judgement on text: whose rules hold, and that no file makes reading it dear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.robots import our_groups, read_robots

HOST = "https://diario.example"


def allows(text: str, path: str) -> bool:
    return read_robots("ok", 200, text.encode()).allows(HOST + path)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /x", False),
        ("User-agent: otro\nDisallow: /x", True),
        ("User-agent: otro\nUser-agent: *\nDisallow: /x", False),
        ("User-agent: *\nDisallow: /\nUser-agent: Atalaya\nDisallow: /y", True),
        ("User-agent: ATALAYA/2.0 # us\nDisallow: /x", False),
        ("User-agent: atalaya*\nDisallow: /x", False),
        ("useragent atalaya\nDisallow: /x", False),
        ("User-agent: a\nDisallow: /x", True),
        ("User-agent: atalayabot\nDisallow: /x", True),
        ("User-agent: otro\nDisallow: /x\nUser-agent: *\nAllow: /x", True),
        ("User-agent: otro\n\n# no rules yet\nUser-agent: *\n\nDisallow: /x", False),
        ("User-agent: *\nDisallow: /y\n\nUser-agent: otro\nDisallow: /\n\nUser-agent: *\nDisallow: /x", False),
        ("User-agent: *\nDisallow:", True),
        ("Disallow: /x", True),
        ("User-agent: *\nDisallow: /x\nAllow: /x", True),
        ("User-agent: *\nDisallow: /*.html\nDisallow: /x$", False),
        ("\ufeffUser-agent: *\r\nDisallow: /x\r\n", False),
        ("User-agent: *\rDisallow: /x\r", False),
        ("<html><p>User-agent: *", True),
        ("", True),
    ],
)
def test_whose_rules_hold(text: str, allowed: bool) -> None:
    """RFC 9309, 2.2.1: our own name in any case, else `*`; groups of others never; broken files as kindly as may be."""
    assert allows(text, "/x") is allowed


names = st.sampled_from(["*", "Atalaya", "otro", "bot", "a"])
lines = st.lists(
    st.one_of(
        names.map("User-agent: {}".format),
        st.sampled_from(
            ["Disallow: /x", "Allow: /x/y", "Crawl-delay: 3", "", "# nota", "Sitemap: https://a.example/s.xml"]
        ),
    ),
    max_size=30,
)


@given(lines)
def test_taking_others_out_changes_no_verdict(text_lines: list[str]) -> None:
    """For a name that no other is a beginning of, protego says the same of the whole file."""
    from protego import Protego

    text = "\n".join(line for line in text_lines if line != "User-agent: a")
    whole, ours = Protego.parse(text), Protego.parse(our_groups(text))
    for path in ("/", "/x", "/x/y"):
        assert whole.can_fetch(HOST + path, "Atalaya") == ours.can_fetch(HOST + path, "Atalaya")
    assert whole.crawl_delay("Atalaya") == ours.crawl_delay("Atalaya")


def test_a_file_of_many_names_over_many_rules_stays_small() -> None:
    """Names times rules is what protego would keep: of names, at most ours, `*` and one for all others remain."""
    text = "\n".join([f"User-agent: a{i}" for i in range(9000)] + ["User-agent: *"] * 9000 + ["Disallow: /x"] * 9000)
    assert our_groups(text).count("User-agent") == 1
    assert our_groups(text).count("Disallow") == 9000
    assert not allows(text, "/x")


def test_request_rate_and_crawl_delay_are_the_longer_pause() -> None:
    """A host may say it either way."""
    both = read_robots("ok", 200, b"User-agent: *\nCrawl-delay: 4\nRequest-rate: 1/10s")
    assert both.crawl_delay_s == 10
    assert read_robots("ok", 200, b"User-agent: *\nCrawl-delay: nan").crawl_delay_s == 0
    assert read_robots("not_found", 404, b"").crawl_delay_s == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_read(body: bytes) -> None:
    """No robots.txt raises."""
    read_robots("ok", 200, body).allows(f"{HOST}/x")
