"""Airflow: translate, place, tag and match what was loaded, then publish. Thin over `pipeline.tasks`."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, dag, task

WAREHOUSE = Asset("atalaya://warehouse")
SNAPSHOT = Asset("atalaya://snapshot")
WRITER_POOL = "atalaya_writer"

_DOC = """
**enrich** runs after every load: translation, copies and stories, topics, watches, and the snapshot that analysts open.

Each task reads its work from the warehouse, computes with the warehouse closed and merges. Those that write for long
share the writer's pool of one slot; `translate` computes for hours and merges in moments, so it takes none and waits
for whoever writes. `alerts` tells people on call what is amiss, and fails when it has something to tell and reaches
nobody.
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
    @task(execution_timeout=timedelta(hours=5))
    def translate() -> dict[str, object]:
        from dags.metrics import emit
        from pipeline import tasks

        counts = tasks.translate()
        emit("translate", counts)
        return counts

    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=1))
    def stories() -> dict[str, object]:
        from dags.metrics import emit
        from pipeline import tasks

        counts = tasks.stories()
        emit("stories", counts)
        return counts

    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=1))
    def topics() -> dict[str, object]:
        from dags.metrics import emit
        from pipeline import tasks

        counts = tasks.topics()
        emit("topics", counts)
        return counts

    @task(pool=WRITER_POOL, execution_timeout=timedelta(hours=1))
    def watches() -> dict[str, object]:
        from dags.metrics import emit
        from pipeline import tasks

        counts = tasks.watches()
        emit("watches", counts)
        return counts

    @task(pool=WRITER_POOL, outlets=[SNAPSHOT], execution_timeout=timedelta(minutes=30))
    def publish() -> str:
        from pipeline import tasks

        return tasks.publish_snapshot()

    @task(pool=WRITER_POOL, execution_timeout=timedelta(minutes=10))
    def alerts() -> dict[str, object]:
        from dags.metrics import emit
        from pipeline import tasks

        counts = tasks.alerts()
        emit("alerts", counts)
        return counts

    translate() >> stories() >> topics() >> watches() >> publish() >> alerts()


enrich()
