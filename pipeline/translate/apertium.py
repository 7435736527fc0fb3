"""Apertium: a rule-based engine from the distribution's packages. Gist quality, offline, labelled as such."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cached_property

from pipeline.settings import TranslateSettings
from pipeline.translate.engine import EngineError, Missing

_CODES = {"es": "spa", "en": "eng", "ca": "cat", "gl": "glg", "pt": "por"}
_TIMEOUT_S = 300.0
_MARKS = str.maketrans({"\n": " ", "\x00": " "})


class ApertiumEngine:
    """Runs the ``apertium`` program over one sentence a line."""

    name = "apertium"

    def __init__(self, program: str, pairs: frozenset[str]) -> None:
        self._program = program
        self._pairs = pairs

    @cached_property
    def version(self) -> str:
        """Version of the language data where the package manager tells it, else of the installation at large."""
        dpkg = shutil.which("dpkg-query")
        if dpkg is None:
            return "unknown"
        shown = subprocess.run(  # noqa: S603 - fixed words
            [dpkg, "-W", "-f", "${Version}", "apertium-eng-spa"], capture_output=True, text=True, check=False
        )
        return f"eng-spa-{shown.stdout.strip() or 'unknown'}"

    def supports(self, source: str, target: str) -> bool:
        """Return whether the data for this pair is installed."""
        return _pair(source, target) in self._pairs

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence. Raises EngineError when the program fails or loses a line."""
        if not texts:
            return []
        done = _run(
            self._program, ["-f", "line", "-u", _pair(source, target)], "\n".join(t.translate(_MARKS) for t in texts)
        )
        lines = done.split("\n")
        if len(lines) == len(texts) + 1 and not lines[-1]:
            lines.pop()
        if len(lines) != len(texts):
            raise EngineError(f"apertium gave {len(lines)} lines for {len(texts)} sentences")
        return [line.strip() for line in lines]


def _pair(source: str, target: str) -> str:
    return f"{_CODES.get(source, source)}-{_CODES.get(target, target)}"


def _run(program: str, arguments: list[str], text: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; the text goes in through standard input
            [program, *arguments], input=text, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"apertium: {error}") from error
    if done.returncode != 0:
        raise EngineError(f"apertium ended with status {done.returncode}: {done.stderr.strip()[:200]}")
    return done.stdout


def find_apertium(source: str, settings: TranslateSettings) -> ApertiumEngine | Missing:
    """Return the engine when program and language data are installed, else what is missing."""
    program, target = shutil.which("apertium"), settings.target
    if program is not None:
        pairs = frozenset(_run(program, ["-l"], "").split())
        engine = ApertiumEngine(program, pairs)
        if engine.supports(source, target):
            return engine
    return Missing("apertium", f"no Apertium data for {source} to {target}", "sudo apt install apertium-eng-spa")
