"""Argos: installed packages run straight through CTranslate2, all sentences of many articles in one batch.

The only module that imports argostranslate and ctranslate2. Through `argostranslate.translate` a paragraph is a batch
of its own (143 to 345 words a second); a batch over everything, sorted by length, gives 399 to 767 at the same beam.
The compute type stays at the package's default: an explicit one is the cause of garbled Spanish to English output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.settings import TranslateSettings
from pipeline.translate.engine import EngineError, Missing

if TYPE_CHECKING:
    from argostranslate.package import Package

_MAX_BATCH_TOKENS = 2048
_LENGTH_PENALTY = 0.2  # as in argostranslate


class ArgosEngine:
    """One installed package; the model is loaded at the first sentence and once per process."""

    name = "argos"

    def __init__(self, package: Package, *, threads: int, beam: int) -> None:
        self._package = package
        self._threads = threads
        self._beam = beam
        self._translator: Any = None
        self.version = f"{package.from_code}_{package.to_code}-{package.package_version}/beam{beam}"

    def supports(self, source: str, target: str) -> bool:
        """Return whether the package translates this pair."""
        return bool(self._package.from_code == source and self._package.to_code == target)

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence. Raises EngineError when the model cannot be loaded or run."""
        if not self.supports(source, target):
            raise EngineError(f"the installed package does not translate {source} to {target}")
        try:
            return self._run(texts)
        except (RuntimeError, ValueError, OSError) as error:  # what CTranslate2 and SentencePiece raise
            raise EngineError(f"{self.version}: {error}") from error

    def _run(self, texts: Sequence[str]) -> list[str]:
        if self._translator is None:
            import ctranslate2

            path = str(self._package.package_path / "model")
            self._translator = ctranslate2.Translator(path, device="cpu", intra_threads=self._threads)
        tokenizer = self._package.tokenizer
        prefix: str = self._package.target_prefix
        results = self._translator.translate_batch(
            [tokenizer.encode(t) for t in texts],
            target_prefix=[[prefix]] * len(texts) if prefix else None,
            replace_unknowns=True,
            max_batch_size=_MAX_BATCH_TOKENS,
            batch_type="tokens",
            beam_size=self._beam,
            num_hypotheses=1,
            length_penalty=_LENGTH_PENALTY,
        )
        return [tokenizer.decode(r.hypotheses[0]).removeprefix(prefix).strip() for r in results]


def find_argos(source: str, settings: TranslateSettings, keep: Sequence[str] = ()) -> ArgosEngine | Missing:
    """Return the engine for the installed package of this pair, or what is missing. It cannot heed ``keep`` yet."""
    import argostranslate.package

    target = settings.target
    mend = f".venv/bin/argospm update && .venv/bin/argospm install translate-{source}_{target}"
    try:
        packages = argostranslate.package.get_installed_packages()
    except (OSError, ValueError, KeyError) as error:
        return Missing("argos", f"an installed Argos package is damaged: {error}", mend)
    for package in packages:
        if package.type == "translate" and package.from_code == source and package.to_code == target:
            return ArgosEngine(package, threads=settings.threads, beam=settings.beam)
    return Missing("argos", f"no Argos package for {source} to {target} is installed", mend)
