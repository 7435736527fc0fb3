"""Set up translation: the Argos package from the index or a file, else Apertium from the distribution.

The only part of translation that touches the network; translating itself never does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.report import Reporter
from pipeline.settings import Settings, TranslateSettings
from pipeline.translate import apt
from pipeline.translate.argos import packages_dir
from pipeline.translate.canary import fit
from pipeline.translate.download import Deadline, Limits, Web, leave
from pipeline.translate.engine import Engine, find_engines, wanted_engines
from pipeline.translate.index import IndexPackage, SetupError, choose, index_address, parse_index
from pipeline.translate.install import install, look_into
from pipeline.translate.pins import Pin, check_pin, keep_pin, measure
from storage.errors import LockBusy
from storage.lock import WriterLock

SHORT = Limits(total_s=45.0, index_s=8.0, idle_s=8.0)
"""What a `run` or `demo` spends on it at most."""
_AGAIN_AFTER = timedelta(days=1)
_NOTE = "translate-setup.json"
_ANSWER_S = 20.0
_APT_S = 15.0  # also where the index used the time up
_QUALITY = "gist quality, 5 MB a language"

Ask = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of the set-up. ``yes``: do not ask. ``again``: also what is there already."""

    languages: tuple[str, ...] = ("es",)
    from_file: Path | None = None
    index: str | None = None
    again: bool = False
    repin: bool = False
    yes: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Ready:
    """How it ended: engine and version for each language that has one now, and languages that have none."""

    engines: dict[str, str]
    lacking: tuple[str, ...]


def set_up(settings: Settings, wish: Wish, says: Reporter, ask: Ask | None = None) -> Ready:
    """Set up engines for the languages of ``wish``, the best first; tell ``says`` what was done.

    ``ask`` puts a question to a person; None: there is nobody to ask. Raises SetupError when the file that was named
    cannot be installed, or when what comes from the index is not to be trusted.
    """
    for lang in wish.languages:
        if lang not in settings.translate.languages:
            says.say(f'Note: add "{lang}" to languages under [translate] in settings.toml, or it is not translated.')
    if not wanted_engines(settings.translate):
        says.say(
            "No engine is allowed here: unset ATALAYA_ENGINES, or name engines under [translate] in settings.toml."
        )
        return Ready({}, wish.languages)
    if wish.from_file is not None:
        with _alone():
            _take(settings, wish.from_file, str(wish.from_file.absolute()), wish, says)
        return _ready(settings, wish.languages)
    deadline = wish.limits.begin()
    here = _best(settings.translate, wish.languages)
    todo = [lang for lang in wish.languages if wish.again or here.get(lang) is None or here[lang] != "argos"]
    if "argos" in wanted_engines(settings.translate) and todo:
        try:
            with _alone():
                _from_index(settings, replace(wish, languages=tuple(todo)), says, deadline)
        except _OutOfReach as error:
            says.say(f"No package from the index: {error}.")
    for lang in sorted(set(wish.languages) - set(todo)):
        says.say(f"{lang}: an Argos package is installed already (--again fetches the newest).")
    _fall_back(settings, wish, says, ask, deadline)
    return _ready(settings, wish.languages)


class _OutOfReach(Exception):
    """The index, or a file it names, cannot be had now."""


def _best(settings: TranslateSettings, languages: tuple[str, ...]) -> dict[str, str]:
    """Return the name of the best engine of each language that has one fit to be used."""
    return {lang: engine.name for lang, engine in _fit(settings, languages).items()}


def _fit(settings: TranslateSettings, languages: tuple[str, ...]) -> dict[str, Engine]:
    engines, _ = find_engines(settings, sources=languages)
    good, _ = fit(engines, languages, settings.target)
    return {
        lang: found
        for lang in languages
        if (found := next((e for e in good if e.supports(lang, settings.target)), None)) is not None
    }


def _ready(settings: Settings, languages: tuple[str, ...]) -> Ready:
    found = _fit(settings.translate, languages)
    engines = {lang: f"{e.name} {e.version}" for lang, e in found.items()}
    return Ready(engines, tuple(lang for lang in languages if lang not in engines))


def _from_index(settings: Settings, wish: Wish, says: Reporter, deadline: Deadline) -> None:
    address = index_address(settings.translate, wish.index)
    # Whoever names another index knows where it is, and that may be inside; what strangers' lists name must be outside.
    trusted = address != TranslateSettings.model_fields["index"].default
    web = Web(settings.fetch, trusted=trusted, limits=wish.limits, deadline=deadline)
    says.say(f"Asking {address}")
    try:
        listed = parse_index(web.index(address))
    except SetupError as error:
        raise _OutOfReach(str(error)) from error
    wanted: dict[str, IndexPackage] = {}
    for lang in wish.languages:
        steps = choose(listed, lang, settings.translate.target)
        if not steps:
            says.say(f"{lang}: the index has no way from {lang} to {settings.translate.target}.")
        wanted |= {p.code: p for p in steps}
    for package in wanted.values():
        _fetch(settings, package, web, wish, says)


def _fetch(settings: Settings, package: IndexPackage, web: Web, wish: Wish, says: Reporter) -> None:
    """Fetch a package by the first of its links that gives it whole, and install it."""
    part = settings.home / "downloads" / f"{package.code}-{package.version}.part"
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{part.parent} cannot be written ({error.strerror}).") from error
    problems = []
    for link in package.links:
        says.say(f"Fetching {link}")
        try:
            web.package(link, part, says)
        except SetupError as error:
            problems.append(str(error))
            continue
        try:
            _take(settings, part, link, wish, says, package)
        finally:
            leave(part)
        return
    raise _OutOfReach("; ".join(problems))


def _take(
    settings: Settings, file: Path, origin: str, wish: Wish, says: Reporter, listed: IndexPackage | None = None
) -> None:
    """Check a package file against its pin and the index, install it, and pin it. Raises SetupError."""
    contents = look_into(file)
    if listed is not None and (contents.code, contents.version) != (listed.code, listed.version):
        raise SetupError(
            f"{origin} is {contents.code} {contents.version}, and the index calls it {listed.code} {listed.version}. "
            "Nothing was installed."
        )
    size, sha256 = measure(file)
    pin = Pin(contents.code, contents.version, size, sha256, origin)
    if not wish.repin:
        check_pin(settings, pin)
    install(file, settings.translate, packages_dir())
    pinned = keep_pin(settings, pin)
    says.say(f"Installed {pin.code} {pin.version}: {size} bytes, SHA-256 {sha256}, pinned in {pinned}")


def _fall_back(settings: Settings, wish: Wish, says: Reporter, ask: Ask | None, deadline: Deadline) -> None:
    """Offer Apertium for the languages that have no engine yet."""
    here = _best(settings.translate, wish.languages)
    lacking = [lang for lang in wish.languages if lang not in here]
    if not lacking or "apertium" not in wanted_engines(settings.translate):
        return
    offered = apt.offer(lacking, terminal=ask is not None)
    if offered.refusal:
        says.say(offered.refusal)
        return
    if offered.ask and not wish.yes:
        question = f"Install Apertium ({_QUALITY}) for {', '.join(lacking)}: {offered.command}?"
        if ask is None or not ask(question):
            says.say(f"Not installed. By hand: {offered.command}")
            return
    says.say(f"Installing Apertium ({_QUALITY}): {offered.command}")
    try:
        apt.install(offered, max(_APT_S, deadline.left_s))
    except SetupError as error:
        says.say(str(error))


@contextmanager
def _alone() -> Iterator[None]:
    """Keep two set-ups apart, whatever their homes: they share the folder of packages. Raises SetupError."""
    try:
        with WriterLock(packages_dir().parent, "translate setup", name="atalaya-setup.lock"):
            yield
    except LockBusy as error:
        raise SetupError("Another set-up is under way. Wait until it is done.") from error


def set_up_once(settings: Settings, says: Reporter, *, may_ask: bool, now: datetime | None = None) -> None:
    """What `run` and `demo` do where no engine for Spanish is here: try, briefly, at most once a day.

    Whatever goes wrong is said and stops nothing: texts then wait in their own language.
    """
    at = now or datetime.now(UTC)
    if not wanted_engines(settings.translate) or settings.translate.target == "es":
        return
    engines, _ = find_engines(settings.translate, sources=("es",))
    if engines or not _due(settings.home, at):
        return
    try:
        _write_note(settings.home, at)
    except OSError:
        return  # a home that cannot be written is told by the run itself
    says.say("No translation engine is here: trying to set one up (./atalaya translate setup; once a day at most).")
    asks: Ask | None = None
    if may_ask and sys.stdin.isatty() and sys.stderr.isatty():

        def asks(question: str) -> bool:
            return apt.ask_on_terminal(question, _ANSWER_S)

    try:
        ready = set_up(settings, Wish(limits=SHORT), says, asks)
    except SetupError as error:
        says.say(str(error))
        return
    says.say(
        f"Translation: {ready.engines['es']}." if ready.engines else "No engine: texts wait in their own language."
    )


def _due(home: Path, now: datetime) -> bool:
    try:
        tried = datetime.fromisoformat(json.loads((home / _NOTE).read_text(encoding="utf-8"))["tried_at"])
        return not now - _AGAIN_AFTER < tried <= now
    except (OSError, ValueError, KeyError, TypeError):
        return True


def _write_note(home: Path, now: datetime) -> None:
    home.mkdir(parents=True, exist_ok=True)
    temporary = home / f".{_NOTE}.{os.getpid()}"
    temporary.write_text(json.dumps({"tried_at": now.isoformat(timespec="seconds")}), encoding="utf-8")
    temporary.replace(home / _NOTE)
