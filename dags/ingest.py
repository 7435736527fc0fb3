"""Airflow: poll the outlets every half hour and load what they bring. Thin over `pipeline.tasks`."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from airflow.timetables.trigger import CronTriggerTimetable

WAREHOUSE = Asset("atalaya://warehouse")
WRITER_POOL = "atalaya_writer"

_DOC = """
**ingest** polls every feed that is due, extracts new pages and loads them.

`plan` reads the warehouse once and writes batches of sources as files; `poll` runs once a batch, in parallel, and never
opens the warehouse; `load` is the one writer. When it is done it updates the asset that `enrich` waits for.
Settings come from `ATALAYA_HOME`, `ATALAYA_CONFIG_DIR` and the other `ATALAYA_*` variables of the worker.
"""


@dag(
    dag_id="atalaya_ingest",
    # a new installation begins at once instead of at the next half hour
    schedule=CronTriggerTimetable("*/30 * * * *", timezone="UTC", run_immediately=True),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=2), "retry_exponential_backoff": True},
    dagrun_timeout=timedelta(hours=2),
    doc_md=_DOC,
    tags=["atalaya"],
    params={
        "country": Param([], type="array", items={"type": "string"}, description="Only these countries"),
        "source": Param([], type="array", items={"type": "string"}, description="Only these sources"),
        "batch_size": Param(8, type="integer", minimum=1, maximum=100),
        "dry_run": Param(False, type="boolean", description="Only say in the log of `plan` what is due"),
    },
)
def ingest() -> None:
    @task(pool=WRITER_POOL, execution_timeout=timedelta(minutes=10))
    def plan() -> dict[str, object]:
        from pipeline import tasks

        params = get_current_context()["params"]
        if params["dry_run"]:
            raise AirflowSkipException("\n".join(tasks.due(params["source"], params["country"])))
        return tasks.plan(params["source"], params["country"], params["batch_size"])

    @task
    def batches(planned: dict[str, object]) -> list[dict[str, str]]:
        return [{"folder": folder, "run_id": planned["run_id"]} for folder in planned["folders"]]

    @task(execution_timeout=timedelta(minutes=60))
    def poll(batch: dict[str, str]) -> dict[str, object]:
        from pipeline import tasks

        return tasks.poll(batch["folder"], batch["run_id"])

    @task(pool=WRITER_POOL, outlets=[WAREHOUSE], trigger_rule="all_done", execution_timeout=timedelta(minutes=30))
    def load(planned: dict[str, object] | None, polled: list[dict[str, object]]) -> dict[str, object]:
        from dags.metrics import emit
        from pipeline import tasks

        if planned is None:
            raise AirflowSkipException("nothing was planned")
        counts = tasks.load(planned, polled)
        emit("ingest", counts)
        return counts

    @task
    def verdict(loaded: dict[str, object]) -> None:
        from pipeline import tasks

        tasks.verdict(loaded)

    planned = plan()
    verdict(load(planned, poll.expand(batch=batches(planned))))


ingest()
