"""The crew: this machine's engines with their versions, glossary and checks; and what they make out of date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pipeline.settings import TranslateSettings
from pipeline.translate import canary
from pipeline.translate.engine import Engine, Missing, wanted_engines
from pipeline.translate.gate import GATE_VERSION
from pipeline.translate.glossary import Glossary

_NEXT = " > "


@dataclass(frozen=True, slots=True)
class Crew:
    """What translates: engines in order of preference, what is missing, the glossary, and the language to get to."""

    engines: tuple[Engine, ...]
    missing: tuple[Missing, ...] = ()
    glossary: Glossary = field(default_factory=Glossary)
    target: str = "en"

    def ladder(self, lang: str) -> tuple[Engine, ...]:
        """Return the engines for ``lang``, the first to be asked first."""
        return tuple(e for e in self.engines if e.supports(lang, self.target))

    def asked(self, lang: str) -> str:
        """Return the ladder in words, as kept in ``translations.engines_asked``."""
        return _NEXT.join(f"{e.name} {e.version}" for e in self.ladder(lang))

    def refused(self, lang: str) -> bool:
        """Return whether an engine for ``lang`` is there and failed its test sentences."""
        return any(m.refused and m.lang == lang for m in self.missing)

    def tested(self, languages: Iterable[str]) -> Crew:
        """Return the crew without the engines that fail the test sentences of ``languages``."""
        good, bad = canary.fit(self.engines, languages, self.target)
        return replace(self, engines=tuple(good), missing=(*self.missing, *bad))


@dataclass(frozen=True, slots=True)
class Method:
    """By what translations of one language were made; a row of ``statements/translation_methods.sql``."""

    lang: str
    engines_asked: str | None
    gate_version: str | None
    glossary_version: str | None


def out_of_date(method: Method, crew: Crew) -> bool:
    """Return whether what was made by ``method`` is to be made again by ``crew``.

    So it is when its first engine has another version, an engine preferred to it is here now, or checks or glossary
    changed. Not when its engine is away: a worse one does not replace what a better one made.
    """
    ladder = crew.ladder(method.lang)
    if not ladder:
        return False
    if method.engines_asked is None:  # made before this was written down
        return True
    name, _, version = method.engines_asked.split(_NEXT)[0].partition(" ")
    here = {e.name: e.version for e in ladder}
    if name not in here:
        return False
    made_with = (name, version, method.gate_version, method.glossary_version)
    return made_with != (ladder[0].name, ladder[0].version, GATE_VERSION, crew.glossary.version)


def mends(crew: Crew, languages: Iterable[str], settings: TranslateSettings) -> Mapping[str, str]:
    """Return what is missing for ``languages`` that no engine is here for, each with the one command that mends it."""
    without = sorted({lang for lang in languages if not crew.ladder(lang)}, key=lambda code: (code != "es", code))
    if not without:
        return {}
    if not wanted_engines(settings):
        return {"engine allowed": "unset ATALAYA_ENGINES, or name engines under [translate] in settings.toml"}
    found = {}
    other = [lang for lang in without if lang not in settings.languages]
    if other:
        found[f"wish for {', '.join(other)}"] = f"add {other} to languages under [translate] in settings.toml"
    plain = [lang for lang in without if lang not in other and not crew.refused(lang)]
    if plain:
        options = "" if plain == ["es"] else "".join(f" --lang {lang}" for lang in plain)
        found[f"engine for {', '.join(plain)}"] = f"./atalaya translate setup{options}"
    for gap in crew.missing:
        if gap.refused and gap.lang in without:
            found[f"usable {gap.name} for {gap.lang}"] = gap.mend
    return found
