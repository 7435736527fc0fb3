"""The command `airflow`."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from pipeline.cli_common import Config, Home, console, errors_in_words, fail, settings_of


def airflow(
    home: Home = None,
    config: Config = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of Airflow's pages.")] = 8080,
    prepare_only: Annotated[
        bool, typer.Option("--prepare-only", help="Make the metadata database and the pool, start nothing.")
    ] = False,
    print_env: Annotated[
        bool, typer.Option("--env", help="Print the variables that Airflow's programs need, for a server.")
    ] = False,
) -> None:
    """Prepare and start a local Airflow that does the daily run by itself."""
    from pipeline.airflow_home import AirflowError, describe, prepare, require_free, serve

    out = console()

    def says(words: str) -> None:
        out.print(words, markup=False, highlight=False, soft_wrap=True)

    with errors_in_words():
        settings = settings_of(home, config)
        local = describe(settings, port)
        if print_env:
            lines = (f"{name}={shlex.quote(value)}" for name, value in sorted(local.environment.items()))
            sys.stdout.write("\n".join(lines) + "\n")
            return
        if not prepare_only:
            require_free(port)
        try:
            prepare(local, says)
            if prepare_only:
                says(f"Ready under {local.home}. Start it: ./atalaya airflow --home {shlex.quote(str(settings.home))}")
                return
            status = serve(local, says)
        except AirflowError as error:
            fail(str(error), 1)
    raise typer.Exit(status)
