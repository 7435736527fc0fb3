"""What a page works out from its rows alone."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.web.facts import voices
from pipeline.web.rows import StoryArticleRow

NOON = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)


def told(article_id: str, group: str, copy_kind: str | None = None, kind: str = "full") -> StoryArticleRow:
    """A row of a story's timeline."""
    return StoryArticleRow(
        1, article_id, f"outlet-{article_id}", None, "US", "en", article_id, None, NOON, "second", NOON, True,
        None, None, None, None, 1, kind, "news", group, copy_kind, None, None, "https://a.example/", None, 90, None,
        False,
    )  # fmt: skip


def test_a_wire_text_is_read_though_its_original_is_not_held() -> None:
    """One whole text for each text: the original where it is held, else the earliest copy; a feed's words are none."""
    copies_only = [told("a", "wire", "verbatim"), told("b", "wire", "cut")]
    with_original = [told("c", "own", "cut"), told("d", "own")]
    feed_original = [told("e", "short", kind="feed_only"), told("f", "short", "edited")]
    assert voices([*copies_only, *with_original, *feed_original, told("g", "g", kind="feed_only")]) == ("a", "d", "f")
