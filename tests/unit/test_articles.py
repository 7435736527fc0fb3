"""Articles from entries and pages, and what the warehouse keeps of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.articles import Labels, count_paragraphs, feed_only_article, full_article, reconcile, version_of
from pipeline.decide import to_entry
from pipeline.steps import Extraction
from tests.unit.test_decide import FRONT, NOW, SOURCE, item

LABELS = Labels(
    genre=lambda url, title, section, categories, media: "news",
    agency=lambda authors, text, source: None,
    language=lambda text, feed, source: (feed or source or "es", "feed"),
)
PAGE = Extraction("k", "ok", title="A title", text="A text of a page.\nMore.", extractor="x/1", lang="es")


def entry(**changes):
    return replace(to_entry(item("a", text="What the feed says"), FRONT, NOW, state="pending", reason="new"), **changes)


def full(text: str = PAGE.text, page: str = "p1", **changes):
    return full_article(SOURCE, entry(**changes), replace(PAGE, text=text), page, LABELS)


def held_as(*articles):
    return [version_of(a) for a in articles]


def test_the_feeds_date_comes_before_the_pages():
    made = full_article(SOURCE, entry(), replace(PAGE, published_at=datetime(2026, 1, 1, tzinfo=UTC)), "p1", LABELS)
    assert (made.published_at, made.published_at_origin) == (NOW, "feed")


def test_without_a_feed_date_the_page_speaks_and_without_both_the_time_seen():
    dateless = entry(published_at=None, published_at_origin="seen")
    dated = replace(PAGE, published_at=datetime(2026, 1, 8, tzinfo=UTC))
    assert full_article(SOURCE, dateless, dated, "p1", LABELS).published_at_origin == "page"
    assert full_article(SOURCE, dateless, PAGE, "p1", LABELS).published_at_origin == "seen"


def test_a_feed_date_of_a_day_takes_the_pages_time_of_that_day():
    day = entry(published_precision="day", published_at=datetime(2026, 1, 8, 4, tzinfo=UTC))
    page = replace(PAGE, published_at=datetime(2026, 1, 8, 13, 5, tzinfo=UTC), published_precision="minute")
    assert full_article(SOURCE, day, page, "p1", LABELS).published_precision == "minute"


def test_the_feeds_own_words_make_an_article_where_it_has_any():
    made = feed_only_article(SOURCE, entry(), None, LABELS)
    assert made is not None
    assert (made.kind, made.text) == ("feed_only", "What the feed says")
    assert feed_only_article(SOURCE, entry(summary=" "), None, LABELS) is None


def test_a_first_wording_is_version_one_and_an_edit_is_version_two():
    first = full()
    article, version = reconcile(first, None, [], NOW) or (None, None)
    assert article is not None and version is not None
    assert (article.version, version.version) == (1, 1)
    edited, second = reconcile(full("Another text.", page="p2"), article, [version], NOW) or (None, None)
    assert edited is not None and second is not None
    assert (edited.version, second.version, edited.article_id) == (2, 2, article.article_id)


def test_an_old_wording_served_again_changes_nothing():
    first, second = full(), replace(full("Another text."), version=2)
    assert reconcile(first, second, held_as(first, second), NOW) is None


def test_a_page_served_before_is_no_edit_even_if_it_now_reads_otherwise():
    """What a source's pages repeat may be learnt in between; only a re-reading of the archive takes that up."""
    first, second = full("A text. Rest."), replace(full("Edited.", "p2"), version=2)
    again = full("A text.")
    assert reconcile(again, second, held_as(first, second), NOW) is None
    reread = reconcile(again, second, held_as(first, second), NOW, reread=True)
    assert reread is not None and reread[0].version == 3


def test_what_says_it_is_older_is_no_edit():
    held = full("Edited.", "p2", updated_at=NOW)
    assert reconcile(full("Old.", "p3", updated_at=NOW - timedelta(hours=1)), held, held_as(held), NOW) is None
    assert reconcile(full("New.", "p3", updated_at=NOW + timedelta(hours=1)), held, held_as(held), NOW) is not None


def test_the_feeds_words_never_replace_a_full_text():
    short = feed_only_article(SOURCE, entry(), None, LABELS)
    assert short is not None
    assert reconcile(short, full(), held_as(full()), NOW) is None
    upgraded = reconcile(full(), short, held_as(short), NOW)
    assert upgraded is not None and upgraded[0].kind == "full"


def test_the_earliest_date_and_first_sight_stay():
    held = full()
    later = full(
        "Edited.", "p2", published_at=NOW + timedelta(hours=5), seen_at=NOW + timedelta(hours=6), backfill=False
    )
    merged, _ = reconcile(later, held, held_as(held), NOW) or (None, None)
    assert merged is not None
    assert (merged.published_at, merged.first_seen_at, merged.backfill) == (NOW, NOW, True)


def test_a_real_date_replaces_the_time_seen():
    held = full(published_at=None, published_at_origin="seen")
    later = full("Edited.", "p2", published_at=NOW + timedelta(hours=5))
    merged, _ = reconcile(later, held, held_as(held), NOW) or (None, None)
    assert merged is not None
    assert (merged.published_at, merged.published_at_origin) == (NOW + timedelta(hours=5), "feed")


def test_paragraphs_count_once_a_page_and_single_ones_are_forgotten():
    assert count_paragraphs({"a": 2}, [["a", "a", "b"], ["c"], ["c"]]) == {"a": 3, "c": 2}
