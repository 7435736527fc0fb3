"""A local Airflow under the home: its settings as environment variables, its metadata database and pool, its start.

Airflow itself is only ever called as a program. What is set here is all that `docs/operations.md` sets on a server,
where the same variables stand in a file of systemd.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import Settings, SettingsError

WRITER_POOL = "atalaya_writer"
ROOT = Path(__file__).resolve().parent.parent
_PASSWORDS = "simple_auth_manager_passwords.json"
_READY_S = 600.0  # an idle machine takes half a minute, a very busy one many


class AirflowError(RuntimeError):
    """Airflow did not do what it was asked; the message has its last words and where its log is."""


@dataclass(frozen=True, slots=True)
class LocalAirflow:
    """Where a local Airflow lives and how to reach it; ``environment`` is what its programs need beside the user's."""

    home: Path
    url: str
    user: str
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        """Return the file that its programs write to."""
        return self.home / "standalone.log"

    @property
    def password(self) -> str | None:
        """Return the login's password, once Airflow has made one."""
        try:
            found = json.loads((self.home / _PASSWORDS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return str(found.get(self.user)) if isinstance(found, dict) and self.user in found else None


def describe(settings: Settings, port: int, cores: int | None = None) -> LocalAirflow:
    """Return the local Airflow of ``settings``; writes nothing but the secrets that its parts share."""
    home = (settings.home / "airflow").resolve()
    home.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    kept = _kept(home / "secrets.json", _new_secrets)
    _kept(home / _PASSWORDS, lambda: {"admin": secrets.token_urlsafe(12)})
    environment = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # each task is a process of 150 MB or more: two a core keep the machine busy while some wait for the network
        "AIRFLOW__CORE__PARALLELISM": str(max(2, min(16, 2 * (cores or os.cpu_count() or 1)))),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": kept["fernet_key"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / _PASSWORDS),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": kept["secret_key"],
        "AIRFLOW__API_AUTH__JWT_SECRET": kept["jwt_secret"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(port + 1),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(port + 2),
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "ATALAYA_HOME": str(settings.home.resolve()),
        "ATALAYA_DIGEST__AT": settings.digest.at,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
    }
    if settings.config_dir is not None:
        environment["ATALAYA_CONFIG_DIR"] = str(settings.config_dir.resolve())
    return LocalAirflow(home, url, "admin", environment)


def _new_secrets() -> dict[str, str]:
    return {
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "secret_key": secrets.token_urlsafe(32),
        "jwt_secret": secrets.token_urlsafe(48),
    }


def _kept(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return what ``path`` holds; where it is missing, make it, whole or not at all and readable by its owner only.

    Raises SettingsError for a file that is damaged.
    """
    if path.is_file():
        try:
            found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            words = "Copy it from a backup, or delete it: new secrets are made, and what Airflow encrypted is lost."
            raise SettingsError(f"{path}: damaged ({error}). {words}") from error
        return found
    made = make()
    part = path.with_name(f".{path.name}.tmp")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(made, file)
    part.replace(path)
    return made


def prepare(local: LocalAirflow, says: Callable[[str], None]) -> None:
    """Bring the metadata database up to date and make the writer's pool of one slot. Raises AirflowError."""
    says("Preparing Airflow's metadata database ...")
    _call(local, "db", "migrate")
    says("Making the pool that keeps writers one at a time ...")
    _call(local, "pools", "set", WRITER_POOL, "1", "Whatever writes to the warehouse, one at a time")


def _call(local: LocalAirflow, *words: str) -> None:
    environment = {**os.environ, **local.environment}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "airflow", *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise AirflowError(f"airflow {' '.join(words)} failed:\n{last}")


def require_free(port: int) -> None:
    """Raise SettingsError when something else listens on ``port``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(f"port {port} is taken ({error.strerror}). Choose another one with --port.") from error


def serve(local: LocalAirflow, says: Callable[[str], None]) -> int:
    """Start Airflow's parts, say where it is once it is ready, and stay until it ends or is told to stop.

    Returns its exit status. Ctrl-C and SIGTERM stop all parts. Raises AirflowError when it does not come up.
    """
    with local.log.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "airflow", "standalone"],
            env={**os.environ, **local.environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all its parts can be stopped, and only by us
        )
    # SIGINT too: a shell starts its background jobs with it ignored
    previous = {sign: signal.signal(sign, _as_interrupt) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        says("Starting the scheduler, the DAG processor and the web server ...")
        _wait_until_ready(local, child)
        says(f"Airflow is at {local.url}")
        says(f"Log in as {local.user} with the password {local.password or f'in {local.home / _PASSWORDS}'}")
        says(f"Its log: {local.log}. Stop it with Ctrl-C.")
        return child.wait()
    except KeyboardInterrupt:
        says("Stopping ...")
        return 0
    finally:
        _stop(child)
        for sign, handler in previous.items():
            signal.signal(sign, handler)


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _wait_until_ready(local: LocalAirflow, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise AirflowError(f"Airflow ended at once (status {child.returncode}). {_last_words(local)}")
        if healthy(local):
            return
        time.sleep(0.5)
    raise AirflowError(f"Airflow did not come up within {_READY_S:g} s. {_last_words(local)}")


def healthy(local: LocalAirflow) -> bool:
    """Tell whether web server, scheduler and DAG processor all answer."""
    try:
        with urllib.request.urlopen(f"{local.url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310 - loopback
            state = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return False
    return all((state.get(part) or {}).get("status") == "healthy" for part in ("scheduler", "dag_processor"))


def _last_words(local: LocalAirflow) -> str:
    try:
        lines = local.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
    except OSError:
        lines = []
    return f"Its log is {local.log}; it ends with:\n" + "\n".join(lines)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Stop the child and all that it started: first politely, after half a minute by force."""
    for sign, patience in ((signal.SIGINT, 30.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            return
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(child.pid, signal.SIGKILL)  # parts that outlived their parent
    except ProcessLookupError:
        return
