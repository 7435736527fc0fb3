"""The command line. Parses words, calls the package, prints; decides nothing. Heavy imports stand inside commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.settings import Settings
    from pipeline.sources import Catalogue

app = typer.Typer(
    name="atalaya",
    help="News monitoring in several languages: from feeds to stories in DuckDB.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
sources_app = typer.Typer(help="The catalogue of outlets.", no_args_is_help=True)
translate_app = typer.Typer(help="Translation engines and what waits for them.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")
app.add_typer(translate_app, name="translate")

Home = Annotated[Path | None, typer.Option("--home", help="Folder of all that a run writes (default: data).")]
Config = Annotated[Path | None, typer.Option("--config", help="Folder of settings, sources, topics of your own.")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON, last on standard output.")]


def console(stderr: bool = False) -> Console:
    """Return a console that does not cut lines where no terminal sets a width."""
    from rich.console import Console

    found = Console(stderr=stderr)
    return found if found.is_terminal else Console(stderr=stderr, width=160, no_color=True)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn the errors that a user can mend into one clear line and an exit status: 2 for usage, 1 otherwise."""
    from pipeline.settings import SettingsError
    from storage.errors import StorageError

    try:
        yield
    except SettingsError as error:
        fail(str(error), 2)
    except StorageError as error:
        fail(str(error), 1)
    except ValueError as error:
        # declarations of sources, topics, beats and agencies raise their own kinds of ValueError
        if type(error) is ValueError:
            raise
        fail(str(error), 2)
    except KeyboardInterrupt:
        fail("Stopped. What was loaded is kept; the next run goes on from there.", 130)


def fail(words: str, status: int) -> None:
    """Print an error and end the program."""
    console(stderr=True).print(f"atalaya: {words}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(status)


def _settings(home: Path | None, config: Path | None, **overrides: object) -> Settings:
    from pipeline.settings import load_settings

    return load_settings(home, config, **overrides)


@app.command()
def run(
    home: Home = None,
    config: Config = None,
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source (may be repeated).")] = None,
    country: Annotated[list[str] | None, typer.Option("--country", help="Only this country: VE, ES, US.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many sources.")] = None,
    allow_private_network: Annotated[
        bool, typer.Option("--allow-private-network", help="Allow addresses of this machine and its network.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Any failed feed makes the exit status 1.")] = False,
    as_json: Json = False,
) -> None:
    """The main job: poll, extract, translate, place into stories, tag, publish."""
    from pipeline.report import QuietReporter, RichReporter, print_summary
    from pipeline.runs import RunOptions
    from pipeline.runs import run as run_pipeline
    from pipeline.sources import load_sources, select

    with errors_in_words():
        overrides: dict[str, object] = {"fetch": {"allow_private_network": True}} if allow_private_network else {}
        settings = _settings(home, config, **overrides)
        catalogue = select(load_sources(settings), source or (), country or ())
        _refuse_fiction(settings, catalogue)
        out = console()
        reporter = QuietReporter() if as_json else RichReporter(out)
        summary = run_pipeline(settings, catalogue, RunOptions("run", strict=strict, limit=limit), reporter)
        if as_json:
            sys.stdout.write(summary.as_json() + "\n")
        else:
            print_summary(out, summary, _try_this(settings.home))
        raise typer.Exit(summary.exit_status)


def _refuse_fiction(settings: Settings, catalogue: Catalogue) -> None:
    from pipeline.settings import SettingsError
    from pipeline.demo import holds_fiction

    if not any(s.fictional for s in catalogue.sources) and holds_fiction(settings.home):
        raise SettingsError(
            f"{settings.home} holds the fictional outlets of the demo; real news does not go beside them. "
            "Choose another folder with --home DIR."
        )


def _try_this(home: Path) -> str:
    where = "" if str(home) == "data" else f" --home {home}"
    columns = "title_en, title_es, countries, languages, article_count"
    return f'./atalaya query{where} "FROM v_stories SELECT {columns} ORDER BY article_count DESC LIMIT 10"'


@app.command()
def demo(home: Annotated[Path, typer.Option("--home")] = Path("data-demo"), as_json: Json = False) -> None:
    """The whole pipeline over a fictional newsroom on this machine; needs no internet."""
    from pipeline.demo import run_demo
    from pipeline.report import QuietReporter, RichReporter, print_summary

    with errors_in_words():
        out = console()
        summary, checks = run_demo(home, QuietReporter() if as_json else RichReporter(out))
        if as_json:
            sys.stdout.write(summary.as_json() + "\n")
        else:
            print_summary(out, summary, _try_this(home))
            for line in checks.lines():
                out.print(line, markup=False, highlight=False)
        raise typer.Exit(summary.exit_status or (0 if checks.all_right else 1))


@app.command()
def status(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Health of the sources, work that waits, the last runs."""
    from pipeline.status import print_status, read_status

    with errors_in_words():
        found = read_status(_settings(home, config))
        if as_json:
            sys.stdout.write(found.as_json() + "\n")
        else:
            print_status(console(), found)


@app.command()
def doctor(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """What is missing on this machine, and the command that mends it."""
    from pipeline.doctor import examine, print_findings

    with errors_in_words():
        findings = examine(_settings(home, config))
        if as_json:
            import json
            from dataclasses import asdict

            sys.stdout.write(json.dumps([asdict(f) for f in findings], ensure_ascii=False) + "\n")
        else:
            print_findings(console(), findings)
        raise typer.Exit(1 if any(f.level == "error" for f in findings) else 0)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One read-only SQL statement; - reads it from standard input.")],
    home: Home = None,
    config: Config = None,
    format: Annotated[str, typer.Option("--format", help="table, json (an array of objects) or csv.")] = "table",
) -> None:
    """Read-only SQL on the published snapshot."""
    from pipeline.output import FORMATS, write_rows
    from storage.query import run_query

    if format not in FORMATS:
        fail(f"--format {format}: choose from {', '.join(FORMATS)}.", 2)
    with errors_in_words():
        settings = _settings(home, config)
        text = sys.stdin.read() if sql == "-" else sql
        result = run_query(settings.home, text, settings.publish.query_timeout_s)
        write_rows(result.columns, result.rows, format, sys.stdout, console())


@app.command()
def reprocess(
    stage: Annotated[str, typer.Argument(help="extract, beats, translate, stories or topics.")],
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
        settings = _settings(home, config)
        out = console()
        for line in reprocess_stage(settings, stage, parse_since(since), RichReporter(out)):
            out.print(line, markup=False, highlight=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Check the code and run the tests; further words go to pytest."""
    import subprocess

    root = Path(__file__).resolve().parent.parent
    checks: list[list[str]] = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]
    run_all = [*([] if context.args else checks), ["pytest", *context.args]]
    for words in run_all:
        sys.stdout.write(f"$ {' '.join(words)}\n")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, "-m", *words], cwd=root, check=False)  # noqa: S603 - our own words
        if done.returncode != 0:
            raise typer.Exit(done.returncode)


def _register() -> None:
    """Attach the commands of `pipeline.cli_sources`, which share options with this module."""
    from pipeline import cli_sources

    cli_sources.register(sources_app, translate_app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit statuses stand in docs/commands.md."""
    _register()
    command: Callable[..., object] = app
    command(args=arguments, prog_name="atalaya")
