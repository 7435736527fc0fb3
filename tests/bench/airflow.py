"""What Airflow adds: `ingest` and `enrich` in a local Airflow beside `run`, over many outlets replayed on loopback.

``python -m tests.bench.airflow [SOURCES]`` (200). Both work on fresh homes of their own over the same server; Airflow's
time is from the start of the `ingest` run to the end of the `enrich` run it causes. Memory is the proportional share
(PSS) of all processes together, sampled every half second.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pipeline.airflow_home import describe
from pipeline.settings import load_settings
from tests.conftest import ROOT
from tests.dags.test_standalone import ask, free_ports

ARTICLES = 5  # new ones an outlet, as many as a poll of half an hour brings at most
_WORDS = (
    "gobierno presos caracas ministro asamblea libertad familias anuncio embajada petróleo puerto frontera vecinos "
    "hospital escuela mercado precio salario lluvia carretera justicia abogado acuerdo reunión visita empresa trabajo"
).split()


def _words(seed: str, count: int) -> str:
    numbers = hashlib.shake_128(seed.encode()).digest(count)
    return " ".join(_WORDS[n % len(_WORDS)] for n in numbers)


def _title(host: str, number: int) -> str:
    return f"{_words(f'{host}{number}', 7).capitalize()} en {host.partition('.')[0]}"


def _page(host: str, number: int) -> str:
    paragraphs = "".join(f"<p>La {_words(f'{host}/{number}/{i}', 55)}.</p>" for i in range(6))
    title = _title(host, number)
    body = f"<article><h1>{title}</h1>{paragraphs}</article>"
    return f"<html lang='es'><head><title>{title}</title></head><body>{body}</body></html>"


def _feed(host: str) -> str:
    items = "".join(
        f"<item><title>{_title(host, i)}</title><link>http://{host}/n/{i}</link>"
        f"<pubDate>Thu, 08 Jan 2026 {10 + i}:00:00 GMT</pubDate>"
        f"<description>{_words(f'{host}s{i}', 12)}</description></item>"
        for i in range(ARTICLES)
    )
    return f"<rss version='2.0'><channel><title>{host}</title><link>http://{host}/</link>{items}</channel></rss>"


class _Outlets(BaseHTTPRequestHandler):
    """All outlets, told apart by the Host header."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the feed, a page, or nothing of that name."""
        host = str(self.headers["Host"]).partition(":")[0]
        if self.path == "/feed":
            body, kind = _feed(host), "application/rss+xml"
        elif self.path.startswith("/n/"):
            body, kind = _page(host, int(self.path.removeprefix("/n/"))), "text/html"
        else:
            self.send_error(404)
            return
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _config(folder: Path, sources: int) -> list[str]:
    hosts = [f"outlet{i:03d}.example" for i in range(sources)]
    (folder / "sources").mkdir(parents=True)
    lines = []
    for host in hosts:
        name = host.partition(".")[0]
        lines += [
            "[[source]]", f'id = "{name}"', f'name = "{name.capitalize()}"', 'country = "VE"', 'languages = ["es"]',
            f'homepage = "http://{host}/"', 'media_type = "digital"', 'ownership = "private"',
            f'feeds = ["http://{host}/feed"]', "fictional = true", "",
        ]  # fmt: skip
    (folder / "sources" / "ve.toml").write_text("\n".join(lines), encoding="utf-8")
    return hosts


def _pss(group: int) -> int:
    """Return the memory of all processes of a session, shared pages divided among those that share them, in bytes."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == group:
                rolled = stat.with_name("smaps_rollup").read_text()
                total += int(rolled.split("Pss:")[1].split()[0]) * 1024
        except (OSError, IndexError, ValueError):
            continue  # it ended while being looked at
    return total


class _Memory:
    """The most memory that processes of some sessions took together."""

    def __init__(self) -> None:
        self.most = 0
        self.sessions: list[int] = []
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.most = max(self.most, sum(map(_pss, list(self.sessions))))

    def end(self) -> float:
        """Stop watching and return the most in MB."""
        self._over.set()
        return self.most / 1e6


def _by_run(env: dict[str, str], home: Path, config: Path) -> tuple[float, float]:
    memory = _Memory()
    start = time.monotonic()
    words = [sys.executable, "-P", "-m", "pipeline", "run", "--home", str(home), "--config", str(config), "--json"]
    child = subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    memory.sessions.append(child.pid)
    said, _ = child.communicate()
    seconds = time.monotonic() - start
    print(json.loads(said.splitlines()[-1])["articles"], "articles by run")
    return seconds, memory.end()


def _by_airflow(env: dict[str, str], home: Path, config: Path) -> tuple[float, float]:
    port = free_ports(3)
    memory = _Memory()
    words = [sys.executable, "-P", "-m", "pipeline", "airflow", "--home", str(home), "--config", str(config)]
    child = subprocess.Popen(
        [*words, "--port", str(port)], env=env, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    memory.sessions.append(child.pid)
    local = describe(load_settings(home, config), port)
    try:
        found: dict[str, dict] = {}
        token = ""
        while set(found) != {"atalaya_ingest", "atalaya_enrich"}:
            time.sleep(2)
            memory.sessions = [child.pid, *_children(child.pid)]
            try:
                if not token:
                    login = {"username": local.user, "password": str(local.password)}
                    token = ask(f"{local.url}/auth/token", body=login)["access_token"]
                for dag in ("atalaya_ingest", "atalaya_enrich"):
                    for run in ask(f"{local.url}/api/v2/dags/{dag}/dagRuns", token)["dag_runs"]:
                        if run["state"] in {"success", "failed"}:
                            found[dag] = run
            except OSError:
                continue  # not up yet
        print({dag: run["state"] for dag, run in found.items()})
        start = datetime.fromisoformat(found["atalaya_ingest"]["start_date"])
        return (datetime.fromisoformat(found["atalaya_enrich"]["end_date"]) - start).total_seconds(), memory.end()
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(90)


def _children(parent: int) -> list[int]:
    """Return the sessions that children of ``parent`` lead."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def main() -> None:
    """Print both times, both sizes and the ratio."""
    sources = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder, ThreadingHTTPServer(("127.0.0.1", 0), _Outlets) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = Path(folder)
        hosts = _config(base / "config", sources)
        where = f"127.0.0.1:{server.server_port}"
        env = os.environ | {
            "ATALAYA_ENGINES": "none",
            "ATALAYA_FETCH__RESOLVE": json.dumps(dict.fromkeys(hosts, where)),
            "ATALAYA_FETCH__ALLOW_PRIVATE_NETWORK": "true",
            "ATALAYA_FETCH__MIN_DELAY_S": "0",
        }
        run_s, run_mb = _by_run(env, base / "by-run", base / "config")
        air_s, air_mb = _by_airflow(env, base / "by-airflow", base / "config")
        server.shutdown()
    print(f"{sources} outlets, {ARTICLES} articles each")
    print(f"run      {run_s:7.1f} s {run_mb:8.0f} MB")
    print(f"airflow  {air_s:7.1f} s {air_mb:8.0f} MB   ratio {air_s / run_s:.2f}")


if __name__ == "__main__":
    main()
