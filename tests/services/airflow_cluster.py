"""An Airflow of many machines on this one: PostgreSQL, Redis, scheduler, DAG processor, API server, Celery workers.

Every part is a process of its own, with the configuration that docs/scale.md names.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pipeline.airflow_home import WRITER_POOL, describe
from pipeline.settings import Settings
from tests.conftest import need
from tests.services import postgres

PATIENCE_S = 600.0
"""How long a state is waited for: what ends a hang, not what is expected (a run takes a minute on two idle cores)."""


@contextmanager
def redis_database() -> Iterator[str]:
    """Yield the URL of a database of the local Redis that nobody uses; empty it at the end."""
    import redis

    free = None
    try:
        for number in range(15, 0, -1):
            client = redis.Redis(host="127.0.0.1", port=6379, db=number, socket_connect_timeout=3)
            if client.dbsize() == 0:
                free = client, number
                break
        answers = True
    except redis.ConnectionError:
        answers = False
    need(answers, "needs Redis on 127.0.0.1:6379")
    need(free, "needs a database of the Redis on 127.0.0.1:6379 that is empty (1 to 15)")
    assert free is not None
    try:
        yield f"redis://127.0.0.1:6379/{free[1]}"
    finally:
        free[0].flushdb()


@dataclass
class Cluster:
    """A running Airflow. ``api`` speaks to its API server, ``workers`` are its Celery workers by name."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    database: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    token: str = ""

    def start(self, name: str, *words: str) -> None:
        """Start a part; what it prints goes to a file of its name."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", *words],
                env=dict(self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_worker(self, name: str) -> None:
        """Start a Celery worker for two tasks at a time."""
        self.start(name, "celery", "worker", "-c", "2", "--celery-hostname", f"{name}@%h", "--skip-serve-logs")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Ask the API server; returns the JSON that it answers."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def wait(self, what: str, ready: Callable[[], Any]) -> Any:
        """Return what ``ready`` returns once it is true; fail with all logs when a part dies or the patience ends."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise AssertionError(f"waiting for {what}: {name} ended ({process.returncode})\n{self.logs()}")
            try:
                if found := ready():
                    return found
            except (urllib.error.URLError, OSError):  # not up yet
                pass
            time.sleep(0.3)
        raise AssertionError(f"{what} did not come within {PATIENCE_S:g} s\n{self.logs()}")

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        found: list[dict[str, Any]] = self.call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances?limit=100")[
            "task_instances"
        ]
        return found

    def worker_of(self, pid: int) -> str:
        """Return the name of the worker that process ``pid`` belongs to."""
        family = {p.pid for p in [psutil.Process(pid), *psutil.Process(pid).parents()]}
        return next(name for name, process in self.processes.items() if process.pid in family)

    def kill(self, name: str) -> None:
        """End a worker as a machine that loses its power ends it: SIGKILL to it and all that it started."""
        process = self.processes.pop(name)
        family = psutil.Process(process.pid)
        for member in [family, *family.children(recursive=True)]:
            member.send_signal(signal.SIGKILL)
        process.wait()

    def logs(self) -> str:
        """Return the last lines of every part and every task."""
        files = [
            *sorted(self.folder.glob("*.log")),
            *sorted((self.folder / "home" / "airflow" / "logs").rglob("*.log")),
        ]
        tails = []
        for file in files:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
            tails.append(f"--- {file.relative_to(self.folder)}\n" + "\n".join(line[:400] for line in lines))
        return "\n".join(tails)

    def stop(self) -> None:
        """End every part and all that it started."""
        families: list[psutil.Process] = []
        for process in self.processes.values():
            try:
                families += [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            except psutil.NoSuchProcess:
                continue
        for member in families:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        for process in self.processes.values():
            process.wait()


@contextmanager
def cluster(folder: Path, settings: Settings, environment: Mapping[str, str], port: int) -> Iterator[Cluster]:
    """Start an Airflow with two workers for the home of ``settings``; ``environment`` goes to every part."""
    local = describe(settings, port)
    with postgres.database() as database, redis_database() as broker:
        at = f"{postgres.USER}@{postgres.HOST}:{postgres.PORT}/{database}"
        parts = {
            **os.environ,
            **local.environment,
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{at}",
            "AIRFLOW__CELERY__BROKER_URL": broker,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{at}",
            # A dead worker is noticed after 15 s here, not after the five minutes that suit a network.
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
            "AIRFLOW__API__WORKERS": "1",
            **environment,
        }
        made = Cluster(local.url, folder, parts, database)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=parts,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr[-3000:]
            made.start("api-server", "api-server")
            made.start("scheduler", "scheduler", "--skip-serve-logs")
            made.start("dag-processor", "dag-processor")
            made.start_worker("one")
            made.start_worker("two")
            made.wait("the API server", lambda: sign_in(made))
            made.call("POST", "/api/v2/pools", {"name": WRITER_POOL, "slots": 1})
            yield made
        finally:
            made.stop()


def sign_in(made: Cluster) -> bool:
    """Take a token from the API server."""
    made.token = made.call("GET", "/auth/token")["access_token"]
    return True
