"""Translation as work: what is due, a chunk of it at a time, and its way back into the warehouse.

    plan_work        what is due, by engines that passed their test sentences       store open for a moment
    read_work        a chunk: articles, and what the memory knows of their sentences     likewise
    translate_work   engines at work                                             store closed, for minutes or hours
    merge_work       translations and memory go in, one transaction                  likewise

`translate` does these in turn in one process. For a scheduler, `write_work` and `translate_file` hand chunks over in
spool files, so that the engines' hours need no writer at all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.report import Reporter
from pipeline.settings import Settings
from pipeline.translate.crew import Crew, Method, mends, out_of_date
from pipeline.translate.ladder import memory_key
from pipeline.translate.stage import TranslationBatch, sentence_hashes, translate_articles
from storage.records import Article, Record, Translation, TranslationMemory
from storage.spool import read_spool, write_spool
from storage.store import Store

OpenStore = Callable[[], AbstractContextManager[Store]]
Clock = Callable[[], datetime]
_CHUNK = 50  # articles translated between two commits: enough sentences to fill an engine's batches
ALL_STATUSES = ("quarantined", "partial", "pending")
"""What another try may better."""


@dataclass(frozen=True, slots=True)
class TranslateCounts:
    """Articles by status and sentences by origin, for the run's summary.

    ``missing`` says what lacks for languages that no engine is here for, with the command that mends it.
    """

    statuses: Mapping[str, int]
    sentences: int = 0
    memory_hits: int = 0
    retried: int = 0
    mended: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Articles to translate, in order, and the crew to do it. ``anew``: what failed before is tried again."""

    ids: tuple[str, ...]
    crew: Crew
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A chunk of articles with what the memory knows of their sentences."""

    articles: tuple[Article, ...]
    memory: tuple[TranslationMemory, ...]


def plan_work(open_store: OpenStore, settings: Settings, crew: Crew) -> Plan:
    """Return what is due: first what has no translation of its wording, then what is out of date, the newest first.

    Engines are tried on their test sentences once there is something to do; what fails them is left out.
    """
    due = _due(open_store, settings, crew)
    tested = crew.tested({lang for _, lang in due})
    if len(tested.missing) > len(crew.missing):
        due = _due(open_store, settings, tested)  # what only a refused engine could do is not due any more
    return Plan(tuple(key for key, _ in due), tested)


def _due(open_store: OpenStore, settings: Settings, crew: Crew) -> list[tuple[str, str]]:
    able = [lang for lang in settings.translate.languages if crew.ladder(lang)]
    with open_store() as store:
        due = store.statement("untranslated", target=crew.target, able=",".join(able))
        methods = [Method(*row) for row in store.statement("translation_methods", target=crew.target)]
        old = [m for m in methods if out_of_date(m, crew)]
        if old and settings.translate.redo_per_run:
            due += _made_by(store, crew.target, old, settings.translate.redo_per_run)
    return [(str(key), str(lang)) for key, lang in {row[0]: row[1] for row in due}.items()]


def _made_by(store: Store, target: str, methods: Sequence[Method], most: int) -> list[tuple[object, ...]]:
    rows = [[m.lang, m.engines_asked, m.gate_version, m.glossary_version] for m in methods]
    return store.statement("translations_made", target=target, methods=json.dumps(rows), most=most)


def plan_again(open_store: OpenStore, crew: Crew, statuses: Collection[str], since: datetime) -> Plan:
    """Return the work of translating articles of some statuses once more, what failed included."""
    with open_store() as store:
        rows = store.statement("translations_with", target=crew.target, statuses=",".join(statuses), since=since)
    tested = crew.tested({str(lang) for _, lang in rows})
    return Plan(tuple(str(key) for key, lang in rows if tested.ladder(str(lang))), tested, anew=True)


def read_work(open_store: OpenStore, plan: Plan, ids: Sequence[str]) -> Work:
    """Read the articles of ``ids``, in that order, and what the memory knows of their sentences."""
    with open_store() as store:
        found = {a.article_id: a for a in store.read_in(Article, "article_id", ids)}
    articles = tuple(found[key] for key in ids if key in found)
    able = [a for a in articles if plan.crew.ladder(a.lang)]
    hashes = sentence_hashes(able, plan.crew.target)
    if not hashes:
        return Work(articles, ())
    with open_store() as store:
        return Work(articles, tuple(store.read_in(TranslationMemory, "sentence_sha256", sorted(hashes))))


def translate_work(work: Work, plan: Plan, clock: Clock) -> TranslationBatch:
    """Translate a chunk. Takes as long as the engines take; no store is open."""
    memory = {memory_key(row): row for row in work.memory}
    return translate_articles(work.articles, plan.crew, memory, clock, anew=plan.anew)


def merge_work(open_store: OpenStore, records: Sequence[Record]) -> None:
    """Merge translations and memory in one transaction.

    A text that now waits, since its engine broke down, keeps the translation of the same wording that it has.
    """
    waits = {r.article_id: r for r in records if isinstance(r, Translation) and r.status == "pending"}
    with open_store() as store, store.transaction():
        held = store.read_in(Translation, "article_id", sorted(waits)) if waits else []
        keep = {
            (t.article_id, t.target)
            for t in held
            if t.status != "pending" and t.source_sha256 == waits[t.article_id].source_sha256
        }
        store.merge(r for r in records if not (isinstance(r, Translation) and (r.article_id, r.target) in keep))


def translate(
    open_store: OpenStore, settings: Settings, crew: Crew, clock: Clock, says: Reporter, plan: Plan | None = None
) -> TranslateCounts:
    """Translate what is due (or what ``plan`` says), in chunks that are committed one by one."""
    plan = plan or plan_work(open_store, settings, crew)
    total: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    waiting: set[str] = set()
    with says.step("translate", len(plan.ids)) as step:
        for ids in chunks(plan.ids):
            work = read_work(open_store, plan, ids)
            batch = translate_work(work, plan, clock)
            merge_work(open_store, [*batch.memory, *batch.translations])
            statuses.update(t.status for t in batch.translations)
            pending = {t.article_id for t in batch.translations if t.status == "pending"}
            waiting |= {a.lang for a in work.articles if a.article_id in pending}
            total.update(sentences=batch.sentences, hits=batch.memory_hits, retried=batch.retried, mended=batch.mended)
            step.advance(count=len(work.articles))
    missing = mends(plan.crew, waiting, settings.translate)
    return TranslateCounts(statuses, total["sentences"], total["hits"], total["retried"], total["mended"], missing)


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ``ids`` few at a time: a day's texts never stand in memory together."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def write_work(open_store: OpenStore, plan: Plan, folder: Path) -> list[Path]:
    """Write the work as spool files, a chunk each; return them. Names are deterministic: a second try overwrites."""
    paths = []
    for number, ids in enumerate(chunks(plan.ids)):
        work = read_work(open_store, plan, ids)
        path = folder / f"todo-{number:04d}.jsonl.gz"
        write_spool(path, [*work.articles, *work.memory])
        paths.append(path)
    return paths


def translate_file(path: Path, crew: Crew, clock: Clock) -> Path:
    """Translate the chunk in ``path``; return the spool with what it gave, to be merged by `merge_file`."""
    records = list(read_spool(path))
    articles = tuple(r for r in records if isinstance(r, Article))
    memory = tuple(r for r in records if isinstance(r, TranslationMemory))
    plan = Plan((), crew.tested({a.lang for a in articles}))
    batch = translate_work(Work(articles, memory), plan, clock)
    result = path.with_name(path.name.replace("todo-", "done-"))
    write_spool(result, [*batch.memory, *batch.translations])
    return result


def merge_file(open_store: OpenStore, path: Path) -> None:
    """Merge what `translate_file` wrote."""
    merge_work(open_store, list(read_spool(path)))
