"""The command `serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli_common import Config, Home, console, errors_in_words, settings_of

if TYPE_CHECKING:
    from pipeline.settings import Settings


def serve(
    home: Home = None,
    config: Config = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port; 0 takes a free one.")] = 8300,
    check: Annotated[bool, typer.Option("--check", help="Open every kind of page once, say how it went, end.")] = False,
) -> None:
    """The page for analysts: stories, search, sources, in a browser on this machine."""
    from pipeline.renew import renew_snapshot
    from pipeline.web.serve import serve as serve_page
    from storage.held import snapshot_stamp

    with errors_in_words():
        settings = settings_of(home, config)
        out = console()
        if told := renew_snapshot(settings):
            console(stderr=True).print(told, markup=False, highlight=False, soft_wrap=True)
        if check:
            raise typer.Exit(0 if _check(settings) else 1)

        def ready(address: str) -> None:
            out.print(f"Atalaya is at {address} (Ctrl-C stops it)", markup=False, highlight=False, soft_wrap=True)
            if snapshot_stamp(settings.home) is None:
                out.print(
                    f"There is no news.duckdb in {settings.home} yet: `./atalaya demo` makes a home of the fictional "
                    "newsroom, `./atalaya run` one of the real outlets. The page shows it once it is there.",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )
            if host not in {"127.0.0.1", "localhost", "::1"}:
                out.print(
                    "Whoever reaches this machine can read it: there is no login. It answers to the name of --host "
                    "and to hosts in [serve] of settings.toml.",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )

        try:
            serve_page(settings, host, port, ready)
        except KeyboardInterrupt:
            out.print("Stopped.")


def _check(settings: Settings) -> bool:
    """Print how each page answers; return whether all did."""
    from rich.table import Table

    from pipeline.output import counted, text_cell
    from pipeline.web.app import create_app
    from pipeline.web.check import check as open_all

    table = Table("page", "status", "bytes", "ms")
    opened = list(open_all(create_app(settings), settings.home, settings.serve.timeout_s))
    for page in opened:
        table.add_row(text_cell(page.path), str(page.status), str(page.size), f"{page.milliseconds:.0f}")
    out = console()
    out.print(table)
    bad = [page for page in opened if page.status != 200]
    out.print(f"{counted(len(opened), 'page')} opened, {len(bad) or 'none'} failed.", highlight=False)
    return not bad
