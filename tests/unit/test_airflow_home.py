"""The local Airflow: its settings, its secrets, what is said when it cannot start. `tests/dags` starts a real one."""

from __future__ import annotations

import shlex
import socket
import stat
from pathlib import Path

import pytest

from pipeline.airflow_home import WRITER_POOL, describe, require_free
from pipeline.settings import SettingsError, load_settings
from tests.cli import atalaya


def test_everything_lives_under_the_home_and_listens_on_this_machine_only(tmp_path: Path) -> None:
    """Metadata, logs and secrets are below the home; the pages are on loopback."""
    local = describe(load_settings(tmp_path), 9123, cores=2)
    env = local.environment
    assert env["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert str(tmp_path) in env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert (env["AIRFLOW__API__HOST"], env["AIRFLOW__API__PORT"], local.url) == (
        "127.0.0.1",
        "9123",
        "http://127.0.0.1:9123",
    )
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:9123/execution/"
    assert (env["AIRFLOW__CORE__EXECUTOR"], env["AIRFLOW__CORE__PARALLELISM"]) == ("LocalExecutor", "4")


@pytest.mark.parametrize(("cores", "tasks"), [(1, "2"), (2, "4"), (4, "8"), (64, "16")])
def test_as_many_tasks_as_the_machine_bears(tmp_path: Path, cores: int, tasks: str) -> None:
    """Two a core, never fewer than two nor more than sixteen."""
    assert describe(load_settings(tmp_path), 9123, cores=cores).environment["AIRFLOW__CORE__PARALLELISM"] == tasks


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    """A second start keeps keys and password; another home has others."""
    settings = load_settings(tmp_path / "a")
    first, again = describe(settings, 9123), describe(settings, 9123)
    other = describe(load_settings(tmp_path / "b"), 9123)
    assert first.password and first.password == again.password != other.password
    assert first.environment == again.environment
    key = "AIRFLOW__API_AUTH__JWT_SECRET"
    assert first.environment[key] != other.environment[key]
    for name in ("secrets.json", "simple_auth_manager_passwords.json"):
        assert stat.S_IMODE((tmp_path / "a" / "airflow" / name).stat().st_mode) == 0o600


def test_damaged_secrets_are_named_and_not_made_anew_by_themselves(tmp_path: Path) -> None:
    """What Airflow encrypted with them would be lost: a person decides. Half a file is never left in their place."""
    kept = tmp_path / "airflow" / "secrets.json"
    kept.parent.mkdir()
    kept.write_text('{"fernet_key": "')
    ran = atalaya("airflow", "--env", "--home", str(tmp_path))
    assert (ran.status, f"{kept}: damaged" in ran.stderr) == (2, True)
    kept.unlink()
    (kept.parent / ".secrets.json.tmp").write_text("left by a killed process")
    assert atalaya("airflow", "--env", "--home", str(tmp_path)).status == 0
    assert sorted(p.name for p in kept.parent.glob("*secrets*")) == ["secrets.json"]


def test_a_port_that_is_taken_is_said_before_anything_is_made(tmp_path: Path) -> None:
    """With the option that chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match="--port"):
            require_free(port)
        refused = atalaya("airflow", "--home", str(tmp_path), "--port", str(port))
    assert (refused.status, "--port" in refused.stderr) == (2, True)
    assert not (tmp_path / "airflow" / "airflow.db").exists()


def test_the_variables_can_be_read_by_a_shell_and_by_systemd(tmp_path: Path) -> None:
    """One NAME=VALUE a line, quoted where needed."""
    config = tmp_path / "my config"
    config.mkdir()
    printed = atalaya("airflow", "--home", str(tmp_path / "h"), "--config", str(config), "--env").stdout
    found = dict(shlex.split(line)[0].split("=", 1) for line in printed.splitlines())
    assert found["ATALAYA_HOME"] == str(tmp_path / "h")
    assert found["ATALAYA_CONFIG_DIR"] == str(config)
    assert found["ATALAYA_DIGEST__AT"] == "06:30"


def test_the_pool_is_the_one_the_dags_use() -> None:
    """Writers of all DAGs share it by name."""
    dags = Path(__file__).resolve().parents[2] / "dags"
    names = {
        line.split('"')[1]
        for f in dags.glob("*.py")
        for line in f.read_text().splitlines()
        if line.startswith("WRITER_POOL")
    }
    assert names == {WRITER_POOL}
