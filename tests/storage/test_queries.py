"""The stored questions, asked of the demonstration: each answer is what follows from the newsroom's gold."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from pipeline.newsroom.content import load_newsroom
from pipeline.newsroom.gold import GoldArticle
from storage.query import run_query, stored_question, stored_questions
from tests.storage.newsroom_facts import CARACAS, Facts, caracas_day, load_facts, texts

Rows = list[dict[str, object]]
TESTED: dict[str, Callable[[Facts, Rows], None]] = {}


def answers(test: Callable[[Facts, Rows], None]) -> Callable[[Facts, Rows], None]:
    """Register the check of the question that it is named after."""
    TESTED[test.__name__] = test
    return test


@pytest.fixture(scope="module")
def facts(demo_home: Path) -> Facts:
    """What is true of the newsroom after both polls."""
    return load_facts(demo_home)


def test_every_question_is_checked_here() -> None:
    """No question without a check against the gold, none checked that is not there, at least twenty in all."""
    names = {q.name for q in stored_questions()}
    assert names == set(TESTED)
    assert len(names) >= 20


@pytest.mark.parametrize("name", [q.name for q in stored_questions()])
def test_form(demo_home: Path, name: str) -> None:
    """A statement begins with its question, has no parameter and no clock, and gives the same rows each time."""
    question = stored_question(name)
    assert re.fullmatch(r"[A-Z][^?]*\?", question.question)
    code = re.sub(r"--.*", "", question.sql)
    assert not re.search(r"\$\w|\bnow\(\)|current_|get_current|today\(", code)
    assert ";" not in re.sub(r"'[^']*'", "", code)
    assert run_query(demo_home, question.sql, 60).rows == run_query(demo_home, question.sql, 60).rows


def columns(rows: Rows, *names: str) -> list[tuple[object, ...]]:
    """Return some columns of rows, lists as tuples."""
    return [tuple(tuple(v) if isinstance(v := row[n], list) else v for n in names) for row in rows]


def seven(facts: Facts) -> datetime:
    """Return yesterday's 07:00 in Caracas, seen from the newest article."""
    yesterday = facts.through().astimezone(CARACAS).date() - timedelta(days=1)
    return datetime.combine(yesterday, time(7), CARACAS)


@answers
def new_on_venezuela(facts: Facts, rows: Rows) -> None:
    since = seven(facts)
    wanted = set()
    for story, members in facts.by_story().items():
        new = [a for a in members if facts.by(a) >= since]
        if new and any("venezuela" in a.beats for a in members):
            wanted.add(
                (
                    story,
                    facts.by(members[0]) >= since,
                    len(new),
                    texts(new),
                    tuple(sorted({a.source_id for a in new})),
                    tuple(sorted({facts.country(a) for a in new})),
                )
            )
    assert set(columns(rows, "story_id", "is_new", "new_articles", "new_texts", "new_from", "countries")) == wanted


@answers
def new_stories(facts: Facts, rows: Rows) -> None:
    since = facts.through() - timedelta(days=1)
    wanted = {
        (s, len({a.source_id for a in m}), len(m), facts.by(m[0]))
        for s, m in facts.by_story().items()
        if facts.by(m[0]) >= since
    }
    assert set(columns(rows, "story_id", "source_count", "article_count", "first_published_at")) == wanted


@answers
def this_morning(facts: Facts, rows: Rows) -> None:
    def morning(article: GoldArticle) -> object:
        return (facts.by(article).astimezone(CARACAS) - timedelta(hours=7)).date() + timedelta(days=1)

    last = (facts.through().astimezone(CARACAS) - timedelta(hours=7)).date()
    wanted = set()
    for story, members in facts.by_story().items():
        new = [a for a in members if morning(a) == last]
        if new and any(a.beats for a in members):
            is_new = morning(members[0]) == last
            wanted.add((last, story, is_new, len(new), len({a.source_id for a in new}), texts(new)))
    names = ("morning", "story_id", "is_new", "new_article_count", "new_source_count", "new_voice_count")
    assert set(columns(rows, *names)) == wanted


@answers
def beat_share(facts: Facts, rows: Rows) -> None:
    days = defaultdict(list)
    for article in facts.gold.articles:
        days[facts.country(article), caracas_day(article)].append(article)
    wanted = set()
    for (country, day), found in days.items():
        on = [a for a in found if "venezuela" in a.beats]
        percent = round(100 * len(on) / len(found), 1)
        wanted.add(("venezuela", country, day, len(on), len(found), percent, texts(on), texts(found)))
    names = ("beat", "country", "day_caracas", "articles_on_beat", "articles", "percent_of_articles")
    assert set(columns(rows, *names, "texts_on_beat", "texts")) == wanted


@answers
def coverage_by_country(facts: Facts, rows: Rows) -> None:
    wanted = set()
    for story, members in facts.by_story().items():
        for country in {facts.country(a) for a in members}:
            here = [a for a in members if facts.country(a) == country]
            voices = texts(here)
            wanted.add((story, country, len(here), voices, len({a.source_id for a in here}), facts.by(here[0])))
    names = ("story_id", "country", "article_count", "voice_count_max", "source_count", "first_published_at")
    assert set(columns(rows, *names)) == wanted
    assert all(1 <= int(str(r["voice_count_min"])) <= int(str(r["voice_count_max"])) for r in rows)


@answers
def government_and_independent(facts: Facts, rows: Rows) -> None:
    wanted = set()
    for story, members in facts.by_story().items():
        side = defaultdict(list)
        for article in members:
            if facts.country(article) == "VE" and (alignment := facts.of(article).alignment):
                side[alignment].append(article)
        state, free = side["government"], side["independent"]
        if state or free:
            only = "government" if not free else "independent" if not state else None
            others = sum(len(v) for k, v in side.items() if k not in ("government", "independent"))
            firsts = (state[0].title if state else None, free[0].title if free else None)
            wanted.add((story, len(state), len(free), others, *firsts, only))
    names = ("story_id", "government", "independent", "others", "government_headline", "independent_headline", "only")
    assert set(columns(rows, *names)) == wanted


@answers
def state_media_silent(facts: Facts, rows: Rows) -> None:
    wanted = {
        (s, len({a.source_id for a in m}), texts(m))
        for s, m in facts.by_story().items()
        if any(a.beats for a in m) and texts(m) >= 2 and all(facts.of(a).alignment != "government" for a in m)
    }
    assert set(columns(rows, "story_id", "source_count", "voice_count_max")) == wanted
    # The newsroom's days were over when it was polled: nothing can be said of who was watched then
    assert {r["days_watched"] for r in rows} == {0}


@answers
def spain_not_us(facts: Facts, rows: Rows) -> None:
    wanted = set()
    for story, members in facts.by_story().items():
        spanish = [a for a in members if facts.country(a) == "ES"]
        if spanish and not any(facts.country(a) == "US" for a in members):
            wanted.add((story, len(spanish), tuple(sorted({a.source_id for a in spanish}))))
    assert set(columns(rows, "story_id", "es_articles", "es_outlets")) == wanted


@answers
def headlines_by_side(facts: Facts, rows: Rows) -> None:
    def is_side(article: GoldArticle, side: str) -> bool:
        country = facts.country(article)
        return side == country.lower() if country != "VE" else side == f"ve_{facts.of(article).alignment}"

    sides = ("ve_government", "ve_independent", "es", "us")
    wanted = set()
    for story, members in facts.by_story().items():
        if any(a.beats for a in members) and len({a.source_id for a in members}) > 1:
            by_side = [[a for a in members if is_side(a, s)] for s in sides]
            wanted.add((story, *(b[0].title if b else None for b in by_side), *map(texts, by_side)))
    assert set(columns(rows, "story_id", *sides, *(f"{s}_voices" for s in sides))) == wanted


@answers
def agency_dependence(facts: Facts, rows: Rows) -> None:
    wanted = set()
    for source_id, source in facts.sources.items():
        found = [a for a in facts.gold.articles if a.source_id == source_id]
        taken = [a for a in found if a.agency]
        if found and source.media_type != "agency":
            verbatim = sum(1 for a in taken if a.copy_kind == "verbatim")
            agencies = tuple(sorted({str(a.agency) for a in taken})) or None
            percent = round(100 * len(taken) / len(found), 1)
            wanted.add((source_id, len(found), len(taken), percent, agencies, verbatim))
    names = ("source_id", "articles", "agency_articles", "percent", "agencies", "taken_verbatim")
    assert set(columns(rows, *names)) == wanted


@answers
def agencies_in_stories(facts: Facts, rows: Rows) -> None:
    wanted = {
        (s, len(facts.by_story()[s]), len(m), tuple(sorted({a.source_id for a in m})))
        for s, m in facts.by_story(a for a in facts.gold.articles if a.agency).items()
    }
    assert set(columns(rows, "story_id", "article_count", "agency_articles", "outlets")) == wanted


@answers
def news_and_opinion(facts: Facts, rows: Rows) -> None:
    found = Counter((facts.country(a), a.genre) for a in facts.gold.articles)
    on = Counter((facts.country(a), a.genre) for a in facts.gold.articles if a.beats)
    wanted = {(*key, count, on[key]) for key, count in found.items()}
    assert set(columns(rows, "country", "genre", "articles", "on_a_beat")) == wanted
    total: Counter[object] = Counter()
    for row in rows:
        total[row["country"]] += float(str(row["percent_of_country"]))  # type: ignore[assignment]
    assert all(abs(value - 100) < 0.5 for value in total.values())


@answers
def spike_or_outage(facts: Facts, rows: Rows) -> None:
    found = Counter((facts.country(a), caracas_day(a)) for a in facts.gold.articles)
    then = [r for r in rows if r["verdict"] == "not watched"]
    assert {(r["country"], r["day_caracas"]): r["articles"] for r in then} == dict(found)
    # On the day of the polls one Spanish outlet was down, and what is down is named
    today = {str(r["country"]): r for r in rows if r["verdict"] != "not watched"}
    down = [f.source_id for f in facts.gold.feeds if f.reason == "unreachable"]
    assert today["ES"]["verdict"] == "outage"
    assert today["ES"]["not_complete"] == down
    assert {today[c]["down"] for c in ("VE", "US")} == {0}


def firsts(facts: Facts) -> dict[str, tuple[datetime, bool, list[GoldArticle], list[GoldArticle]]]:
    """Return for each story that has a first: its time, whether it is sure, who was first, and all its articles."""
    found = {}
    for story, members in facts.by_story().items():
        at, sure = facts.first(members)
        if at is not None:
            leaders = [a for a in members if facts.exact(a) and a.published_at == at]
            found[story] = (at, sure, leaders, members)
    return found


@answers
def who_was_first(facts: Facts, rows: Rows) -> None:
    wanted = {}
    for story, (at, sure, leaders, members) in firsts(facts).items():
        if len({a.source_id for a in members}) > 1:
            names = ", ".join(sorted(facts.of(a).name for a in leaders))
            wanted[story] = (names, min((a.agency for a in leaders if a.agency), default=None), at, sure)
    found = {r["story_id"]: tuple(r[n] for n in ("first_outlet", "agency", "first_at", "sure")) for r in rows}
    assert found == wanted


@answers
def often_first(facts: Facts, rows: Rows) -> None:
    count: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for _, sure, leaders, members in firsts(facts).values():
        for article in leaders if len({a.source_id for a in members}) > 1 else []:
            for place, one in enumerate((True, sure, article.agency in {None, article.source_id})):
                count[article.source_id][place] += one
    assert {r["source_id"]: [r["firsts"], r["sure"], r["own_text"]] for r in rows} == count


@answers
def how_news_travels(facts: Facts, rows: Rows) -> None:
    wanted = set()
    for story, (at, _, leaders, members) in firsts(facts).items():
        home = min(facts.country(a) for a in leaders)
        for country in {facts.country(a) for a in members} - {home}:
            times = [a.published_at for a in members if facts.country(a) == country and facts.exact(a)]
            if times:
                wanted.add((story, home, country, (min(times) - at) // timedelta(minutes=1)))
    assert set(columns(rows, "story_id", "first_country", "country", "minutes_after_first")) == wanted


@answers
def topics_by_day(facts: Facts, rows: Rows) -> None:
    held = {(r["day_caracas"], r["country"], r["topic_id"]): int(str(r["articles"])) for r in rows}
    wanted = Counter((caracas_day(a), facts.country(a), t) for a in facts.gold.articles for t in a.topics)
    assert {k: held.get(k, 0) for k in wanted if held.get(k, 0) < wanted[k]} == {}
    published = Counter((caracas_day(a), facts.country(a)) for a in facts.gold.articles)
    assert all(count <= published[day, country] for (day, country, _), count in held.items())  # type: ignore[index]


@answers
def top_sources_by_topic(facts: Facts, rows: Rows) -> None:
    by_topic = defaultdict(list)
    for row in rows:
        by_topic[row["topic_id"]].append(row)
    assert set(by_topic) >= {t for a in facts.gold.articles for t in a.topics}
    published = Counter(a.source_id for a in facts.gold.articles)
    for found in by_topic.values():
        counts = [int(str(r["articles"])) for r in found]
        assert [r["place"] for r in found] == list(range(1, len(found) + 1))
        assert len(found) <= 5
        assert counts == sorted(counts, reverse=True)
        for row, count in zip(found, counts, strict=True):
            assert row["percent_of_outlet"] == round(100 * count / published[str(row["source_id"])], 1)
    # All five that wrote on the amnesty bill, each once: the topic is on no other article
    amnesty = {a.source_id for a in facts.gold.articles if "ata:amnesty" in a.topics}
    assert {r["source_id"] for r in by_topic["ata:amnesty"]} == amnesty


@answers
def latency(facts: Facts, rows: Rows) -> None:
    wanted = Counter(
        a.source_id
        for key in facts.key_of.values()
        for a in facts.gold.articles
        if a.key == key and facts.exact(a) and a.published_at_origin != "seen"
    )
    assert {str(r["source_id"]): r["articles"] for r in rows} == wanted
    # The newsroom's days were over before anybody polled it: nothing can be measured, and nothing is pretended
    assert {(r["measured"], r["median_minutes"], r["p90_minutes"], r["least_minutes"]) for r in rows} == {
        (0, None, None, None)
    }


@answers
def copies(facts: Facts, rows: Rows) -> None:
    known = {a.key: a for a in facts.gold.articles}
    wanted = set()
    for article in facts.gold.articles:
        if article.copy_kind:
            original = known.get(article.copy_of or "")
            later = None
            if original and "day" not in (article.published_precision, original.published_precision):
                later = (article.published_at - original.published_at) // timedelta(minutes=1)
            wanted.add((article.key, article.copy_kind, article.agency, original and original.source_id, later))
    assert set(columns(rows, "article_id", "copy_kind", "agency", "original_source", "minutes_later")) == wanted


@answers
def who_copies_whom(facts: Facts, rows: Rows) -> None:
    known = {a.key: a.source_id for a in facts.gold.articles}
    wanted = Counter(
        (a.source_id, known.get(a.copy_of or "", a.agency), a.copy_of is not None, a.copy_kind)
        for a in facts.gold.articles
        if a.copy_kind
    )
    found: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        for kind in ("verbatim", "cut", "edited", "translated"):
            found[row["copier"], row["taken_from"], row["original_held"], kind] += int(str(row[kind]))
    assert +found == wanted


@answers
def one_voice_many_outlets(facts: Facts, rows: Rows) -> None:
    wanted = {(s, len(m), texts(m), len(m) - texts(m)) for s, m in facts.by_story().items() if texts(m) < len(m)}
    assert set(columns(rows, "story_id", "article_count", "voice_count_max", "copies")) == wanted


@answers
def figures_that_differ(facts: Facts, rows: Rows) -> None:
    # Read by hand in the newsroom's texts: trains cancelled and running, contracts asked for and offered, the freed and
    # those still held. All other figures in digits for one word agree, 11 wounded among them.
    assert set(columns(rows, "story_id", "lang", "word", "figures")) == {
        ("rail-strike", "es", "trenes", "gaceta-villa: 560; heraldo-peninsular: 1140"),
        ("rail-strike", "es", "contra", "gaceta-villa: 900; heraldo-peninsular: 1500"),
        ("releases-nicaragua", "es", "person", "agencia-tepuy: 27; heraldo-peninsular: 41"),
    }
    assert "1.140 trenes" in next(a.text for a in facts.gold.articles if a.key == "heraldo-rail-strike")


@answers
def stories_over_days(facts: Facts, rows: Rows) -> None:
    wanted = set()
    for story, members in facts.by_story().items():
        days = sorted({caracas_day(a) for a in members})
        if len(days) > 1:
            counts = tuple(sum(1 for a in members if caracas_day(a) == d) for d in days)
            wanted.add((story, len(days), days[0], days[-1], counts))
    assert set(columns(rows, "story_id", "days", "first_day", "last_day", "articles_by_day")) == wanted


@answers
def titles_side_by_side(facts: Facts, rows: Rows) -> None:
    wanted = Counter((a.lang, a.title) for a in facts.gold.articles if a.lang != "en")
    assert Counter((str(r["lang"]), str(r["title"])) for r in rows) == wanted
    # The demonstration of the tests runs without an engine: no English is made up
    assert {(r["title_en"], r["translation_status"]) for r in rows} == {(None, "pending")}


@answers
def translation_status(facts: Facts, rows: Rows) -> None:
    wanted = Counter((a.lang, "not_needed" if a.lang == "en" else "pending") for a in facts.gold.articles)
    assert {(r["lang"], r["translation_status"]): r["articles"] for r in rows} == dict(wanted)
    assert {r["percent_of_language"] for r in rows} == {100.0}


@answers
def edited_articles(facts: Facts, rows: Rows) -> None:
    newsroom = load_newsroom()
    before = {p.key: p for p in newsroom.first}
    wanted = {(p.key, 2, before[p.key].title, p.title, before[p.key].title != p.title) for p in newsroom.revisions}
    assert set(columns(rows, "article_id", "version", "title_before", "title", "title_changed")) == wanted
    for row in rows:
        revised = next(p for p in newsroom.revisions if p.key == row["article_id"])
        words = [len(f"{p.subtitle} {p.text}".split()) for p in (before[revised.key], revised)]
        assert row["words_more"] == words[1] - words[0]


@answers
def silent_outlets(facts: Facts, rows: Rows) -> None:
    assert columns(rows, "source_id", "state", "last_reasons", "hours_silent") == [
        (f.source_id, "down", (f.reason,), None) for f in facts.gold.feeds if f.reason == "unreachable"
    ]


@answers
def waiting_work(facts: Facts, rows: Rows) -> None:
    wanted = Counter(a.source_id for a in facts.gold.articles if a.lang != "en")
    assert {r["what"] for r in rows} == {"texts without English yet"}
    assert {r["source_id"]: r["items"] for r in rows} == dict(wanted)


@answers
def drops_by_reason(facts: Facts, rows: Rows) -> None:
    wanted = Counter(("entry", e.reason) for e in facts.gold.entries if e.state != "stored")
    wanted.update(("feed", f.reason) for f in facts.gold.feeds if f.reason == "unreachable")
    assert {(r["stage"], r["reason"]): r["items"] for r in rows} == dict(wanted)


@answers
def why_this_topic(facts: Facts, rows: Rows) -> None:
    held = {(r["story_id"], r["topic_id"]): r["evidence"] for r in rows}
    for story, members in facts.by_story().items():
        wanted = {t for t in members[0].topics if all(t in a.topics for a in members)}
        assert {t for t in wanted if (story, t) not in held} == set()
    # The words named stand in the articles' own texts
    said = " ".join(f"{a.title} {a.text}" for a in facts.by_story()["quake-sucre"]).casefold()
    evidence = held["quake-sucre", "medtop:20000153"]
    assert isinstance(evidence, list)
    words = [str(w).partition(" (")[0].casefold() for w in evidence if " (" in str(w)]
    assert words
    assert all(w in said for w in words)


@pytest.mark.parametrize("name", sorted(TESTED))
def test_answer(facts: Facts, name: str) -> None:
    """The answer says what the gold says, and it has an answer at all: a question that finds nothing shows nothing."""
    rows = facts.answer(name)
    assert rows
    TESTED[name](facts, rows)
