"""The demo: two polls of the fictional newsroom through the whole pipeline, then a comparison with its gold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.newsroom.gold import Gold, load_gold
from pipeline.newsroom.live import ROUNDS, NewsroomServer
from pipeline.report import Reporter, RunSummary, SourceLine
from pipeline.runs import RunOptions, run
from pipeline.settings import Settings, SettingsError, load_settings
from pipeline.sources import load_sources
from pipeline.translate.setup import set_up_once
from storage.query import run_named

CONFIG = Path(__file__).resolve().parent / "newsroom" / "config"
_SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing compares with the gold. ``wrong`` names what differs, in words."""

    name: str
    right: int
    total: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """All comparisons."""

    checks: tuple[Check, ...]

    @property
    def all_right(self) -> bool:
        """Whether nothing differs from the gold."""
        return not any(c.wrong for c in self.checks)

    def lines(self) -> list[str]:
        """Return the comparisons as lines for people."""
        lines = []
        for check in self.checks:
            lines.append(f"{check.name}: {check.right} of {check.total} as the newsroom's gold says")
            lines += [f"  not so: {w}" for w in check.wrong[:_SHOWN_ERRORS]]
            if len(check.wrong) > _SHOWN_ERRORS:
                lines.append(f"  and {len(check.wrong) - _SHOWN_ERRORS} more")
        return lines


def demo_settings(home: Path, hosts: Mapping[str, str]) -> Settings:
    """Return the settings of the demo: hosts of the newsroom are found on loopback.

    Its warehouse is always the file in its home: fiction does not go into a lake that others read.
    """
    fetch = {"resolve": dict(hosts), "allow_private_network": True, "min_delay_s": 0.0, "contact": "demo"}
    return load_settings(home, CONFIG, fetch=fetch, store={"url": "", "spool": ""})


def holds_fiction(home: Path) -> bool:
    """Return whether the home's snapshot holds fictional outlets."""
    if not (home / "news.duckdb").exists():
        return False
    return bool(run_named(home, "fictional_sources", 10.0).rows)


def run_demo(home: Path, says: Reporter, *, may_ask: bool = False) -> tuple[RunSummary, Checks]:
    """Run the pipeline over the newsroom as it stands at each of its two polls; return what happened and how right.

    ``may_ask``: somebody sits before the terminal. Raises SettingsError when the home holds real outlets: fiction does
    not go beside them.
    """
    if (home / "news.duckdb").exists() and not holds_fiction(home):
        raise SettingsError(
            f"{home} holds real outlets; the demo's fiction does not go beside them. Use another --home."
        )
    summaries = []
    with NewsroomServer() as server:
        for number in ROUNDS:
            server.set_round(number)
            settings = demo_settings(home, server.hosts())
            if number == ROUNDS[0]:
                set_up_once(settings, says, may_ask=may_ask)
            says.say(f"Poll {number} of {len(ROUNDS)}: the newsroom as it stands on day {number}")
            summaries.append(run(settings, load_sources(settings), RunOptions("demo", ignore_pauses=True), says))
    statuses: dict[str, int] = defaultdict(int)
    for _, status, _, count, _ in run_named(home, "status_translations", 30.0).rows:
        statuses[str(status)] += int(str(count))
    return replace(_together(summaries), translations=statuses), compare(home, load_gold(ROUNDS[-1]))


def _together(summaries: list[RunSummary]) -> RunSummary:
    """Return the last summary with the counts of all polls."""
    lines: dict[str, SourceLine] = {}
    for line in (line for s in summaries for line in s.sources):
        lines[line.source_id] = _added(lines[line.source_id], line) if line.source_id in lines else line
    return replace(
        summaries[-1],
        sources=tuple(lines[s] for s in sorted(lines)),
        sentences=sum(s.sentences for s in summaries),
        memory_hits=sum(s.memory_hits for s in summaries),
        retried=sum(s.retried for s in summaries),
        mended=sum(s.mended for s in summaries),
        seconds=sum(s.seconds for s in summaries),
        exit_status=max(s.exit_status for s in summaries),
    )


def _added(first: SourceLine, second: SourceLine) -> SourceLine:
    reasons: dict[str, int] = defaultdict(int)
    for line in (first, second):
        for reason, count in line.reasons.items():
            reasons[reason] += count
    return SourceLine(
        source_id=first.source_id,
        feeds_ok=max(first.feeds_ok, second.feeds_ok),
        feeds_failed={**first.feeds_failed, **second.feeds_failed},
        seen=first.seen + second.seen,
        unchanged=first.unchanged + second.unchanged,
        stored=first.stored + second.stored,
        duplicate=first.duplicate + second.duplicate,
        pending=first.pending + second.pending,
        dropped=first.dropped + second.dropped,
        reasons=dict(reasons),
    )


def compare(home: Path, gold: Gold) -> Checks:
    """Compare the published snapshot with the newsroom's gold."""
    rows = run_named(home, "demo_articles", 30.0).rows
    held = {(str(r[0]), str(r[1])): r for r in rows}
    keys = {a.key: (a.source_id, a.canonical_url) for a in gold.articles}
    name_of = {pair: key for key, pair in keys.items()}
    ids = {str(r[2]): name_of.get(pair, str(r[1])) for pair, r in held.items()}
    found = {a.key: held[keys[a.key]] for a in gold.articles if keys[a.key] in held}
    kinds = _same(
        {a.key: (a.kind, a.lang, a.genre) for a in gold.articles}, {k: (r[8], r[9], r[10]) for k, r in found.items()}
    )
    stories = _partition({a.key: a.story for a in gold.articles}, {k: str(r[3]) for k, r in found.items()})
    copies = _same(
        {a.key: (a.copy_of, a.copy_kind) for a in gold.articles},
        {k: (ids.get(str(r[4])) if r[4] else None, r[5]) for k, r in found.items()},
    )
    groups = _partition({a.key: a.text_group for a in gold.articles}, {k: str(r[11]) for k, r in found.items()})
    beats = _same({a.key: sorted(a.beats) for a in gold.articles}, {k: _names(r[6]) for k, r in found.items()})
    wanted = {a.key: set(a.topics) for a in gold.articles}
    topics = _same(wanted, {k: set(_names(r[7])) & wanted[k] for k, r in found.items()})
    entries = _entries(home, gold)
    named = (("entries", entries), ("articles", kinds), ("stories", stories), ("copies", copies),
             ("texts", groups), ("beats", beats), ("topics", topics))  # fmt: skip
    return Checks(tuple(Check(name, total - len(wrong), total, tuple(wrong)) for name, (total, wrong) in named))


def _names(value: object) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list) else []


def _same(wanted: Mapping[str, object], found: Mapping[str, object]) -> tuple[int, list[str]]:
    wrong = [f"{k}: {found.get(k, 'missing')} instead of {w}" for k, w in sorted(wanted.items()) if found.get(k) != w]
    return len(wanted), wrong


def _partition(wanted: Mapping[str, str], found: Mapping[str, str]) -> tuple[int, list[str]]:
    """Compare two partitions: a wanted group is right when its members share a found group with nobody else."""
    groups = _groups(wanted)
    got = {frozenset(g) for g in _groups(found).values()}
    wrong = [
        f"{name}: {_pieces(members, found)}"
        for name, members in sorted(groups.items())
        if frozenset(members) not in got
    ]
    return len(groups), wrong


def _groups(of: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key, name in sorted(of.items()):
        groups[name].append(key)
    return groups


def _pieces(members: Iterable[str], found: Mapping[str, str]) -> str:
    touched = {found.get(m, "missing") for m in members}
    return " | ".join(", ".join(sorted(k for k, g in found.items() if g == t)) or t for t in sorted(touched))


def _entries(home: Path, gold: Gold) -> tuple[int, list[str]]:
    wanted = sorted(f"{e.feed_url} {e.title}: {e.state}/{e.reason}" for e in gold.entries)
    found = sorted(f"{r[0]} {r[1]}: {r[2]}/{r[3]}" for r in run_named(home, "demo_entries", 30.0).rows)
    missing = list(wanted)
    extra = []
    for line in found:
        if line in missing:
            missing.remove(line)
        else:
            extra.append(line)
    return len(wanted), [f"missing {m}" for m in missing] + [f"unexpected {e}" for e in extra]
