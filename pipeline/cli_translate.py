"""The commands ``translate …``."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_common import Config, Home, Json, Private, console, errors_in_words, fail, settings_for, settings_of

translate_app = typer.Typer(help="Translation engines and what waits for them.", no_args_is_help=True)


@translate_app.command("setup")
def setup(
    home: Home = None,
    config: Config = None,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", help="Install this .argosmodel file instead of asking the index.")
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option("--lang", help="Source language (may be repeated; default: es).")
    ] = None,
    index: Annotated[
        str | None, typer.Option("--index", help="Another index of packages: its address, or its folder's.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Fetch the newest package although one is installed.")] = False,
    repin: Annotated[bool, typer.Option("--repin", help="Trust a file that differs from the one pinned.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Install Apertium without asking, where it is offered.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=1, help="Seconds for everything.")] = 3600.0,
    allow_private_network: Private = False,
    as_json: Json = False,
) -> None:
    """Get a translation engine: an Argos package, or where its index is out of reach Apertium."""
    from pipeline.output import counted
    from pipeline.report import QuietReporter, RichReporter
    from pipeline.status import texts_to_retry
    from pipeline.translate.apt import ask_on_terminal
    from pipeline.translate.download import Limits
    from pipeline.translate.index import SetupError
    from pipeline.translate.setup import Wish, set_up

    with errors_in_words():
        settings = settings_of(home, config, allow_private=allow_private_network)
        limits = Limits(total_s=timeout, index_s=min(30.0, timeout), idle_s=min(30.0, timeout))
        wish = Wish(tuple(dict.fromkeys(lang or ["es"])), from_file, index, again, repin, yes, limits)
        terminal = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
        out = console()
        try:
            ready = set_up(
                settings,
                wish,
                QuietReporter() if as_json else RichReporter(out),
                (lambda question: ask_on_terminal(question, None)) if terminal else None,
            )
        except SetupError as error:
            fail(str(error), 1)
            return
        if as_json:
            sys.stdout.write(json.dumps({"engines": ready.engines, "lacking": ready.lacking}) + "\n")
        else:
            for language, engine in ready.engines.items():
                out.print(f"{language}: ready, by {engine}", highlight=False, markup=False)
            for language in ready.lacking:
                words = "no engine, so its texts wait as `pending`. ./atalaya doctor says what mends it."
                out.print(f"{language}: {words}", highlight=False, markup=False, soft_wrap=True)
            if waiting := texts_to_retry(settings, ready.engines):
                where = "" if home is None else f" --home {shlex.quote(str(home))}"
                where += "" if config is None else f" --config {shlex.quote(str(config))}"
                words = f"{counted(waiting, 'text')} held in these languages can be translated now or better:"
                out.print(f"{words} ./atalaya translate retry{where}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1 if ready.lacking else 0)


@translate_app.command("status")
def status(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Texts by language and state, how long the oldest waits, and the engines of this machine."""
    from pipeline.status import print_status, read_status
    from pipeline.tools import crew_of
    from pipeline.translate.crew import mends
    from pipeline.translate.engine import wanted_engines

    with errors_in_words():
        settings = settings_of(home, config)
        found = read_status(settings, ("translations",))
        if as_json:
            sys.stdout.write(found.as_json() + "\n")
            return
        out = console()
        print_status(out, found)
        crew = crew_of(settings)
        for language in settings.translate.languages:
            for engine in crew.ladder(language):
                out.print(f"{language}: {engine.name} {engine.version}", highlight=False, markup=False)
        for what, mend in mends(crew, settings.translate.languages, settings.translate).items():
            out.print(f"No {what}. To mend: {mend}", highlight=False, markup=False, soft_wrap=True)
        better = [m for m in crew.missing if m.name == "argos" and crew.ladder(m.lang)]
        if better and "argos" in wanted_engines(settings.translate):
            out.print(f"Argos would translate better. To get it: {better[0].mend}", highlight=False, markup=False)


@translate_app.command("retry")
def retry(
    home: Home = None,
    config: Config = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", help="quarantined, partial or pending (may be repeated; default: all three)."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only articles published since: 7d or 2026-01-08.")
    ] = None,
) -> None:
    """Translate once more what failed, is partial or waits; then publish."""
    from pipeline.report import RichReporter
    from pipeline.reprocess import parse_since, retry_translations
    from pipeline.translating import ALL_STATUSES

    for name in status or ():
        if name not in ALL_STATUSES:
            fail(f"--status {name}: choose from {', '.join(ALL_STATUSES)}.", 2)
    with errors_in_words():
        settings = settings_for(home, config)
        out = console()
        for line in retry_translations(settings, status or ALL_STATUSES, parse_since(since), RichReporter(out)):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
