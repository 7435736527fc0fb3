"""Stories: which articles report one event, across outlets and languages, and by which id the story is known.

`grouping` decides what belongs together, `sweep` does so day by day; here groups become records. A story has the id of
its first report among the members it has now, so that the id, like the partition, is the same in whatever order and
batches the articles came. An id that ends leaves an alias.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pipeline.identity.face import face, usable_titles
from pipeline.identity.grouping import founding, group_window, text_groups
from pipeline.identity.likeness import Weights, load_weights
from storage.ids import story_id
from storage.records import Article, ArticleFeatures, Copy, Story, StoryAlias, StoryArticle, Translation

METHOD = "stories-5"
Placed = StoryArticle
"""A membership as stored."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The outcome: records to merge, and ids of stories that are no more (each has an alias)."""

    stories: list[Story]
    members: list[StoryArticle]
    aliases: list[StoryAlias]
    retired: list[str]


def place(
    articles: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    copies: Iterable[Copy],
    existing: Sequence[Placed],
    now: datetime,
    *,
    window_days: float = 4.0,
    translations: Iterable[Translation] = (),
    weights: Weights | None = None,
) -> Placement:
    """Group ``articles`` into stories, all at once as one window (the pipeline goes day by day, see `sweep`).

    ``articles`` are those of the window and all other members of the stories they are in; ``existing`` are the current
    memberships of all of them. An article that is placed and neither published nor first seen within ``window_days``
    of ``now`` stays where it is. Stories are returned for every group with an article of the window; members likewise.
    """
    held = {a.article_id: a for a in articles}
    placed = {p.article_id: p for p in existing if p.article_id in held}
    opens = now - timedelta(days=window_days)
    frozen = {k for k in placed if max(held[k].published_at, held[k].first_seen_at) < opens}
    fixed = {k: placed[k].story_id for k in frozen}
    found = group_window(held, features, text_groups(copies), fixed, weights or load_weights(), window_days)
    near = {k: v for k, v in found.near.items() if k not in frozen}
    return records(found.groups, near, held, placed, now, translations)


def records(
    groups: Iterable[Sequence[str]],
    near: Mapping[str, tuple[float, str]],
    held: Mapping[str, Article],
    placed: Mapping[str, Placed],
    now: datetime,
    translations: Iterable[Translation] = (),
) -> Placement:
    """Return the records of ``groups`` of article ids that were placed anew.

    ``near`` holds score and reason of the articles that were weighed; a group without one of them is left alone, and
    what else a group holds keeps its membership but for the story's id. ``placed`` are the memberships there were.
    """
    titles = usable_titles(translations)
    named: dict[str, list[str]] = {}
    for group in groups:
        founder = min(group, key=lambda k: founding(held[k]))
        if any(k in near or (k in placed and placed[k].story_id != story_id(founder)) for k in group):
            named[story_id(founder)] = sorted(group)
    now_in = {k: name for name, group in named.items() for k in group}
    aliases = _aliases(placed, now_in, named, now)
    renamed = {a.alias_id: a.story_id for a in aliases if a.reason == "renamed"}
    stories: list[Story] = []
    members: list[StoryArticle] = []
    for name, group in sorted(named.items()):
        centrality = {k: near[k][0] if k in near else placed[k].score for k in group if k in near or k in placed}
        stories.append(face(name, [held[k] for k in group], centrality, titles))
        for key in group:
            before = placed.get(key)
            same = before is not None and renamed.get(before.story_id, before.story_id) == name
            member = _member(name, key, near, before, METHOD, before.joined_at if before and same else now)
            members.append(member)
    return Placement(stories, sorted(members, key=lambda m: m.article_id), aliases, [a.alias_id for a in aliases])


def _member(
    name: str,
    key: str,
    near: Mapping[str, tuple[float, str]],
    before: Placed | None,
    method: str,
    joined: datetime,
) -> StoryArticle:
    founds = story_id(key) == name
    if key in near or before is None:
        score, reason = near.get(key, (1.0, "event"))
        return StoryArticle(name, key, round(score, 4), "founder" if founds else reason, method, joined)
    reason = "founder" if founds else ("event" if before.reason == "founder" else before.reason)
    return replace(before, story_id=name, reason=reason, joined_at=joined)


def _aliases(
    placed: Mapping[str, Placed], now_in: Mapping[str, str], live: Mapping[str, Sequence[str]], now: datetime
) -> list[StoryAlias]:
    """Return an alias for every id that ended, to the story that has most of its members."""
    former: dict[str, Counter[str]] = defaultdict(Counter)
    staying: set[str] = set()
    for key, membership in placed.items():
        if key in now_in:
            former[membership.story_id][now_in[key]] += 1
        else:
            staying.add(membership.story_id)  # it is in a story that nothing happened to
    found = []
    for old, counts in sorted(former.items()):
        if old in live or old in staying:
            continue
        target = min(counts, key=lambda s: (-counts[s], s))
        others = {placed[k].story_id for k in live[target] if k in placed} - {old}
        reason: Literal["merged", "split", "renamed"] = (
            "split" if len(counts) > 1 else ("merged" if others else "renamed")
        )
        found.append(StoryAlias(old, target, reason, now))
    return found


def flattened(
    ended: Sequence[StoryAlias], stored: Iterable[StoryAlias], live: Iterable[str]
) -> tuple[list[StoryAlias], list[str]]:
    """Return the alias records to merge and the alias ids to delete, so that each alias names a story that there is.

    ``ended`` are the aliases that a placement made, ``stored`` those that pointed to ids that ended (or are ids that
    live again), ``live`` the ids of the stories placed. No chain and no circle is left: an alias always names a living
    story, and an id that lives is no alias.
    """
    alive = set(live)
    target = {a.alias_id: a.story_id for a in ended}
    kept = [
        replace(a, story_id=target[a.story_id])
        for a in sorted(stored, key=lambda a: a.alias_id)
        if a.story_id in target and a.alias_id not in target and a.alias_id not in alive
    ]
    return [*ended, *kept], sorted(a.alias_id for a in stored if a.alias_id in alive)
