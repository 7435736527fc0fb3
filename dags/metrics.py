"""Counters of the stages as Airflow's own metrics, by whatever it is set up for: StatsD, OpenTelemetry or nothing."""

from __future__ import annotations

from collections.abc import Mapping


def emit(stage: str, counts: Mapping[str, object]) -> None:
    """Count ``atalaya.STAGE.NAME`` up by each whole number of ``counts``."""
    from airflow.sdk.observability import stats

    for name, value in counts.items():
        if isinstance(value, int) and not isinstance(value, bool):
            stats.incr(f"atalaya.{stage}.{name}", value)
