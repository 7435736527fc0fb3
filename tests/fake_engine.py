"""An engine for tests that speaks the engine protocol, and what it makes of sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.translate.canary import PROBES

_SAID_RIGHT = {"es": "government administration election inflation venezuela president spain"}
"""Words with which a fake passes the test sentences of a language."""


def good(text: str) -> str:
    """Stand in for a good translation: other words, same numbers, same negation, about as long."""
    return " ".join(
        "no" if w.lower() in ("no", "ni", "sin") else w if any(c.isdigit() for c in w) else "q" + w[::-1]
        for w in text.split()
    )


def faithful(text: str) -> str:
    """As `good`, but names (capitalised words) stay as they stand."""
    return " ".join(w if w[:1].isupper() or w[1:2].isupper() else good(w) for w in text.split())


class FakeEngine:
    """Translates through a function and counts what it was asked; passes its test sentences unless ``fit`` is off."""

    def __init__(
        self,
        function: Callable[[str], str] = good,
        name: str = "fake",
        version: str = "1",
        langs: tuple[str, ...] = ("es",),
        *,
        others: Callable[[str], tuple[str, ...]] = lambda _: (),
        fit: bool = True,
    ) -> None:
        self.function, self.name, self.version, self.langs, self.others = function, name, version, langs, others
        self._probes = {p.text for lang in langs for p in PROBES.get(lang, ())} if fit else set()
        self.asked: list[str] = []
        self.asked_again: list[str] = []

    def supports(self, source: str, target: str) -> bool:
        return source in self.langs and target == "en"

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        self.asked += [t for t in texts if t not in self._probes]
        return [_SAID_RIGHT["es"] if t in self._probes else self.function(t) for t in texts]

    def alternatives(self, texts: Sequence[str], source: str, target: str) -> list[tuple[str, ...]]:
        self.asked_again += texts
        return [self.others(t) for t in texts]
