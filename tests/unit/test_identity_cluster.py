"""Average linkage: order-free, no chains, names of old groups kept apart."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.cluster import average_linkage, resettle


def test_one_strong_link_does_not_chain_two_groups() -> None:
    """A bridge between two tight groups is outvoted by the pairs that are not alike."""
    edges = [("a", "b", 0.9), ("c", "d", 0.9), ("b", "c", 0.85)]
    assert average_linkage("abcd", edges, 0.5) == [["a", "b"], ["c", "d"]]


def test_what_starts_together_stays_together() -> None:
    """Keys given as one group are one group, whatever their likeness."""
    assert average_linkage("abc", [("b", "c", 0.7)], 0.3, together=[["a", "b"]]) == [["a", "b", "c"]]


def test_groups_with_different_names_never_join() -> None:
    """Two stories of the past stay two; what is new goes to the nearer."""
    edges = [("a", "b", 0.99), ("a", "c", 0.9), ("b", "c", 0.6)]
    assert average_linkage("abc", edges, 0.5, anchored={"a": "one", "b": "two"}) == [["a", "c"], ["b"]]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1]),
        st.sampled_from([0.2, 0.5, 0.7, 0.7000001, 0.9]),
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=150, deadline=None)
def test_order_does_not_matter(graph: dict[tuple[int, int], float], order: random.Random) -> None:
    """Shuffled keys and edges, either way round, give the same groups, which hold every key once."""
    keys = [str(i) for i in range(10)]
    edges = [(str(a), str(b), v) for (a, b), v in graph.items()]
    expected = average_linkage(keys, edges, 0.5)
    turned = [(b, a, v) if order.random() < 0.5 else (a, b, v) for a, b, v in edges]
    order.shuffle(keys)
    order.shuffle(turned)
    assert average_linkage(keys, turned, 0.5) == expected
    assert sorted(k for g in expected for k in g) == sorted(keys)


def test_what_stands_alone_joins_when_several_want_it() -> None:
    """Three near members of a large story take a report in that the other members do not resemble; two do not."""
    story = [list("abcdef"), ["x"], ["y"]]
    wanted = [("x", k, 0.6) for k in "abc"] + [("y", k, 0.7) for k in "ab"]
    assert resettle(story, wanted, 0.5) == [["a", "b", "c", "d", "e", "f", "x"], ["y"]]


def test_a_report_goes_to_the_story_of_its_nearest() -> None:
    """What came to a group early by a likeness to one member leaves it for a story where three are nearer."""
    groups = [["a", "b", "c"], ["x", "y", "z"]]
    edges = [("x", k, 0.7) for k in "abc"] + [("x", "y", 0.9), ("x", "z", 0.5), ("y", "z", 0.9)]
    assert resettle(groups, edges, 0.5) == [["a", "b", "c", "x"], ["y", "z"]]
    assert resettle(groups, edges, 0.5, staying=["x"]) == groups


def test_who_moves_is_judged_by_the_groups_before() -> None:
    """Of two lone reports one that joins does not vouch for the other in the same round, only in the next."""
    groups = [list("abc"), ["x"], ["y"]]
    edges = [("x", k, 0.6) for k in "abc"] + [("x", "y", 0.99), ("y", "a", 0.1), ("y", "b", 0.1)]
    assert resettle(groups, edges, 0.5) == [["a", "b", "c", "x"], ["y"]]
    assert resettle(groups, [*edges, ("y", "c", 0.5)], 0.5) == [["a", "b", "c", "x", "y"]]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] < p[1]),
        st.sampled_from([0.2, 0.5, 0.7, 0.7000001, 0.9]),
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=150, deadline=None)
def test_resettling_keeps_every_key_and_no_order(graph: dict[tuple[int, int], float], order: random.Random) -> None:
    """Shuffled edges, either way round, give the same groups, which hold every key once."""
    keys = [str(i) for i in range(10)]
    edges = [(str(a), str(b), v) for (a, b), v in graph.items()]
    groups = average_linkage(keys, edges, 0.6)
    expected = resettle(groups, edges, 0.3, keys[:2])
    turned = [(b, a, v) if order.random() < 0.5 else (a, b, v) for a, b, v in edges]
    order.shuffle(turned)
    assert resettle(groups, turned, 0.3, keys[:2]) == expected
    assert sorted(k for g in expected for k in g) == keys
