"""The canary: a few fixed sentences whose translation must carry certain words.

A model that is damaged, of another language or run in the wrong precision is refused here, before it touches a day's
news. Each sentence says what news says every day, so that any engine fit for news gets the words right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.translate.engine import Engine, EngineError, Missing

_ELECTION = frozenset({"election", "elections", "vote", "votes", "polls"})
_GOVERNMENT = frozenset({"government", "administration", "governance", "executive", "cabinet"})
_WORD = re.compile(r"\w+")
_MAX_WORDS = 25  # none of the sentences has more than eight


@dataclass(frozen=True, slots=True)
class Probe:
    """A sentence, and for each word it must carry the forms that count."""

    text: str
    words: tuple[frozenset[str], ...]


def _probe(text: str, *words: Iterable[str]) -> Probe:
    return Probe(text, tuple(frozenset(w) for w in words))


PROBES: dict[str, tuple[Probe, ...]] = {
    "es": (
        _probe("El gobierno anunció nuevas elecciones", _GOVERNMENT, _ELECTION),
        _probe("La inflación subió hoy en Venezuela", {"inflation"}, {"venezuela"}),
        _probe("El presidente de España anunció elecciones", {"president"}, {"spain"}, _ELECTION),
    ),
    "ca": (
        _probe("El govern anuncia noves eleccions.", _GOVERNMENT, _ELECTION),
        _probe("El president parla de la inflació.", {"president"}, {"inflation"}),
    ),
    "gl": (
        _probe("O goberno anuncia novas eleccións.", _GOVERNMENT, _ELECTION),
        _probe("O presidente fala da inflación.", {"president"}, {"inflation"}),
    ),
    "pt": (
        _probe("O governo anuncia novas eleições.", _GOVERNMENT, _ELECTION),
        _probe("O presidente fala da inflação.", {"president"}, {"inflation"}),
    ),
    "eu": (_probe("Gobernuak hauteskundeak iragarri ditu.", _GOVERNMENT, _ELECTION),),
    "fr": (
        _probe("Le gouvernement annonce de nouvelles élections.", _GOVERNMENT, _ELECTION),
        _probe("Le président parle de l'inflation.", {"president"}, {"inflation"}),
    ),
}
"""The test sentences of each source language; all are for translations into English."""


def problem(engine: Engine, source: str, target: str) -> str | None:
    """Return what is wrong with what an engine makes of the test sentences, or None when it may be used."""
    probes = PROBES.get(source, ()) if target == "en" else ()
    if not probes:
        return None
    try:
        found = engine.translate([p.text for p in probes], source, target)
    except EngineError as error:
        return str(error)
    if len(found) != len(probes):
        return f"it gave {len(found)} translations for {len(probes)} sentences"
    for probe, translation in zip(probes, found, strict=True):
        words = [w.lower() for w in _WORD.findall(translation)]
        lost = next((w for w in probe.words if not w & set(words)), None)
        if lost is not None or len(words) > _MAX_WORDS:
            fault = f"lacks {min(lost)!r}" if lost is not None else "runs on"
            return f"its translation of {probe.text!r} {fault}: {translation[:80]!r}"
    return None


def fit(engines: Sequence[Engine], sources: Iterable[str], target: str) -> tuple[list[Engine], list[Missing]]:
    """Return the engines that pass their test sentences, in order, and what is wrong with the others.

    Only engines for a language of ``sources`` are tried (loading a model takes seconds) and returned.
    """
    wanted = sorted(set(sources))
    good: list[Engine] = []
    bad: list[Missing] = []
    for engine in engines:
        languages = [s for s in wanted if engine.supports(s, target)]
        wrong = {s: words for s in languages if (words := problem(engine, s, target)) is not None}
        for source, words in wrong.items():
            why = f"{engine.version} failed its test sentences: {words}"
            bad.append(Missing(engine.name, why, mend(engine, source), source, refused=True))
        if languages and not wrong:
            good.append(engine)
    return good, bad


def mend(engine: Engine, source: str) -> str:
    """Return the command that installs a refused engine's data anew."""
    from pipeline.translate.apertium import apt_packages

    if engine.name == "apertium":
        return f"sudo apt install --reinstall {' '.join(apt_packages(source))}"
    return "./atalaya translate setup --again" + ("" if source == "es" else f" --lang {source}")
