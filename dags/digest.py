"""Airflow: the morning digest, after that morning's news. Thin over `pipeline.tasks`."""

from __future__ import annotations

import os
from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task
from airflow.timetables.trigger import CronTriggerTimetable

WRITER_POOL = "atalaya_writer"

_DOC = """
**digest** writes the morning's digest at `ATALAYA_DIGEST__AT` (06:30), Caracas time, and sends it to the addresses of
`[digest] urls`.

`ready` waits for that morning's run to come through `enrich`, half an hour at most; after that the digest is made all
the same and says that it is incomplete. A digest that could be delivered to none of its addresses is tried again.
The `morning` parameter makes one for another day, which is marked as late.
"""

_HOUR, _, _MINUTE = os.environ.get("ATALAYA_DIGEST__AT", "06:30").partition(":")


@dag(
    dag_id="atalaya_digest",
    schedule=CronTriggerTimetable(f"{int(_MINUTE)} {int(_HOUR)} * * *", timezone="America/Caracas"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2), "retry_exponential_backoff": True},
    dagrun_timeout=timedelta(hours=3),
    doc_md=_DOC,
    tags=["atalaya"],
    params={
        "morning": Param(None, type=["null", "string"], format="date", description="Another day's, e.g. 2026-01-09"),
        "send": Param(True, type="boolean", description="Send it, if there are addresses and it was not sent yet"),
    },
)
def digest() -> None:
    @task.sensor(poke_interval=60, timeout=30 * 60, mode="reschedule", soft_fail=True)
    def ready() -> bool:
        from pipeline import tasks

        return tasks.digest_ready(get_current_context()["params"]["morning"])

    @task(pool=WRITER_POOL, trigger_rule="all_done", execution_timeout=timedelta(minutes=30))
    def make() -> dict[str, object]:
        from pipeline import tasks

        params = get_current_context()["params"]
        return tasks.digest(params["morning"], send=params["send"])

    ready() >> make()


digest()
