"""The same DAG files on several machines: Celery workers over Redis and PostgreSQL, spools in object storage, a lake.

One worker is killed in the middle of its poll. What the lake holds in the end is what a plain run puts into a file.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo import CONFIG, demo_settings
from pipeline.newsroom.live import NewsroomServer
from pipeline.newsroom.server import LoggedRequest
from pipeline.runs import RunOptions, run
from pipeline.settings import Settings
from pipeline.sources import load_sources
from storage import places
from storage.dump import logical_dump
from storage.query import run_query
from storage.store import Store
from tests.services import airflow_cluster, postgres, s3

pytestmark = [pytest.mark.services, pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(1500)]


class GatedNewsroom(NewsroomServer):
    """The newsroom, of which one outlet does not answer until its gate is opened."""

    def __init__(self, held: str) -> None:
        super().__init__(2)
        self.held = held
        self.asked = threading.Event()
        self.gate = threading.Event()

    def log(self, request: LoggedRequest) -> None:
        super().log(request)
        if request.host == self.held:
            self.asked.set()
            self.gate.wait(timeout=airflow_cluster.PATIENCE_S)


@dataclass(frozen=True)
class Ran:
    """What the run on several machines left, and what the undisturbed one on one machine did."""

    lake: str
    file: str
    home: Path
    spool: str
    ingest: list[dict[str, Any]]
    enrich: list[dict[str, Any]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    base = tmp_path_factory.mktemp("scale")
    with pytest.MonkeyPatch.context() as patch, postgres.lake(base / "lake") as lake_url, s3.storage(patch) as bucket:
        patch.setenv("ATALAYA_ENGINES", "none")
        with NewsroomServer(2) as server:
            alone = demo_settings(base / "alone", server.hosts())
            run(alone, load_sources(alone), RunOptions("run"))
        with GatedNewsroom("elparamo.example") as server:
            spool = f"{bucket}/spool"
            settings = demo_settings(base / "home", server.hosts())
            environment = {
                "ATALAYA_CONFIG_DIR": str(CONFIG),
                "ATALAYA_STORE__URL": lake_url,
                "ATALAYA_STORE__SPOOL": spool,
                "ATALAYA_FETCH__RESOLVE": json.dumps(dict(server.hosts())),
                "ATALAYA_FETCH__ALLOW_PRIVATE_NETWORK": "true",
                "ATALAYA_FETCH__MIN_DELAY_S": "0",
                "ATALAYA_FETCH__TOTAL_TIMEOUT_S": "600",
            }
            with airflow_cluster.cluster(base, settings, environment, free_port()) as cluster:
                file = logical_dump(alone.home / "warehouse.duckdb")
                yield finished(cluster, server, settings, lake_url, spool, file)


def finished(
    cluster: airflow_cluster.Cluster, server: GatedNewsroom, settings: Settings, lake_url: str, spool: str, file: str
) -> Ran:
    """Run both DAGs, kill the worker whose poll waits for the held outlet, and wait for the end."""
    for dag in ("atalaya_ingest", "atalaya_enrich"):
        path = f"/api/v2/dags/{dag}"
        cluster.wait(f"{dag} to be parsed", lambda path=path: cluster.call("PATCH", path, {"is_paused": False}))
    ingest = cluster.wait("ingest to be scheduled", lambda: first_run(cluster, "atalaya_ingest"))

    def polls() -> list[dict[str, Any]]:
        return [t for t in cluster.tasks("atalaya_ingest", ingest) if t["task_id"] == "poll"]

    def held() -> list[dict[str, Any]]:
        """The poll that waits for the gate, once it alone is still at work."""
        if not server.asked.is_set():
            return []
        running = [t for t in polls() if t["state"] == "running"]
        others = [t for t in polls() if t["state"] not in ("running", "success")]
        return running if len(running) == 1 and not others else []

    (victim,) = cluster.wait("one poll to be left, at the gate", held)
    killed = cluster.worker_of(victim["pid"])
    cluster.kill(killed)
    server.gate.set()

    def retry() -> dict[str, Any] | None:
        (task,) = [t for t in polls() if t["map_index"] == victim["map_index"]]
        return task if task["state"] == "up_for_retry" else None

    cluster.wait("the dead worker to be noticed", retry)
    # The pause before a second try is minutes in the DAG file; here the clock is put forward instead.
    postgres.execute(
        "UPDATE task_instance SET end_date = end_date - INTERVAL '1 hour' WHERE state = 'up_for_retry'",
        cluster.database,
    )
    cluster.wait("ingest to end", lambda: state_of(cluster, "atalaya_ingest", ingest) == "success")
    cluster.call("PATCH", "/api/v2/dags/atalaya_ingest", {"is_paused": True})  # the next half hour may be near
    enrich_id = cluster.wait("enrich to start", lambda: first_run(cluster, "atalaya_enrich"))
    cluster.wait("enrich to end", lambda: state_of(cluster, "atalaya_enrich", enrich_id) == "success")
    with Store.open(settings.home, "test", lake_url) as store:
        lake = logical_dump(store.con)
    tasks = cluster.tasks("atalaya_ingest", ingest), cluster.tasks("atalaya_enrich", enrich_id)
    return Ran(lake, file, settings.home, spool, *tasks)


def first_run(cluster: airflow_cluster.Cluster, dag: str) -> str | None:
    """Return the id of the first run of a DAG: nobody triggers one, the scheduler does."""
    runs = cluster.call("GET", f"/api/v2/dags/{dag}/dagRuns?order_by=run_after")["dag_runs"]
    return str(runs[0]["dag_run_id"]) if runs else None


def state_of(cluster: airflow_cluster.Cluster, dag: str, run_id: str) -> str:
    """Return the state of a run; a failed one ends the test with the logs."""
    state = str(cluster.call("GET", f"/api/v2/dags/{dag}/dagRuns/{run_id}")["state"])
    assert state != "failed", cluster.logs()
    return state


def free_port() -> int:
    """Return a port of which the next two are free as well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_lake_ends_as_a_file_does(ran: Ran) -> None:
    """With a killed worker, object storage and a lake, the logical dump is that of a plain run of one process."""
    assert ran.lake == ran.file
    assert "tepuy" in ran.lake


def test_only_the_killed_poll_was_done_again(ran: Ran) -> None:
    """It was tried a second time, by the other worker; every other task ended at its first try."""
    tries = {(t["task_id"], t["map_index"]): t["try_number"] for t in (*ran.ingest, *ran.enrich)}
    assert {t["state"] for t in (*ran.ingest, *ran.enrich)} == {"success"}
    again = [key for key, number in tries.items() if number > 1]
    assert [(task, tries[task, index]) for task, index in again] == [("poll", 2)]
    assert sum(task == "poll" for task, _ in tries) == 2


def test_the_snapshot_is_published(ran: Ran) -> None:
    """Analysts of the home open the same news.duckdb as ever."""
    rows = run_query(ran.home, "SELECT count(*) > 50, count(DISTINCT article_id) = count(*) FROM v_articles", 60).rows
    assert rows == [(True, True)]
    assert not (ran.home / "warehouse.duckdb").exists()


def test_spools_went_through_object_storage_and_are_gone(ran: Ran) -> None:
    """Nothing was spooled in the home, and a loaded run leaves nothing behind."""
    assert not (ran.home / "spool").exists()
    assert not places.exists(places.join(ran.spool, "x"))
    import fsspec

    storage, root = fsspec.url_to_fs(ran.spool, use_listings_cache=False)
    assert storage.find(root) == []
