"""Argos: installed packages run straight through CTranslate2, all sentences of many articles in one batch.

The only module that imports argostranslate and ctranslate2. Through `argostranslate.translate` a paragraph is a batch
of its own; a batch over everything, sorted by length, is several times faster at the same beam (docs/translation.md).
The compute type stays at the package's default: an explicit one is the cause of garbled Spanish to English output.
Nothing here touches the network: sentences are split before they come here, and a package is only ever read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.settings import TranslateSettings
from pipeline.translate.clauses import clauses, divide
from pipeline.translate.engine import EngineError, Missing, route

if TYPE_CHECKING:
    from argostranslate.package import Package

_BATCH_TOKENS = 1024  # small enough that all workers have something to do until the end
_LENGTH_PENALTY = 0.2  # as in argostranslate
_LONG = 700  # characters: about 180 tokens; models lose their thread beyond and stop at 256
_END_BYTES = 1 << 20


class ArgosEngine:
    """One installed package, or two in a row; models are loaded at the first sentence, once per process."""

    name = "argos"

    def __init__(self, steps: Sequence[Package], *, threads: int, beam: int) -> None:
        self._steps = tuple(steps)
        self._threads = threads
        self._beam = beam
        self.version = "+".join(_version(p) for p in self._steps) + f"/beam{beam}"

    def supports(self, source: str, target: str) -> bool:
        """Return whether the packages lead from ``source`` to ``target``."""
        return bool(self._steps[0].from_code == source and self._steps[-1].to_code == target)

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence. Raises EngineError when the model cannot be loaded or run."""
        return [found[0] for found in self._all(texts, source, target, {"beam_size": self._beam})]

    def alternatives(self, texts: Sequence[str], source: str, target: str) -> list[tuple[str, ...]]:
        """Return what a wider beam that may not repeat itself gives, its runners-up, and the sentence by clauses."""
        if not texts:
            return []
        wide = {"beam_size": max(5, 2 * self._beam), "num_hypotheses": 3, "no_repeat_ngram_size": 4}
        found = self._all(texts, source, target, wide | {"length_penalty": 1.0})
        parts = [clauses(t) for t in texts]
        flat = iter(self.translate([p for one in parts if len(one) > 1 for p in one], source, target))
        in_clauses = [(" ".join(next(flat) for _ in one),) if len(one) > 1 else () for one in parts]
        return [tuple(dict.fromkeys((*f, *c))) for f, c in zip(found, in_clauses, strict=True)]

    def _all(
        self, texts: Sequence[str], source: str, target: str, options: Mapping[str, object]
    ) -> list[tuple[str, ...]]:
        """Return the hypotheses for each sentence, best first; those of a way through two packages are the second's."""
        if not self.supports(source, target):
            raise EngineError(f"the installed packages do not translate {source} to {target}")
        for step in self._steps[:-1]:
            texts = [found[0] for found in self._step(step, texts, {"beam_size": self._beam})]
        return self._step(self._steps[-1], texts, options)

    def _step(self, package: Package, texts: Sequence[str], options: Mapping[str, object]) -> list[tuple[str, ...]]:
        # Very long sentences go in parts. A unit separator stands between hypotheses: no model's words hold one.
        parts = [clauses(t, _LONG) for t in texts]
        flat = [p for one in parts for p in one]

        def run(some: Sequence[str]) -> list[str]:
            try:
                return ["\x1f".join(h) for h in self._run(package, some, options)]
            except (RuntimeError, ValueError, OSError, KeyError, IndexError) as error:
                # what CTranslate2, SentencePiece and damaged files raise
                raise EngineError(f"{self.version}: {error}") from error

        done = iter([tuple(d.split("\x1f")) for d in divide(run, flat)])
        found = []
        for one in parts:
            pieces = [next(done) for _ in one]
            count = min(len(p) for p in pieces)
            found.append(tuple(" ".join(p[n] for p in pieces) for n in range(count)))
        return found

    def _run(self, package: Package, texts: Sequence[str], options: Mapping[str, object]) -> list[tuple[str, ...]]:
        translator = _load(str(package.package_path / "model"), self._threads or _cores())
        tokenizer = package.tokenizer
        prefix: str = package.target_prefix
        settings: dict[str, object] = {"length_penalty": _LENGTH_PENALTY, **options}
        results = translator.translate_batch(
            [tokenizer.encode(t) for t in texts],
            target_prefix=[[prefix]] * len(texts) if prefix else None,
            replace_unknowns=True,
            max_batch_size=_BATCH_TOKENS,
            batch_type="tokens",
            **settings,
        )
        return [tuple(tokenizer.decode(h).removeprefix(prefix).strip() for h in r.hypotheses) for r in results]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _load(path: str, threads: int) -> Any:
    """Load a model once per process: a worker a core, which share it, each with one thread.

    (Several threads on one batch wait for each other at every layer.)
    """
    import ctranslate2

    return ctranslate2.Translator(path, device="cpu", inter_threads=threads, intra_threads=1)


@cache
def _print_of(folder: Path, changed_ns: int) -> str:
    """Return what tells this model from another one under the same version: 8 digits of a hash."""
    digest = hashlib.sha256()
    for file in sorted(p for p in (folder / "model").iterdir() if p.is_file()):
        with file.open("rb") as data:
            size = file.stat().st_size
            digest.update(f"{file.name} {size}\n".encode() + data.read(_END_BYTES))
            data.seek(max(0, size - _END_BYTES))
            digest.update(data.read(_END_BYTES))
    return digest.hexdigest()[:8]


def _version(package: Package) -> str:
    folder = Path(package.package_path)
    mark = _print_of(folder, (folder / "model" / "model.bin").stat().st_mtime_ns)
    return f"{package.from_code}_{package.to_code}-{package.package_version}-{mark}"


def packages_dir() -> Path:
    """Return the folder in which Argos packages are installed, as ``ARGOS_PACKAGES_DIR`` or XDG say."""
    import argostranslate.settings

    return Path(argostranslate.settings.package_data_dir)


def read_package(folder: Path) -> Package:
    """Return the package in ``folder``. Raises EngineError when it is damaged, in words."""
    import argostranslate.package

    try:
        package = argostranslate.package.Package(folder)
        if not (folder / "model" / "model.bin").is_file():
            raise FileNotFoundError("it has no model/model.bin")
        if not hasattr(package, "tokenizer"):
            raise FileNotFoundError("it has neither sentencepiece.model nor bpe.model")
        if not isinstance(package.from_code, str) or not isinstance(package.to_code, str):
            raise ValueError("its metadata.json names no languages")
    except (OSError, ValueError, AttributeError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise EngineError(f"the Argos package {folder.name} is damaged: {error}") from error
    return package


def installed() -> tuple[list[Package], list[str]]:
    """Return the translation packages that are installed, and what is wrong with those that cannot be used.

    (`argostranslate` itself fails altogether where one folder is damaged.)
    """
    import argostranslate.settings

    packages, damaged = [], []
    for directory in map(Path, argostranslate.settings.package_dirs):
        for folder in sorted(directory.iterdir()) if directory.is_dir() else ():
            if not folder.is_dir() or folder.name.startswith("."):
                continue
            try:
                package = read_package(folder)
            except EngineError as error:
                damaged.append(str(error))
                continue
            if package.type == "translate":
                packages.append(package)
    return packages, damaged


def engine_of(folder: Path, settings: TranslateSettings) -> ArgosEngine:
    """Return the engine for the package in ``folder``, installed or not. Raises EngineError when it is damaged."""
    return ArgosEngine([read_package(folder)], threads=settings.threads, beam=settings.beam)


def find_argos(
    sources: Sequence[str], settings: TranslateSettings, keep: Sequence[str] = ()
) -> Iterator[ArgosEngine | Missing]:
    """Yield the engine for each language that installed packages lead from, or what is missing.

    It cannot heed ``keep``: names are looked after before and after it.
    """
    packages, damaged = installed()
    # Of several for one pair the newest counts
    held = {(p.from_code, p.to_code): p for p in sorted(packages, key=lambda p: version_key(p.package_version))}
    for source in sources:
        steps = route(held, source, settings.target)
        if steps:
            yield ArgosEngine([held[s] for s in steps], threads=settings.threads, beam=settings.beam)
            continue
        more = f" ({'; '.join(damaged)})" if damaged else ""
        mend = "./atalaya translate setup" + ("" if source == "es" else f" --lang {source}")
        yield Missing("argos", f"no Argos package for {source} to {settings.target} is installed{more}", mend, source)


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by: 1.10 is newer than 1.9."""
    return tuple(int(p) if p.isdigit() else 0 for p in version.split("."))
