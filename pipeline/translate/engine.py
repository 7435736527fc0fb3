"""The protocol that every translation engine fulfils, and the choice among those this machine has."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.settings import SettingsError, TranslateSettings


class Engine(Protocol):
    """Translates sentences. ``version`` names engine and model, so that a new model marks what to redo."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def supports(self, source: str, target: str) -> bool:
        """Return whether the pair of languages (BCP 47) is installed."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence, in order. A ``*`` may stand before a word the engine does not know.

        Raises EngineError when the engine breaks down; then none of the texts counts as translated.
        """
        ...


class EngineError(RuntimeError):
    """The engine broke down; the message says how."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An engine that was asked for and is not usable here, with the command that mends it."""

    name: str
    why: str
    mend: str


ENGINES: Mapping[str, str] = {
    "argos": "pipeline.translate.argos:find_argos",
    "apertium": "pipeline.translate.apertium:find_apertium",
}
"""Name of each engine and its finder, ``(source, settings) -> Engine | Missing``. A new engine is a module and a line
here; its libraries are imported only where it is asked for."""


def wanted_engines(settings: TranslateSettings) -> tuple[str, ...]:
    """Return the engine names in order of preference; ``ATALAYA_ENGINES`` (none, or names with commas) narrows them.

    Raises SettingsError for a name that does not exist.
    """
    chosen = settings.engines
    narrowed = os.environ.get("ATALAYA_ENGINES", "").strip()
    if narrowed:
        names = [] if narrowed == "none" else [n.strip() for n in narrowed.split(",")]
        chosen = tuple(n for n in names if n)
    for name in chosen:
        if name not in ENGINES:
            known = ", ".join(ENGINES)
            raise SettingsError(f"translate.engines: no engine is called {name!r}; choose from {known} (or none)")
    return chosen


def find_engines(
    settings: TranslateSettings, keep: Sequence[str] = (), source: str = "es"
) -> tuple[list[Engine], list[Missing]]:
    """Return the usable engines in order of preference, and what is missing for the others.

    ``keep`` are the names of the glossary; an engine that cannot let names through does without.
    """
    engines: list[Engine] = []
    missing: list[Missing] = []
    for name in wanted_engines(settings):
        module, finder = ENGINES[name].split(":")
        found: Engine | Missing = getattr(importlib.import_module(module), finder)(source, settings, keep)
        if isinstance(found, Missing):
            missing.append(found)
        else:
            engines.append(found)
    return engines, missing
