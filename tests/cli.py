"""Run the command line inside the test process, with what it prints and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from pipeline.cli import app


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. ``output`` is both streams in the order they were written."""

    status: int
    stdout: str
    stderr: str
    output: str


def atalaya(*words: str, input: str | None = None) -> Ran:
    """Run the command line with ``words``; an exception that it should have put in words goes up to the test."""
    done = CliRunner().invoke(app, list(words), input=input, prog_name="atalaya")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr, done.output)


@dataclass(frozen=True, slots=True)
class Demo:
    """The home of one demo run and what that run printed. Tests that write take a copy of ``home``."""

    home: Path
    ran: Ran
