"""The commands ``sources …``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    settings_of,
)

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.sources import Catalogue

sources_app = typer.Typer(help="The catalogue of outlets.", no_args_is_help=True)


def _catalogue(settings: Settings, source: list[str] | None, country: list[str] | None) -> Catalogue:
    from pipeline.sources import load_sources, select

    return select(load_sources(settings), source or (), country or ())


@sources_app.command("list")
def list_sources(
    home: Home = None, config: Config = None, source: Only = None, country: Country = None, as_json: Json = False
) -> None:
    """The declared outlets with ownership, alignment and feeds, and when one was last reached from here."""
    import json
    from dataclasses import asdict

    from pipeline.output import plain, write_rows
    from pipeline.sources import shown
    from pipeline.status import verified_sources

    with errors_in_words():
        settings = settings_of(home, config)
        found = _catalogue(settings, source, country)
        verified = verified_sources(settings)
        feeds: dict[str, list[str]] = {}
        for feed in found.feeds:
            feeds.setdefault(feed.source_id, []).append(feed.feed_url)
        if as_json:
            objects = [
                plain(asdict(s) | {"verified_at": verified.get(s.source_id), "feeds": feeds.get(s.source_id, [])})
                for s in found.sources
            ]
            sys.stdout.write(json.dumps(objects, ensure_ascii=False) + "\n")
            return
        rows = [
            (
                s.source_id,
                s.name,
                s.country,
                s.languages,
                s.media_type,
                shown(s.ownership, s),
                shown(s.alignment, s),
                len(feeds.get(s.source_id, ())),
                verified.get(s.source_id),
            )
            for s in found.sources
        ]
        columns = ("source", "name", "country", "languages", "type", "ownership", "alignment", "feeds", "reached")
        write_rows(columns, rows, "table", sys.stdout, console())


@sources_app.command()
def check(
    home: Home = None,
    config: Config = None,
    source: Only = None,
    country: Country = None,
    allow_private_network: Private = False,
    as_json: Json = False,
) -> None:
    """Fetch each feed once, say how it is, and remember which sources were really reached."""
    import asyncio
    import json

    from pipeline.output import plain, write_rows
    from pipeline.runs import check_sources

    with errors_in_words():
        settings = settings_of(home, config, allow_private=allow_private_network)
        catalogue = _catalogue(settings, source, country)
        refuse_fiction(settings, catalogue)
        results = asyncio.run(check_sources(settings, catalogue))
        if as_json:
            sys.stdout.write(json.dumps(plain(results), ensure_ascii=False) + "\n")
        else:
            rows = [
                (
                    r.source_id,
                    r.feed_url,
                    "ok" if r.ok else r.reason,
                    r.entries,
                    r.newest_entry_at,
                    r.proposed_url or r.detail,
                )
                for r in results
            ]
            columns = ("source", "feed", "state", "entries", "newest entry", "note")
            write_rows(columns, rows, "table", sys.stdout, console())
        raise typer.Exit(0 if any(r.ok for r in results) else 1)


@sources_app.command()
def add(
    id: Annotated[str, typer.Argument(help="Short name, as in efecto-cocuyo.")],
    feed: Annotated[list[str], typer.Option("--feed", help="Feed address (may be repeated).")],
    name: Annotated[str, typer.Option("--name", help="As the outlet writes it.")],
    country: Annotated[str, typer.Option("--country", help="VE, ES, US or another two-letter code.")],
    homepage: Annotated[str, typer.Option("--homepage", help="Its front page.")],
    language: Annotated[list[str] | None, typer.Option("--language", help="es, en, ca … (default es).")] = None,
    media_type: Annotated[
        str, typer.Option("--media-type", help="agency, newspaper, broadcaster, digital, magazine or ngo.")
    ] = "digital",
    ownership: Annotated[
        str, typer.Option("--ownership", help="state, public, private, independent, nonprofit or party.")
    ] = "private",
    config: Config = None,
) -> None:
    """Declare one more outlet in your own --config folder."""
    from pipeline.source_edit import NewSource, add_source
    from pipeline.source_rules import FeedDecl

    with errors_in_words():
        added = add_source(
            config,
            NewSource(
                id=id,
                name=name,
                country=country,
                languages=tuple(language or ("es",)),
                homepage=homepage,
                media_type=media_type,
                ownership=ownership,
                feeds=tuple(FeedDecl(url) for url in feed),
            ),
        )
        _say_added(added.files, added.copied)


def _say_added(files: tuple[Path, ...], copied: tuple[Path, ...]) -> None:
    out = console()
    if copied:
        out.print(f"Copied the built-in sources first, to {copied[0].parent}: your folder replaces them whole.")
    for file in files:
        out.print(f"Wrote {file}", highlight=False, markup=False)


@sources_app.command("import-opml")
def import_opml_file(
    file: Annotated[Path, typer.Argument(help="An OPML file, as feed readers write it.")],
    country: Annotated[str, typer.Option("--country", help="Country of outlets that the file does not place.")],
    language: Annotated[list[str] | None, typer.Option("--language", help="es, en, ca … (default es).")] = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Add the outlets of an OPML file to your own --config folder."""
    from pipeline.opml import Defaults, import_opml
    from pipeline.output import counted
    from pipeline.source_edit import add_sources

    with errors_in_words():
        if not file.is_file():
            fail(f"{file}: no such file.", 2)
        # the folder may be new, as for `add`: then the built-in sources are copied there first
        catalogue = _catalogue(settings_of(home, config if config and config.is_dir() else None), None, None)
        report = import_opml(file.read_bytes(), catalogue, Defaults(country, tuple(language or ("es",))))
        if report.sources:
            added = add_sources(config, report.sources)
            _say_added(added.files, added.copied)
        out = console()
        out.print(
            f"{counted(len(report.sources), 'source')} added, {report.rejected_count} of "
            f"{counted(report.outlines, 'outline')} not taken."
        )
        for no in report.rejected[:20]:
            out.print(f"  {no.url or file}: {no.reason}: {no.detail}", markup=False, highlight=False)
        raise typer.Exit(0 if report.sources or not report.rejected_count else 1)


@sources_app.command("export-opml")
def export_opml_file(home: Home = None, config: Config = None, source: Only = None, country: Country = None) -> None:
    """Write the catalogue as OPML to standard output."""
    from pipeline.opml import export_opml

    with errors_in_words():
        sys.stdout.write(export_opml(_catalogue(settings_of(home, config), source, country)))
