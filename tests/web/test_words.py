"""The page's words, statements and arrangements, without a browser or a server."""

from __future__ import annotations

import re

import pytest

from pipeline.web.asked import Asked, BadRequest, preferred_language, read_request
from pipeline.web.facts import paragraphs
from pipeline.web.guard import Guard
from pipeline.web.render import HERE, safe_url
from pipeline.web.statements import statement
from pipeline.web.words import Words, catalogue


def test_both_languages_say_the_same_things() -> None:
    """The same keys with the same places for values, none left empty; every key a template names is there."""
    english, spanish = catalogue("en"), catalogue("es")
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert text and spanish[key]
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", spanish[key])), key
    for template in (HERE / "templates").glob("*.j2"):
        named = re.findall(r"\bt\('([\w.]+)'[,)]", template.read_text(encoding="utf-8"))
        assert [k for k in named if k not in english] == [], template.name


def test_a_line_with_a_condition_stands_only_where_its_value_is_given() -> None:
    """What is shown has its values written in, quotes doubled; what is run binds them."""
    without = statement("sources", {"country": None, "state": None})
    assert "WHERE" not in without.text.split("ON d.source_id")[1]
    with_one = statement("sources", {"country": "V'E", "state": None})
    assert "WHERE h.country = 'V''E'" in with_one.text
    assert "$country" in with_one.sql and dict(with_one.params) == {"country": "V'E"}
    assert "-- if" not in with_one.text


def test_several_values_stand_in_one_list() -> None:
    """Each of them is bound by itself and shown as it is; of none the statement finds nothing."""
    made = statement("story_texts", {"story": "s", "articles": ("a", "b'")})
    assert made.text.count("article_id IN ('a', 'b''')") == 3
    assert made.sql.count("article_id IN ($articles_0, $articles_1)") == 3
    assert dict(made.params) == {"story": "s", "articles_0": "a", "articles_1": "b'"}
    none = statement("story_texts", {"story": "s", "articles": ()})
    assert "article_id IN (NULL)" in none.sql
    assert "article_id IN (NULL)" in none.text
    assert dict(none.params) == {"story": "s"}


def test_paragraphs_stand_beside_their_english() -> None:
    """Line by line; where the lines differ in number all of it in one pair, so that nothing is lost."""
    assert [(p.original, p.english) for p in paragraphs("a\n\nb", "x\n\ny")] == [("a", "x"), ("b", "y")]
    assert [(p.original, p.english) for p in paragraphs("a\nb", "x")] == [("a\n\nb", "x")]
    assert [(p.original, p.english) for p in paragraphs("a\n\nb", None)] == [("a", None), ("b", None)]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.example/x?y=1#z", True), ("http://a.example", True), ("javascript:alert(1)", False),
        ("//a.example", False),
        ("https:a", False), ("https://[a", False), ("data:text/html,x", False), ("https://a.example/\nx", False),
        ("", False),
        ("https://a.example\\@b.example", False), (None, False), ("ftp://a.example/", False),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str | None, good: bool) -> None:
    """Absolute http(s) addresses with a host and without what browsers repair in their own ways."""
    assert (safe_url(url) is not None) is good


def test_addresses_keep_what_was_asked_for() -> None:
    """A link to the same page keeps its parameters, drops those set to None, and never has page=1."""
    asked = read_request("es", "/", {"day": "2026-01-08", "country": "VE", "page": "3", "utm": "x", "topic": " "})
    assert asked.link(page=1) == "/es/?day=2026-01-08&country=VE"
    assert asked.link(country=None) == "/es/?day=2026-01-08&page=3"
    assert asked.link("/topics", lang="en") == "/en/topics"
    with pytest.raises(BadRequest):
        read_request("es", "/", {"page": "0"})
    assert Asked("en", "/", {}).link() == "/en/"


def test_the_language_is_the_readers() -> None:
    """By weight, then order; what is refused (q=0) or unknown is passed over."""
    assert preferred_language("fr,es;q=0.2,en;q=0.1") == "es"
    assert preferred_language("es;q=0,en;q=0.1") == "en"
    assert preferred_language("es-419") == "es"
    assert preferred_language(";;q=x,,") == "en"


def test_a_request_without_one_host_is_refused() -> None:
    """None, two, or an empty one."""
    guard = Guard(None)  # type: ignore[arg-type]
    for headers in ([], [(b"host", b"localhost"), (b"host", b"evil.example")], [(b"host", b"")]):
        refused = guard.refusal({"headers": headers, "method": "GET"})
        assert refused is not None and refused[0] == 403
    assert guard.refusal({"headers": [(b"host", b"[::1]:8300")], "method": "GET"}) is None


def test_evidence_is_said_in_the_pages_language() -> None:
    """Counts, narrower topics by name and places in the text; anything else stays as it is."""
    given = ("16 of 16 articles", "child: medtop:1", "preso (title 1, lead 2)", "free <b>text</b>")
    assert Words("es").evidence(given, {"medtop:1": "Cárcel"}) == [
        "16 de 16 artículos",
        "más concreto: Cárcel",
        "preso (titular 1, entrada 2)",
        "free <b>text</b>",
    ]
