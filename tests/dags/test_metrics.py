"""Counters of the stages, sent as StatsD by a real Airflow to a socket on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.conftest import ROOT, need

pytestmark = pytest.mark.airflow

EMIT = """
from dags.metrics import emit
emit("translate", {"sentences": 12, "memory_hits": 0, "seconds": 1.5, "ok": True, "engine": "argos"})
emit("alerts", {"open": 2})
"""


def test_whole_numbers_of_a_stage_become_counters(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Named by stage and count, under Airflow's own prefix; words, fractions and truth values are no counters."""
    try:
        import statsd  # noqa: F401 - Airflow imports it
    except ImportError:
        need(False, "needs the package statsd, of the extra scale")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        env = {
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(listening.getsockname()[1]),
        }
        ran = subprocess.run(
            [sys.executable, "-c", EMIT], env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr
        listening.settimeout(0.5)  # all of it is on its way by now
        sent: list[str] = []
        with suppress(TimeoutError):
            while True:
                sent += listening.recv(4096).decode().split("\n")
    assert sorted(one for one in sent if ".atalaya." in one) == [
        "airflow.atalaya.alerts.open:2|c",
        "airflow.atalaya.translate.memory_hits:0|c",
        "airflow.atalaya.translate.sentences:12|c",
    ]
