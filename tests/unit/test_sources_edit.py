"""`sources add` writes one declaration, keeps everything else as it is, and writes nothing that is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.settings import BUILTIN_CONFIG, load_settings
from pipeline.source_edit import NewSource, add_source, add_sources
from pipeline.source_rules import FeedDecl
from pipeline.sources import SourceError, load_sources

NEW = NewSource(
    id="el-faro",
    name='El "Faro" Ficticio',
    country="VE",
    languages=("es",),
    homepage="https://elfaro.example/",
    media_type="digital",
    ownership="private",
    feeds=(FeedDecl("https://elfaro.example/feed/"), FeedDecl("https://elfaro.example/b", "section")),
    alignment="independent",
    fictional=True,
    comment="seen in a test",
)
MINE = """# my own list, kept by hand

[[source]]  # the first
id = "la-luna"      # never changes
name = "La Luna Ficticia"
country = "VE"
languages = [ "es" ]
homepage = "https://laluna.example/"
media_type = "digital"
ownership = "private"
feeds = [
    "https://laluna.example/rss",   # everything
]
"""


def test_the_first_source_of_ones_own_takes_the_built_in_ones_along(tmp_path: Path) -> None:
    """A sources/ folder replaces the built-in one whole, so it starts as a copy; the new source is one more."""
    config = tmp_path / "config"
    added = add_source(config, NEW)
    names = sorted(p.name for p in (BUILTIN_CONFIG / "sources").glob("*.toml"))
    assert sorted(p.name for p in added.copied) == names
    assert added.files == (config / "sources" / "ve.toml",)
    before = {s.source_id for s in load_sources(load_settings()).sources}
    catalogue = load_sources(load_settings(config_dir=config))
    assert {s.source_id for s in catalogue.sources} == before | {"el-faro"}
    assert catalogue.source("el-faro").name == 'El "Faro" Ficticio'
    assert [(f.feed_url, f.scope) for f in catalogue.feeds_of("el-faro")] == [
        ("https://elfaro.example/feed/", None),
        ("https://elfaro.example/b", "section"),
    ]


def test_comments_and_layout_of_the_file_stay(tmp_path: Path) -> None:
    """What was there before is still there, byte by byte, before the new declaration with its comment."""
    path = tmp_path / "sources" / "ve.toml"
    path.parent.mkdir()
    path.write_text(MINE, encoding="utf-8")
    assert add_source(tmp_path, NEW).copied == ()
    text = path.read_text(encoding="utf-8")
    assert text.startswith(MINE)
    assert "# seen in a test" in text
    assert [s["id"] for s in tomllib.loads(text)["source"]] == ["la-luna", "el-faro"]


def test_a_country_without_a_file_of_its_own_goes_to_xx(tmp_path: Path) -> None:
    """The file is made when it is not there."""
    (tmp_path / "sources").mkdir()
    add_source(tmp_path, replace(NEW, country="CO", timezone="America/Bogota"))
    assert [p.name for p in (tmp_path / "sources").iterdir()] == ["xx.toml"]


def test_nothing_is_written_when_anything_is_wrong(tmp_path: Path) -> None:
    """A bad field, a feed that another source has, a file that is not TOML: the folder stays as it was."""
    path = tmp_path / "sources" / "ve.toml"
    path.parent.mkdir()
    path.write_text(MINE, encoding="utf-8")
    taken = replace(NEW, feeds=(FeedDecl("http://laluna.example/rss/"),))
    for wrong in (replace(NEW, country="VEN"), replace(NEW, id="la-luna"), taken):
        with pytest.raises(SourceError):
            add_sources(tmp_path, [replace(NEW, id="fine", feeds=(FeedDecl("https://fine.example/"),)), wrong])
        assert path.read_text(encoding="utf-8") == MINE
    path.write_text("[[source]\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"ve\.toml: not valid TOML"):
        add_source(tmp_path, NEW)
    path.write_text("source = 1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="two brackets"):
        add_source(tmp_path, NEW)
    assert [p.name for p in path.parent.iterdir()] == ["ve.toml"]


def test_a_fresh_folder_is_not_made_for_a_wrong_source(tmp_path: Path) -> None:
    """An error leaves no half-made copy of the built-in sources behind."""
    with pytest.raises(SourceError, match="not known"):
        add_source(tmp_path / "config", replace(NEW, ownership="nobody"))
    assert not (tmp_path / "config").exists()


def test_without_a_folder_of_ones_own_the_answer_says_what_to_do() -> None:
    """The built-in declarations are not edited behind the user's back."""
    with pytest.raises(SourceError, match="--config DIR"):
        add_source(None, NEW)


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    """A file in the folder's place is an error with advice, not a traceback."""
    (tmp_path / "config").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match="cannot be written"):
        add_source(tmp_path / "config", NEW)
