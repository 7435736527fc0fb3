"""The command line. Parses words, calls the package, prints; decides nothing. Heavy imports stand inside commands."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_airflow import airflow
from pipeline.cli_common import (
    Config,
    Country,
    Home,
    Json,
    Only,
    Private,
    console,
    errors_in_words,
    fail,
    refuse_fiction,
    settings_for,
    settings_of,
)
from pipeline.cli_desk import SearchCommand, export, query, search
from pipeline.cli_digest import digest, watch
from pipeline.cli_maintain import maintain
from pipeline.cli_serve import serve
from pipeline.cli_sources import sources_app
from pipeline.cli_translate import translate_app

app = typer.Typer(
    name="atalaya",
    help="News monitoring in several languages: from feeds to stories in DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        from pipeline.runs import VERSION

        typer.echo(f"atalaya {VERSION}")
        raise typer.Exit


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """News monitoring in several languages: from feeds to stories in DuckDB."""


app.add_typer(sources_app, name="sources")
app.add_typer(translate_app, name="translate")


app.command()(query)
app.command(cls=SearchCommand)(search)
app.command()(export)
app.command()(airflow)
app.command()(digest)
app.command()(maintain)
app.command()(watch)
app.command()(serve)


@app.command()
def run(
    home: Home = None,
    config: Config = None,
    source: Only = None,
    country: Country = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many sources.")] = None,
    allow_private_network: Private = False,
    strict: Annotated[bool, typer.Option("--strict", help="Any failed feed makes the exit status 1.")] = False,
    as_json: Json = False,
) -> None:
    """The main job: poll, extract, translate, place into stories, tag, publish."""
    from pipeline.report import QuietReporter, RichReporter, print_summary
    from pipeline.runs import RunOptions
    from pipeline.runs import run as run_pipeline
    from pipeline.sources import load_sources, select
    from pipeline.translate.setup import set_up_once

    with errors_in_words():
        settings = settings_of(home, config, allow_private=allow_private_network)
        catalogue = select(load_sources(settings), source or (), country or ())
        refuse_fiction(settings, catalogue)
        out = console()
        reporter = QuietReporter() if as_json else RichReporter(out)
        set_up_once(settings, reporter, may_ask=not as_json)
        summary = run_pipeline(settings, catalogue, RunOptions("run", strict=strict, limit=limit), reporter)
        if as_json:
            sys.stdout.write(summary.as_json() + "\n")
        else:
            print_summary(out, summary, _try_this(settings.home))
        raise typer.Exit(summary.exit_status)


def _try_this(home: Path) -> str:
    where = "" if str(home) == "data" else f" --home {shlex.quote(str(home))}"
    columns = "title_en, title_es, countries, languages, article_count"
    return f'./atalaya query{where} "FROM v_stories SELECT {columns} ORDER BY article_count DESC LIMIT 10"'


@app.command()
def demo(
    home: Annotated[Path, typer.Option("--home", help="Folder of all that the demo writes.")] = Path("data-demo"),
    as_json: Json = False,
) -> None:
    """The whole pipeline over a fictional newsroom on this machine; needs no internet."""
    from pipeline.demo import run_demo
    from pipeline.report import QuietReporter, RichReporter, print_summary

    with errors_in_words():
        out = console()
        summary, checks = run_demo(home, QuietReporter() if as_json else RichReporter(out), may_ask=not as_json)
        if as_json:
            sys.stdout.write(summary.as_json(gold=checks.checks) + "\n")
        else:
            print_summary(out, summary, _try_this(home))
            out.print("One outlet is down and two items are broken on purpose: docs/newsroom.md lists all traps.")
            for line in checks.lines():
                out.print(line, markup=False, highlight=False)
        raise typer.Exit(summary.exit_status or (0 if checks.all_right else 1))


@app.command()
def status(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Health of the sources, work that waits, the last runs."""
    from pipeline.status import print_status, read_status

    with errors_in_words():
        found = read_status(settings_of(home, config))
        if as_json:
            sys.stdout.write(found.as_json() + "\n")
        else:
            print_status(console(), found)


@app.command()
def doctor(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """What is missing on this machine, and the command that mends it."""
    from pipeline.doctor import examine, print_findings

    with errors_in_words():
        findings = examine(settings_of(home, config))
        if as_json:
            import json
            from dataclasses import asdict

            sys.stdout.write(json.dumps([asdict(f) for f in findings], ensure_ascii=False) + "\n")
        else:
            print_findings(console(), findings)
        raise typer.Exit(1 if any(f.level == "error" for f in findings) else 0)


@app.command()
def reprocess(
    stage: Annotated[str, typer.Argument(help="extract, beats, translate, stories, topics or watches.")],
    home: Home = None,
    config: Config = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only articles published since: 7d or 2026-01-08.")
    ] = None,
) -> None:
    """Run a stage again, over the archived pages where it reads pages, and publish."""
    from pipeline.report import RichReporter
    from pipeline.reprocess import STAGES, parse_since, reprocess_stage

    if stage not in STAGES:
        fail(f"no stage is called {stage!r}: choose from {', '.join(STAGES)}.", 2)
    with errors_in_words():
        settings = settings_for(home, config)
        out = console()
        for line in reprocess_stage(settings, stage, parse_since(since), RichReporter(out)):
            out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Check the code and run the tests; further words go to pytest."""
    import subprocess

    root = Path(__file__).resolve().parent.parent
    checks: list[list[str]] = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]
    # two files of tests at a time: many wait for servers and browsers, and files keep their own fixtures
    run_all = [["pytest", *context.args]] if context.args else [*checks, ["pytest", "-n", "2", "--dist", "loadfile"]]
    for words in run_all:
        sys.stdout.write(f"$ {' '.join(words)}\n")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, "-m", *words], cwd=root, check=False)  # noqa: S603 - our own words
        if done.returncode != 0:
            raise typer.Exit(done.returncode)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit statuses stand in docs/commands.md."""
    command: Callable[..., object] = app
    command(args=arguments, prog_name="atalaya")
