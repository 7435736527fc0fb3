"""Average-linkage grouping over a sparse graph of likelihoods: the nearest two groups join until none are near enough.

Single linkage would chain strangers through one article between two events; the mean over all pairs of two groups does
not. A pair that was not measured counts as a likelihood of zero; one too far apart in time to be measured, not at all.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence

_SUPPORT = 3
_ROUNDS = 5


def average_linkage(
    keys: Sequence[str],
    edges: Iterable[tuple[str, str, float]],
    threshold: float,
    together: Sequence[Sequence[str]] = (),
    anchored: Mapping[str, str] | None = None,
    hours: Mapping[str, float] | None = None,
    reach: float = math.inf,
) -> list[list[str]]:
    """Return the groups of ``keys``, each sorted, in order of their first key.

    ``together`` are keys that start in one group. ``anchored`` maps a key to the name of a group decided earlier: two
    groups with different names never join. With ``hours`` (when each key was) pairs more than ``reach`` hours apart are
    left out of the mean: an event that goes on for weeks is not the less likely for its age. The result does not depend
    on the order of ``keys``, ``edges`` or ``together``: ties go to the smaller keys.
    """
    anchored = anchored or {}
    home = {key: key for key in keys}

    def root(key: str) -> str:
        while home[key] != key:
            home[key] = home[home[key]]
            key = home[key]
        return key

    for group in together:
        for other in group[1:]:
            first, second = sorted((root(group[0]), root(other)))
            home[second] = first
    members: dict[str, list[str]] = {}
    for key in keys:
        members.setdefault(root(key), []).append(key)
    names = {r: {anchored[k] for k in group if k in anchored} for r, group in members.items()}
    sums: dict[str, dict[str, float]] = {r: {} for r in members}
    for a, b, value in sorted(edges):
        left, right = root(a), root(b)
        if left != right:
            sums[left][right] = sums[left].get(right, 0.0) + value
            sums[right][left] = sums[left][right]
    count = _Comparable(members, hours, reach)
    heap = [(-value / count(a, b), a, b) for a, others in sums.items() for b, value in others.items() if a < b]
    heap = [entry for entry in heap if -entry[0] >= threshold]
    heapq.heapify(heap)
    while heap:
        negative, a, b = heapq.heappop(heap)
        if a not in members or b not in members:
            continue
        current = sums[a].get(b, 0.0) / count(a, b)
        if -negative != current or len(names[a] | names[b]) > 1:
            continue  # the entry is stale, or both groups already have names of their own
        _join(a, b, members, sums, names)
        count.joined(a, b)
        for other, value in sums[a].items():
            mean = value / count(a, other)
            if mean >= threshold:
                heapq.heappush(heap, (-mean, min(a, other), max(a, other)))
    return sorted(sorted(group) for group in members.values())


class _Comparable:
    """How many pairs of two groups are near enough in time to be compared; at least 1."""

    def __init__(self, members: Mapping[str, list[str]], hours: Mapping[str, float] | None, reach: float) -> None:
        self._members = members
        self._reach = reach
        self._hours = None if hours is None else {r: sorted(hours[k] for k in g) for r, g in members.items()}

    def __call__(self, a: str, b: str) -> int:
        pairs = len(self._members[a]) * len(self._members[b])
        if self._hours is None:
            return pairs
        left, right = self._hours[a], self._hours[b]
        if max(left[-1], right[-1]) - min(left[0], right[0]) <= self._reach:
            return pairs
        near = sum(bisect_right(right, h + self._reach) - bisect_left(right, h - self._reach) for h in left)
        return max(near, 1)

    def joined(self, a: str, b: str) -> None:
        """Take note that group ``b`` is now part of group ``a``."""
        if self._hours is not None:
            self._hours[a] = sorted(self._hours[a] + self._hours.pop(b))


def resettle(
    groups: Sequence[Sequence[str]],
    edges: Iterable[tuple[str, str, float]],
    threshold: float,
    staying: Collection[str] = (),
) -> list[list[str]]:
    """Return the groups after each key went where its nearest are: to the group whose likeliest three have it most.

    In a large story not every report resembles every other (the first flash, the reaction, the portrait), so the mean
    over all members can shut out what several of them would have, and keep in a group what came to it early by a
    likeness to one. A key moves when the likelihoods of its three nearest members of another group, fewer than three
    counting as none for the rest, have a mean of ``threshold`` and more than in its own; the keys ``staying`` never do.
    All keys of a round move at once, judged by the groups as they are before it, so that order does not matter.
    """
    of = {key: i for i, group in enumerate(groups) for key in group}
    near: dict[str, list[tuple[float, str]]] = {key: [] for key in of}
    for a, b, value in edges:
        near[a].append((value, b))
        near[b].append((value, a))
    for links in near.values():
        links.sort(reverse=True)
    movable = {key for key in of if key not in staying}
    pending = movable
    for _ in range(_ROUNDS):
        moved = {key: target for key in pending if (target := _nearest(near[key], of, of[key], threshold)) != of[key]}
        if not moved:
            break
        of |= moved
        pending = movable & {other for key in moved for _, other in near[key]}
    found: dict[int, list[str]] = {}
    for key, group in of.items():
        found.setdefault(group, []).append(key)
    return sorted(sorted(group) for group in found.values())


def _nearest(links: Iterable[tuple[float, str]], of: Mapping[str, int], own: int, threshold: float) -> int:
    """Return the group whose nearest want a key with these ``links`` (likeliest first) most; its ``own`` in doubt."""
    best: dict[int, list[float]] = {}
    for value, other in links:
        held = best.setdefault(of[other], [])
        if len(held) < _SUPPORT:
            held.append(value)
    wanted = {group: math.fsum(held) / _SUPPORT for group, held in best.items()}
    target = max(wanted, key=lambda g: (wanted[g], g == own, -g), default=own)
    return target if wanted.get(target, 0.0) >= threshold else own


def _join(
    a: str, b: str, members: dict[str, list[str]], sums: dict[str, dict[str, float]], names: dict[str, set[str]]
) -> None:
    """Put group ``b`` into group ``a``."""
    members[a].extend(members.pop(b))
    names[a] |= names.pop(b)
    for other, value in sums.pop(b).items():
        if other == a:
            continue
        total = sums[a].get(other, 0.0) + value
        sums[a][other] = total
        sums[other][a] = total
        del sums[other][b]
    sums[a].pop(b, None)
