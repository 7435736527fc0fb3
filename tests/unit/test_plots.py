"""What the plots draw: shares are of all articles of a country, and the same topics are shown in both languages."""

from __future__ import annotations

from pathlib import Path

from pipeline.web.plots import topic_shares
from pipeline.web.rows_lists import PlotTopic
from storage.db import sql_file
from storage.query import open_reading, run_query


def test_a_topics_share_is_of_all_articles_of_the_country() -> None:
    """Two topics of the same four articles are each three quarters of them; together they are more than all."""
    rows = [PlotTopic("VE", "t1", "law", "ley", 3, 4), PlotTopic("VE", "t2", "war", "guerra", 3, 4)]
    assert topic_shares(rows, "en") == {"law": {"VE": 0.75}, "war": {"VE": 0.75}}


def test_both_languages_show_the_same_topics() -> None:
    """Where several topics share the last place, their ids decide, not their names in a language."""
    rows = [PlotTopic("VE", f"t{n}", f"name {n}", f"nombre {9 - n}", 5, 50) for n in range(9)]
    assert list(topic_shares(rows, "en")) == [f"name {n}" for n in range(8)]
    assert list(topic_shares(rows, "es")) == [f"nombre {9 - n}" for n in range(8)]


def test_the_statement_counts_all_articles_of_each_country(demo_home: Path) -> None:
    """Also those without a topic of the first level."""
    span: dict[str, str | int] = {"first_day": "2026-01-01", "last_day": "2027-01-01"}
    with open_reading(demo_home, 30) as reading:
        found = [PlotTopic(*row) for row in reading.ask(sql_file("page", "plot_topics.sql"), span).rows]  # type: ignore[arg-type]
    held = dict(
        run_query(
            demo_home,
            "SELECT country, count(*) FROM v_articles WHERE day_caracas >= '2026-01-01' GROUP BY 1",
            30,
        ).rows
    )
    assert {r.country: r.country_count for r in found} == held
    assert all(r.article_count <= r.country_count for r in found)
