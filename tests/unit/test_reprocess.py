"""Each stage can be run again over what is held: nothing is fetched, nothing is lost, the same comes out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.demo import CONFIG
from pipeline.report import QuietReporter
from pipeline.reprocess import STAGES, parse_since, reprocess_stage
from pipeline.runs import utc_now
from pipeline.settings import BUILTIN_CONFIG, Settings, SettingsError, load_settings
from storage.dump import logical_dump
from storage.errors import StorageError
from storage.records import Article, ArticleBeat, ArticleTopic, ArticleVersion, Entry, StoryArticle, Topic, Translation
from storage.store import Store

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(demo_copy: Path) -> Settings:
    """The settings of a copy of the demo's home, with the newsroom's declarations."""
    return load_settings(demo_copy, CONFIG)


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """Open the warehouse of the copy."""
    with Store.open(settings.home, "test") as store:
        yield store


def again(settings: Settings, stage: str, since: datetime = BEGINNING) -> str:
    """Run a stage again and return its line for people."""
    line, published = reprocess_stage(settings, stage, since, QuietReporter())
    assert published == f"Published {settings.home}/news.duckdb."
    return line


@pytest.mark.parametrize(
    ("words", "at"),
    [
        (None, BEGINNING),
        ("2026-01-08", datetime(2026, 1, 8, tzinfo=UTC)),
        ("2026-01-08T07:00:00-04:00", datetime(2026, 1, 8, 11, tzinfo=UTC)),
        ("2026-01-08T07:00", datetime(2026, 1, 8, 7, tzinfo=UTC)),
    ],
)
def test_since_is_a_time(words: str | None, at: datetime) -> None:
    """A date is its first moment in UTC; without --since everything is meant."""
    assert parse_since(words) == at


@pytest.mark.parametrize(("words", "ago"), [("7d", timedelta(days=7)), ("12h", timedelta(hours=12))])
def test_since_is_a_while_ago(words: str, ago: timedelta) -> None:
    """Days and hours before now."""
    before = utc_now()
    assert before - ago <= parse_since(words) <= utc_now() - ago


@pytest.mark.parametrize("words", ["", "yesterday", "7w", "-7d", "2026-13-01", "99999999999d", "7d 12h"])
def test_since_that_cannot_be_read(words: str) -> None:
    """The answer says what to write."""
    with pytest.raises(SettingsError, match="write 7d, 12h or a date"):
        parse_since(words)


def test_a_home_without_data_is_not_made(tmp_path: Path) -> None:
    """A mistyped home is answered, not filled with an empty warehouse."""
    for stage in STAGES:
        with pytest.raises(StorageError, match="holds nothing yet"):
            reprocess_stage(load_settings(tmp_path / "typo"), stage, BEGINNING, QuietReporter())
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("stage", ["extract", "beats", "topics", "stories"])
def test_the_same_method_gives_the_same(settings: Settings, stage: str) -> None:
    """Run again with the same code over the same archive, a stage changes nothing that an analyst sees."""
    before = logical_dump(settings.home / "warehouse.duckdb")
    line = again(settings, stage)
    assert line.startswith(f"{stage}: ")
    assert logical_dump(settings.home / "warehouse.duckdb") == before


def test_a_topic_that_was_taken_out_goes(settings: Settings, tmp_path: Path) -> None:
    """With its tags, from the table of topics, so that the page does not list it for ever."""
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    text = (BUILTIN_CONFIG / "topics.toml").read_text("utf-8")
    names = 'name_en = "x"\nname_es = "x"\nterms_es = ["Caracas"]\n'
    more = f'\n[[topic]]\nid = "ata:x"\nparent = "medtop:11000000"\nlevel = 2\n{names}'
    for declared, there in ((text + more, True), (text, False)):
        (config / "topics.toml").write_text(declared, "utf-8")
        again(load_settings(settings.home, config), "topics")
        with opened(settings) as store:
            assert bool(store.read(Topic, "topic_id = 'ata:x'")) is there
            assert bool(store.read(ArticleTopic, "topic_id = 'ata:x'")) is there


def test_extract_renews_texts_from_the_archive(settings: Settings) -> None:
    """A text that differs from what the page gives now gets a new version, with beats, translation state and story."""
    with opened(settings) as store, store.transaction():
        held = {a.article_id: a for a in store.read(Article, "kind = 'full' AND beats <> []")}
        victim = max(held.values(), key=lambda a: a.word_count)
        store.merge([replace(victim, text="Old words.", text_sha256="0" * 64, beats=())])
        store.replace(ArticleBeat, "article_id", [victim.article_id], [])
        store.replace(ArticleVersion, "article_id", [victim.article_id], [])
    line = again(settings, "extract")
    assert "1 texts differ from what was held" in line
    with opened(settings) as store:
        (article,) = store.read(Article, "article_id = ?", [victim.article_id])
        (version,) = store.read(ArticleVersion, "article_id = ?", [victim.article_id])
        beats = store.read(ArticleBeat, "article_id = ?", [victim.article_id])
        (translation,) = store.read(Translation, "article_id = ?", [victim.article_id])
        members = store.read(StoryArticle, "article_id = ?", [victim.article_id])
    assert (article.text, article.version) == (victim.text, victim.version + 1)
    assert (article.published_at, article.first_seen_at) == (victim.published_at, victim.first_seen_at)
    assert (version.text, version.version) == (victim.text, victim.version + 1)
    assert article.beats == tuple(sorted(b.beat for b in beats)) == victim.beats
    assert translation.source_sha256 != ""
    assert len(members) == 1


def test_extract_turns_feed_words_into_a_text_once_the_page_can_be_read(settings: Settings) -> None:
    """An article kept with its feed's words becomes whole, and its entry says so."""
    with opened(settings) as store, store.transaction():
        (victim, *_) = sorted(store.read(Article, "kind = 'full'"), key=lambda a: a.article_id)
        (entry,) = store.read(Entry, "entry_id = ?", [victim.entry_id])
        poor = replace(victim, kind="feed_only", text=victim.summary or "s", text_sha256="0" * 64)
        store.merge([poor, replace(entry, reason="thin")])
        store.replace(ArticleVersion, "article_id", [victim.article_id], [])
    again(settings, "extract")
    with opened(settings) as store:
        (article,) = store.read(Article, "article_id = ?", [victim.article_id])
        (entry,) = store.read(Entry, "entry_id = ?", [victim.entry_id])
    assert (article.kind, article.text, entry.reason, entry.state) == ("full", victim.text, "new", "stored")


def test_extract_says_which_pages_are_gone(settings: Settings) -> None:
    """Deleted archives cost the pages in them, not the run; what is held stays."""
    archives = sorted((settings.home / "pages").glob("*.warc.gz"))
    archives[0].unlink()
    archives[1].write_bytes(b"\x1f\x8b damaged")
    with opened(settings) as store:
        before = {a.article_id: a.text for a in store.read(Article)}
    line = again(settings, "extract")
    assert "are not in the archive any more (" in line
    assert archives[0].name in line or archives[1].name in line
    with opened(settings) as store:
        assert {a.article_id: a.text for a in store.read(Article)} == before


def test_since_leaves_older_articles_alone(settings: Settings) -> None:
    """Only articles published since are read again."""
    with opened(settings) as store:
        count = len(store.read(Article, "published_at >= ?", [datetime(2026, 1, 9, tzinfo=UTC)]))
        assert 0 < count < len(store.read(Article))
    assert f"of {count} articles are on a beat" in again(settings, "beats", datetime(2026, 1, 9, tzinfo=UTC))


def test_beats_follow_the_gazetteer(settings: Settings, tmp_path: Path) -> None:
    """With another beats.toml articles change beats, in their table and in the article itself."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "sources").symlink_to(CONFIG / "sources")
    (mine / "beats.toml").write_text(
        '[[beat]]\nid = "faro"\nname_en = "x"\nname_es = "x"\nstrong = ["word that nobody writes"]\n'
    )
    assert again(load_settings(settings.home, mine), "beats") == "beats: 0 of 86 articles are on a beat."
    with opened(settings) as store:
        assert (store.read(ArticleBeat), {a.beats for a in store.read(Article)}) == ([], {()})


def test_translate_without_an_engine_does_nothing(settings: Settings) -> None:
    """What is translated stays translated when no engine is here, and the line says how to get one."""
    with opened(settings) as store, store.transaction():
        (some, *_) = store.read(Translation, "status = 'pending'")
        store.merge([replace(some, status="ok", title="T", text="Held.", engine="argos")])
    assert "nothing done, there is no engine" in again(settings, "translate")
    with opened(settings) as store:
        (kept,) = store.read(Translation, "article_id = ?", [some.article_id])
    assert kept.text == "Held."
