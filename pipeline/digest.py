"""The morning digest: what the snapshot says about a beat's last day, read with one set of statements.

A morning's window goes from when the digest of the day before was due to when this one is, in Caracas. Every number
comes from a statement that the digest carries along, so that a reader can ask again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pipeline.settings import DigestSettings
from storage.query import open_reading, statement_text
from storage.records import Digest, DigestItem

CARACAS = ZoneInfo("America/Caracas")
GROUPS: Mapping[str, str] = {
    "ve_government": "Venezuela, government-aligned",
    "ve_independent": "Venezuela, independent",
    "ve_mixed": "Venezuela, mixed or unknown",
    "es": "Spain",
    "us": "United States",
    "other": "Other countries",
}
"""Groups of outlets in the order they are told; `v_articles.outlet_group` says who is in which."""
_MAIN = ("ve_government", "ve_independent", "es", "us")  # those whose silence is news

State = Literal["complete", "incomplete"]
QUERIES: Mapping[str, str] = {
    "state": "Until when does the data go, when did a run last come through, and is every article placed in a story?",
    "down": "Which outlets cannot be heard?",
    "stories": "Which stories of the beat had news, by independent voices?",
    "groups": "How many voices, articles and outlets told each story, by group of outlets?",
    "headlines": "What did each group of outlets put over it?",
    "watched": "How many outlets of each group were heard on the days of this morning?",
    "changes": "Which stories were merged or split since the last digest?",
    "watches": "What did the watches find that no earlier digest told?",
}
"""The statements of a digest by the name their numbers link to, each with its question."""


@dataclass(frozen=True, slots=True)
class Down:
    """An outlet that cannot be heard."""

    source_id: str
    name: str
    country: str
    last_ok_at: datetime | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """What one text is headed; ``copies`` counts the other articles of the group with that text."""

    title: str
    title_en: str | None
    engine: str | None
    source: str
    country: str
    agency: str | None
    url: str
    genre: str
    published_at: datetime
    precision: str
    copies: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One group of outlets on one story; voices are texts with copies folded, at least and at most."""

    key: str
    name: str
    voices_min: int
    voices_max: int
    articles: int
    sources: int
    headlines: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class Silent:
    """A group of outlets that did not tell a story; not ``watched``: none of them was heard in the morning's days."""

    name: str
    watched: bool


@dataclass(frozen=True, slots=True)
class DigestStory:
    """One story of the digest as it was when due; ``new_*`` count what came out in the morning's window."""

    story_id: str
    title: str
    title_en: str | None
    title_en_origin: str | None
    title_es: str | None
    topics: tuple[str, ...]
    new_voices: int
    new_articles: int
    voices_min: int
    voices_max: int
    articles: int
    sources: int
    countries: tuple[str, ...]
    is_new: bool
    first_source: str | None
    first_country: str | None
    first_at: datetime | None
    first_is_sure: bool
    groups: tuple[Group, ...]
    silent: tuple[Silent, ...]
    """The main groups without an article on it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A story that was merged into another, or lost articles to it."""

    kind: Literal["merged", "split"]
    old_story_id: str
    old_title: str | None
    story_id: str
    title: str
    articles: int


@dataclass(frozen=True, slots=True)
class Found:
    """A text that a watch found; ``copies`` counts the other articles with it that match."""

    item_id: str
    title: str
    title_en: str | None
    source: str
    country: str
    url: str
    published_at: datetime
    copies: int


@dataclass(frozen=True, slots=True)
class WatchNews:
    """What one watch found since the last digest."""

    watch_id: str
    name: str
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class MorningDigest:
    """A whole digest, ready to be rendered. ``sql`` has the statements by name, with their values written in."""

    morning: date
    beat: str
    state: State
    note: str
    late: bool
    data_through: datetime | None
    last_run_at: datetime | None
    generated_at: datetime
    since: str
    """When a day of news begins, Caracas time: ``06:30``."""
    last_morning: date | None
    outlets: int
    down: tuple[Down, ...]
    stories: tuple[DigestStory, ...]
    changes: tuple[Change, ...]
    watches: tuple[WatchNews, ...]
    sql: Mapping[str, str]

    @property
    def digest_id(self) -> str:
        """Return morning and beat."""
        return f"{self.morning.isoformat()}/{self.beat}"


def due_at(morning: date, asked: DigestSettings) -> datetime:
    """Return when the digest of ``morning`` is due."""
    return datetime.combine(morning, time.fromisoformat(asked.at), CARACAS)


def _minutes(asked: DigestSettings) -> int:
    """Return the minutes from midnight to when a digest is due: a day of news ends there."""
    at = time.fromisoformat(asked.at)
    return at.hour * 60 + at.minute


def judge(
    morning: date, now: datetime, last_run_at: datetime | None, unplaced: int, asked: DigestSettings
) -> tuple[State, str, bool]:
    """Return state, the reason in words (empty when complete and in time) and whether it is late."""
    due = due_at(morning, asked)
    notes: list[str] = []
    state: State = "complete"
    if now < due - timedelta(days=1):
        state = "incomplete"
        notes.append("its day has not begun")
    elif last_run_at is None:
        state = "incomplete"
        notes.append("no run has come through yet")
    elif last_run_at < min(due, now) - timedelta(minutes=asked.fresh_minutes):
        state = "incomplete"
        notes.append("no run of this morning has come through")
    if unplaced:
        state = "incomplete"
        notes.append(f"{unplaced} {'article is' if unplaced == 1 else 'articles are'} not placed in a story yet")
    late = now > due + timedelta(minutes=asked.late_minutes)
    if late:
        notes.append(f"made {shown_time(now)}, due {shown_time(due)}")
    return state, "; ".join(notes), late


def shown_time(at: datetime) -> str:
    """Return a time as readers see it, in Caracas."""
    local = at.astimezone(CARACAS)
    return f"{local.day} {local:%b %Y, %H:%M}"


def read_digest(home: Path, morning: date, asked: DigestSettings, now: datetime, timeout_s: float) -> MorningDigest:
    """Read the digest of ``morning`` from the snapshot in ``home``. Raises QueryError."""
    sql: dict[str, str] = {}
    with open_reading(home, timeout_s) as reading:

        def ask(name: str, **params: str | int) -> list[tuple[object, ...]]:
            sql[name] = statement_text(f"digest_{name}", params)
            return reading.named(f"digest_{name}", params).rows

        day = morning.isoformat()
        minutes = _minutes(asked)
        ((through, ran, unplaced, last, before, outlets),) = ask("state", beat=asked.beat, morning=day)
        down = [Down(*map(_tuple, row)) for row in ask("down")]  # type: ignore[arg-type]
        stories = ask("stories", beat=asked.beat, morning=day, minutes=minutes, size=asked.size)
        ids = json.dumps([row[0] for row in stories])
        groups = ask("groups", stories=ids, morning=day, minutes=minutes)
        headlines = ask("headlines", stories=ids, morning=day, minutes=minutes)
        watched = {str(row[0]) for row in ask("watched", morning=day)}
        since = before if isinstance(before, datetime) else now  # without a digest before it nothing has changed
        changes = ask("changes", beat=asked.beat, since=since.isoformat())
        watches = ask("watches", morning=day, minutes=minutes)
    last_run_at = ran if isinstance(ran, datetime) else None
    state, note, late = judge(morning, now, last_run_at, int(str(unplaced)), asked)
    return MorningDigest(
        morning=morning,
        beat=asked.beat,
        state=state,
        note=note,
        late=late,
        data_through=through if isinstance(through, datetime) else None,
        last_run_at=last_run_at,
        generated_at=now,
        since=asked.at,
        last_morning=last if isinstance(last, date) else None,
        outlets=int(str(outlets)),
        down=tuple(down),
        stories=_stories(stories, groups, headlines, watched),
        changes=tuple(Change(*row) for row in changes),  # type: ignore[arg-type]
        watches=_watches(watches),
        sql=sql,
    )


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _stories(
    stories: Sequence[tuple[object, ...]],
    groups: Sequence[tuple[object, ...]],
    headlines: Sequence[tuple[object, ...]],
    watched: Collection[str],
) -> tuple[DigestStory, ...]:
    heads: dict[tuple[object, object], list[Headline]] = defaultdict(list)
    for story_id, group, *rest in headlines:
        heads[story_id, group].append(Headline(*rest))  # type: ignore[arg-type]
    counted: dict[object, dict[str, Group]] = defaultdict(dict)
    for story_id, group, *numbers in groups:
        key = str(group)
        counted[story_id][key] = Group(key, GROUPS[key], *numbers, tuple(heads[story_id, group]))  # type: ignore[arg-type, call-arg]
    found = []
    for row in stories:
        told = counted[row[0]]
        silent = tuple(Silent(GROUPS[key], key in watched) for key in _MAIN if key not in told)
        parts = tuple(told[key] for key in GROUPS if key in told)
        found.append(DigestStory(*map(_tuple, row), parts, silent))  # type: ignore[arg-type, call-arg]
    return tuple(found)


def _watches(rows: Sequence[tuple[object, ...]]) -> tuple[WatchNews, ...]:
    by_watch: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for watch_id, name, text_group, *rest in rows:
        by_watch[str(watch_id), str(name)].append(Found(f"{watch_id}/{text_group}", *rest))  # type: ignore[arg-type]
    return tuple(WatchNews(watch_id, name, tuple(found)) for (watch_id, name), found in by_watch.items())


def records_of(digest: MorningDigest, sent_at: datetime | None) -> tuple[Digest, list[DigestItem]]:
    """Return what is kept of a digest: that it was made, and each thing it said with its numbers."""
    made = Digest(
        digest_id=digest.digest_id,
        morning=digest.morning,
        beat=digest.beat,
        state=digest.state,
        note=digest.note,
        data_through=digest.data_through,
        last_run_at=digest.last_run_at,
        generated_at=digest.generated_at,
        sources_down=tuple(sorted(d.source_id for d in digest.down)),
        sent_at=sent_at,
    )
    items: list[DigestItem] = []
    for rank, story in enumerate(digest.stories, 1):
        counts: dict[str, object] = {
            "new_voices": story.new_voices,
            "new_articles": story.new_articles,
            "voices_min": story.voices_min,
            "voices_max": story.voices_max,
            "articles": story.articles,
            "sources": story.sources,
            "is_new": story.is_new,
            "groups": {g.key: [g.voices_min, g.voices_max, g.articles, g.sources] for g in story.groups},
        }
        items.append(_item(digest, "story", story.story_id, rank, story.title, counts))
    for kind in ("merged", "split"):
        for rank, change in enumerate((c for c in digest.changes if c.kind == kind), 1):
            key = f"{change.old_story_id}/{change.story_id}"
            items.append(_item(digest, kind, key, rank, change.title, {"articles": change.articles}, change.old_title))
    for watch in digest.watches:
        for rank, found in enumerate(watch.found, 1):
            items.append(_item(digest, "watch", found.item_id, rank, found.title, {"copies": found.copies}, watch.name))
    return made, items


def _item(
    digest: MorningDigest,
    kind: str,
    item_id: str,
    rank: int,
    title: str,
    counts: Mapping[str, object],
    detail: str | None = None,
) -> DigestItem:
    text = json.dumps(counts, sort_keys=True)
    return DigestItem(digest.digest_id, kind, item_id, rank, title, text, detail)  # type: ignore[arg-type]
