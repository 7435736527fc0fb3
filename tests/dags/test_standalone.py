"""`atalaya airflow` starts an Airflow that schedules and finishes a poll and what follows by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.airflow_home import describe
from pipeline.demo import CONFIG, demo_settings
from pipeline.newsroom.live import NewsroomServer
from pipeline.runs import RunOptions, run
from pipeline.settings import load_settings
from pipeline.sources import load_sources
from storage.dump import logical_dump
from tests.conftest import ROOT, need

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(1500)]
_PATIENCE_S = 600.0  # how long a very busy machine may take; an idle one needs a minute


def free_ports(count: int) -> int:
    """Return the first of ``count`` neighbouring ports that nobody listens on."""
    for first in range(18_000, 30_000, 10):
        try:
            for port in range(first, first + count):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@contextmanager
def statsd() -> Iterator[tuple[int, Counter[str]]]:
    """Listen for StatsD metrics as its server does: UDP, ``name:value|kind`` lines; yields its port and the sums."""
    sums: Counter[str] = Counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.5)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    data = listening.recv(65_536)
                except TimeoutError:
                    continue
                for line in data.decode().splitlines():
                    name, _, rest = line.partition(":")
                    value, _, kind = rest.partition("|")
                    if kind.startswith("c"):
                        sums[name] += int(float(value))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield listening.getsockname()[1], sums
        finally:
            over.set()
            thread.join()


def ask(url: str, token: str | None = None, body: dict[str, str] | None = None) -> dict:
    """Ask Airflow's API."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    question = urllib.request.Request(url, data, headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(question, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def wait(what: str, done: Callable[[], bool], words: Callable[[], str]) -> None:
    """Wait until ``done``; say what was waited for and ``words`` when it never comes."""
    deadline = time.monotonic() + _PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, f"waited for {what}\n{words()}"
        time.sleep(1)


def test_it_runs_by_itself_to_the_database_of_run(tmp_path: Path) -> None:
    """One command, no hand: ingest is scheduled at once, enrich follows it, and the dump is the one of `run`.

    Counters of the stages arrive at a StatsD server, and Ctrl-C ends all of its processes.
    """
    need(os.name == "posix", "needs a POSIX system")
    port = free_ports(3)
    with NewsroomServer(2) as server, statsd() as (metrics, sums):
        env = os.environ | {
            "ATALAYA_ENGINES": "none",
            "ATALAYA_FETCH__RESOLVE": json.dumps(dict(server.hosts())),
            "ATALAYA_FETCH__ALLOW_PRIVATE_NETWORK": "true",
            "ATALAYA_FETCH__MIN_DELAY_S": "0",
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(metrics),
        }
        home = tmp_path / "home"
        words = ["airflow", "--home", str(home), "--config", str(CONFIG), "--port", str(port)]
        out = tmp_path / "out.txt"
        with out.open("w") as said:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "pipeline", *words], env=env, cwd=ROOT, stdout=said, stderr=said
            )
        local = describe(load_settings(home, CONFIG), port)

        def told() -> str:
            log = local.log.read_text(errors="replace")[-6000:] if local.log.exists() else ""
            return f"{out.read_text()}\n{log}"

        try:
            wait("Airflow to come up", lambda: child.poll() is not None or "Airflow is at" in out.read_text(), told)
            assert child.poll() is None, told()
            assert f"Log in as admin with the password {local.password}" in out.read_text()
            login = {"username": local.user, "password": str(local.password)}
            token = ask(f"{local.url}/auth/token", body=login)["access_token"]

            def state(dag: str) -> set[str]:
                return {r["state"] for r in ask(f"{local.url}/api/v2/dags/{dag}/dagRuns", token)["dag_runs"]}

            wait("a poll to end", lambda: bool(state("atalaya_ingest") & {"success", "failed"}), told)
            wait("what follows it to end", lambda: bool(state("atalaya_enrich") & {"success", "failed"}), told)
            assert (state("atalaya_ingest"), state("atalaya_enrich")) == ({"success"}, {"success"}), told()
        finally:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(90)
            except subprocess.TimeoutExpired:
                child.kill()
                raise
        settings = demo_settings(tmp_path / "by-run", server.hosts())
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ATALAYA_ENGINES", "none")
            run(settings, load_sources(settings), RunOptions("run"))
    assert logical_dump(home / "warehouse.duckdb") == logical_dump(tmp_path / "by-run" / "warehouse.duckdb")
    assert sums["airflow.atalaya.stories.stories"] > 20, sums
    assert sums["airflow.atalaya.ingest.sources"] > 10, sums
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
