"""Airflow: translate, place and tag what was loaded, then publish. Thin over `pipeline.tasks`."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, dag, task

WAREHOUSE = Asset("atalaya://warehouse")
SNAPSHOT = Asset("atalaya://snapshot")
WRITER_POOL = "atalaya_writer"

_DOC = """
**enrich** runs after every load: translation, copies and stories, topics, and the snapshot that analysts open.

Each task reads its work from the warehouse, computes with the warehouse closed and merges; all of them write, so they
share the writer's pool of one slot.
"""


@dag(
    dag_id="atalaya_enrich",
    schedule=[WAREHOUSE],
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=2), "retry_exponential_backoff": True},
    dagrun_timeout=timedelta(hours=6),
    doc_md=_DOC,
    tags=["atalaya"],
)
def enrich() -> None:
    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=5))
    def translate() -> dict[str, object]:
        from pipeline import tasks

        return tasks.translate()

    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=1))
    def stories() -> dict[str, object]:
        from pipeline import tasks

        return tasks.stories()

    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=1))
    def topics() -> dict[str, object]:
        from pipeline import tasks

        return tasks.topics()

    @task(pool=WRITER_POOL, outlets=[SNAPSHOT], execution_timeout=timedelta(minutes=30))
    def publish() -> str:
        from pipeline import tasks

        return tasks.publish_snapshot()

    translate() >> stories() >> topics() >> publish()


enrich()
