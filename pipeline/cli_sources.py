"""The commands ``sources …`` and ``translate …``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import Config, Home, Json, console, errors_in_words, fail

if TYPE_CHECKING:
    from pipeline.sources import Catalogue


def register(sources_app: typer.Typer, translate_app: typer.Typer) -> None:
    """Attach the commands to their groups."""
    sources_app.command("list")(list_sources)
    sources_app.command("check")(check)
    sources_app.command("add")(add)
    sources_app.command("import-opml")(import_opml_file)
    sources_app.command("export-opml")(export_opml_file)
    translate_app.command("status")(translate_status)


def _catalogue(
    home: Path | None, config: Path | None, source: list[str] | None, country: list[str] | None
) -> Catalogue:
    from pipeline.settings import load_settings
    from pipeline.sources import load_sources, select

    return select(load_sources(load_settings(home, config)), source or (), country or ())


Only = Annotated[list[str] | None, typer.Option("--source", help="Only this source (may be repeated).")]
Country = Annotated[list[str] | None, typer.Option("--country", help="Only this country.")]


def list_sources(
    home: Home = None, config: Config = None, source: Only = None, country: Country = None, as_json: Json = False
) -> None:
    """The declared outlets with ownership, alignment and feeds."""
    import json
    from dataclasses import asdict

    from pipeline.output import plain, write_rows

    with errors_in_words():
        found = _catalogue(home, config, source, country)
        if as_json:
            sys.stdout.write(json.dumps([plain(asdict(s)) for s in found.sources], ensure_ascii=False) + "\n")
            return
        feeds: dict[str, int] = {}
        for feed in found.feeds:
            feeds[feed.source_id] = feeds.get(feed.source_id, 0) + 1
        rows = []
        for s in found.sources:
            alignment = _alignment(s.alignment, s.evidence)
            count = feeds.get(s.source_id, 0)
            row = (s.source_id, s.name, s.country, s.languages, s.media_type, s.ownership, alignment, count)
            rows.append(row)
        columns = ("source", "name", "country", "languages", "type", "ownership", "alignment", "feeds")
        write_rows(columns, rows, "table", sys.stdout, console())


def _alignment(alignment: str | None, evidence: str | None) -> str:
    if alignment is None:
        return ""
    return alignment if evidence else f"{alignment} (unverified)"


def check(
    home: Home = None,
    config: Config = None,
    source: Only = None,
    country: Country = None,
    allow_private_network: Annotated[bool, typer.Option("--allow-private-network")] = False,
    as_json: Json = False,
) -> None:
    """Fetch each feed once, say how it is, and remember which sources were really reached."""
    import asyncio
    import json
    from dataclasses import asdict

    from pipeline.output import plain, write_rows
    from pipeline.runs import check_sources
    from pipeline.settings import load_settings

    with errors_in_words():
        overrides: dict[str, object] = {"fetch": {"allow_private_network": True}} if allow_private_network else {}
        settings = load_settings(home, config, **overrides)
        results = asyncio.run(check_sources(settings, _catalogue(home, config, source, country)))
        if as_json:
            sys.stdout.write(json.dumps([plain(asdict(r)) for r in results], ensure_ascii=False) + "\n")
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


def add(
    id: Annotated[str, typer.Argument(help="Short name, as in efecto-cocuyo.")],
    feed: Annotated[list[str], typer.Option("--feed", help="Feed address (may be repeated).")],
    name: Annotated[str, typer.Option("--name")],
    country: Annotated[str, typer.Option("--country", help="VE, ES, US or another two-letter code.")],
    homepage: Annotated[str, typer.Option("--homepage")],
    language: Annotated[list[str] | None, typer.Option("--language", help="es, en, ca … (default es).")] = None,
    media_type: Annotated[str, typer.Option("--media-type")] = "digital",
    ownership: Annotated[str, typer.Option("--ownership")] = "private",
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


def import_opml_file(
    file: Annotated[Path, typer.Argument(help="An OPML file, as feed readers write it.")],
    country: Annotated[str, typer.Option("--country", help="Country of outlets that the file does not place.")],
    language: Annotated[list[str] | None, typer.Option("--language")] = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Add the outlets of an OPML file to your own --config folder."""
    from pipeline.opml import Defaults, import_opml
    from pipeline.source_edit import add_sources

    with errors_in_words():
        if not file.is_file():
            fail(f"{file}: no such file.", 2)
        catalogue = _catalogue(home, config, None, None)
        report = import_opml(file.read_bytes(), catalogue, Defaults(country, tuple(language or ("es",))))
        if report.sources:
            added = add_sources(config, report.sources)
            _say_added(added.files, added.copied)
        out = console()
        out.print(
            f"{len(report.sources)} sources added, {report.rejected_count} of {report.outlines} outlines not taken."
        )
        for no in report.rejected[:20]:
            out.print(f"  {no.url or file}: {no.reason}: {no.detail}", markup=False, highlight=False)
        raise typer.Exit(0 if report.sources or not report.rejected_count else 1)


def export_opml_file(home: Home = None, config: Config = None, source: Only = None, country: Country = None) -> None:
    """Write the catalogue as OPML to standard output."""
    from pipeline.opml import export_opml

    with errors_in_words():
        sys.stdout.write(export_opml(_catalogue(home, config, source, country)))


def translate_status(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Texts by language and state, and the engines of this machine."""
    from pipeline.settings import load_settings
    from pipeline.status import print_status, read_status
    from pipeline.translate.engine import find_engines

    with errors_in_words():
        settings = load_settings(home, config)
        found = read_status(settings, ("translations",))
        if as_json:
            sys.stdout.write(found.as_json() + "\n")
            return
        out = console()
        print_status(out, found)
        engines, missing = find_engines(settings.translate)
        for engine in engines:
            out.print(f"{engine.name}: ready ({engine.version})", highlight=False, markup=False)
        for gap in missing:
            out.print(f"{gap.name}: {gap.why}. To mend: {gap.mend}", highlight=False, markup=False, soft_wrap=True)
