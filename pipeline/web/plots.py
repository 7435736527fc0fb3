"""Plots as SVG by Altair and vl-convert, drawn once per snapshot. The only module that knows either.

Every plot stands on a page beside a table with the same numbers; an `<img>` brings it in, so nothing in it can act.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pipeline.web import rows, rows_lists
from pipeline.web.asked import Asked, NotThere
from pipeline.web.desk import Desk
from pipeline.web.facts import CARACAS, country_order
from pipeline.web.words import Words

if TYPE_CHECKING:
    import altair

_KEPT = 200
_WIDTHS = {"wide": 620, "narrow": 300}
_INK = {"light": ("#1c1b19", "#6b665d", "#e6e1d7"), "dark": ("#eceae4", "#a5a199", "#34383f")}
_COUNTRY = {
    "light": {"VE": "#b7791f", "ES": "#b3352c", "US": "#2d62a8"},
    "dark": {"VE": "#e0a84c", "ES": "#e8786d", "US": "#7fadec"},
}
_OTHERS = {"light": "#8a857b", "dark": "#9a968d"}
_DAYS = 14
_TOPICS = 8


class Plots:
    """Draws plots and keeps the last ones. One at a time: the renderer is one engine behind a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], str] = OrderedDict()

    def draw(self, name: str, desk: Desk, asked: Asked) -> str:
        """Return the plot ``name`` (days, topics, topic, story) as SVG. Raises NotThere where there is none."""
        theme, size = asked.get("theme") or "light", asked.get("size") or "wide"
        chart = _CHARTS.get(name)
        if chart is None:
            raise NotThere
        about = [asked.get(n) or "" for n in ("day", "topic", "story")]
        key = (desk.snapshot, name, asked.lang, theme, size, *about)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        svg = _svg(chart(desk, asked, Words(asked.lang), theme), _WIDTHS[size], theme)
        with self._lock:
            self._kept[key] = svg
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return svg


_drawing = threading.Lock()


def _svg(chart: altair.Chart, width: int, theme: str) -> str:
    import vl_convert

    ink, soft, line = _INK[theme]
    # The renderer measures text with these: a browser's own system font may be wider, and labels then be cut
    font = "Arial, 'Liberation Sans', Helvetica, sans-serif"
    config: dict[str, Any] = {
        "background": None,
        "padding": {"left": 8, "right": 12, "top": 4, "bottom": 4},
        "font": font,
        "view": {"stroke": None},
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
        },
        "legend": {"labelColor": ink, "titleColor": soft, "labelFontSize": 12, "orient": "top", "title": None},
    }
    spec = chart.to_dict()
    spec |= {"config": config, "width": width}
    with _drawing:
        svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return svg


def _last_day(desk: Desk, asked: Asked) -> date:
    state = desk.once("state", rows.State)
    last = asked.day("day") or (state.last_day)
    if last is None:
        raise NotThere
    return last


def _countries(found: Sequence[str], theme: str, words: Words) -> tuple[list[str], list[str], dict[str, str]]:
    """Return the names of countries in order, their colours, and the name of each code: the least are 'others'."""
    order = country_order(found)
    known = [c for c in order if c in _COUNTRY[theme]]
    names = {c: words.name("country", c) if c in known else words.t("plot.others") for c in order}
    shown = list(dict.fromkeys(names[c] for c in order))
    return shown, [*(_COUNTRY[theme][c] for c in known), _OTHERS[theme]][: len(shown)], names


def _per_day(days: Sequence[rows_lists.PlotDay], span: tuple[date, date], words: Words, theme: str) -> altair.Chart:
    import altair as alt

    shown, colours, names = _countries([d.country for d in days], theme, words)
    # Days before anything was held are no news: at most a week of them
    first = max(span[0], min([r.day_caracas for r in days], default=span[1]) - timedelta(days=1))
    first = max(span[0], min(first, span[1] - timedelta(days=6)))
    counts: dict[tuple[date, str], int] = {}
    for row in days:
        where = (row.day_caracas, names[row.country])
        counts[where] = counts.get(where, 0) + row.story_count
    length = (span[1] - first).days + 1
    values = [
        {"label": _label(day, words), "country": c, "stories": counts.get((day, c), 0)}
        for i in range(length)
        for day in [first + timedelta(days=i)]
        for c in shown
    ]
    axis = alt.Axis(title=None, labelAngle=0, grid=False, labelOverlap="greedy")
    order = list(dict.fromkeys(str(v["label"]) for v in values))
    made: altair.Chart = (
        alt.Chart(_data(values), height=170)
        .mark_line(point=alt.OverlayMarkDef(size=28), strokeWidth=2)
        .encode(
            x=alt.X("label:O", sort=order, axis=axis),
            y=alt.Y("stories:Q", title=words.t("plot.stories"), axis=alt.Axis(tickCount=4, format="d", tickMinStep=1)),
            color=alt.Color("country:N", sort=shown, scale=alt.Scale(domain=shown, range=colours)),
        )
    )
    return made


def _data(values: Sequence[Mapping[str, object]]) -> altair.InlineData:
    import altair as alt

    return alt.InlineData(values=list(values))


def _label(day: date, words: Words) -> str:
    return f"{day.day} {words.t(f'month.{day.month}')}"


def _days(desk: Desk, asked: Asked, words: Words, theme: str) -> altair.Chart:
    last = _last_day(desk, asked)
    first = last - timedelta(days=_DAYS - 1)
    found = desk.ask("plot_days", rows_lists.PlotDay, first_day=first.isoformat(), last_day=last.isoformat())
    return _per_day(found, (first, last), words, theme)


def _topic(desk: Desk, asked: Asked, words: Words, theme: str) -> altair.Chart:
    topic = asked.get("topic")
    if topic is None:
        raise NotThere
    last = _last_day(desk, asked)
    first = last - timedelta(days=29)
    span = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    found = desk.ask("plot_topic", rows_lists.PlotDay, topic=topic, **span)
    return _per_day(found, (first, last), words, theme)


def _topics(desk: Desk, asked: Asked, words: Words, theme: str) -> altair.Chart:
    """Draw, for each of the widest topics, its share of each country's articles."""
    import altair as alt

    last = _last_day(desk, asked)
    first = last - timedelta(days=29)
    found = desk.ask("plot_topics", rows_lists.PlotTopic, first_day=first.isoformat(), last_day=last.isoformat())
    shares = topic_shares(found, asked.lang)
    shown, colours, names = _countries([r.country for r in found if r.country in _COUNTRY[theme]], theme, words)
    values = [
        {"topic": topic, "country": names[c], "share": share}
        for topic, by_country in shares.items()
        for c, share in by_country.items()
        if c in names
    ]
    made: altair.Chart = (
        alt.Chart(_data(values))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y("topic:N", sort=list(shares), title=None, axis=alt.Axis(labelLimit=170, ticks=False, domain=False)),
            yOffset=alt.YOffset("country:N", sort=shown),
            x=alt.X("share:Q", title=words.t("plot.share"), axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color("country:N", sort=shown, scale=alt.Scale(domain=shown, range=colours)),
        )
        .properties(height=alt.Step(13))
    )
    return made


def topic_shares(found: Sequence[rows_lists.PlotTopic], lang: str) -> Mapping[str, Mapping[str, float]]:
    """Return, by the topic's name, its share of each country's articles; the most frequent topics first.

    An article may have several topics, so a country's shares may add up to more than 1.
    """
    counts: dict[str, int] = {}
    by_topic: dict[str, dict[str, float]] = {}
    names: dict[str, str] = {}
    for row in found:
        counts[row.topic_id] = counts.get(row.topic_id, 0) + row.article_count
        by_topic.setdefault(row.topic_id, {})[row.country] = row.article_count / row.country_count
        names[row.topic_id] = row.name_es if lang == "es" else row.name_en
    order = sorted(counts, key=lambda t: (-counts[t], t))[:_TOPICS]
    return {names[t]: by_topic[t] for t in order}


def _story(desk: Desk, asked: Asked, words: Words, theme: str) -> altair.Chart:
    """Draw a story's articles on one time axis, a row for each country: filled for own texts, hollow for copies."""
    import altair as alt

    key = asked.get("story")
    found = desk.ask("story_articles", rows.StoryArticleRow, story=key, limit=400) if key else []
    if not found:
        raise NotThere
    shown, colours, names = _countries([a.country for a in found], theme, words)
    months = [words.t(f"month.{m}") for m in range(1, 13)]
    label = f"date(datum.value) + ' ' + {months}[month(datum.value)] + ' ' + timeFormat(datum.value, '%H:%M')"
    own, copied = words.t("plot.own"), words.t("plot.copied")
    values = [
        {
            "when": a.published_at.astimezone(CARACAS).strftime("%Y-%m-%dT%H:%M:%S"),
            "country": names[a.country],
            "text": copied if a.copy_kind else own,
        }
        for a in found
    ]
    made: altair.Chart = (
        alt.Chart(_data(values))
        .mark_point(size=90, strokeWidth=1.8, opacity=0.95)
        .encode(
            x=alt.X(
                "when:T",
                title=None,
                scale=alt.Scale(padding=12),
                axis=alt.Axis(labelOverlap=True, tickCount=5, labelExpr=label),
            ),
            y=alt.Y("country:N", sort=shown, title=None, axis=alt.Axis(ticks=False, domain=False, labelFontSize=12)),
            color=alt.Color("country:N", sort=shown, scale=alt.Scale(domain=shown, range=colours), legend=None),
            fill=alt.condition(
                alt.datum.text == own,
                alt.Color("country:N", scale=alt.Scale(domain=shown, range=colours), legend=None),
                alt.value("transparent"),
            ),
        )
        .properties(height=alt.Step(34))
    )
    return made


_CHARTS = {"days": _days, "topics": _topics, "topic": _topic, "story": _story}
