"""A served page: the real command in a process of its own, on a free port."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from storage.query import run_query
from tests.conftest import ROOT, need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@dataclass(frozen=True, slots=True)
class Served:
    """A page that is being served: its address without a slash at the end, the home it shows, its process."""

    base: str
    home: Path
    pid: int

    def get(self, path: str, **more: object) -> httpx.Response:
        """Return the answer to a GET; redirects are not followed."""
        return httpx.get(self.base + path, timeout=60, **more)  # type: ignore[arg-type]

    def value(self, sql: str) -> str:
        """Return the only value of a question to the snapshot."""
        ((found,),) = run_query(self.home, sql, 60).rows
        return str(found)


@contextmanager
def serving(home: Path, config: Path | None = None) -> Iterator[Served]:
    """Run ``atalaya serve`` over ``home`` until the block ends."""
    words = [sys.executable, "-P", "-m", "pipeline", "serve", "--home", str(home), "--port", "0"]
    words += ["--config", str(config)] if config else []
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://" in line, f"no address in {line!r}"
        yield Served(line.split("http://")[1].split("/")[0].join(["http://", ""]), home, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close() if process.stdout else None


@pytest.fixture(scope="session")
def served(demo_home: Path) -> Iterator[Served]:
    """The demo's home, served."""
    with serving(demo_home) as found:
        yield found


@pytest.fixture(scope="package")  # its event loop must not stay under the tests of other folders
def browser() -> Iterator[Browser]:
    """A headless Chromium; tests that ask for it skip where there is none."""
    program = need_program("chromium", "chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield found
        found.close()
