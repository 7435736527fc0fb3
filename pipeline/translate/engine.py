"""The protocol that every translation engine fulfils, and the choice among those this machine has."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.settings import SettingsError, TranslateSettings


class Engine(Protocol):
    """Translates sentences of one language. ``version`` names engine and model, so that a new model marks what to redo.

    How it gets from one language to the other, in one step or by way of a third language, is its own affair.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def supports(self, source: str, target: str) -> bool:
        """Return whether this engine is for the pair of languages (BCP 47)."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return one translation per sentence, in order. A ``*`` may stand before a word the engine does not know.

        Raises EngineError when the engine breaks down; then none of the texts counts as translated.
        """
        ...

    def alternatives(self, texts: Sequence[str], source: str, target: str) -> list[tuple[str, ...]]:
        """Return, for sentences whose first translation failed its checks, others by other settings, best first.

        One tuple a sentence, in order; an engine that knows no other way gives empty ones. Raises EngineError.
        """
        ...


class EngineError(RuntimeError):
    """The engine broke down; the message says how."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An engine that was asked for and is not usable here for ``lang``, with the command that mends it.

    ``refused``: it is there, and failed its test sentences.
    """

    name: str
    why: str
    mend: str
    lang: str = "es"
    refused: bool = False


Finder = Callable[[Sequence[str], TranslateSettings, Sequence[str]], Iterable[Engine | Missing]]
"""Finds an engine for each of some source languages: ``(sources, settings, names to keep)``."""

ENGINES: Mapping[str, str] = {
    "argos": "pipeline.translate.argos:find_argos",
    "apertium": "pipeline.translate.apertium:find_apertium",
}
"""Name of each engine and its `Finder`. A new engine is a module and a line here; its libraries are imported only
where it is asked for."""


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
    settings: TranslateSettings, keep: Sequence[str] = (), sources: Sequence[str] | None = None
) -> tuple[list[Engine], list[Missing]]:
    """Return the usable engines, in order of preference and for each language of ``sources``, and what is missing.

    ``keep`` are the names of the glossary; an engine that cannot let names through does without. ``sources`` are by
    default the languages of the settings.
    """
    languages = [s for s in (settings.languages if sources is None else sources) if s != settings.target]
    engines: list[Engine] = []
    missing: list[Missing] = []
    for name in wanted_engines(settings):
        module, attribute = ENGINES[name].split(":")
        finder: Finder = getattr(importlib.import_module(module), attribute)
        for found in finder(languages, settings, keep):
            if isinstance(found, Missing):
                missing.append(found)
            else:
                engines.append(found)
    return engines, missing


def route(pairs: Iterable[tuple[str, str]], source: str, target: str) -> tuple[tuple[str, str], ...]:
    """Return the steps from ``source`` to ``target`` among the ``pairs`` there are; empty where there is no way.

    One step where there is one, else two by way of a third language, Spanish before others: each step loses something.
    """
    known = set(pairs)
    if (source, target) in known:
        return ((source, target),)
    between = {b for a, b in known if a == source and (b, target) in known}
    if not between:
        return ()
    by = min(between, key=lambda code: (code != "es", code))
    return ((source, by), (by, target))
