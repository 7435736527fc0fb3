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
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from pipeline.settings import TranslateSettings
from pipeline.translate.clauses import clauses, divide, quieter, unmarked
from pipeline.translate.engine import EngineError, Missing, route
from pipeline.translate.glossary import Glossary

CODES = {"es": "spa", "en": "eng", "ca": "cat", "gl": "glg", "pt": "por", "eu": "eus", "fr": "fra"}
"""Language codes and the three letters that Apertium's newer data use; the older use two."""
PACKAGES = {"es": ("apertium-eng-spa",), "ca": ("apertium-eng-cat",), "gl": ("apertium-en-gl",),
            "pt": ("apertium-es-pt", "apertium-eng-spa"), "eu": ("apertium-eu-en",),
            "fr": ("apertium-fr-es", "apertium-eng-spa")}  # fmt: skip
"""Debian's packages with which each language gets into English, in one step or by way of Spanish."""

_TWO = {three: two for two, three in CODES.items()}
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.S)
_TAG = re.compile(r"<[^<>]*>")
_UNKNOWN = re.compile(r"(?<!\w)\*(?=\w)")
_DATA_FILE = re.compile(r"'(/[^']+)'")


class ApertiumEngine:
    """Runs the ``apertium`` program over one sentence a paragraph. Words it does not know come with a ``*`` before.

    ``modes`` are the directions to take one after another, as ``apertium -l`` names them.
    """

    name = "apertium"

    def __init__(self, program: str, modes: Sequence[str], pair: tuple[str, str], keep: Sequence[str] = ()) -> None:
        self._program = program
        self._modes = tuple(modes)
        self._languages = pair
        self._names = Glossary(tuple(keep))

    @cached_property
    def version(self) -> str:
        """Versions of the language data where the package manager tells them, else a hash of the data's sizes."""
        return "+".join(_data_version(self._program, mode) for mode in self._modes)

    def supports(self, source: str, target: str) -> bool:
        """Return whether this is the pair that the data are for."""
        return (source, target) == self._languages

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence, empty where the program breaks down over it. Raises EngineError."""
        done = list(texts)
        for mode in self._modes:
            plain = [_UNKNOWN.sub("", t) for t in done] if mode != self._modes[0] else done
            done = divide(lambda some, mode=mode: self._step(mode, some), plain)  # type: ignore[misc]
        return done

    def alternatives(self, texts: Sequence[str], source: str, target: str) -> list[tuple[str, ...]]:
        """Return each sentence in ordinary letters if it shouts, without quotation marks, and clause by clause."""
        ways: list[list[list[str]]] = []
        for text in texts:
            tries = [[quieter(text)], [unmarked(text)], [unmarked(quieter(text))], clauses(unmarked(quieter(text)))]
            ways.append([t for n, t in enumerate(tries) if t != [text] and t not in tries[:n]])
        done = iter(self.translate([p for one in ways for way in one for p in way], source, target))
        return [tuple(dict.fromkeys(" ".join(next(done) for _ in way) for way in one)) for one in ways]

    def _step(self, mode: str, texts: Sequence[str]) -> list[str]:
        body = "\n".join(f"<p>{self._marked(t)}</p>" for t in texts)
        done = _run(self._program, ["-f", "html", mode], body, 30.0 + len(texts) / 20)
        found = _PARAGRAPH.findall(done)
        if len(found) != len(texts):
            raise EngineError(f"apertium {mode} gave {len(found)} paragraphs for {len(texts)} sentences")
        return [" ".join(html.unescape(_TAG.sub("", p)).split()) for p in found]

    def _marked(self, text: str) -> str:
        """Return a sentence as HTML in which names to keep are marked."""
        text = "".join(c if c.isprintable() else " " for c in text)
        parts, at = [], 0
        for name in self._names.names_in(text):
            parts += [_escaped(text[at : name.start()]), f"<apertium-notrans>{_escaped(name[0])}</apertium-notrans>"]
            at = name.end()
        return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _run(program: str, arguments: list[str], text: str, timeout_s: float = 30.0) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; the text goes in through standard input
            [program, *arguments], input=text, capture_output=True, encoding="utf-8", errors="replace",
            check=False, timeout=timeout_s,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"apertium: {error}") from error
    if done.returncode != 0:
        raise EngineError(f"apertium ended with status {done.returncode}: {done.stderr.strip()[:200]}")
    return done.stdout


def _data_version(program: str, mode: str) -> str:
    one, two = mode.split("-")[:2]
    dpkg = shutil.which("dpkg-query")
    for name in (f"{one}-{two}", f"{two}-{one}") if dpkg else ():
        shown = subprocess.run(  # noqa: S603 - fixed words
            [str(dpkg), "-W", "-f", "${Version}", f"apertium-{name}"], capture_output=True, text=True, check=False
        )
        if shown.returncode == 0 and shown.stdout.strip():
            return f"{name}-{shown.stdout.strip()}"
    modes = Path(program).resolve().parent.parent / "share" / "apertium" / "modes" / f"{mode}.mode"
    try:
        files = [Path(f) for f in _DATA_FILE.findall(modes.read_text(encoding="utf-8"))]
        sizes = "\n".join(f"{f.name} {f.stat().st_size}" for f in files)
    except OSError:
        return f"{mode}-unknown"
    return f"{mode}-{hashlib.sha256(sizes.encode()).hexdigest()[:8]}"


def _pairs(listed: str) -> dict[tuple[str, str], str]:
    """Return the directions that are installed, by language codes; variants such as ``spa-eng_US`` stand back."""
    found = {}
    for mode in sorted(listed.split(), reverse=True):
        one, dash, two = mode.partition("-")
        if dash and "_" not in mode:
            found[_TWO.get(one, one), _TWO.get(two, two)] = mode
    return found


def find_apertium(
    sources: Sequence[str], settings: TranslateSettings, keep: Sequence[str] = ()
) -> Iterator[ApertiumEngine | Missing]:
    """Yield the engine for each language that program and data are installed for, or what is missing."""
    program, target = shutil.which("apertium"), settings.target
    broken = ""
    pairs: dict[tuple[str, str], str] = {}
    if program is not None:
        try:
            pairs = _pairs(_run(program, ["-l"], ""))
        except EngineError as error:
            broken = f" ({error})"
    for source in sources:
        steps = route(pairs, source, target)
        if program is not None and steps:
            yield ApertiumEngine(program, [pairs[s] for s in steps], (source, target), keep)
            continue
        yield Missing("apertium", f"no Apertium data for {source} to {target}{broken}", apt_words(source), source)


def apt_packages(source: str) -> tuple[str, ...]:
    """Return the Debian packages that bring a language into English; none where Debian has no such data."""
    return ("apertium", *PACKAGES[source]) if source in PACKAGES else ()


def apt_words(source: str) -> str:
    """Return the command that installs them, in words for people."""
    packages = apt_packages(source)[1:]  # they bring the program along
    return f"sudo apt install {' '.join(packages)}" if packages else "Debian has no data for this language"
