"""A notebook over the snapshot, in marimo's format: uvx marimo edit docs/notebook.py

Set ATALAYA_HOME to the folder whose news.duckdb it reads (default: data-demo). Each cell is a function.
"""

# ruff: noqa: B018 - the last expression of a cell is what the notebook shows

import marimo

app = marimo.App()


@app.cell
def open_snapshot():
    import os
    from pathlib import Path

    import duckdb

    news = duckdb.connect(str(Path(os.environ.get("ATALAYA_HOME", "data-demo")) / "news.duckdb"), read_only=True)
    news.execute("SET TimeZone = 'UTC'")
    return (news,)


@app.cell
def what_is_here(news):
    stamp = "SELECT data_through, article_count, story_count FROM v_snapshot"
    data_through, article_count, story_count = news.sql(stamp).fetchone()
    f"{article_count} articles in {story_count} stories, data through {data_through:%Y-%m-%d %H:%M} UTC"
    return (article_count, data_through, story_count)


@app.cell
def stories_by_day(news):
    by_day = [
        {"day": str(day), "country": country, "articles": articles, "stories": stories}
        for day, country, articles, stories in news.sql(
            "SELECT day_caracas, country, count(*), count(DISTINCT story_id) FROM v_articles GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    ]
    return (by_day,)


@app.cell
def plot_of_days(by_day):
    import altair

    plot = (
        altair.Chart(altair.Data(values=by_day))
        .mark_bar()
        .encode(x="day:O", y="articles:Q", color="country:N", tooltip=["country:N", "articles:Q", "stories:Q"])
        .properties(width=480, height=240, title="Articles by day and country of the outlet")
    )
    plot
    return (plot,)


@app.cell
def share_of_the_beat(news):
    share = news.sql(
        """
        SELECT country, round(100.0 * count(*) FILTER (list_contains(beats, 'venezuela')) / count(*), 1) AS percent
        FROM v_articles
        GROUP BY country
        ORDER BY country
        """
    ).fetchall()
    share
    return (share,)


@app.cell
def biggest_story(news):
    story_id, title = news.sql(
        "SELECT story_id, title FROM v_stories ORDER BY source_count DESC, story_id LIMIT 1"
    ).fetchone()
    return (story_id, title)


@app.cell
def its_timeline(news, story_id):
    timeline = news.execute(
        "SELECT published_at, source_name, is_first, title FROM v_timeline WHERE story_id = ? ORDER BY position",
        [story_id],
    ).fetchall()
    timeline
    return (timeline,)


if __name__ == "__main__":
    app.run()
