"""The poll cut into batches that other processes can take: a plan goes out as files, harvests come back as files.

Used by Airflow, whose mapped tasks never open the warehouse. Names are deterministic, so that a task that is tried
again overwrites its own files:

    SPOOL/RUN/batch-000/plan.jsonl.gz        sources, feeds, entries to try again, furniture
    SPOOL/RUN/batch-000/known.parquet        keys of the entries that are held
    SPOOL/RUN/batch-000/SOURCE.jsonl.gz      what the poll of a source brought

SPOOL is `spool_place`: a folder in the home, one that several machines share, or object storage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline import load
from pipeline.ingest import Harvest, each_ended
from pipeline.runs import RunOptions, opener, plan, poll_or_say
from pipeline.settings import Settings
from pipeline.sources import Catalogue
from pipeline.steps import KnownEntry, SourcePlan
from pipeline.tools import open_tools
from storage import places
from storage.exchange import read_rows, write_rows
from storage.records import Entry, Feed, Furniture, Source
from storage.spool import read_spool, write_spool

_TOGETHER = 16  # harvests in one transaction: a first poll brings 200 articles of 5 kB a source, 16 MB together
_KNOWN_COLUMNS = ("entry_id", "source_id", "feed_url", "canonical_url", "content_sha256", "state", "article_id")


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch brought, small enough to be handed between tasks: file names and counts."""

    spools: tuple[str, ...]
    feeds_ok: int
    feeds_failed: int
    bugs: int


def spool_place(settings: Settings) -> str:
    """Return the place of all spools: ``store.spool`` where it is set, else ``spool`` in the home."""
    return settings.store.spool or str(settings.home / "spool")


def plan_batches(
    settings: Settings, catalogue: Catalogue, options: RunOptions, run_id: str, size: int = 8
) -> list[str]:
    """Write the plan of a run as batches of ``size`` sources; return their folders."""
    plans = plan(settings, catalogue, options)
    folders = []
    for number, start in enumerate(range(0, len(plans), size)):
        folder = places.join(spool_place(settings), run_id, f"batch-{number:03d}")
        write_plan(folder, plans[start : start + size])
        folders.append(folder)
    return folders


def write_plan(folder: str, plans: Sequence[SourcePlan]) -> None:
    """Write plans into a batch's folder."""
    records: list[Source | Feed | Entry | Furniture] = []
    for one in plans:
        records += [one.source, *one.feeds, *one.pending]
        records += [Furniture(one.source.source_id, h, n) for h, n in one.furniture.items()]
    write_spool(places.join(folder, "plan.jsonl.gz"), records)
    rows = [tuple(getattr(k, c) for c in _KNOWN_COLUMNS) for one in plans for k in one.known]
    write_rows(places.join(folder, "known.parquet"), _KNOWN_COLUMNS, rows)


def read_plan(folder: str) -> list[SourcePlan]:
    """Read back what `write_plan` wrote."""
    sources: list[Source] = []
    feeds: dict[str, list[Feed]] = {}
    pending: dict[str, list[Entry]] = {}
    furniture: dict[str, dict[str, int]] = {}
    for record in read_spool(places.join(folder, "plan.jsonl.gz")):
        match record:
            case Source():
                sources.append(record)
            case Feed():
                feeds.setdefault(record.source_id, []).append(record)
            case Entry():
                pending.setdefault(record.source_id, []).append(record)
            case Furniture():
                furniture.setdefault(record.source_id, {})[record.paragraph_sha256] = record.page_count
    known: dict[str, list[KnownEntry]] = {}
    for row in read_rows(places.join(folder, "known.parquet")):
        entry = _known_entry(row)
        known.setdefault(entry.source_id, []).append(entry)
    return load.assemble_plans(sources, feeds, known, pending, furniture)


def poll_batch(settings: Settings, folder: str, run_id: str) -> BatchResult:
    """Poll the sources of a batch and write what they bring; the warehouse stays closed."""
    plans = read_plan(folder)

    async def work() -> list[Harvest]:
        async with (
            open_tools(settings) as tools,
            each_ended(poll_or_say(p, tools, settings, run_id) for p in plans) as polls,
        ):
            return await asyncio.gather(*polls)

    harvests = asyncio.run(work())
    spools = []
    for harvest in harvests:
        place = places.join(folder, f"{harvest.source_id}.jsonl.gz")
        write_spool(place, [*harvest.records, *harvest.articles])
        spools.append(place)
    return BatchResult(
        tuple(spools),
        sum(h.feeds_ok for h in harvests),
        sum(len(h.feeds_failed) for h in harvests),
        sum(h.reasons.get("bug", 0) for h in harvests),
    )


def load_spools(settings: Settings, spools: Sequence[str]) -> int:
    """Merge harvests in the order of their names, some in one transaction; return how many there were.

    A transaction costs a lake more than the rows of a source, and the next writer waits for it.
    """
    with opener(settings, "load")() as store:
        for group in _groups(_in_order(spools)):
            load.load_harvest(store, (record for place in group for record in read_spool(place)))
    return len(spools)


def _groups(spools: Iterable[str]) -> Iterator[list[str]]:
    """Yield spools some at a time, never two of one source: a harvest is reconciled with what was loaded before it."""
    group: dict[str, str] = {}
    for place in spools:
        if len(group) == _TOGETHER or places.name_of(place) in group:
            yield list(group.values())
            group = {}
        group[places.name_of(place)] = place
    if group:
        yield list(group.values())


def _in_order(spools: Sequence[str]) -> Iterator[str]:
    # A load that is tried again after it had cleared its spool has nothing left to do
    yield from sorted((s for s in spools if places.exists(s)), key=places.name_of)


def clear_spool(settings: Settings, run_id: str) -> None:
    """Remove a run's spool once it is loaded."""
    places.remove_folder(places.join(spool_place(settings), run_id))


def _known_entry(row: Sequence[str | None]) -> KnownEntry:
    entry_id, source_id, feed_url, canonical_url, content_sha256, state, article_id = row
    return KnownEntry(
        entry_id or "", source_id or "", feed_url or "", canonical_url, content_sha256 or "", state or "", article_id
    )
