"""What the tasks of a scheduler call: the stages of `pipeline.runs` with plain values in and out.

Settings come from the worker's environment (``ATALAYA_HOME``, ``ATALAYA_CONFIG_DIR``, ``ATALAYA_*``): DAG files carry
none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from pipeline import enrich, translating
from pipeline.report import QuietReporter
from pipeline.runs import RunOptions, begin, finish, opener, publish_news, utc_now
from pipeline.settings import Settings, load_settings

_PATIENCE_S = 1800.0
"""Translating takes no writer's slot, so its merges wait for whoever has it: a load, a snapshot being built."""


class PollFailed(RuntimeError):
    """A run in which batches were lost or no feed answered: the scheduler must show it as failed."""


class DeliveryFailed(RuntimeError):
    """A message reached none of its addresses: the scheduler tries again."""


def settings_of_worker() -> Settings:
    """Return the settings of this worker's environment."""
    return load_settings(os.environ.get("ATALAYA_HOME"), os.environ.get("ATALAYA_CONFIG_DIR"))


def due(sources: Sequence[str], countries: Sequence[str]) -> list[str]:
    """Return in words which feeds a run would poll now; nothing is written but the catalogue."""
    from pipeline.load import sync_catalogue
    from pipeline.runs import plan as plan_run
    from pipeline.sources import load_sources, select

    settings = settings_of_worker()
    catalogue = select(load_sources(settings), sources, countries)
    with opener(settings, "plan")() as store:
        sync_catalogue(store, catalogue.sources, catalogue.feeds, utc_now())
    plans = plan_run(settings, catalogue, RunOptions("airflow"))
    lines = [f"{p.source.source_id}: {', '.join(f.feed_url for f in p.feeds)}" for p in plans if p.feeds]
    return lines or ["No feed is due."]


def plan(sources: Sequence[str], countries: Sequence[str], batch_size: int) -> dict[str, object]:
    """Begin a run and write its batches; returns ``run_id`` and ``folders``."""
    from pipeline.batches import plan_batches
    from pipeline.sources import load_sources, select

    settings = settings_of_worker()
    catalogue = select(load_sources(settings), sources, countries)
    run_id = begin(settings, catalogue, "airflow")
    folders = plan_batches(settings, catalogue, RunOptions("airflow"), run_id, batch_size)
    return {"run_id": run_id, "folders": folders}


def poll(folder: str, run_id: str) -> dict[str, object]:
    """Poll one batch; returns the names of its spools and its counts."""
    from pipeline.batches import poll_batch

    return asdict(poll_batch(settings_of_worker(), folder, run_id))


def load(planned: Mapping[str, object], polled: Sequence[Mapping[str, object] | None] | None) -> dict[str, object]:
    """Load what the batches brought and end the run; returns the counts, which `verdict` judges.

    It does not fail for what was lost: what is there goes on to the analysts.
    """
    from pipeline.batches import clear_spool, load_spools

    settings = settings_of_worker()
    run_id, folders = str(planned["run_id"]), _strings(planned["folders"])
    done = [p for p in polled or () if p]  # None: nothing was due
    spools = [name for p in done for name in _strings(p["spools"])]
    loaded = load_spools(settings, spools)
    answered = sum(_count(p["feeds_ok"]) for p in done)
    failed = sum(_count(p["feeds_failed"]) for p in done)
    bugs = sum(_count(p["bugs"]) for p in done)
    lost = len(folders) - len(done)
    bad = bool(lost or bugs or (failed and not answered))
    counts: dict[str, object] = {"sources": loaded, "feeds_ok": answered, "feeds_failed": failed, "batches_lost": lost}
    finish(settings, run_id, "failed" if bad else "ok", counts)
    clear_spool(settings, run_id)
    return counts | {"run_id": run_id, "bugs": bugs, "bad": bad}


def verdict(loaded: Mapping[str, object]) -> None:
    """Raise PollFailed when a batch was lost, an entry ended in a bug or no feed answered.

    A task of its own, behind the load: with the trigger rule ``all_done`` nothing else would show it.
    """
    if loaded["bad"]:
        raise PollFailed(f"the poll is not whole: {dict(loaded)}")


def _strings(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"a list of names was expected, not {value!r}")
    return [str(v) for v in value]


def _count(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a count was expected, not {value!r}")
    return value


def translate() -> dict[str, object]:
    """Translate what waits; returns the counts."""
    from pipeline.tools import crew_of

    settings = settings_of_worker()
    crew = crew_of(settings)
    counts = translating.translate(opener(settings, "translate", _PATIENCE_S), settings, crew, utc_now, QuietReporter())
    return {**counts.statuses, "sentences": counts.sentences, "memory_hits": counts.memory_hits}


def stories() -> dict[str, object]:
    """Place articles into copies and stories; returns the counts."""
    from pipeline.identity.embed import Embedder

    settings = settings_of_worker()
    return asdict(enrich.identify(opener(settings, "stories"), settings, Embedder(), utc_now, QuietReporter()))


def topics() -> dict[str, object]:
    """Tag articles and stories; returns the number of articles tagged."""
    from pipeline.identity.embed import Embedder

    settings = settings_of_worker()
    return {"tagged": enrich.tag(opener(settings, "topics"), settings, Embedder(), QuietReporter())}


def watches() -> dict[str, object]:
    """Match articles with the standing queries; returns the number of new matches."""
    from pipeline.watches import match_watches

    settings = settings_of_worker()
    return {"new": match_watches(opener(settings, "watches"), settings, utc_now, QuietReporter())}


def publish_snapshot() -> str:
    """Publish the snapshot and the watches' feeds; returns the snapshot's path."""
    return str(publish_news(settings_of_worker()))


def digest_ready(morning: str | None) -> bool:
    """Tell whether the digest of ``morning`` (by default today's) would be complete now; another day's always is."""
    from pipeline.digest import CARACAS, read_digest

    if morning:
        return True
    settings, now = settings_of_worker(), utc_now()
    today = now.astimezone(CARACAS).date()
    found = read_digest(settings.home, today, settings.digest, now, settings.publish.query_timeout_s)
    return found.state == "complete"


def digest(morning: str | None, *, send: bool) -> dict[str, object]:
    """Make the digest of ``morning`` and send it if asked and not sent before; returns what came of it.

    Raises DeliveryFailed when there are addresses and it reached none of them.
    """
    from datetime import date

    from pipeline.digest_run import make_digest

    settings = settings_of_worker()
    day = date.fromisoformat(morning) if morning else None
    made = make_digest(settings, utc_now, day, deliver=send and bool(settings.digest.urls))
    if made.delivery is not None and made.delivery.sent == 0:
        raise DeliveryFailed(f"the digest is written, but not delivered: {', '.join(made.delivery.failed)}")
    return {
        "digest_id": made.digest.digest_id,
        "state": made.digest.state,
        "note": made.digest.note,
        "stories": len(made.digest.stories),
        "html": str(made.html),
        "sent": made.delivery.sent if made.delivery else 0,
        "failed": list(made.delivery.failed) if made.delivery else [],
    }


def maintain() -> list[str]:
    """Do the nightly housekeeping; returns what was done, in words."""
    from pipeline.maintain import maintain as do

    return do(settings_of_worker(), utc_now).lines()


def alerts() -> dict[str, object]:
    """Record what is amiss and tell whom it concerns; returns the counts.

    Raises DeliveryFailed when there was something to tell and nobody could be reached: the scheduler shows it.
    """
    from pipeline.alerts import raise_alerts

    settings = settings_of_worker()
    counts = raise_alerts(opener(settings, "alerts"), settings, utc_now)
    if counts.delivery is not None and counts.delivery.sent == 0:
        raise DeliveryFailed(f"alerts could not be delivered: {', '.join(counts.delivery.failed)}")
    return {"began": counts.began, "ended": counts.ended, "open": counts.open}
