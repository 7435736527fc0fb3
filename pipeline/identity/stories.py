"""Stories: which articles report one event, across outlets and languages, and by which id the story is known.

The whole window is grouped anew at each run and the groups are then matched to the stories there were. So the same set
of articles gives the same partition, in whatever order and batches they came.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pipeline.identity.cluster import adopt, average_linkage
from pipeline.identity.dates import Precedence, precedence
from pipeline.identity.face import face, usable_titles
from pipeline.identity.likeness import Weights, Window, item_of, load_weights, probabilities
from storage.ids import story_id
from storage.records import Article, ArticleFeatures, Copy, Story, StoryAlias, StoryArticle, Translation

METHOD = "stories-2"
Placed = StoryArticle
"""A membership as stored."""

_CORE = frozenset({"news", "other"})
_ATTACHABLE = frozenset({"opinion", "live"})
_ATTACH = 0.8
"""A column or live blog joins a story only when it is this near to it on average; it never makes or joins stories."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The outcome: records to merge, and ids of stories that are no more (each has an alias)."""

    stories: list[Story]
    members: list[StoryArticle]
    aliases: list[StoryAlias]
    retired: list[str]


@dataclass(frozen=True, slots=True)
class _Unit:
    """All copies of one text on one side of the window, seen through the article that best stands for them."""

    key: str
    members: tuple[str, ...]
    core: bool
    story: str | None  # set for units that left the window: the story they stay in


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
    """Group ``articles`` into stories.

    ``articles`` are those of the window and all other members of the stories they are in; ``existing`` are the current
    memberships of all of them. An article that is placed and neither published nor first seen within ``window_days``
    of ``now`` stays where it is. Stories are returned for every group with an article of the window; members likewise.
    A story keeps its id while its founding article is in it; an id that ends leaves an alias, which may point to an id
    that ends later: resolve repeatedly, and prefer a living story to an alias of the same id.
    """
    held = {a.article_id: a for a in articles}
    placed = {p.article_id: p for p in existing if p.article_id in held}
    opens = now - timedelta(days=window_days)
    frozen = {k for k in placed if max(held[k].published_at, held[k].first_seen_at) < opens}
    units = _units(held, placed, frozen, copies)
    groups, near = _group(units, held, features, weights or load_weights(), window_days)
    names = _names(groups, held, placed, frozen)
    titles = usable_titles(translations)
    stories: list[Story] = []
    members: list[StoryArticle] = []
    for name, group in zip(names, groups, strict=True):
        if all(key in frozen for key in group):
            continue
        centrality = {key: near.get(key, (0.0, ""))[0] for key in group}
        stories.append(face(name, [held[k] for k in group], centrality, titles))
        founder = min(group, key=lambda k: _founding(held[k]))
        for key in group:
            if key in frozen:
                continue
            score, reason = near.get(key, (1.0, "event"))
            if key == founder:
                reason = "founder"
            before = placed.get(key)
            joined = before.joined_at if before is not None and before.story_id == name else now
            members.append(StoryArticle(name, key, round(score, 4), reason, METHOD, joined))
    live = set(names)
    aliases = _aliases(placed, {k: n for n, g in zip(names, groups, strict=True) for k in g}, live, now)
    return Placement(
        stories=sorted(stories, key=lambda s: s.story_id),
        members=sorted(members, key=lambda m: m.article_id),
        aliases=aliases,
        retired=[a.alias_id for a in aliases],
    )


def _founding(article: Article) -> tuple[bool, Precedence]:
    """Return a sort key for who founds a story: the first report, before any column or live blog."""
    return article.genre not in _CORE, precedence(article)


def _units(
    held: Mapping[str, Article], placed: Mapping[str, Placed], frozen: set[str], copies: Iterable[Copy]
) -> list[list[_Unit]]:
    """Return the units in lists that must stay together: copies of one text, and what left the window, by story."""
    text_of = {k: k for k in held}
    for copy in sorted(copies, key=lambda c: c.article_id):
        if copy.article_id in held:
            text_of[copy.article_id] = copy.text_group_id
            if copy.original_article_id in held:
                text_of[str(copy.original_article_id)] = copy.text_group_id
    by_text: dict[str, list[str]] = defaultdict(list)
    for key in sorted(held):
        by_text[text_of[key]].append(key)
    by_story: dict[str, list[_Unit]] = defaultdict(list)
    bundles: list[list[_Unit]] = []
    for keys in by_text.values():
        old: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            if key in frozen:
                old[placed[key].story_id].append(key)
        for story, group in old.items():
            by_story[story].append(_unit(group, held, story))
        young = [k for k in keys if k not in frozen]
        if not young:
            continue
        unit = _unit(young, held, None)
        if old:
            # The text is known from a story of the past: that is where its new copies belong.
            first = min((k for k in keys if k in frozen), key=lambda k: _founding(held[k]))
            by_story[placed[first].story_id].append(unit)
        else:
            bundles.append([unit])
    return [*bundles, *by_story.values()]


def _unit(keys: Sequence[str], held: Mapping[str, Article], story: str | None) -> _Unit:
    best = min(keys, key=lambda k: (held[k].genre not in _CORE, held[k].kind != "full", precedence(held[k])))
    return _Unit(best, tuple(sorted(keys)), held[best].genre in _CORE, story)


def _group(
    bundles: Sequence[Sequence[_Unit]],
    held: Mapping[str, Article],
    features: Mapping[str, ArticleFeatures],
    weights: Weights,
    window_days: float,
) -> tuple[list[list[str]], dict[str, tuple[float, str]]]:
    """Return the groups of article ids, and for each article how near it is to the rest of its group, and why.

    Two texts further apart than ``window_days`` have no likeness, so that what a run happens to bring in between does
    not decide whether they meet.
    """
    units = [u for bundle in bundles for u in bundle]
    by_key = {u.key: u for u in units}
    items = [item_of(held[u.key], features[u.key]) for u in units if u.key in features]
    window = Window(items)
    pairs = window.candidates()
    likely = probabilities(window, pairs, weights)
    edges = [
        (window.items[a].key, window.items[b].key, p)
        for (a, b), p in zip(pairs.tolist(), likely.tolist(), strict=True)
        if p > 0.01 and abs(window.items[a].hours - window.items[b].hours) <= window_days * 24
    ]
    core = {u.key for u in units if u.core}
    together, anchored, fixed = _constraints(bundles, core)
    inner = [e for e in edges if e[0] in core and e[1] in core]
    grouped = average_linkage(sorted(core), inner, weights.threshold, together, anchored)
    # What stands alone may still be adopted, unless it is what is left in the window of an older story.
    grouped = adopt(grouped, [e for e in inner if e[0] not in anchored and e[1] not in anchored], weights.threshold)
    group_of = {key: i for i, group in enumerate(grouped) for key in group}
    for key, anchor in fixed.items():
        if anchor in group_of:
            grouped[group_of[anchor]].append(key)
            group_of[key] = group_of[anchor]
    strength = {(a, b): p for a, b, p in edges}
    core_size = Counter(group_of[k] for k in core)
    for unit in sorted((u for u in units if not u.core and u.key not in group_of), key=lambda u: u.key):
        best = _attachment(unit, held, edges, core, group_of, core_size)
        if best is None:
            group_of[unit.key] = len(grouped)
            grouped.append([unit.key])
        else:
            group_of[unit.key] = best
            grouped[best].append(unit.key)
    near: dict[str, tuple[float, str]] = {}
    result: list[list[str]] = []
    for group in grouped:
        result.append(sorted(m for key in group for m in by_key[key].members))
        for key in group:
            others = [o for o in group if o != key]
            total = sum(strength.get((min(key, o), max(key, o)), 0.0) for o in others)
            score = total / len(others) if others else 1.0
            for member in by_key[key].members:
                reason = "copy" if member != key else ("event" if by_key[key].core else "related")
                near[member] = (score, reason)
    return result, near


def _constraints(
    bundles: Sequence[Sequence[_Unit]], core: set[str]
) -> tuple[list[list[str]], dict[str, str], dict[str, str]]:
    """Return what starts together, which units carry an old story's name, and where units outside the core are tied."""
    together: list[list[str]] = []
    anchored: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for bundle in bundles:
        inside = sorted(u.key for u in bundle if u.key in core)
        story = next((u.story for u in bundle if u.story is not None), None)
        if len(inside) > 1:
            together.append(inside)
        if story is None:
            continue
        if not inside:
            # A story of columns alone: its first unit stands for it, so that the rest has something to hang on.
            inside = [min(u.key for u in bundle)]
            core.add(inside[0])
        anchored.update(dict.fromkeys(inside, story))
        fixed.update((u.key, inside[0]) for u in bundle if u.key not in core)
    return together, anchored, fixed


def _attachment(
    unit: _Unit,
    held: Mapping[str, Article],
    edges: Iterable[tuple[str, str, float]],
    core: set[str],
    group_of: Mapping[str, int],
    core_size: Mapping[int, int],
) -> int | None:
    """Return the group that a column or live blog belongs to, or None."""
    if held[unit.key].genre not in _ATTACHABLE:
        return None
    sums: dict[int, float] = defaultdict(float)
    for a, b, p in edges:
        other = b if a == unit.key else a if b == unit.key else None
        if other is not None and other in core:
            sums[group_of[other]] += p
    means = sorted(((total / core_size[g], -g) for g, total in sums.items()), reverse=True)
    return -means[0][1] if means and means[0][0] >= _ATTACH else None


def _names(
    groups: Sequence[Sequence[str]], held: Mapping[str, Article], placed: Mapping[str, Placed], frozen: set[str]
) -> list[str]:
    """Return the story id of each group."""
    known = {p.story_id for p in placed.values()}
    claimed = {placed[k].story_id for k in frozen}
    homeless: dict[str, Counter[int]] = defaultdict(Counter)
    founders = {story_id(k) for k in held}
    names: list[str | None] = []
    for i, group in enumerate(groups):
        anchors = sorted({placed[k].story_id for k in group if k in frozen})
        ranked = sorted(group, key=lambda k: _founding(held[k]))
        inherited = [s for s in map(story_id, ranked) if s in known and s not in claimed]
        names.append(anchors[0] if anchors else inherited[0] if inherited else None)
        for key in group:
            if key in placed and placed[key].story_id not in founders:
                homeless[placed[key].story_id][i] += 1
    # A story whose founding article is not among these goes on where most of its members are.
    for story, counts in sorted(homeless.items()):
        best = min(counts, key=lambda g: (-counts[g], g))
        if names[best] is None and story not in names:
            names[best] = story
    for i, group in enumerate(groups):
        if names[i] is None:
            ranked = sorted(group, key=lambda k: _founding(held[k]))
            names[i] = next((s for s in map(story_id, ranked) if s not in claimed), story_id(ranked[0]))
    return [str(name) for name in names]


def _aliases(
    placed: Mapping[str, Placed], now_in: Mapping[str, str], live: set[str], now: datetime
) -> list[StoryAlias]:
    former: dict[str, Counter[str]] = defaultdict(Counter)
    for key, membership in placed.items():
        former[membership.story_id][now_in[key]] += 1
    found = []
    for old, counts in sorted(former.items()):
        if old in live:
            continue
        target = min(counts, key=lambda s: (-counts[s], s))
        reason: Literal["merged", "split"] = "merged" if len(counts) == 1 else "split"
        found.append(StoryAlias(old, target, reason, now))
    return found
