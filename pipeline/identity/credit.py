"""Whose text a group of copies is: the original, the agency, and the record of each copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.identity.dates import precedence
from storage.ids import text_group_id
from storage.records import Article, Copy, CopyKind

_VERBATIM = 0.9
_CONTAINED = 0.75


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts compare: ``jaccard`` and ``containment`` (of the shorter in the longer) of their 3-word runs."""

    jaccard: float
    containment: float
    aligned: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """How a copy relates to the text it is measured by."""

    kind: CopyKind
    similarity: float

    @classmethod
    def between(cls, like: Likeness, copy_runs: int, original_runs: int) -> Relation:
        """Return the relation of two texts in one language; ``*_runs`` are their numbers of distinct 3-word runs."""
        similarity = round(max(like.jaccard, like.containment), 4)
        if like.jaccard >= _VERBATIM:
            return cls("verbatim", similarity)
        ratio = min(copy_runs, original_runs) / max(copy_runs, original_runs, 1)
        return cls("cut" if like.containment >= _CONTAINED and ratio < _CONTAINED else "edited", similarity)


def credit(
    members: Sequence[Article],
    fullest: Article,
    relation: Callable[[Article, Article], Relation],
    owners: Mapping[str, str],
    stored: Mapping[str, Copy],
    window: Mapping[str, Article],
    method: str,
) -> list[Copy]:
    """Return a record for each member of a group but its original.

    The original is the first article of the agency that the members name, by `owners` (source id to agency id); without
    one held, nobody's; where no agency is named, the first to publish. ``stored`` are the records there were: an
    original that is not in the ``window`` any more stays the original. Likeness is measured to the original or, where
    nobody holds it, to the ``fullest`` text.
    """
    ranked = sorted(members, key=precedence)
    named = Counter(m.agency for m in ranked if m.agency)
    agency = min(named, key=lambda a: (-named[a], a)) if named else None
    own = [m for m in ranked if agency is not None and owners.get(m.source_id) == agency]
    original: Article | None = own[0] if own else (None if agency else ranked[0])
    original_id = original.article_id if original else None
    group = text_group_id(original_id) if original_id else text_group_id(f"{agency}:{ranked[0].article_id}")
    here = {text_group_id(f"{agency}:{m.article_id}") for m in ranked}
    for copy in (stored[m.article_id] for m in ranked if m.article_id in stored):
        if copy.original_article_id is None and original is None and copy.text_group_id not in here:
            group = copy.text_group_id  # named after a taker that has left the window
            break
        if copy.original_article_id is not None and copy.original_article_id not in window and not own:
            original, original_id, group = None, copy.original_article_id, copy.text_group_id
            break
    reference = original or fullest
    records = []
    for member in ranked:
        if member is original:
            continue
        found = relation(member, reference)
        records.append(Copy(member.article_id, original_id, group, found.kind, found.similarity, agency, method))
    return records
