"""The analyst's commands: `query`, `search`, `export`."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from pipeline.cli_common import (
    Config,
    Country,
    Home,
    Json,
    Only,
    console,
    end_at_once,
    fail,
    reading_ends_with_ctrl_c,
    settings_of,
)

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console
    from rich.text import Text

    from pipeline.search import SearchPage
    from pipeline.search_words import Part


def query(
    sql: Annotated[
        str | None, typer.Argument(help="One read-only SQL statement; - reads it from standard input.")
    ] = None,
    home: Home = None,
    config: Config = None,
    format: Annotated[str, typer.Option("--format", help="table, json (an array of objects) or csv.")] = "table",
    name: Annotated[str, typer.Option("--name", help="A stored question, by its name.")] = "",
    list_all: Annotated[bool, typer.Option("--list", help="List the stored questions.")] = False,
    show: Annotated[bool, typer.Option("--sql", help="With --name: print the statement, do not run it.")] = False,
) -> None:
    """Read-only SQL on the published snapshot."""
    from pipeline.output import FORMATS, write_rows
    from storage.query import open_reading, stored_question, stored_questions

    if format not in FORMATS:
        fail(f"--format {format}: choose from {', '.join(FORMATS)}.", 2)
    if ((sql is not None) + bool(name) + list_all) != 1 or (show and not name):
        fail("give one of: a statement, --name NAME (with --sql to print it), --list.", 2)
    with reading_ends_with_ctrl_c():
        if list_all:
            rows = [(q.name, q.question) for q in stored_questions()]
            write_rows(("name", "question"), rows, format, sys.stdout, console())
            return
        text = stored_question(name).sql if name else sys.stdin.read() if sql == "-" else sql or ""
        if show:
            sys.stdout.write(text)
            return
        settings = settings_of(home, config)
        limits = settings.publish
        with open_reading(settings.home, limits.query_timeout_s, limits.query_memory_mb, end_at_once) as reading:
            columns, batches = reading.stream(text)
            write_rows(columns, (row for batch in batches for row in batch), format, sys.stdout, console())


class SearchCommand(TyperCommand):
    """`search`, with words for those whose search begins with a minus: it would be read as an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of the command line; ends the program with a hint where a word to leave out comes first."""
        free = args[: args.index("--")] if "--" in args else args
        minus = next((a for a in free if re.match(r"-[^\W\d_]|-[\"“«]", a)), None)
        if minus is not None:
            rest = " ".join(shlex.quote(a) for a in args if a != minus)
            sample = f"./atalaya search {rest} -- {shlex.quote(minus)}".replace("  ", " ")
            fail(
                f"{minus} begins with a minus and is read as an option. After -- it is a search: {sample}. A minus "
                "leaves a word out, so a word to look for or a filter is needed beside it.",
                2,
            )
        return super().parse_args(ctx, args)


def search(
    words: Annotated[str, typer.Argument(help='Words, "words in a row", -without, this OR that, begin*.')] = "",
    home: Home = None,
    config: Config = None,
    source: Only = None,
    country: Country = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="Only this topic and those below it: code or name (repeatable).")
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option("--lang", help="Only originals in this language (may be repeated).")
    ] = None,
    beat: Annotated[list[str] | None, typer.Option("--beat", help="Only this beat (may be repeated).")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Published since: 7d or 12h before the newest, or 2026-01-08.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Published until the end of this day, or 2d.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Newest first, not best first.")] = False,
    limit: Annotated[int, typer.Option("--limit", help="At most so many hits, 1 to 1000.")] = 20,
    offset: Annotated[int, typer.Option("--offset", help="Leave out so many hits before.")] = 0,
    show: Annotated[bool, typer.Option("--sql", help="Print the SQL that gives these hits.")] = False,
    as_json: Json = False,
) -> None:
    """Full-text search over originals and English."""
    from pipeline.search import SearchQuery, moment
    from pipeline.search import search as find

    with reading_ends_with_ctrl_c():
        settings = settings_of(home, config)
        asked = SearchQuery(
            words=words,
            sources=tuple(source or ()),
            countries=tuple(country or ()),
            languages=tuple(lang or ()),
            topics=tuple(topic or ()),
            beats=tuple(beat or ()),
            since=moment(since),
            until=moment(until, end=True),
            order="newest" if newest else "relevance",
            limit=limit,
            offset=offset,
        )
        page = find(settings.home, asked, settings.publish.query_timeout_s)
        if show:
            sys.stdout.write(page.as_sql)
        elif as_json:
            sys.stdout.write(_page_json(page))
        else:
            _print_page(page, offset, console())


def _page_json(page: SearchPage) -> str:
    import json
    from dataclasses import asdict

    from pipeline.output import plain

    hits = []
    for hit in page.hits:
        fields = {k: v for k, v in asdict(hit).items() if k not in {"title_parts", "snippet"}}
        hits.append({**fields, "snippet": "".join(p.text for p in hit.snippet)})
    whole = {"total": page.total, "data_through": page.data_through, "notes": page.notes, "hits": hits}
    return json.dumps(plain(whole), ensure_ascii=False, allow_nan=False) + "\n"


def _print_page(page: SearchPage, offset: int, out: Console) -> None:
    from rich.padding import Padding

    from pipeline.output import counted, shown
    from pipeline.search import CARACAS

    for number, hit in enumerate(page.hits, offset + 1):
        title = _marked(hit.title_parts)
        title.stylize("bold")
        out.print(title)
        when = f"{hit.published_at.astimezone(CARACAS):%Y-%m-%d %H:%M}"
        when = when[:10] if hit.published_precision == "day" else when
        agency = f", text of {hit.agency}" if hit.agency else ""
        facts = (
            f"{number}. {hit.source_name} ({hit.country}, {hit.lang}{agency}) {when}, story {hit.story_id or 'none'}"
        )
        for line in (shown(facts), _marked(hit.snippet), shown(hit.url)):
            out.print(Padding(line, (0, 0, 0, 4), expand=False), markup=False, highlight=False)
    through = (
        f", data through {page.data_through.astimezone(CARACAS):%Y-%m-%d %H:%M} Caracas" if page.data_through else ""
    )
    left = f", {len(page.hits)} shown" if len(page.hits) < page.total else ""
    out.print(f"{counted(page.total, 'article')} found{left}{through}.", highlight=False)
    for note in page.notes:
        out.print(note, markup=False, highlight=False)


def _marked(parts: tuple[Part, ...]) -> Text:
    from rich.text import Text

    from pipeline.output import shown

    text = Text()
    for part in parts:
        text.append(shown(part.text), style="reverse" if part.hit else "")
    return text


def export(
    home: Home = None,
    config: Config = None,
    to: Annotated[Path | None, typer.Option("--to", help="Folder to write (with --story: a file).")] = None,
    format: Annotated[str, typer.Option("--format", help="parquet (articles by day) or csv.")] = "parquet",
    since: Annotated[str | None, typer.Option("--since", help="First day (Caracas), e.g. 2026-01-08.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last day (Caracas).")] = None,
    story: Annotated[str, typer.Option("--story", help="Only this story, as JSON: its story_id.")] = "",
) -> None:
    """The snapshot as Parquet or CSV, or a story as JSON."""
    from pipeline.export import FORMATS, export_tables, story_json, write_whole
    from pipeline.output import counted

    if format not in FORMATS:
        fail(f"--format {format}: choose from {', '.join(FORMATS)}.", 2)
    if story and (since or until):
        fail("--story: a story is exported whole, without --since and --until.", 2)
    if story and to is not None and to.is_dir():
        file = to / (re.sub(r"[^0-9A-Za-z_-]", "_", story)[:60] + ".json")
        fail(f"--to {to} is a folder, and a story goes into a file. Name it: --to {shlex.quote(str(file))}", 2)
    with reading_ends_with_ctrl_c():
        settings = settings_of(home, config)
        if story:
            text = story_json(settings.home, story)
            if to is None:
                sys.stdout.write(text)
            else:
                write_whole(to, text)
            return
        if to is None:
            fail("--to DIR: name the folder to write.", 2)
            return
        done = export_tables(settings.home, to, format, _day("--since", since), _day("--until", until))
        for table, count in done.rows.items():
            sys.stdout.write(f"{table}: {counted(count, 'row')}\n")
        sys.stdout.write(f"Written to {done.folder} ({done.bytes / 1e6:.1f} MB); provenance.json says what it is.\n")


def _day(option: str, words: str | None) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        fail(f"{option} {words}: write a day such as 2026-01-08.", 2)
        return None
