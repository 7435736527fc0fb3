"""Watches: what a standing query asks for, what meets it, and that each match is delivered once."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report import QuietReporter
from pipeline.runs import opener
from pipeline.settings import BUILTIN_CONFIG, load_settings
from pipeline.topic_set import load_topics
from pipeline.watch_feeds import Match, WatchLine, render, write_feeds
from pipeline.watch_set import Watched, WatchError, WatchSet, load_watches
from pipeline.watches import match_watches
from storage.publish import publish
from storage.query import run_query
from storage.records import WatchMatch
from storage.store import Store
from tests.cli import atalaya

TOPICS = load_topics(BUILTIN_CONFIG / "topics.toml")
NOW = datetime(2026, 1, 9, 12, 0, tzinfo=UTC)
FILLER = "El pleno discutió durante horas el reglamento interno de la cámara. " * 12
ARTICLE = Watched(
    texts=(("Salen de prisión dos activistas", "Las excarcelaciones comenzaron al mediodía. " + FILLER),),
    source_id="el-faro",
    country="ES",
    lang="es",
    genre="news",
    beats=("venezuela",),
    topics=("medtop:20000126",),
)


def watches(tmp_path: Path, *tables: str) -> WatchSet:
    path = tmp_path / "watches.toml"
    path.write_text("\n".join(f"[[watch]]\n{t}" for t in tables), encoding="utf-8")
    return load_watches(path, TOPICS)


def met(found: WatchSet, article: Watched = ARTICLE) -> dict[str, tuple[str, ...]]:
    return {spec.watch_id: evidence for spec, evidence in found.match(article)}


def test_every_condition_must_hold_and_one_value_of_each_is_enough(tmp_path: Path) -> None:
    """Within a list any, over lists all; what was met is the evidence, as written."""
    found = watches(
        tmp_path,
        'id = "a"\nwords = ["excarcelaci*", "amnistía"]\ncountries = ["es", "US"]',
        'id = "b"\nwords = ["excarcelaci*"]\ncountries = ["VE"]',
        'id = "c"\nlanguages = ["es-VE"]\ngenres = ["news"]\nsources = ["el-faro"]\nbeats = ["venezuela"]',
    )
    assert met(found) == {"a": ("excarcelaciones", "ES"), "c": ("venezuela", "el-faro", "es", "news")}


def test_words_are_found_without_accents_in_either_language(tmp_path: Path) -> None:
    """The English beside the original counts as well as the original."""
    found = watches(tmp_path, 'id = "a"\nwords = ["prision"]', 'id = "b"\nwords = ["released from jail"]')
    english = replace(ARTICLE, texts=(*ARTICLE.texts, ("Two activists released from jail", "")))
    assert met(found) == {"a": ("prisión",)}
    assert met(found, english) == {"a": ("prisión",), "b": ("released from jail",)}


def test_where_top_leaves_out_names_in_passing_and_not_words_count_anywhere(tmp_path: Path) -> None:
    """A word in the last paragraph is no match at the top, yet it can keep an article out."""
    late = replace(ARTICLE, texts=(("Título", FILLER + "Al final se habló del petróleo."),))
    found = watches(
        tmp_path,
        'id = "top"\nwords = ["petróleo"]\nwhere = "top"',
        'id = "any"\nwords = ["petróleo"]',
        'id = "not"\nwords = ["título"]\nnot_words = ["petróleo"]',
    )
    assert met(found, late) == {"any": ("petróleo",)}


def test_a_topic_stands_for_what_lies_below_it(tmp_path: Path) -> None:
    """Asking for a wide topic finds articles tagged with a narrow one, not the other way round."""
    child = next(t for t, s in TOPICS.specs.items() if s.record.level == 3)
    parent = TOPICS.specs[child].record.parent_id
    found = watches(tmp_path, f'id = "wide"\ntopics = ["{parent}"]', f'id = "narrow"\ntopics = ["{child}"]')
    assert met(found, replace(ARTICLE, topics=(child,))) == {"wide": (child,), "narrow": (child,)}
    assert met(found, replace(ARTICLE, topics=(str(parent),))) == {"wide": (str(parent),)}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('id = "Á b"\nwords = ["x"]', "watch number 1: id"),
        ('id = "a"', "at least one condition"),
        ('id = "a"\nnot_words = ["x"]', "at least one condition"),
        ('id = "a"\nword = ["x"]', "word: no such field"),
        ('id = "a"\nwords = "x"', "must be a list"),
        ('id = "a"\nwords = ["x*"]', "before the first *"),
        ('id = "a"\nwords = ["..."]', "no letter or digit"),
        ('id = "a"\ntopics = ["medtop:1"]', "medtop:1 is no topic"),
        ('id = "a"\nwords = ["x"]\nwhere = "title"', "anywhere, top"),
        ('id = "a"\nwords = ["x"]\n[[watch]]\nid = "a"\nwords = ["y"]', "declared twice"),
        ('id = "a"\nwords = ["x"]\n[other]', "other: no such table"),
        ("id = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_file_watch_and_field(tmp_path: Path, table: str, words: str) -> None:
    """What is wrong and where, before anything is matched."""
    with pytest.raises(WatchError, match=re.escape(words)) as error:
        watches(tmp_path, table)
    assert "watches.toml" in str(error.value)


def test_the_built_in_watches_can_be_read() -> None:
    """And each has a name of its own."""
    found = load_watches(BUILTIN_CONFIG / "watches.toml", TOPICS)
    assert len({s.name for s in found.specs}) == len(found.specs) >= 3


def test_a_new_name_changes_no_version_and_another_word_does(tmp_path: Path) -> None:
    """Only what is asked counts: a rename matches nothing anew."""
    one = watches(tmp_path, 'id = "a"\nname = "One"\nwords = ["x y"]')
    two = watches(tmp_path, 'id = "a"\nname = "Two"\nwords = ["x y"]')
    three = watches(tmp_path, 'id = "a"\nname = "Two"\nwords = ["x z"]')
    assert one.version == two.version != three.version


def _match_again(home: Path, config: Path | None, at: datetime) -> int:
    settings = load_settings(home, config)
    return match_watches(opener(settings), settings, lambda: at, QuietReporter())


def _held(home: Path) -> set[tuple[str, str, datetime]]:
    with Store.open(home, "test") as store:
        return {(m.watch_id, m.article_id, m.matched_at) for m in store.read(WatchMatch)}


def test_a_match_keeps_its_time_and_a_watch_that_is_gone_takes_its_matches(demo_copy: Path, tmp_path: Path) -> None:
    """Matching anew finds nothing new; an edit of one watch leaves the others' matches as they were."""
    before = _held(demo_copy)
    assert {w for w, _, _ in before} >= {"political-prisoners", "oil-and-sanctions"}
    later = NOW + timedelta(days=400)
    assert _match_again(demo_copy, None, later) == 0
    config = tmp_path / "config"
    config.mkdir()
    (config / "watches.toml").write_text(
        (BUILTIN_CONFIG / "watches.toml").read_text(encoding="utf-8").split('[[watch]]\nid = "oil')[0]
        + '[[watch]]\nid = "quakes"\nwords = ["terremoto*", "sismo*", "earthquake*"]\n',
        encoding="utf-8",
    )
    assert _match_again(demo_copy, config, later) > 0
    after = _held(demo_copy)
    assert {m for m in after if m[0] == "political-prisoners"} == {m for m in before if m[0] == "political-prisoners"}
    assert {w for w, _, _ in after} == {"political-prisoners", "quakes"}
    assert {at for w, _, at in after if w == "quakes"} == {later}


def test_copies_are_one_match(demo_home: Path) -> None:
    """The wire text that several outlets printed is one row of v_watch_matches, with the number of its articles."""
    rows = run_query(
        demo_home,
        "SELECT text_group_id, article_count FROM v_watch_matches WHERE watch_id = 'political-prisoners'",
        30,
    ).rows
    assert len({r[0] for r in rows}) == len(rows)
    assert any(int(str(r[1])) > 1 for r in rows)


def test_feeds_are_read_by_readers_and_stand_still_while_nothing_is_found(demo_copy: Path) -> None:
    """Atom and RSS parse without fault, the JSON Feed has the same items, and a second writing touches no file."""
    publish(demo_copy)
    first = write_feeds(demo_copy, 30)
    assert {p.suffix for p in first} <= {".atom", ".rss", ".json"}
    folder = demo_copy / "reports" / "watches"
    atom = feedparser.parse((folder / "political-prisoners.atom").read_bytes())
    rss = feedparser.parse((folder / "political-prisoners.rss").read_bytes())
    items = json.loads((folder / "political-prisoners.json").read_text(encoding="utf-8"))["items"]
    assert not atom.bozo and not rss.bozo
    assert [e.id for e in atom.entries] == [e.id for e in rss.entries] == [i["id"] for i in items]
    assert len({i["id"] for i in items}) == len(items) > 5
    assert write_feeds(demo_copy, 30) == []


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", "]]>", "&#0;", "\x00\x0b\x1f", "\ud800".encode("utf-8", "replace").decode(), "\u202e"]
)


@given(
    title=HOSTILE,
    summary=HOSTILE,
    name=HOSTILE,
    url=st.sampled_from(["javascript:alert(1)", "https://a.example/?q=<>\"'&"]),
)
def test_whatever_outlets_write_the_feeds_stay_well_formed(title: str, summary: str, name: str, url: str) -> None:
    """Control characters, markup and bad addresses end as text, and only the web's own schemes as links."""
    watch = WatchLine("w", name, "{}", 1, 1, NOW, NOW)
    match = Match(
        "t1", "a1", (title,), NOW, 2, "s", name, "VE", "es", title, summary, summary, NOW, url, None
    )  # fmt: skip
    for form in ("atom", "rss"):
        parsed = feedparser.parse(render(watch, [match], form).encode())
        assert not parsed.bozo, parsed.get("bozo_exception")
        assert len(parsed.entries) == 1
        assert not str(parsed.entries[0].get("link", "")).startswith("javascript")
    assert json.loads(render(watch, [match], "json"))["items"][0]["title"] == title


def test_the_command_lists_watches_and_what_they_found(demo_home: Path) -> None:
    """Without a name all watches, with one its matches, with a wrong one the names there are."""
    assert "political-prisoners" in atalaya("watch", "--home", str(demo_home)).stdout
    found = atalaya("watch", "political-prisoners", "--home", str(demo_home), "--json")
    matches = json.loads(found.stdout.splitlines()[-1])
    assert len(matches) > 5
    assert {"title", "evidence", "url", "text_group_id"} <= matches[0].keys()
    wrong = atalaya("watch", "nobody", "--home", str(demo_home))
    assert (wrong.status, "political-prisoners" in wrong.stderr) == (2, True)
