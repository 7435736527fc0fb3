"""START HERE: the stages in order, with and without Airflow.

    plan     what is due and what is known                        the only read of the warehouse before a poll
    poll     feeds → entries → pages → articles, source by source parallel, database never open
    load     one transaction a source                             one writer
    enrich   translate → copies and stories → topics              each reads, computes with the store closed, merges
    publish  build the analysts' snapshot, swap it in

`run` does all of it in one process (the command line). For Airflow `pipeline.tasks` calls the same stages as tasks of
their own, and `pipeline.batches` hands them their work in files. Both end in the same database.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline import declarations, enrich, load, translating
from pipeline.alerts import raise_alerts
from pipeline.clock import clock_warning
from pipeline.ingest import Harvest, Tools, broken_harvest, each_ended, poll_source
from pipeline.log import log, log_harvest, to_file
from pipeline.output import counted
from pipeline.report import QuietReporter, Reporter, RunSummary, SourceLine, StoryLine
from pipeline.settings import Settings
from pipeline.sources import Catalogue
from pipeline.steps import SourcePlan
from pipeline.tools import open_tools
from pipeline.watch_feeds import write_feeds
from pipeline.watches import match_watches
from storage.errors import StorageError
from storage.ids import make_id
from storage.lock import PATIENCE_S, WriterLock, patiently
from storage.publish import publish
from storage.records import Feed, Run
from storage.store import Store

if TYPE_CHECKING:
    from pipeline.source_check import CheckResult

VERSION = "0.1.0"
Status = Literal["ok", "failed"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a caller may ask of a run. ``ignore_pauses`` polls feeds that are in a pause after failures."""

    command: str = "run"
    strict: bool = False
    ignore_pauses: bool = False
    limit: int | None = None


def new_run_id(now: datetime) -> str:
    """Return a run's id: its start in UTC, which also sorts runs, and the microseconds' hash against twins."""
    return f"{now:%Y%m%dT%H%M%SZ}-{make_id('', now.isoformat())[:4]}"


def run(
    settings: Settings, catalogue: Catalogue, options: RunOptions = RunOptions(), reporter: Reporter | None = None
) -> RunSummary:
    """Do a whole run and return its summary. ``exit_status`` follows the table in docs/commands.md.

    Raises LockBusy when another run works on the same home, StorageError when the warehouse cannot be used.
    """
    started = time.monotonic()
    says = reporter or QuietReporter()
    with WriterLock(settings.home, options.command, name="run.lock"):
        # What the poll does not need does not keep it: feeds move on. Who sits before the screen learns it now.
        for broken in (d for d in declarations.examine(settings) if not d.good):
            says.say(f"{broken.words} Correct it: without it this run polls, but does not come to its end.")
        run_id = begin(settings, catalogue, options.command)
        with to_file(settings.home, run_id):
            try:
                plans = plan(settings, catalogue, options)
                harvests = poll_and_load(settings, plans, run_id, says)
                if warning := clock_warning([h.clock_off_s for h in harvests]):
                    says.say(warning)
                    log().warning("clock", words=warning)
                counts = enrich_all(settings, says)
            except BaseException as broken:
                with suppress(OSError, StorageError):  # the error under way is the one to show
                    log().error("failed", run=run_id, error=repr(broken))
                    finish(settings, run_id, "failed", {})
                raise
            status, exit_status, error = judge(harvests, options) if plans else nothing_due(settings, catalogue)
            done = {"entries": dict(_states(harvests)), "exit_status": exit_status, **counts.by_stage()}
            finish(settings, run_id, status, done)
            with says.step("publish", 1) as step:
                _publish_and_alert(settings)
                step.advance()
            log().info("finished", run=run_id, status=status, seconds=round(time.monotonic() - started, 1), **done)
    return summarise(settings, run_id, harvests, counts, status, exit_status, error, time.monotonic() - started)


def opener(
    settings: Settings, command: str = "run", patience_s: float = PATIENCE_S
) -> Callable[[], AbstractContextManager[Store]]:
    """Return what opens the store for a stage: briefly, as the one writer, waiting a while for another one to end."""

    @contextmanager
    def opened() -> Iterator[Store]:
        with ExitStack() as stack:
            where = settings.home, command, settings.store.url
            yield patiently(lambda: stack.enter_context(Store.open(*where)), patience_s)

    return opened


def begin(settings: Settings, catalogue: Catalogue, command: str) -> str:
    """Record the start of a run and the catalogue it works with; return the run's id.

    One run of a command works at a time, so an earlier one that did not end was killed.
    """
    now = utc_now()
    run_id = new_run_id(now)
    with opener(settings, command)() as store:
        load.sync_catalogue(store, catalogue.sources, catalogue.feeds, now)
        killed = store.read(Run, "status = 'running' AND command = ?", [command])
        with store.transaction():
            store.merge([replace(r, status="failed") for r in killed])
            store.merge([Run(run_id, command, now, None, "running", "{}", VERSION)])
    return run_id


def plan(settings: Settings, catalogue: Catalogue, options: RunOptions) -> list[SourcePlan]:
    """Return what each selected source needs for its poll."""
    with opener(settings, options.command)() as store:
        plans = load.plan_sources(store, catalogue.sources, utc_now(), ignore_pauses=options.ignore_pauses)
    declared = {f.feed_url for f in catalogue.feeds}
    plans = [replace(p, feeds=tuple(f for f in p.feeds if f.feed_url in declared)) for p in plans]
    return plans[: options.limit] if options.limit else plans


def poll_and_load(settings: Settings, plans: Sequence[SourcePlan], run_id: str, says: Reporter) -> list[Harvest]:
    """Poll all sources at once and load each when it is through: a crash costs only what was under way."""

    async def work() -> list[Harvest]:
        harvests: list[Harvest] = []
        async with (
            open_tools(settings) as tools,
            each_ended(poll_or_say(p, tools, settings, run_id) for p in plans) as polls,
        ):
            pending = set(polls)
            with says.step("poll", len(plans)) as step:
                while pending:
                    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    waiting = [task.result() for task in done]
                    # all that are through go in together: opening the warehouse costs more than a source's rows
                    harvests += await asyncio.to_thread(_load, settings, waiting)
                    for harvest in waiting:
                        step.advance(harvest.source_id)
        return harvests

    return sorted(asyncio.run(work()), key=lambda h: h.source_id)


def publish_snapshot(settings: Settings) -> Path:
    """Publish what is held, waiting a while for another writer to end; return the snapshot's path."""
    with opener(settings, "publish")() as store:
        return publish(settings.home, store)


def publish_news(settings: Settings) -> Path:
    """Publish the snapshot and the watches' feeds made of it; return the snapshot's path."""
    path = publish_snapshot(settings)
    write_feeds(settings.home, settings.publish.query_timeout_s)
    return path


def _publish_and_alert(settings: Settings) -> None:
    publish_news(settings)
    alerts = raise_alerts(opener(settings, "publish"), settings, utc_now)
    if alerts.began or alerts.ended:
        log().warning("alerts", began=alerts.began, ended=alerts.ended, open=alerts.open)
        publish_snapshot(settings)  # so that `status` shows them


async def poll_or_say(plan: SourcePlan, tools: Tools, settings: Settings, run_id: str) -> Harvest:
    """Poll one source; an error of our own ends as its outcome and leaves the other sources alone.

    Raises StorageError where the pages cannot be archived: that is the machine's trouble and every source's.
    """
    try:
        harvest = await poll_source(plan, tools, settings, run_id)
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - recorded as `bug`, which makes the run fail in the end
        harvest = broken_harvest(plan, error, run_id, utc_now())
    counts = {"seen": harvest.seen, "unchanged": harvest.unchanged, **harvest.states}
    log_harvest(run_id, harvest.source_id, harvest.records, counts)
    return harvest


def _load(settings: Settings, harvests: Sequence[Harvest]) -> list[Harvest]:
    loaded = []
    with opener(settings)() as store:
        for harvest in sorted(harvests, key=lambda h: h.source_id):
            held = load.load_harvest(store, [*harvest.records, *harvest.articles])
            loaded.append(replace(harvest, kept_as_held=held, records=(), articles=()))  # only counts are needed now
    return loaded


@dataclass(frozen=True, slots=True)
class EnrichCounts:
    """What the stages after loading did."""

    translate: translating.TranslateCounts
    identity: enrich.IdentityCounts
    tagged: int = 0
    watch_matches: int = 0

    def by_stage(self) -> dict[str, dict[str, object]]:
        """Return the counters of each stage by name, as they are kept in `runs` and told to metrics."""
        translated = {"sentences": self.translate.sentences, "memory_hits": self.translate.memory_hits}
        return {
            "translate": {**self.translate.statuses, **translated},
            "stories": asdict(self.identity),
            "topics": {"tagged": self.tagged},
            "watches": {"new": self.watch_matches},
        }


def enrich_all(settings: Settings, says: Reporter) -> EnrichCounts:
    """Translate, place and tag whatever still needs it."""
    from pipeline.identity.embed import Embedder
    from pipeline.tools import crew_of

    embedder = Embedder()
    open_store = opener(settings)
    translated = translating.translate(open_store, settings, crew_of(settings), utc_now, says)
    placed = enrich.identify(open_store, settings, embedder, utc_now, says)
    tagged = enrich.tag(open_store, settings, embedder, says)
    matches = match_watches(open_store, settings, utc_now, says)
    return EnrichCounts(translated, placed, tagged, matches)


def judge(harvests: Sequence[Harvest], options: RunOptions) -> tuple[Status, int, str | None]:
    """Return status, exit status and a sentence for people: 1 when no feed answered, or for an error of our own."""
    answered = sum(h.feeds_ok for h in harvests)
    failed = sum(len(h.feeds_failed) for h in harvests)
    bugs = sum(h.reasons.get("bug", 0) for h in harvests)
    if bugs:
        return (
            "failed",
            1,
            f"{counted(bugs, 'entry', 'entries')} ended in an error of our own (reason `bug`): please report.",
        )
    if answered == 0 and failed:
        return "failed", 1, (
            f"No feed could be reached ({counted(failed, 'feed')} of {counted(len(harvests), 'source')}): is this "
            "machine connected to the internet? Nothing is lost; the next run tries again."
        )  # fmt: skip
    if failed and options.strict:
        return "ok", 1, f"{counted(failed, 'feed')} failed, and --strict makes that an error."
    return "ok", 0, None


def nothing_due(settings: Settings, catalogue: Catalogue) -> tuple[Status, int, str]:
    """Return status, exit status and a sentence for a run that had nothing to poll: 1 when failures are the cause."""
    declared = {f.feed_url for f in catalogue.feeds}
    with opener(settings)() as store:
        feeds = [f for f in store.read(Feed) if f.feed_url in declared]
    failing = sum(1 for f in feeds if f.failures)
    first = min((f.next_due_at for f in feeds if f.next_due_at is not None), default=None)
    words = f"No feed is due: {counted(failing, 'feed')} of {len(feeds)} in a pause after failures"
    words += f", the first until {first:%Y-%m-%d %H:%M} UTC." if first else "."
    return ("failed", 1, words) if failing == len(feeds) else ("ok", 0, words)


def finish(settings: Settings, run_id: str, status: Status, counts: dict[str, object]) -> None:
    """Record the end of a run."""
    with opener(settings)() as store, store.transaction():
        (started,) = store.read(Run, "run_id = ?", [run_id])
        done = replace(started, finished_at=utc_now(), status=status, counts=json.dumps(counts, sort_keys=True))
        store.merge([done])


def summarise(
    settings: Settings,
    run_id: str,
    harvests: Sequence[Harvest],
    counts: EnrichCounts,
    status: str,
    exit_status: int,
    error: str | None,
    seconds: float,
) -> RunSummary:
    """Return the summary of a run, with the stories that the snapshot now shows."""
    with opener(settings)() as store:
        (totals,) = store.statement("totals")
        top = [StoryLine(r[0], r[1], tuple(r[2]), tuple(r[3]), r[4], r[5]) for r in store.statement("top_stories")]
    return RunSummary(
        run_id=run_id,
        home=str(settings.home),
        status=status,
        exit_status=exit_status,
        seconds=seconds,
        sources=tuple(source_line(h) for h in harvests),
        translations=counts.translate.statuses,
        sentences=counts.translate.sentences,
        memory_hits=counts.translate.memory_hits,
        retried=counts.translate.retried,
        mended=counts.translate.mended,
        missing_engines=counts.translate.missing,
        articles=totals[0],
        stories=totals[1],
        copies=totals[2],
        top_stories=tuple(top),
        error=error,
    )


def source_line(harvest: Harvest) -> SourceLine:
    """Return a harvest as a line of the summary."""
    states = harvest.states
    return SourceLine(
        source_id=harvest.source_id,
        feeds_ok=harvest.feeds_ok,
        feeds_failed=dict(harvest.feeds_failed),
        seen=harvest.seen,
        unchanged=harvest.unchanged + harvest.kept_as_held,
        stored=states.get("stored", 0) - harvest.kept_as_held,
        duplicate=states.get("duplicate", 0),
        pending=states.get("pending", 0),
        dropped=states.get("quarantined", 0) + states.get("skipped", 0),
        reasons=dict(harvest.reasons),
    )


def _states(harvests: Sequence[Harvest]) -> Counter[str]:
    total: Counter[str] = Counter()
    for harvest in harvests:
        total.update(harvest.states)
    return total


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


async def check_sources(settings: Settings, catalogue: Catalogue) -> list[CheckResult]:
    """Fetch every feed once; sources that were really reached get their ``verified_at``, also in the snapshot."""
    from pipeline.feeds import FeedParser
    from pipeline.fetch import Fetcher
    from pipeline.source_check import check_feeds, verified_ids

    settings.home.mkdir(parents=True, exist_ok=True)
    with FeedParser(settings.parse.timeout_s, settings.parse.max_memory_mb) as parser:
        async with Fetcher(settings.fetch) as fetcher:
            results = await check_feeds(catalogue, fetcher, parser)
    reached = verified_ids(results)
    now = utc_now()
    with opener(settings, "sources check")() as store:
        sources = [replace(s, verified_at=now) if s.source_id in reached else s for s in catalogue.sources]
        load.sync_catalogue(store, sources, catalogue.feeds, now)
    publish_snapshot(settings)
    return results
