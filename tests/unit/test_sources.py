"""Declarations are read, every mistake is named with file, source, field and advice, and a choice is narrowed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import load_settings
from pipeline.source_rules import check_url, feed_key
from pipeline.sources import Catalogue, SourceError, load_sources, parse_sources, select, shown

GOOD = """
[[source]]
id = "el-faro"
name = "El Faro Ficticio"
country = "VE"
languages = ["es"]
homepage = "https://elfaro.example/"
media_type = "digital"
ownership = "private"
feeds = ["https://elfaro.example/feed/"]
"""


def declare(**changes: str | None) -> str:
    """Return GOOD with fields replaced by TOML text, added, or with None left out."""
    lines = [line for line in GOOD.splitlines() if line.partition(" = ")[0] not in changes]
    return "\n".join([*lines, *(f"{k} = {v}" for k, v in changes.items() if v is not None)])


def problems(*texts: str) -> tuple[str, ...]:
    """Return the problems of files f0.toml, f1.toml, …"""
    with pytest.raises(SourceError) as caught:
        parse_sources({f"f{i}.toml": text for i, text in enumerate(texts)})
    return caught.value.problems


def test_a_declaration_becomes_the_records_the_pipeline_uses() -> None:
    """Fields arrive as declared, the time zone comes from the country, feeds keep their order and scope."""
    feeds = '["https://elfaro.example/feed/", {url = "https://elfaro.example/sucesos/feed/", scope = "section"}]'
    text = declare(feeds=feeds, alignment='"opposition"', valid_from="2020-05-31", fictional="true", paywall="true")
    catalogue = parse_sources({"ve.toml": text})
    source = catalogue.source("el-faro")
    assert (source.country, source.languages, source.timezone) == ("VE", ("es",), "America/Caracas")
    assert (source.alignment, source.fictional, source.paywall, source.verified_at) == ("opposition", True, True, None)
    assert source.valid_from == datetime(2020, 5, 31, 4, tzinfo=UTC)  # midnight in Caracas
    assert [(f.feed_url, f.scope, f.position) for f in catalogue.feeds_of("el-faro")] == [
        ("https://elfaro.example/feed/", None, 0),
        ("https://elfaro.example/sucesos/feed/", "section", 1),
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", '"El Faro"', "not an id"),
        ("id", None, "is missing"),
        ("name", '""', "not a text"),
        ("country", '"ve"', 'Write "VE"'),
        ("country", '"UK"', "not a country"),
        ("country", None, "is missing"),
        ("languages", '["español"]', "not a language"),
        ("languages", '"es"', "not a list"),
        ("languages", "[]", "not a list"),
        ("languages", '["es", "es"]', "twice"),
        ("homepage", '"elfaro.example"', "only http and https"),
        ("media_type", '"newspapers"', 'Did you mean "newspaper"?'),
        ("ownership", '"gouvernment"', "Write one of state, public"),
        ("alignment", '"goverment"', 'Did you mean "government"?'),
        ("timezone", '"America/Caracass"', "not a time zone"),
        ("timezone", '"../etc/passwd"', "not a time zone"),
        ("evidence", '"a book"', "cannot be used"),
        ("based_in", '"Madrid"', "not a country"),
        ("paywall", '"yes"', "true or false"),
        ("fictional", "1", "true or false"),
        ("valid_to", '"2024"', "not a date"),
        ("ownerschip", '"private"', "Did you mean"),
        ("feeds", "[]", "missing or empty"),
        ("feeds", None, "missing or empty"),
        ("feeds", '["ftp://elfaro.example/feed"]', "only http and https"),
        ("feeds", '["https://u:p@elfaro.example/feed"]', "user name"),
        ("feeds", '[{url = "https://elfaro.example/feed/", scop = "front"}]', 'Did you mean "scope"?'),
        ("feeds", '[{url = "https://elfaro.example/feed/", scope = "fronts"}]', 'Did you mean "front"?'),
        ("feeds", '[{scope = "front"}]', "not a web address"),
        ("feeds", "[3]", "not a web address"),
    ],
)
def test_each_mistake_is_named_with_file_source_field_and_what_to_do(field: str, value: str | None, said: str) -> None:
    """One wrong field gives a line that begins with the file and the source and names the field."""
    found = problems(declare(**{field: value}))
    assert len(found) == 1
    label = "number 1" if field == "id" and value is None else ("El Faro" if field == "id" else "el-faro")
    assert found[0].startswith(f"f0.toml: source {label}: {field}")
    assert said in found[0]


def test_all_problems_of_all_files_come_at_once() -> None:
    """Three mistakes in two files, one of them not TOML, are three lines, not the first alone."""
    found = problems(declare(country='"ve"', media_type='"x"'), "[[source]\n")
    assert [line.split(":")[0] for line in found] == ["f1.toml", "f0.toml", "f0.toml"]
    assert "not valid TOML" in found[0]


def test_an_id_or_a_feed_belongs_to_one_source_only() -> None:
    """A second use is refused and says where the first stands; http, www and a last slash make no difference."""
    again = declare(id='"otro"', feeds='["http://www.elfaro.example/feed"]')
    assert problems(GOOD, GOOD)[0] == "f1.toml: source el-faro: id: is taken already, in f0.toml. Choose another."
    (line,) = problems(GOOD, again)
    assert "belongs to source el-faro in f0.toml already" in line
    (line,) = problems(declare(feeds='["https://elfaro.example/feed/", "https://elfaro.example/feed"]'))
    assert "stands here twice" in line


def test_a_parent_is_another_declared_source_and_dates_are_in_order() -> None:
    """A parent that does not exist is named with a near match; valid_to before valid_from is refused."""
    child = declare(id='"hijo"', parent_id='"el-farro"', feeds='["https://hijo.example/f"]')
    assert 'Did you mean "el-faro"?' in problems(GOOD, child)[0]
    assert "no other source's id" in problems(declare(parent_id='"el-faro"'))[0]
    assert "lies before valid_from" in problems(declare(valid_from="2024-01-02", valid_to="2024-01-01"))[0]


def test_a_country_without_a_default_needs_its_time_zone() -> None:
    """Only VE, ES and US have a default; elsewhere a date without a zone would be guessed."""
    assert "CO has no default" in problems(declare(country='"CO"'))[0]
    text = declare(country='"CO"', timezone='"America/Bogota"')
    assert parse_sources({"xx.toml": text}).sources[0].timezone == "America/Bogota"


def test_a_file_says_source_with_two_brackets() -> None:
    """[source] and [[sources]] are caught, not read as nothing."""
    assert "two brackets" in problems("[source]\nid = 'a'\n")[0]
    assert problems("[[sources]]\nid = 'a'\n")[0].startswith("f0.toml: sources: unknown key")


def test_a_users_folder_replaces_the_built_in_sources_whole(tmp_path: Path) -> None:
    """With DIR/sources only its declarations count; without that folder the built-in ones do."""
    assert len(load_sources(load_settings(config_dir=tmp_path)).sources) > 80
    (tmp_path / "sources").mkdir()
    with pytest.raises(SourceError, match=r"no \.toml file here"):
        load_sources(load_settings(config_dir=tmp_path))
    (tmp_path / "sources" / "mine.toml").write_text(GOOD, encoding="utf-8")
    assert [s.source_id for s in load_sources(load_settings(config_dir=tmp_path)).sources] == ["el-faro"]
    (tmp_path / "sources" / "mine.toml").write_bytes("name = 'Añó'".encode("latin-1"))
    with pytest.raises(SourceError, match=r"mine\.toml: not UTF-8"):
        load_sources(load_settings(config_dir=tmp_path))


@pytest.fixture
def three() -> Catalogue:
    """Two Venezuelan sources and a Spanish one."""
    other = declare(id='"la-luna"', name='"La Luna Ficticia"', feeds='["https://laluna.example/rss"]')
    spain = declare(id='"el-sol"', country='"ES"', feeds='["https://elsol.example/rss"]')
    return parse_sources({"a.toml": GOOD, "b.toml": other, "c.toml": spain})


def test_select_narrows_by_id_and_by_country(three: Catalogue) -> None:
    """Ids and countries narrow together, in any case of letters; feeds go with their sources; nothing means all."""
    assert select(three) == three
    assert [s.source_id for s in select(three, countries=["ve"]).sources] == ["el-faro", "la-luna"]
    chosen = select(three, ["EL-SOL"])
    assert [f.feed_url for f in chosen.feeds] == ["https://elsol.example/rss"]
    assert [s.source_id for s in select(three, ["el-faro", "el-sol"], ["ES"]).sources] == ["el-sol"]


def test_select_answers_an_unknown_name_with_near_ones(three: Catalogue) -> None:
    """A misspelt id or the outlet's name leads to the id; an unknown country to those that are there."""
    with pytest.raises(SourceError, match=r"'el-farro'\. Did you mean el-faro"):
        select(three, ["el-farro"])
    with pytest.raises(SourceError, match=r"Did you mean la-luna"):
        select(three, ["la luna ficticia"])
    with pytest.raises(SourceError, match=r"'FR' is declared\. Countries here: ES, VE"):
        select(three, countries=["FR"])
    with pytest.raises(SourceError, match=r"el-faro is of VE"):
        select(three, ["el-faro"], ["ES"])


def test_verified_marks_only_the_sources_that_were_fetched(three: Catalogue) -> None:
    """The time of the fetch is set for these sources and for no other."""
    at = datetime(2030, 1, 2, tzinfo=UTC)
    assert [s.verified_at for s in three.verified(["la-luna"], at).sources] == [None, at, None]


def test_what_nobody_showed_is_said_to_be_unverified() -> None:
    """Ownership and alignment are marked until evidence names a page; what is not set is a dash."""
    bare = parse_sources({"a.toml": GOOD}).sources[0]
    proven = parse_sources({"a.toml": declare(evidence='"https://elfaro.example/quienes-somos"')}).sources[0]
    assert [shown(bare.ownership, bare), shown(bare.alignment, bare)] == ["private (unverified)", "–"]
    assert shown(proven.ownership, proven) == "private"


@given(
    st.text(max_size=60) | st.sampled_from(["http://[", "http://a:99999/", "http://a..b/", "https://ñandú.example/"])
)
def test_check_url_never_raises_and_what_it_takes_has_a_key(text: str) -> None:
    """Any text is judged; an accepted address has a key that does not change when taken again."""
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        if check_url(url) is None:
            assert feed_key(url) == feed_key(url.replace("https://", "http://", 1))
