"""Alerts: what is amiss is noticed, told once, and told again only when it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import alerts
from pipeline.alerts import Condition, conditions, raise_alerts, settle
from pipeline.notify import Delivery
from pipeline.runs import opener
from pipeline.settings import load_settings
from storage.publish import publish
from storage.records import Alert, Feed, Run
from storage.store import Store
from tests.cli import atalaya

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


def change_feeds(home: Path, change: Callable[[Feed], Feed]) -> None:
    """Change every feed of the warehouse and publish; the last run began shortly before NOW."""
    with Store.open(home, "test") as store:
        store.merge([change(f) for f in store.read(Feed)])
        store.merge([replace(r, started_at=NOW - timedelta(hours=1)) for r in store.read(Run)])
    publish(home)


def heard(feed: Feed) -> Feed:
    """Return the feed as it is when all is well."""
    return replace(feed, failures=0, last_polled_at=NOW, last_ok_at=NOW, first_polled_at=NOW - timedelta(days=9))


def silent(feed: Feed, since: timedelta = timedelta(hours=30)) -> Feed:
    """Return the feed as it is after failing for so long."""
    return replace(heard(feed), failures=9, last_ok_at=NOW - since, last_reason="timeout")


def found(home: Path) -> list[tuple[str, str]]:
    return [(c.kind, c.subject) for c in conditions(load_settings(home), NOW)]


def test_nothing_is_amiss_when_all_is_heard(demo_copy: Path) -> None:
    """No alert without a cause; the demo's own moments of silence are none."""
    change_feeds(demo_copy, heard)
    assert found(demo_copy) == []


def test_an_outlet_is_amiss_after_a_day_of_silence_not_before(demo_copy: Path) -> None:
    """A short outage is no alert, a feed that never answered since yesterday is."""
    change_feeds(demo_copy, lambda f: silent(f, timedelta(hours=3)) if f.source_id == "laceiba" else heard(f))
    assert found(demo_copy) == []
    with Store.open(demo_copy, "test") as store:
        name = store.read(Feed)[0].source_id
    change_feeds(demo_copy, lambda f: replace(silent(f), last_ok_at=None) if f.source_id == name else heard(f))
    assert found(demo_copy) == [("source_down", name)]


def test_a_dark_country_is_one_alert_instead_of_one_an_outlet(demo_copy: Path) -> None:
    """All outlets of a country silent: the country is named, its outlets are not."""
    with Store.open(demo_copy, "test") as store:
        country = dict(store.con.execute("SELECT source_id, country FROM sources").fetchall())
    change_feeds(demo_copy, lambda f: silent(f) if country[f.source_id] == "VE" else heard(f))
    assert found(demo_copy) == [("country_dark", "VE")]


def test_a_queue_that_does_not_drain_is_amiss(demo_copy: Path) -> None:
    """Texts that wait for a translation since more than a day, more of them than allowed."""
    change_feeds(demo_copy, heard)
    later = NOW + timedelta(days=400)  # the demo's texts were first seen when the tests began
    few = load_settings(demo_copy, alerts={"untranslated": 10, "run_hours": 100_000, "source_hours": 100_000})
    many = load_settings(demo_copy, alerts={"untranslated": 1_000, "run_hours": 100_000, "source_hours": 100_000})
    assert ("untranslated", "es") in [(c.kind, c.subject) for c in conditions(few, later)]
    assert conditions(many, later) == []


def test_runs_that_do_not_come_through_are_amiss(demo_copy: Path) -> None:
    """Six hours after the last run that was through."""
    change_feeds(demo_copy, heard)
    assert [c.kind for c in conditions(load_settings(demo_copy), NOW + timedelta(hours=4))] == []
    assert [c.kind for c in conditions(load_settings(demo_copy), NOW + timedelta(hours=6))] == ["no_run"]


def test_an_alert_keeps_its_beginning_and_ends_once() -> None:
    """The same thing found again is the same alert; found no more, it is over; found later, it is another."""
    dark = Condition("country_dark", "VE", "VE is dark.")
    alive, ended = settle([], [dark], NOW)
    assert (len(alive), ended) == (1, [])
    again, ended = settle(alive, [replace(dark, words="VE is still dark.")], NOW + timedelta(hours=1))
    assert [(a.alert_id, a.since, a.words) for a in again] == [(alive[0].alert_id, NOW, "VE is still dark.")]
    none, ended = settle(again, [], NOW + timedelta(hours=2))
    assert none == [] and [a.ended_at for a in ended] == [NOW + timedelta(hours=2)]
    other, _ = settle(ended, [dark], NOW + timedelta(hours=3))
    assert other[0].alert_id != alive[0].alert_id


class Mailbox:
    """Takes messages in the place of apprise; with ``works`` false it refuses them."""

    def __init__(self) -> None:
        self.works = True
        self.titles: list[str] = []
        self.letters: list[str] = []

    def send(self, urls: Sequence[str], title: str, markdown: str) -> Delivery:
        if not self.works:
            return Delivery(0, ("mailto://…",))
        self.titles.append(title)
        self.letters.append(markdown)
        return Delivery(len(urls), ())


def test_each_alert_is_told_once_and_its_end_too(demo_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could be told to nobody is told next time; what goes on is not told again."""
    box = Mailbox()
    monkeypatch.setattr(alerts, "send", box.send)
    settings = load_settings(demo_copy, alerts={"urls": ["mailto://desk.example"]})
    with Store.open(demo_copy, "test") as store:
        country = dict(store.con.execute("SELECT source_id, country FROM sources").fetchall())
    change_feeds(demo_copy, lambda f: silent(f) if country[f.source_id] == "US" else heard(f))

    def tell() -> alerts.AlertCounts:
        return raise_alerts(opener(settings, "test"), settings, lambda: NOW)

    box.works = False
    assert (tell().began, box.titles) == (1, [])
    box.works = True
    assert (tell().began, tell().began, box.titles) == (
        0,
        0,
        ["Atalaya: US is dark: none of its 4 outlets can be heard"],
    )
    change_feeds(demo_copy, heard)
    assert (tell().ended, tell().ended, box.titles[1:]) == (1, 0, ["Atalaya: over"])
    with Store.open(demo_copy, "test") as store:
        (kept,) = store.read(Alert)
    assert kept.sent_at == kept.ended_at == kept.over_sent_at == NOW


def test_an_end_that_could_be_told_to_nobody_is_told_next_time(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter that it is over is sent until it arrives, says since when, and then no more."""
    box = Mailbox()
    monkeypatch.setattr(alerts, "send", box.send)
    settings = load_settings(demo_copy, alerts={"urls": ["mailto://desk.example"]})

    def tell(at: datetime) -> alerts.AlertCounts:
        return raise_alerts(opener(settings, "test"), settings, lambda: at)

    change_feeds(demo_copy, silent)
    tell(NOW)
    change_feeds(demo_copy, heard)
    box.works = False
    failed = tell(NOW + timedelta(minutes=10))
    assert failed.ended > 0 and failed.delivery is not None and failed.delivery.failed
    box.works = True
    later = tell(NOW + timedelta(minutes=20))
    assert (later.began, later.ended) == (0, 0)
    assert "is over" in box.titles[-1] or "are over" in box.titles[-1]
    assert "- Over since 2026-01-10 12:10 UTC: VE is dark" in box.letters[-1]
    said = len(box.letters)
    tell(NOW + timedelta(minutes=30))
    assert len(box.letters) == said


def test_status_shows_what_is_amiss(demo_copy: Path) -> None:
    """With and without an address to tell, `status` has the open alerts."""
    settings = load_settings(demo_copy)
    change_feeds(demo_copy, silent)
    assert raise_alerts(opener(settings, "test"), settings, lambda: NOW).delivery is None
    publish(demo_copy)
    assert "VE is dark" in atalaya("status", "--home", str(demo_copy)).stdout
