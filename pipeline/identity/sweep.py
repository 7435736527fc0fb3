"""Stories day by day: what the articles of a day belong to, given the days before.

The result is a function of the set of articles, in whatever order and batches they came. For each day, in the order of
publication, the days of the window up to it are grouped anew; what was published before the window stays in the stories
it is in, and the later part of it (the tail) still draws new reports, so that an event that develops stays together for
as long as each report follows another within the window. When an article comes late, its day and those after it are
gone through again, until they end in what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil

from pipeline.identity.grouping import founding, group_window, text_groups
from pipeline.identity.likeness import Background, Weights, load_weights
from pipeline.identity.stories import Placed, Placement, records
from storage.records import Article, ArticleFeatures, Copy, Translation

LEAD = 3
"""Windows before the first fresh article that an exact sweep must see: where it begins, the window there, its tail."""

_DAY_S = 86_400


def day_of(article: Article) -> int:
    """Return the day of publication (UTC) as a number."""
    return int(article.published_at.timestamp() // _DAY_S)


def sweep(
    articles: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    copies: Iterable[Copy],
    existing: Sequence[Placed],
    fresh: Collection[str],
    now: datetime,
    *,
    window_days: float = 4.0,
    translations: Iterable[Translation] = (),
    weights: Weights | None = None,
    background: Background | None = None,
    seeds: Collection[tuple[str, str]] | None = None,
) -> Placement:
    """Place the ``fresh`` articles (ids; new or reworded), and again what they may change.

    ``articles`` are the fresh ones, all that may have to do with them, and all other members of the stories and text
    groups of these; ``existing`` are the current memberships of all of them.

    Without a ``background`` each window is its own, so an article more may change any likelihood; the sweep then begins
    a window before the first fresh article, and is exact when ``articles`` are all from `LEAD` windows before the first
    fresh one to a window after the last. With a ``background`` those near to the fresh ones will do.
    """
    lead_in = 0 if background is not None else ceil(window_days)
    days = _Days(articles, features, text_groups(copies), existing, fresh, window_days, lead_in)
    for day in days.with_articles():
        if not days.undecided(day):
            days.restore(day)
            continue
        days.regroup(day, weights or load_weights(), background, seeds)
    return records(days.groups(), days.near, days.held, days.placed, now, translations)


class _Days:
    """The state of a sweep: in which group each article is by now. Groups bear any names; ids are given at the end."""

    def __init__(
        self,
        articles: Sequence[Article],
        features: Mapping[str, ArticleFeatures],
        text_of: Mapping[str, str],
        existing: Sequence[Placed],
        fresh: Collection[str],
        window_days: float,
        lead_in: int,
    ) -> None:
        self.held = {a.article_id: a for a in articles}
        self.placed = {p.article_id: p for p in existing if p.article_id in self.held}
        self.near: dict[str, tuple[float, str]] = {}
        self._features = features
        self._fresh = {k for k in fresh if k in self.held}
        self._reach = ceil(window_days)
        self._window_days = window_days
        self._stored = {k: p.story_id for k, p in self.placed.items() if k not in self._fresh}
        self._group = dict(self._stored)
        self._day = {k: day_of(a) for k, a in self.held.items()}
        self._on: dict[int, list[str]] = defaultdict(list)
        self._text_of = text_of
        self._text_members: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.held):
            self._on[self._day[key]].append(key)
            if key in text_of:
                self._text_members[text_of[key]].append(key)
        self._settled = True
        self._first = min((self._day[k] for k in self._fresh), default=0)
        self._start = self._first - lead_in

    def with_articles(self) -> list[int]:
        """Return the days to go through, in order: those that have articles, from the lead-in on."""
        return [d for d in sorted(self._on) if d >= self._start] if self._fresh else []

    def _between(self, first: int, last: int) -> list[str]:
        return [k for d in range(first, last + 1) for k in self._on.get(d, ())]

    def undecided(self, day: int) -> bool:
        """Say whether the groups of ``day`` may be other than those stored."""
        window = self._between(day - self._reach, day)
        if day < self._first or any(k in self._fresh for k in window):
            return True
        if self._settled:
            return False
        # Where all that is still in reach stands as it is stored, what follows has been decided from the same.
        reached = {*window, *self._fixed(day, window)}
        return self._parted(reached, self._group, day) != self._parted(reached, self._stored, day)

    def _fixed(self, day: int, window: Sequence[str]) -> set[str]:
        """Return what was published before the window of ``day`` and still counts: its tail, and the same texts."""
        opens = day - self._reach
        tail = {k for k in self._between(opens - self._reach, opens - 1) if k in self._group}
        texts = {self._text_of[k] for k in window if k in self._text_of}
        return tail | {k for t in texts for k in self._text_members[t] if self._day[k] < opens and k in self._group}

    def _parted(self, keys: Iterable[str], group: Mapping[str, str], day: int) -> dict[str, str]:
        """Return for each of ``keys`` the smallest id of its group, of those published by ``day``."""
        wanted = {group.get(k, k) for k in keys}
        smallest: dict[str, str] = {}
        for key, name in group.items():
            if name in wanted and self._day[key] <= day:
                smallest[name] = min(key, smallest.get(name, key))
        return {k: smallest.get(group.get(k, k), k) for k in keys}

    def restore(self, day: int) -> None:
        """Take up what is stored from here on, since nothing changes any more."""
        if self._settled:
            return
        window = self._between(day - self._reach, day)
        reached = {*window, *self._fixed(day, window)}
        names = {self._group[k]: self._stored[k] for k in sorted(reached) if k in self._stored}
        for key, name in list(self._group.items()):
            if self._day[key] > day:
                self._group[key] = self._stored.get(key, name)
            else:
                self._group[key] = names.get(name, name)
            if self._day[key] >= day - self._reach:
                self.near.pop(key, None)
        self._settled = True

    def regroup(
        self,
        day: int,
        weights: Weights,
        background: Background | None,
        seeds: Collection[tuple[str, str]] | None,
    ) -> None:
        """Group the window that ends with ``day``; what no article of that day is connected to stays as it is."""
        window = self._between(day - self._reach, day)
        fixed = {k: self._group[k] for k in self._fixed(day, window)}
        held = {k: self.held[k] for k in (*window, *fixed)}
        found = group_window(held, self._features, self._text_of, fixed, weights, self._window_days, background, seeds)
        live = {found.part_of[k] for k in self._on[day]}
        for group in found.groups:
            young = [k for k in group if k not in fixed]
            if not young or found.part_of[group[0]] not in live:
                continue
            anchors = sorted({fixed[k] for k in group if k in fixed})
            name = anchors[0] if anchors else f"{day}/{min(young, key=lambda k: founding(self.held[k]))}"
            for key in young:
                self._group[key] = name
                self.near[key] = found.near[key]
        self._settled = False

    def groups(self) -> list[list[str]]:
        """Return the groups there are at the end."""
        by_name: dict[str, list[str]] = defaultdict(list)
        for key, name in sorted(self._group.items()):
            by_name[name].append(key)
        return list(by_name.values())
