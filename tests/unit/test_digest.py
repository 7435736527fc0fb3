"""The morning digest: what it says is true, it says how far its data goes, it is kept and sent once."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest import (
    CARACAS,
    GROUPS,
    QUERIES,
    Change,
    Down,
    MorningDigest,
    Silent,
    due_at,
    judge,
    read_digest,
)
from pipeline.digest_page import is_web, markdown_text, render_html, render_markdown
from pipeline.digest_run import make_digest
from pipeline.newsroom.gold import load_gold
from pipeline.settings import DigestSettings, load_settings
from storage.publish import publish
from storage.query import run_query
from storage.records import Digest, DigestItem, Story, StoryAlias, StoryArticle
from storage.store import Store
from tests.cli import atalaya

ASKED = DigestSettings()
MORNING = date(2026, 1, 9)
DUE = due_at(MORNING, ASKED)
BEFORE = DUE - timedelta(minutes=30)


@pytest.fixture(scope="module")
def found(demo_home: Path) -> MorningDigest:
    """The digest of the morning after the first releases, over the newsroom."""
    return read_digest(demo_home, MORNING, ASKED, DUE, 30)


def test_it_is_due_at_half_past_six_in_caracas() -> None:
    """Which is 10:30 in UTC, all year round."""
    assert datetime(2026, 1, 9, 10, 30, tzinfo=UTC) == DUE
    assert due_at(date(2026, 7, 9), ASKED) == datetime(2026, 7, 9, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last_run", "unplaced", "state", "late", "words"),
    [
        (DUE, BEFORE, 0, "complete", False, ""),
        (DUE, None, 0, "incomplete", False, "no run has come through yet"),
        (DUE, DUE - timedelta(hours=3), 0, "incomplete", False, "no run of this morning"),
        (DUE, BEFORE, 2, "incomplete", False, "2 articles are not placed"),
        (DUE + timedelta(hours=2), BEFORE, 0, "complete", True, "made 9 Jan 2026, 08:30, due 9 Jan 2026, 06:30"),
        (DUE + timedelta(hours=2), DUE - timedelta(hours=9), 1, "incomplete", True, "1 article is not placed"),
        (DUE - timedelta(hours=2), DUE - timedelta(hours=2, minutes=20), 0, "complete", False, ""),
    ],
)
def test_it_says_when_it_is_incomplete_or_late(
    now: datetime, last_run: datetime | None, unplaced: int, state: str, late: bool, words: str
) -> None:
    """Incomplete without a run of that morning or with unplaced articles; late once the time has passed."""
    got = judge(MORNING, now, last_run, unplaced, ASKED)
    assert (got[0], got[2]) == (state, late)
    assert words in got[1] if words else got[1] == ""


def test_the_releases_lead_and_each_group_of_outlets_is_told_apart(found: MorningDigest, demo_home: Path) -> None:
    """The story most voices told stands first, with the articles that the newsroom's authors put into it."""
    story = found.stories[0]
    gold = load_gold(2)
    (name,) = {e.story for e in gold.articles if "Enrique Márquez" in e.title and e.lang == "en"}
    until = f"published_by < TIMESTAMPTZ '{DUE.isoformat()}'"  # a bare date is out at the end of its day
    out = set(run_query(demo_home, f"SELECT source_id, title FROM v_articles WHERE {until}", 30).rows)
    everyone = [e for e in gold.articles if e.story == name]
    members = [e for e in everyone if (e.source_id, e.title) in out]
    assert len(members) < len(everyone), "some came out later, and belong to the next digest"
    country = {
        str(k): str(v).lower() for k, v in run_query(demo_home, "SELECT source_id, country FROM sources", 30).rows
    }
    assert story.articles == len(members)
    assert sum(g.articles for g in story.groups) == story.articles
    assert [g.key for g in story.groups] == [k for k in GROUPS if k in {g.key for g in story.groups}]
    by_country = Counter("ve" if g.key.startswith("ve") else g.key for g in story.groups for _ in range(g.articles))
    assert by_country == Counter(country[e.source_id] for e in members)
    voices = [s.new_voices for s in found.stories]
    assert voices == sorted(voices, reverse=True)


def test_every_number_is_what_its_statement_gives(found: MorningDigest, demo_home: Path) -> None:
    """Each statement of the digest runs as it stands, without parameters, and holds the numbers shown."""
    assert set(found.sql) == set(QUERIES)
    answers = {name: run_query(demo_home, sql, 30) for name, sql in found.sql.items()}
    stories = {r[0]: dict(zip(answers["stories"].columns, r, strict=True)) for r in answers["stories"].rows}
    groups = {(r[0], r[1]): r[2:] for r in answers["groups"].rows}
    assert len(answers["down"].rows) == len(found.down)
    assert answers["state"].rows[0][-1] == found.outlets
    for story in found.stories:
        row = stories[story.story_id]
        assert (row["new_voices"], row["new_articles"], row["article_count"], row["source_count"]) == (
            story.new_voices,
            story.new_articles,
            story.articles,
            story.sources,
        )
        for group in story.groups:
            told = groups[story.story_id, group.key]
            assert told == (group.voices_min, group.voices_max, group.articles, group.sources)
    assert sum(len(w.found) for w in found.watches) == len(answers["watches"].rows)


def test_nothing_counts_that_came_out_after_its_hour(found: MorningDigest, demo_home: Path) -> None:
    """Neither in a story's numbers nor among its headlines, whenever the digest is made."""
    assert all(h.published_at < DUE for s in found.stories for g in s.groups for h in g.headlines)
    for story in found.stories:
        ((articles, voices),) = run_query(
            demo_home,
            "SELECT count(*), count(DISTINCT text_group_id) FROM v_articles "
            f"WHERE story_id = '{story.story_id}' AND published_by < TIMESTAMPTZ '{DUE.isoformat()}'",
            30,
        ).rows
        assert (story.articles, story.voices_max) == (articles, voices)
        assert sum(g.articles for g in story.groups) == articles


def test_copies_are_those_beside_the_text_shown(found: MorningDigest) -> None:
    """A text that nobody repeats has none; a group's texts and their copies are never more than its articles."""
    heads = [(g, h) for s in found.stories for g in s.groups for h in g.headlines]
    assert {h.copies for _, h in heads} >= {0, 2}
    for story in found.stories:
        for group in story.groups:
            told = sum(1 + h.copies for h in group.headlines)
            assert told <= group.articles
            if group.voices_max <= 3:
                assert told == group.articles
    assert not re.search(r">0</a> cop", render_html(found))
    one = replace(heads[0][1], copies=1)
    shown = render_markdown(
        replace(found, stories=(replace(found.stories[0], groups=(replace(heads[0][0], headlines=(one,)),)),))
    )
    assert "[1](#q-headlines) copy" in shown


def test_mixed_and_undeclared_outlets_are_a_group_of_their_own(demo_home: Path) -> None:
    """Only who is declared independent or in opposition is told as independent of the government."""
    rows = run_query(
        demo_home, "SELECT DISTINCT outlet_group, alignment, ownership FROM v_articles WHERE country = 'VE'", 30
    ).rows
    groups = {g: {a for h, a, _ in rows if h == g} for g, _, _ in rows}
    assert groups["ve_independent"] <= {"independent", "opposition"}
    assert groups["ve_mixed"] == {"mixed"}
    assert GROUPS["ve_mixed"] == "Venezuela, mixed or unknown"
    joined = "v_articles v JOIN v_source_days d USING (source_id)"
    both = f"SELECT count(*) FROM {joined} WHERE v.outlet_group <> d.outlet_group"
    assert run_query(demo_home, both, 30).rows == [(0,)]


def test_silence_of_who_was_not_heard_is_told_as_such(found: MorningDigest) -> None:
    """The newsroom was polled after its days: no group's silence is worth anything, and the digest says so."""
    assert any(s.silent for s in found.stories)
    assert not any(g.watched for s in found.stories for g in s.silent)
    for page in (render_html(found), render_markdown(found)):
        lines = [line for line in page.splitlines() if "Nothing from" in line]
        assert lines and all("not watched then" in line for line in lines)
    heard = replace(found.stories[0], silent=(Silent("Spain", watched=True),))
    assert "Nothing from: Spain." in render_markdown(replace(found, stories=(heard,)))


def test_every_number_on_the_page_leads_to_its_statement(found: MorningDigest) -> None:
    """Each link within the page has its target, and no count stands in the text without one."""
    page = render_html(found)
    targets = set(re.findall(r'id="([^"]+)"', page))
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked <= targets
    assert {f"q-{name}" for name in QUERIES} <= linked | {"q-headlines"}
    bare = re.findall(
        r"(?<![>–\w])\d+ (?:voice|article|outlet|new voice)s?\b", re.sub(r"<pre>.*?</pre>", "", page, flags=re.S)
    )
    assert bare == []


def test_the_first_line_says_how_far_the_data_goes_and_who_is_down(found: MorningDigest) -> None:
    """In Markdown and in HTML alike, before any story."""
    first = render_markdown(found).splitlines()[0]
    assert "Data through [9 Jan 2026, 16:30](#q-state), last run [" in first, "as v_snapshot, search and page say it"
    assert "until 06:30 of its day; later news counts for the next digest" in first
    assert all(d.name in first for d in found.down)
    text = re.sub(r"<[^>]+>", "", render_html(found).split("<main>")[1]).strip()
    assert text.startswith(("Data through", "Late. Data through", "Incomplete. Data through"))


def test_the_page_asks_nothing_of_the_network_and_runs_nothing(found: MorningDigest) -> None:
    """One file: no script, no image, no style sheet from elsewhere."""
    page = render_html(found)
    assert not re.search(r"<(script|img|link|iframe|object|embed|form)\b", page)
    assert "default-src 'none'" in page


HOSTILE = st.text(max_size=30) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "[x](javascript:alert(1))",
        "**b** _i_ `c` | ~~s~~ <b>",
        "x\n# heading\n- item",
        "{{ 7*7 }}",
        "\u202egnp.exe",
    ]
)


@given(text=HOSTILE)
def test_whatever_outlets_write_stays_text(found: MorningDigest, text: str) -> None:
    """A title that looks like markup is shown, not obeyed: in HTML no new element, in Markdown one line."""
    story = found.stories[0]
    head = replace(story.groups[0].headlines[0], title=text, source=text, url="javascript:alert(1)")
    group = replace(story.groups[0], headlines=(head,))
    hostile = replace(
        found,
        stories=(replace(story, title=text, title_es=text, groups=(group,)),),
        down=(Down("x", text, "VE", None, (text,)),),
        changes=(Change("merged", "s1", text, "s2", text, 1),),
        watches=(),
    )
    page = render_html(hostile)
    assert Counter(re.findall(r"<(\w+)", page)) == Counter(re.findall(r"<(\w+)", render_html(plain(hostile, text))))
    assert "javascript:" not in re.sub(r">[^<]*<", "><", page)
    assert "\n" not in markdown_text(text)
    assert not re.search(r"(?<!\\)[\[\]<>*`]", markdown_text(text))


def plain(digest: MorningDigest, text: str) -> MorningDigest:
    """Return ``digest`` with harmless words where it has ``text``."""
    story = digest.stories[0]
    word = "word" if text else ""
    head = replace(story.groups[0].headlines[0], title=word, source=word)
    return replace(
        digest,
        stories=(replace(story, title=word, title_es=word, groups=(replace(story.groups[0], headlines=(head,)),)),),
        down=(Down("x", word, "VE", None, (word,)),),
        changes=(Change("merged", "s1", word, "s2", word, 1),),
    )


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.example/x?y=(1)", True),
        ("javascript:alert(1)", False),
        ("https://a.example/>x", False),
        ("data:text/html,x", False),
        ("", False),
    ],
)
def test_only_the_webs_own_addresses_become_links(url: str, good: bool) -> None:
    """And none that could end the link early."""
    assert is_web(url) is good


def test_what_was_said_is_kept_and_a_second_making_replaces_it(demo_copy: Path) -> None:
    """`digest_items` has each story with its numbers, once, also in the snapshot."""
    settings = load_settings(demo_copy)
    for _ in range(2):
        made = make_digest(settings, lambda: DUE, MORNING)
    with Store.open(demo_copy, "test") as store:
        (kept,) = store.read(Digest)
        items = store.read(DigestItem)
    assert (kept.digest_id, kept.sent_at) == ("2026-01-09/venezuela", None)
    stories = [i for i in items if i.kind == "story"]
    assert [i.item_id for i in sorted(stories, key=lambda i: i.rank)] == [s.story_id for s in made.digest.stories]
    assert json.loads(min(stories, key=lambda i: i.rank).counts)["articles"] == made.digest.stories[0].articles
    assert len(run_query(demo_copy, "FROM digest_items", 30).rows) == len(items)
    assert made.html.is_file() and made.markdown.is_file()


def test_a_watch_tells_each_match_in_one_digest_only(demo_copy: Path) -> None:
    """What the first morning told, the next does not tell again."""
    settings = load_settings(demo_copy)
    told: list[str] = []
    for days in range(3):
        made = make_digest(settings, lambda: DUE, MORNING + timedelta(days=days))
        told += [f.item_id for w in made.digest.watches for f in w.found]
    assert len(told) == len(set(told)) > 10


def test_what_was_merged_split_or_only_renamed_is_told_apart(demo_copy: Path) -> None:
    """Merged: a story that is no more; split: one that lost articles; a story that changed its id is neither."""
    make_digest(load_settings(demo_copy), lambda: DUE - timedelta(days=1), MORNING - timedelta(days=1))
    before = {(c.old_story_id, c.story_id) for c in read_digest(demo_copy, MORNING, ASKED, DUE, 30).changes}
    with Store.open(demo_copy, "test") as store, store.transaction():
        by_size = Counter(m.story_id for m in store.read(StoryArticle)).most_common()
        (big, _), (gone, lost), (cut, _), (old, _) = by_size[:4]
        members = {s: [m for m in store.read(StoryArticle) if m.story_id == s] for s in (gone, cut, old)}
        stories = {s.story_id: s for s in store.read(Story)}
        store.merge([replace(m, story_id=big) for m in [*members[gone], members[cut][0]]])
        store.merge([replace(stories[old], story_id="s-renamed")])
        store.merge([replace(m, story_id="s-renamed") for m in members[old]])
        store.delete(Story, "story_id", [gone, old])
        store.merge([StoryAlias(gone, big, "merged", DUE), StoryAlias(old, "s-renamed", "renamed", DUE)])
    publish(demo_copy)
    made = read_digest(demo_copy, MORNING, ASKED, DUE, 30)
    changes = [c for c in made.changes if (c.old_story_id, c.story_id) not in before]
    assert [(c.kind, c.old_story_id, c.story_id, c.articles) for c in changes] == [
        ("merged", gone, big, lost),
        ("split", cut, big, 1),
    ]
    assert changes[0].old_title


class _Letters:
    """What the mail server was handed."""

    def __init__(self) -> None:
        self.received: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.append(message_from_bytes(bytes(envelope.content or b"")))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[_Letters, int]]:
    letters = _Letters()
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller cannot be asked which port it was given
        port = free.getsockname()[1]
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield letters, port
    finally:
        controller.stop()


def test_it_is_mailed_once_with_the_page_beside(demo_copy: Path) -> None:
    """A real SMTP server gets one letter a morning: the stories as text, the HTML file attached."""
    with mail_server() as (letters, port):
        url = f"mailto://127.0.0.1:{port}?from=atalaya@desk.example&to=analyst@desk.example&mode=insecure"
        settings = load_settings(demo_copy, digest={"urls": [url]})
        first = make_digest(settings, lambda: DUE, MORNING, deliver=True)
        second = make_digest(settings, lambda: DUE, MORNING, deliver=True)
    assert first.delivery is not None and (first.delivery.sent, first.delivery.failed) == (1, ())
    assert second.delivery is None and second.sent_before
    (letter,) = letters.received
    assert letter["To"] == "analyst@desk.example" and "Venezuela" in str(letter["Subject"])
    parts = {p.get_filename() or p.get_content_type() for p in letter.walk()}
    assert "2026-01-09-venezuela.html" in parts
    body = next(p for p in letter.walk() if p.get_content_maintype() == "text" and not p.get_filename())
    words = bytes(body.get_payload(decode=True) or b"").decode()
    assert "Enrique Márquez" in words and "SELECT" not in words and "#q-" not in words


def test_an_address_that_fails_is_named_without_its_secret(demo_copy: Path) -> None:
    """The digest is written and not marked as sent, so that the next try sends it."""
    settings = load_settings(demo_copy, digest={"urls": ["mailto://user:secret@127.0.0.1:1?mode=insecure", "nonsense"]})
    made = make_digest(settings, lambda: DUE, MORNING, deliver=True)
    assert made.delivery is not None and made.delivery.sent == 0
    assert len(made.delivery.failed) == 2
    assert "secret" not in " ".join(made.delivery.failed)
    with Store.open(demo_copy, "test") as store:
        assert store.read(Digest)[0].sent_at is None


def test_the_command_writes_both_files_and_says_what_is_asked_wrongly(demo_copy: Path) -> None:
    """`digest --date`, `--json`, and errors of use."""
    made = atalaya("digest", "--home", str(demo_copy), "--date", "2026-01-09", "--json")
    line = json.loads(made.stdout.splitlines()[-1])
    assert (made.status, line["stories"] > 3, Path(line["html"]).is_file()) == (0, True, True)
    today = atalaya("digest", "--home", str(demo_copy))
    assert "The last morning with a story" in today.stdout
    wrong = [["--date", d] for d in ("soon", "2999-01-01", "0001-01-01")]
    for words in (*wrong, ["--beat", "mars"], ["--send"]):
        assert atalaya("digest", "--home", str(demo_copy), *words).status == 2
    assert atalaya("digest", "--home", str(demo_copy / "nothing")).status == 1


def test_caracas_is_four_hours_behind_utc() -> None:
    """All year: the zone has no summer time."""
    offsets = {datetime(2026, m, 1, tzinfo=CARACAS).utcoffset() for m in range(1, 13)}
    assert offsets == {timedelta(hours=-4)}
