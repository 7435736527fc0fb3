"""One window of articles in groups by event: units, likelihoods, linkage.

Pure: the groups depend on the set of articles, on what is fixed, and on the background, never on their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.identity.cluster import average_linkage, resettle
from pipeline.identity.dates import Precedence, precedence
from pipeline.identity.likeness import Background, Item, Weights, Window, item_of, probabilities
from storage.records import Article, ArticleFeatures, Copy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CORE = frozenset({"news", "other"})
_ATTACHABLE = frozenset({"opinion", "live"})
_ATTACH = 0.8
"""A column or live blog joins a story only when it is this near to it on average; it never makes or joins stories."""
_NOTICED = 0.01  # a lower likelihood is as good as none
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """All copies of one text on one side of the window, seen through the article that best stands for them."""

    key: str
    members: tuple[str, ...]
    core: bool
    fixed_in: str | None  # set for units whose story was decided earlier: its name


@dataclass(frozen=True, slots=True)
class Groups:
    """``groups`` of article ids, each sorted; ``near`` says of each article how near it is to its group, and why.

    ``reach_of`` names for each article the connected part of the window it stands in: articles in two parts have no
    likelihood that could ever join them.
    """

    groups: list[list[str]]
    near: dict[str, tuple[float, str]]
    part_of: dict[str, int] = field(default_factory=dict)


def founding(article: Article) -> tuple[bool, Precedence]:
    """Return a sort key for who founds a story: the first report, before any column or live blog."""
    return article.genre not in _CORE, precedence(article)


def text_groups(copies: Iterable[Copy]) -> dict[str, str]:
    """Return the text group of each article that has copies or is one."""
    of: dict[str, str] = {}
    for copy in sorted(copies, key=lambda c: c.article_id):
        of[copy.article_id] = copy.text_group_id
        if copy.original_article_id is not None:
            of[copy.original_article_id] = copy.text_group_id
    return of


def items_of(held: Mapping[str, Article], features: Mapping[str, ArticleFeatures], keys: Iterable[str]) -> list[Item]:
    """Return the items of those articles that have features."""
    return [item_of(held[k], features[k]) for k in sorted(keys) if k in features]


def group_window(
    held: Mapping[str, Article],
    features: Mapping[str, ArticleFeatures],
    text_of: Mapping[str, str],
    fixed: Mapping[str, str],
    weights: Weights,
    window_days: float,
    background: Background | None = None,
    seeds: Collection[tuple[str, str]] | None = None,
) -> Groups:
    """Group the articles ``held``; those in ``fixed`` stay in the story named there, and two such never join.

    Two texts further apart than ``window_days`` have no likelihood and are not counted against each other, so that what
    a run happens to bring in between does not decide whether they meet. Without a ``background`` the units are their
    own. ``seeds`` are the pairs of ids to measure first; without them they are looked for.
    """
    import numpy as np

    bundles = _units(held, fixed, text_of)
    units = [u for bundle in bundles for u in bundle]
    window = Window(items_of(held, features, (u.key for u in units)), background)
    pairs = window.candidates() if seeds is None else _seeded(window, units, seeds)
    edges = _edges(window, pairs, weights, window_days)
    core = {u.key for u in units if u.core}
    together, anchored, tied = _constraints(bundles, core)
    hours = {k: held[k].published_at.timestamp() / 3600 for k in core} if anchored else None

    def link() -> list[list[str]]:
        inner = [e for e in edges if e[0] in core and e[1] in core]
        return average_linkage(sorted(core), inner, weights.threshold, together, anchored, hours, window_days * 24)

    grouped = link()
    for _ in range(_ROUNDS):
        # Candidates are near neighbours: of a story of a hundred reports most pairs are none. Left out they would count
        # as unlike, and large stories fall to pieces.
        missing = _missing(window, grouped, edges, pairs, weights.threshold)
        if not len(missing):
            break
        pairs = np.concatenate([pairs, missing])
        edges += _edges(window, missing, weights, window_days)
        grouped = link()
    inner = [e for e in edges if e[0] in core and e[1] in core]
    grouped = resettle(grouped, inner, weights.threshold, anchored)
    group_of = {key: i for i, group in enumerate(grouped) for key in group}
    for key, anchor in tied.items():
        if anchor in group_of:
            grouped[group_of[anchor]].append(key)
            group_of[key] = group_of[anchor]
    _attach_the_rest(units, held, edges, core, grouped, group_of)
    by_key = {u.key: u for u in units}
    result = [sorted(m for key in group for m in by_key[key].members) for group in grouped]
    strong = [(a, b) for a, b, p in edges if p >= min(weights.threshold, _ATTACH)]
    part_of = _parts(bundles, strong, grouped)
    return Groups(result, _nearness(grouped, by_key, edges), part_of)


def _edges(
    window: Window, pairs: NDArray[np.int64], weights: Weights, window_days: float
) -> list[tuple[str, str, float]]:
    likely = probabilities(window, pairs, weights)
    return [
        (window.items[a].key, window.items[b].key, p)
        for (a, b), p in zip(pairs.tolist(), likely.tolist(), strict=True)
        if p > _NOTICED and abs(window.items[a].hours - window.items[b].hours) <= window_days * 24
    ]


def _missing(
    window: Window,
    grouped: Sequence[Sequence[str]],
    edges: Iterable[tuple[str, str, float]],
    measured: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.int64]:
    """Return the pairs not yet measured within groups and between groups that a strong likelihood connects."""
    import numpy as np

    row = {item.key: i for i, item in enumerate(window.items)}
    groups = [[row[k] for k in group if k in row] for group in grouped]
    group_of = {key: i for i, group in enumerate(grouped) for key in group}
    linked = {
        (min(group_of[a], group_of[b]), max(group_of[a], group_of[b]))
        for a, b, p in edges
        if p >= threshold and a in group_of and b in group_of
    }
    wanted = window.complete(groups, linked)
    n = len(window.items)
    known = np.isin(wanted[:, 0] * n + wanted[:, 1], measured[:, 0] * n + measured[:, 1])
    missing: NDArray[np.int64] = wanted[~known]
    return missing


def _units(held: Mapping[str, Article], fixed: Mapping[str, str], text_of: Mapping[str, str]) -> list[list[Unit]]:
    """Return the units in lists that must stay together: copies of one text, and what is fixed, by story."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for key in sorted(held):
        by_text[text_of.get(key, key)].append(key)
    by_story: dict[str, list[Unit]] = defaultdict(list)
    bundles: list[list[Unit]] = []
    for keys in by_text.values():
        old: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            if key in fixed:
                old[fixed[key]].append(key)
        for story, group in old.items():
            by_story[story].append(_unit(group, held, story))
        young = [k for k in keys if k not in fixed]
        if not young:
            continue
        unit = _unit(young, held, None)
        if old:
            # The text is known from a story of the past: that is where its new copies belong.
            first = min((k for k in keys if k in fixed), key=lambda k: founding(held[k]))
            by_story[fixed[first]].append(unit)
        else:
            bundles.append([unit])
    return [*bundles, *by_story.values()]


def _unit(keys: Sequence[str], held: Mapping[str, Article], fixed_in: str | None) -> Unit:
    best = min(keys, key=lambda k: (held[k].genre not in _CORE, held[k].kind != "full", precedence(held[k])))
    return Unit(best, tuple(sorted(keys)), held[best].genre in _CORE, fixed_in)


def _constraints(
    bundles: Sequence[Sequence[Unit]], core: set[str]
) -> tuple[list[list[str]], dict[str, str], dict[str, str]]:
    """Return what starts together, which units carry an old story's name, and where units outside the core are tied."""
    together: list[list[str]] = []
    anchored: dict[str, str] = {}
    tied: dict[str, str] = {}
    for bundle in bundles:
        inside = sorted(u.key for u in bundle if u.key in core)
        story = next((u.fixed_in for u in bundle if u.fixed_in is not None), None)
        if len(inside) > 1:
            together.append(inside)
        if story is None:
            continue
        if not inside:
            # A story of columns alone: its first unit stands for it, so that the rest has something to hang on.
            inside = [min(u.key for u in bundle)]
            core.add(inside[0])
        anchored.update(dict.fromkeys(inside, story))
        tied.update((u.key, inside[0]) for u in bundle if u.key not in core)
    return together, anchored, tied


def _attach_the_rest(
    units: Sequence[Unit],
    held: Mapping[str, Article],
    edges: Iterable[tuple[str, str, float]],
    core: Collection[str],
    grouped: list[list[str]],
    group_of: dict[str, int],
) -> None:
    """Put columns and live blogs into the group they are near to, services and all others into groups of their own."""
    core_size = Counter(group_of[k] for k in core)
    links: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for a, b, p in edges:
        for key, other in ((a, b), (b, a)):
            if key not in core and other in core:
                links[key][group_of[other]] += p
    for unit in sorted((u for u in units if not u.core and u.key not in group_of), key=lambda u: u.key):
        found = links[unit.key] if held[unit.key].genre in _ATTACHABLE else {}
        best = max(((total / core_size[g], -g) for g, total in found.items()), default=(0.0, 0))
        if best[0] >= _ATTACH:
            group_of[unit.key] = -best[1]
            grouped[-best[1]].append(unit.key)
        else:
            group_of[unit.key] = len(grouped)
            grouped.append([unit.key])


def _nearness(
    grouped: Sequence[Sequence[str]], by_key: Mapping[str, Unit], edges: Iterable[tuple[str, str, float]]
) -> dict[str, tuple[float, str]]:
    strength: dict[str, dict[str, float]] = defaultdict(dict)
    for a, b, p in edges:
        strength[a][b] = strength[b][a] = p
    near: dict[str, tuple[float, str]] = {}
    for group in grouped:
        for key in group:
            others = [o for o in group if o != key]
            score = sum(strength[key].get(o, 0.0) for o in others) / len(others) if others else 1.0
            for member in by_key[key].members:
                near[member] = (score, "copy" if member != key else ("event" if by_key[key].core else "related"))
    return near


def _parts(
    bundles: Sequence[Sequence[Unit]], strong: Iterable[tuple[str, str]], grouped: Sequence[Sequence[str]]
) -> dict[str, int]:
    """Return a number for each article: the same for all that strong likelihoods, copies or groups connect."""
    home = {u.key: u.key for bundle in bundles for u in bundle}

    def root(key: str) -> str:
        while home[key] != key:
            home[key] = home[home[key]]
            key = home[key]
        return key

    chains = [[u.key for u in bundle] for bundle in bundles] + [list(group) for group in grouped]
    for a, b in [*strong, *((chain[0], other) for chain in chains for other in chain[1:])]:
        first, second = sorted((root(a), root(b)))
        home[second] = first
    number = {r: i for i, r in enumerate(sorted({root(k) for k in home}))}
    return {m: number[root(u.key)] for bundle in bundles for u in bundle for m in u.members}


def _seeded(window: Window, units: Iterable[Unit], seeds: Iterable[tuple[str, str]]) -> NDArray[np.int64]:
    """Return pairs of article ids as pairs (m, 2) of rows, i < j, sorted, through the units that stand for them."""
    import numpy as np

    row = {item.key: i for i, item in enumerate(window.items)}
    row_of = {m: row[u.key] for u in units if u.key in row for m in u.members}
    pairs = {(min(row_of[a], row_of[b]), max(row_of[a], row_of[b])) for a, b in seeds if a in row_of and b in row_of}
    return np.array(sorted(p for p in pairs if p[0] != p[1]), dtype=np.int64).reshape(-1, 2)
