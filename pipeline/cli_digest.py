"""The commands `digest` and `watch`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli_common import Config, Home, Json, console, errors_in_words, fail, settings_of

if TYPE_CHECKING:
    from pipeline.settings import Settings


def digest(
    home: Home = None,
    config: Config = None,
    date: Annotated[
        str | None, typer.Option("--date", help="Its morning, e.g. 2026-01-09 (default: today in Caracas).")
    ] = None,
    beat: Annotated[str | None, typer.Option("--beat", help="Its beat (default: [digest] beat).")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send it to [digest] urls, once a morning.")] = False,
    again: Annotated[bool, typer.Option("--again", help="With --send: also if it was sent before.")] = False,
    as_json: Json = False,
) -> None:
    """The morning's digest as one HTML and one Markdown file."""
    from datetime import date as day
    from datetime import timedelta

    from pipeline.digest_run import make_digest
    from pipeline.output import counted
    from pipeline.runs import utc_now

    with errors_in_words():
        settings = settings_of(home, config)
        try:
            morning = day.fromisoformat(date) if date else None
        except ValueError:
            fail(f"--date {date}: write a date such as 2026-01-09.", 2)
        if morning is not None and not day(2000, 1, 1) <= morning <= utc_now().date() + timedelta(days=1):
            fail(f"--date {date}: a digest is for a morning from 2000-01-01 to tomorrow.", 2)
        if beat:
            settings = settings.model_copy(update={"digest": settings.digest.model_copy(update={"beat": beat})})
        if send and not settings.digest.urls:
            fail("--send: no address to send to. Put apprise addresses into urls of [digest] in settings.toml.", 2)
        _refuse_beat(settings.digest.beat, settings)
        made = make_digest(settings, utc_now, morning, deliver=send, again=again)
    found = made.digest
    failed = made.delivery.failed if made.delivery else ()
    if as_json:
        line = {
            "digest_id": found.digest_id,
            "state": found.state,
            "note": found.note,
            "stories": len(found.stories),
            "sources_down": [d.source_id for d in found.down],
            "html": str(made.html),
            "markdown": str(made.markdown),
            "sent": made.delivery.sent if made.delivery else 0,
            "sent_before": made.sent_before,
            "failed": list(failed),
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    else:
        out = console()
        state = found.state + (f" ({found.note})" if found.note else "")
        told = counted(len(found.stories), "story", "stories") if found.stories else "no story of the beat"
        out.print(f"Digest of {found.digest_id}: {told}, {state}.", markup=False, highlight=False)
        if not found.stories and found.last_morning is not None and found.last_morning != found.morning:
            hint = f"The last morning with a story of this beat: --date {found.last_morning}"
            out.print(hint, markup=False, highlight=False)
        for path in (made.html, made.markdown):
            out.print(str(path), markup=False, highlight=False, soft_wrap=True)
        if made.delivery:
            out.print(f"Sent to {made.delivery.sent} of {len(settings.digest.urls)}.", markup=False, highlight=False)
        elif send:
            out.print("It was sent before; --again sends it once more.", markup=False, highlight=False)
    if failed:
        fail(
            f"not delivered: {', '.join(failed)}. The digest itself is written; check the address and --send again.", 1
        )


def _refuse_beat(beat: str, settings: Settings) -> None:
    from pipeline.beats import load_beats
    from pipeline.settings import config_file

    known = [b.beat_id for b in load_beats(config_file(settings, "beats.toml")).beats]
    if beat not in known:
        fail(f"no beat is called {beat!r}: beats.toml has {', '.join(known)}.", 2)


def watch(
    watch_id: Annotated[
        str | None, typer.Argument(help="Show what this watch found; without one, all watches.")
    ] = None,
    home: Home = None,
    config: Config = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only articles published since: 7d or 2026-01-08.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many matches.")] = 50,
    as_json: Json = False,
) -> None:
    """The standing queries and what they found."""
    from pipeline.output import plain, write_rows
    from pipeline.reprocess import parse_since
    from pipeline.watch_feeds import list_watches, matches_of
    from pipeline.watches import watches_of

    with errors_in_words():
        settings = settings_of(home, config)
        declared = {s.watch_id for s in watches_of(settings).specs}
        timeout = settings.publish.query_timeout_s
        held = list_watches(settings.home, timeout)
        if watch_id is None:
            rows = [(w.watch_id, w.name, w.texts, w.articles, w.newest, w.definition) for w in held]
            columns = ("watch", "name", "texts", "articles", "newest", "asks for")
            if as_json:
                sys.stdout.write(json.dumps([plain(w) for w in held], ensure_ascii=False) + "\n")
                return
            write_rows(columns, rows, "table", sys.stdout, console())
            waiting = sorted(declared - {w.watch_id for w in held})
            if waiting:
                words = f"Declared and not matched yet: {', '.join(waiting)}. ./atalaya reprocess watches matches them."
                console().print(words, markup=False, highlight=False, soft_wrap=True)
            return
        if watch_id not in {w.watch_id for w in held}:
            known = ", ".join(w.watch_id for w in held) or "none yet"
            fail(f"no watch is called {watch_id!r}. Matched so far: {known}.", 2)
        found = matches_of(settings.home, watch_id, timeout, parse_since(since), limit)
    if as_json:
        sys.stdout.write(json.dumps([plain(m) for m in found], ensure_ascii=False) + "\n")
        return
    out = console()
    lines = [(m.published_at, m.source_id, m.title, m.title_en, m.article_count, ", ".join(m.evidence)) for m in found]
    write_rows(("published", "source", "title", "in English", "articles", "met"), lines, "table", sys.stdout, out)
