"""What a run tells: progress while it works, a summary when it is done. Bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Protocol

from pipeline.output import counted, plain, text_cell

if TYPE_CHECKING:
    from rich.console import Console


class Step(Protocol):
    """A step under way; ``advance`` says that one more item of it is done."""

    def advance(self, note: str = "", count: int = 1) -> None: ...


class Reporter(Protocol):
    """Where a run's progress goes."""

    def step(self, name: str, total: int) -> AbstractContextManager[Step]:
        """Open a step of ``total`` items."""
        ...

    def say(self, line: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source in the summary. Counts are of this run's entries."""

    source_id: str
    feeds_ok: int
    feeds_failed: Mapping[str, str]
    seen: int
    unchanged: int
    stored: int
    duplicate: int
    pending: int
    dropped: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One story in the summary."""

    story_id: str
    title: str
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    articles: int
    sources: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did; printed for people, or as one line of JSON for machines."""

    run_id: str
    home: str
    status: str
    exit_status: int
    seconds: float
    sources: tuple[SourceLine, ...]
    translations: Mapping[str, int] = field(default_factory=dict)
    sentences: int = 0
    memory_hits: int = 0
    retried: int = 0
    mended: int = 0
    missing_engines: Mapping[str, str] = field(default_factory=dict)
    articles: int = 0
    stories: int = 0
    copies: int = 0
    top_stories: tuple[StoryLine, ...] = ()
    error: str | None = None

    def as_json(self, **more: object) -> str:
        """Return one line of JSON, with ``more`` behind what the run did."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return json.dumps(plain(own | more), ensure_ascii=False)


class QuietReporter:
    """Says nothing: for machines and tests."""

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Step]:
        yield _NoStep()

    def say(self, line: str) -> None:
        return None


class _NoStep:
    def advance(self, note: str = "", count: int = 1) -> None:
        return None


class RichReporter:
    """Progress bars where the console is a terminal, one plain line a step elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Step]:
        if not self._console.is_terminal:
            step = _PlainStep(self._console, name, total)
            yield step
            step.end()
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(name, total=total, note="")

            class Bar:
                def advance(self, note: str = "", count: int = 1) -> None:
                    progress.update(task, advance=count, note=note)

            yield Bar()
            progress.update(task, note="")

    def say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False)


class _PlainStep:
    """Prints at every tenth of the work, so that a log of a long run shows where it is and stays short."""

    def __init__(self, console: Console, name: str, total: int) -> None:
        self._console, self._name, self._total, self._done, self._said = console, name, total, 0, 0
        self._print(f"{name}: {total} to do" if total else f"{name}: nothing to do")

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def advance(self, note: str = "", count: int = 1) -> None:
        self._done += count
        tenth = self._done * 10 // max(1, self._total)
        if tenth > self._said and self._done < self._total and self._total >= 20:
            self._said = tenth
            self._print(f"{self._name}: {self._done}/{self._total} {note}".rstrip())

    def end(self) -> None:
        if self._total:
            self._print(f"{self._name}: {self._done} done")


def print_summary(console: Console, summary: RunSummary, command: str) -> None:
    """Print what a run did: sources, stories, where the database is and what to try next."""
    from rich.table import Table

    _print_sources(console, summary)
    if summary.error:
        console.print(summary.error, markup=False, style="bold red", soft_wrap=True)
    if summary.top_stories:
        stories = Table(title="Top stories", title_justify="left")
        for name in ("story", "countries", "languages", "articles", "sources"):
            stories.add_column(name, overflow="fold")
        for story in summary.top_stories:
            stories.add_row(
                *map(text_cell, (story.title, story.countries, story.languages, story.articles, story.sources))
            )
        console.print(stories)
    counts = ", ".join(_counted(summary.translations)) or "nothing new"
    console.print(
        f"{counted(summary.stories, 'story', 'stories')} from {counted(summary.articles, 'article')}, "
        f"{counted(summary.copies, 'copy', 'copies')} folded."
    )
    again = f"; {summary.retried} tried again, {summary.mended} of them mended" if summary.retried else ""
    console.print(f"Translations: {counts}; {summary.sentences} sentences, {summary.memory_hits} from memory{again}.")
    if summary.translations.get("pending"):
        for name, mend in summary.missing_engines.items():
            console.print(f"No {name} here, so texts wait in their own language. To mend: {mend}", markup=False)
        if not summary.missing_engines:
            console.print("./atalaya translate status shows which texts wait, and why.")
    console.print(f"\nDatabase for analysts: {summary.home}/news.duckdb", highlight=False)
    console.print(f"Try: {command}", markup=False, highlight=False, soft_wrap=True)


_NUMBERS = ("seen", "stored", "duplicate", "known", "waiting", "dropped")
_NARROW = 100  # columns of a terminal
_FEW = 20  # sources of which each has its line; of more, those with nothing to tell share one


def _print_sources(console: Console, summary: RunSummary) -> None:
    """Print a line a source. On a narrow terminal without columns of noughts, and with the reasons below."""
    from rich import box
    from rich.table import Table

    narrow = console.width < _NARROW
    table = Table(title=f"Run {summary.run_id}: {summary.status} in {summary.seconds:.0f} s", title_justify="left")
    if narrow:
        table.box, table.padding, table.pad_edge = box.SIMPLE_HEAD, (0, 1, 0, 0), False
    totals = _totals(summary.sources) if summary.sources else ["0"] * len(_NUMBERS)
    shown = [i for i, total in enumerate(totals) if not narrow or total != "0"]
    table.add_column("source", overflow="fold")
    table.add_column("feeds", no_wrap=True)
    for i in shown:
        table.add_column(_NUMBERS[i], justify="right", no_wrap=True)
    if not narrow:
        table.add_column("why", overflow="fold")

    def add(name: str, feeds: str, numbers: list[str], why: str = "") -> None:
        table.add_row(text_cell(name), feeds, *(numbers[i] for i in shown), *([] if narrow else [why]))

    quiet = [s for s in summary.sources if _quiet(s)] if len(summary.sources) > _FEW else []
    for line in summary.sources:
        if line not in quiet:
            failed = f", {len(line.feeds_failed)} failed" if line.feeds_failed else ""
            add(line.source_id, f"{line.feeds_ok} ok{failed}", _row(line), ", ".join(_why(line)))
    if quiet:
        add(counted(len(quiet), "other"), f"{sum(s.feeds_ok for s in quiet)} ok", _totals(quiet))
    if summary.sources:
        table.add_section()
        ok, down = sum(s.feeds_ok for s in summary.sources), sum(len(s.feeds_failed) for s in summary.sources)
        add(counted(len(summary.sources), "source"), f"{ok} ok, {down} failed", totals)
    console.print(table)
    if narrow:
        for line in (s for s in summary.sources if _why(s)):
            console.print(f"{line.source_id}: {', '.join(_why(line))}", markup=False, highlight=False, soft_wrap=True)


def _quiet(line: SourceLine) -> bool:
    """Return whether a source was heard and brought nothing that was not known."""
    return not (line.feeds_failed or line.reasons or line.stored or line.duplicate or line.pending or line.dropped)


def _why(line: SourceLine) -> list[str]:
    return [*_counted(Counter(line.feeds_failed.values())), *_counted(line.reasons)]


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{name} {n}" for name, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]


def _row(line: SourceLine) -> list[str]:
    return [str(n) for n in (line.seen, line.stored, line.duplicate, line.unchanged, line.pending, line.dropped)]


def _totals(lines: Sequence[SourceLine]) -> list[str]:
    return [str(sum(int(n) for n in column)) for column in zip(*(_row(line) for line in lines), strict=True)]
