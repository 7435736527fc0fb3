"""The evaluation harness: ``python -m tests.eval TASK PATH… [--json]`` scores a stage on a folder of gold material.

Each task is a module of this package with ``evaluate(paths) -> Scores``.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scores:
    """What a task found: ``flat`` for machines (one level, numbers and strings), ``table`` for people."""

    flat: dict[str, float | int | str]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = field(default=())
