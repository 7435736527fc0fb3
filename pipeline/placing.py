"""Copies and stories: read what new articles may have to do with, decide with the store closed, merge.

The decisions are in `pipeline.identity`. What is read depends on the window, never on the archive: all of a window that
is small, so that the outcome is exact; of a large one only what is near to the new articles.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.agency import load_agencies
from pipeline.identity.copies import find_copies
from pipeline.identity.embed import Embedder
from pipeline.identity.features import compute_features, method_version
from pipeline.identity.likeness import Background, Item, load_weights
from pipeline.identity.neighbours import linked, sharing, within
from pipeline.identity.stories import METHOD, Placed, Placement, flattened
from pipeline.identity.sweep import LEAD, sweep
from pipeline.identity.translated import REACH_DAYS
from pipeline.report import Reporter
from pipeline.settings import Settings, config_file
from pipeline.window import Rows, likely_copies, period_of
from storage.db import as_json
from storage.records import (
    Article,
    ArticleFeatures,
    Copy,
    StageMark,
    Story,
    StoryAlias,
    StoryArticle,
    StoryTopic,
    Translation,
)
from storage.store import Store

OpenStore = Callable[[], AbstractContextManager[Store]]
Clock = Callable[[], datetime]

SMALL = 2_000
"""A window of at most so many articles is grouped anew as a whole."""
_RARE = 12  # a word that more articles of a window hold than this brings no two together by itself
_CHUNK = 50  # articles whose features are computed between two commits
_MAYBE_TRANSLATED = 0.5
"""Cosine of title and lead from which a text in the other language is read; `translated.NEAR` is asked next."""


@dataclass(frozen=True, slots=True)
class IdentityCounts:
    """What placing changed."""

    placed: int
    copies: int
    stories: int
    merged_or_split: int


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch is decided from. ``background`` and ``seeds`` are None where the whole window is here."""

    fresh: list[str]
    articles: list[Article]
    features: dict[str, ArticleFeatures]
    existing: list[Placed]
    copies: list[Copy]
    translations: list[Translation]
    background: Background | None
    seeds: set[tuple[str, str]] | None


def identify(
    open_store: OpenStore, settings: Settings, embedder: Embedder, clock: Clock, says: Reporter
) -> IdentityCounts:
    """Compute features of new wordings, find copies and place articles into stories, one stretch of time after another.

    Each stretch is one transaction; what a killed run left undone is taken up by the next one, with the same outcome.
    """
    compute_all_features(open_store, embedder, says)
    with open_store() as store:
        due = _to_place(store, settings.translate.target)
    owners = load_agencies(config_file(settings, "agencies.toml")).owners
    placed = copies = stories = changed = 0
    batches = _stretches(due, timedelta(days=settings.identity.story_window_days))
    with says.step("stories", len(batches)) as step:
        for batch in batches:
            times = [at for at, _ in batch]
            fresh = [mark.article_id for _, mark in batch]
            with open_store() as store:
                work = read_work(store, settings, fresh, min(times), max(times))
            found, placement = decide(work, settings, owners, embedder, clock())
            with open_store() as store:
                merge_work(store, work, found, placement, [mark for _, mark in batch])
            placed += len(placement.members)
            copies += len(found)
            stories += len(placement.stories)
            changed += len(placement.aliases)
            step.advance()
    return IdentityCounts(placed, copies, stories, changed)


def compute_all_features(open_store: OpenStore, embedder: Embedder, says: Reporter) -> None:
    """Compute and keep the features of articles whose wording or method has none."""
    with open_store() as store:
        fresh = [str(row[0]) for row in store.statement("unfeatured", version=method_version(embedder))]
    with says.step("read", len(fresh)) as step:
        for start in range(0, len(fresh), _CHUNK):
            with open_store() as store:
                chunk = store.read_in(Article, "article_id", fresh[start : start + _CHUNK])
            found = compute_features(chunk, embedder)
            with open_store() as store, store.transaction():
                store.merge(found)
            step.advance(count=len(chunk))


def _to_place(store: Store, target: str) -> list[tuple[datetime, StageMark]]:
    """Publication times and marks of articles that are new, reworded, or whose translation has another status.

    (A story's English title may be a translation, so a text that is translated later brings its story up again.)
    """
    rows = store.statement("unplaced", target=target, version=METHOD)
    return [(at, StageMark(key, "stories", sha, method)) for at, key, sha, method in rows]


def _stretches(due: Sequence[tuple[datetime, StageMark]], longest: timedelta) -> list[list[tuple[datetime, StageMark]]]:
    """Return what is due, by time, in stretches of at most ``longest``: neither a backfill nor a new method that
    touches years ever stands in memory as a whole."""
    found: list[list[tuple[datetime, StageMark]]] = []
    for item in due:
        if found and item[0] - found[-1][0][0] <= longest:
            found[-1].append(item)
        else:
            found.append([item])
    return found


def read_work(store: Store, settings: Settings, fresh: Sequence[str], first: datetime, last: datetime) -> Work:
    """Read what the ``fresh`` articles, published from ``first`` to ``last``, may have to do with."""
    days = settings.identity.story_window_days
    whole = (
        _midnight(first) - timedelta(days=max(LEAD * days, settings.identity.copy_window_days)),
        _midnight(last) + timedelta(days=max(days, settings.identity.copy_window_days) + 1),
    )
    background = seeds = links = None
    features: dict[str, ArticleFeatures] = {}
    if store.statement("window_size", start=whole[0], end=whole[1])[0][0] <= SMALL:
        ids = [str(row[0]) for row in store.statement("window_articles", start=whole[0], end=whole[1])]
    else:
        ids, background, links, features = _near(store, settings, fresh, first, last)
    ids = [str(row[0]) for row in store.statement("company", ids=as_json([*ids, *fresh]))]
    features |= _features(store, set(ids) - set(features))
    existing = store.read_in(StoryArticle, "article_id", ids)
    if links is not None:
        seeds = within({m.article_id: m.story_id for m in existing}, links)
    return Work(
        fresh=list(fresh),
        articles=store.read_rows(Article, "article_id", ids),
        features={k: features[k] for k in ids if k in features},
        existing=existing,
        copies=store.read_in(Copy, "article_id", ids),
        translations=store.read_in(
            Translation, "article_id", ids, "target = $target", target=settings.translate.target
        ),
        background=background,
        seeds=seeds,
    )


def _features(store: Store, ids: Collection[str]) -> dict[str, ArticleFeatures]:
    """Read the features of ``ids``, vectors and signatures as arrays of numbers: making a tuple of 512 floats takes
    a hundred times as long."""
    if not ids:
        return {}
    rows = store.arrays("features_of", ids=as_json(sorted(ids)))
    columns: dict[str, list[Any]] = {name: column.tolist() for name, column in rows.items()}
    for name, code in (("title_vector", "h"), ("lead_vector", "h"), ("minhash", "q")):
        columns[name] = [array(code, values.tobytes()) for values in columns[name]]
    for name in ("terms", "names", "numbers"):
        columns[name] = [tuple(values.tolist()) for values in columns[name]]
    return {row[0]: ArticleFeatures(*row) for row in zip(*columns.values(), strict=True)}


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _days_around(first: datetime, last: datetime, days: float) -> tuple[datetime, datetime]:
    """Return where the days begin and end that lie within ``days`` of those from ``first`` to ``last``."""
    return _midnight(first) - timedelta(days=days), _midnight(last) + timedelta(days=days + 1)


def _near(
    store: Store, settings: Settings, fresh: Sequence[str], first: datetime, last: datetime
) -> tuple[list[str], Background, set[tuple[str, str]], dict[str, ArticleFeatures]]:
    """Return the articles of a large window that the fresh ones may be copies of or share a story with, what is common
    in the window, the pairs that could be placed together, and the features that were read on the way."""
    days, reach = settings.identity.story_window_days, settings.identity.copy_window_days
    held = Rows.read(store, *_days_around(first, last, max(days, reach)))
    ids = likely_copies(store, held.between(*_days_around(first, last, reach)), fresh, reach)
    held = held.between(*_days_around(first, last, days))
    period = period_of(store, held)
    background = period.background(store.arrays("window_words", rows=held.numbers()))
    near = period.near(fresh, days * 24)
    lang = dict(zip(period.ids, period.langs, strict=True))
    hours = dict(zip(period.ids, period.at.tolist(), strict=True))
    for key, others in near.items():
        ids.update(
            other
            for other, cosine in others
            if lang[other] != lang[key]
            and cosine >= _MAYBE_TRANSLATED
            and abs(hours[other] - hours[key]) <= REACH_DAYS * 24
        )
    features = _features(store, fresh)
    pairs = {(key, other) for key, others in near.items() for other, _ in others}
    terms = {w for f in features.values() for w in f.terms if 1 < background.terms.get(w, 0) <= _RARE}
    names = {w for f in features.values() for w in f.names if 1 < background.names.get(w, 0) <= _RARE}
    holders = store.arrays("window_holders", rows=held.numbers(), terms=as_json(terms), names=as_json(names))
    pairs |= sharing(zip(holders["article_id"].tolist(), holders["word"].tolist(), strict=True), fresh)
    met = {k for pair in pairs for k in pair}
    features |= _features(store, met - set(features))
    items = [Item(k, lang[k], hours[k], features[k]) for k in sorted(met) if k in features and k in lang]
    story_of = {m.article_id: m.story_id for m in store.read_in(StoryArticle, "article_id", met)}
    links = linked(items, pairs, story_of, background, load_weights(), days * 24)
    return sorted(ids.union(*links)), background, links, features


def decide(
    work: Work, settings: Settings, owners: Mapping[str, str], embedder: Embedder | None, now: datetime
) -> tuple[list[Copy], Placement]:
    """Return the copies among the articles of ``work``, and where its fresh articles belong. Pure.

    Without an ``embedder`` no translations are looked for.
    """
    fresh = set(work.fresh)
    found = find_copies(
        [a for a in work.articles if a.article_id in fresh],
        work.articles,
        work.features,
        work.copies,
        owners=owners,
        embedder=embedder,
        reach_days=settings.identity.copy_window_days,
    )
    placement = sweep(
        work.articles,
        work.features,
        found,
        work.existing,
        fresh,
        now,
        window_days=settings.identity.story_window_days,
        translations=work.translations,
        background=work.background,
        seeds=work.seeds,
    )
    return found, placement


def merge_work(
    store: Store, work: Work, copies: Sequence[Copy], placement: Placement, marks: Sequence[StageMark]
) -> None:
    """Merge the outcome of a batch in one transaction."""
    names = [s.story_id for s in placement.stories]
    with store.transaction():
        pointing = store.read_in(StoryAlias, "story_id", placement.retired) if placement.retired else []
        aliases, revived = flattened(
            placement.aliases, [*pointing, *store.read_in(StoryAlias, "alias_id", names)], names
        )
        store.replace(Copy, "article_id", [a.article_id for a in work.articles], copies)
        store.delete(StoryAlias, "alias_id", revived)
        store.merge([*placement.stories, *placement.members, *aliases, *marks])
        store.delete(Story, "story_id", placement.retired)
        # Their members may have changed, so their topics are to be weighed anew (see `enrich.tag`)
        store.delete(StoryTopic, "story_id", sorted({*placement.retired, *names}))
