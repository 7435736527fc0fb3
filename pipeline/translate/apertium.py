"""Apertium: a rule-based engine from the distribution's packages. Gist quality, offline, labelled as such.

Sentences go in as paragraphs of HTML. Lines of plain text are not kept apart: Apertium moves words from one into the
next and drops final stops. HTML also lets names through untouched.
"""

from __future__ import annotations

import hashlib
import html
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cached_property

from pipeline.settings import TranslateSettings
from pipeline.translate.engine import EngineError, Missing

_CODES = {"es": "spa", "en": "eng", "ca": "cat", "gl": "glg", "pt": "por"}
_TIMEOUT_S = 300.0
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.S)
_TAG = re.compile(r"<[^<>]*>")


class ApertiumEngine:
    """Runs the ``apertium`` program over one sentence a paragraph. Words it does not know come with a ``*`` before."""

    name = "apertium"

    def __init__(self, program: str, pairs: frozenset[str], keep: Sequence[str] = ()) -> None:
        self._program = program
        self._pairs = pairs
        self._keep = tuple(sorted(set(keep), key=lambda k: (-len(k), k)))
        names = "|".join(re.escape(html.escape(k, quote=False)) for k in self._keep)
        self._kept = re.compile(rf"(?<!\w)(?:{names})(?!\w)") if names else None

    @cached_property
    def version(self) -> str:
        """Version of the language data where the package manager tells it, else of the installation at large."""
        dpkg = shutil.which("dpkg-query")
        if dpkg is None:
            return "unknown"
        shown = subprocess.run(  # noqa: S603 - fixed words
            [dpkg, "-W", "-f", "${Version}", "apertium-eng-spa"], capture_output=True, text=True, check=False
        )
        names = hashlib.sha256("\n".join(self._keep).encode()).hexdigest()[:8]
        return f"eng-spa-{shown.stdout.strip() or 'unknown'}/html/keep-{names}"

    def supports(self, source: str, target: str) -> bool:
        """Return whether the data for this pair is installed."""
        return _pair(source, target) in self._pairs

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence. Raises EngineError when the program fails or loses a line."""
        if not texts:
            return []
        body = "\n".join(f"<p>{self._marked(t)}</p>" for t in texts)
        done = _run(self._program, ["-f", "html", _pair(source, target)], body)
        found = _PARAGRAPH.findall(done)
        if len(found) != len(texts):
            raise EngineError(f"apertium gave {len(found)} paragraphs for {len(texts)} sentences")
        return [" ".join(html.unescape(_TAG.sub("", p)).split()) for p in found]

    def _marked(self, text: str) -> str:
        """Return a sentence as HTML in which names to keep are marked."""
        plain = html.escape("".join(c if c.isprintable() else " " for c in text), quote=False)
        if self._kept is None:
            return plain
        return self._kept.sub(lambda m: f"<apertium-notrans>{m[0]}</apertium-notrans>", plain)


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


def find_apertium(source: str, settings: TranslateSettings, keep: Sequence[str] = ()) -> ApertiumEngine | Missing:
    """Return the engine when program and language data are installed, else what is missing."""
    program, target = shutil.which("apertium"), settings.target
    if program is not None:
        pairs = frozenset(_run(program, ["-l"], "").split())
        engine = ApertiumEngine(program, pairs, keep)
        if engine.supports(source, target):
            return engine
    return Missing("apertium", f"no Apertium data for {source} to {target}", "sudo apt install apertium-eng-spa")
