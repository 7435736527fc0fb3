"""Airflow: nightly housekeeping. Thin over `pipeline.tasks`."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable

WRITER_POOL = "atalaya_writer"

_DOC = """
**maintain** removes what dead runs left behind, writes the warehouse anew when much of its file is unused, copies it to
`backups/`, writes `reports/health/` and raises alerts, at 03:15 Caracas time.

It holds the writer's slot, so a poll that is due meanwhile waits for it.
"""


@dag(
    dag_id="atalaya_maintain",
    schedule=CronTriggerTimetable("15 3 * * *", timezone="America/Caracas"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5), "retry_exponential_backoff": True},
    dagrun_timeout=timedelta(hours=4),
    doc_md=_DOC,
    tags=["atalaya"],
)
def maintain() -> None:
    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=2))
    def housekeeping() -> list[str]:
        from pipeline import tasks

        return tasks.maintain()

    housekeeping()


maintain()
