"""Make a morning's digest: read, render, keep what was said, send it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.digest import CARACAS, MorningDigest, read_digest, records_of
from pipeline.digest_page import render_html, render_markdown, shown_day
from pipeline.notify import Delivery, send
from pipeline.renew import renew_snapshot
from pipeline.runs import opener, publish_snapshot
from pipeline.settings import Settings
from storage.records import Digest, DigestItem


@dataclass(frozen=True, slots=True)
class DigestResult:
    """What was made and where it is. ``delivery`` is None when nothing was to be sent."""

    digest: MorningDigest
    html: Path
    markdown: Path
    delivery: Delivery | None
    sent_before: bool


def make_digest(
    settings: Settings,
    clock: Callable[[], datetime],
    morning: date | None = None,
    *,
    deliver: bool = False,
    again: bool = False,
) -> DigestResult:
    """Write the digest of ``morning`` (by default today's in Caracas) to ``reports/digests`` and keep what it said.

    With ``deliver`` it goes to the addresses of ``[digest] urls``, unless it went there before and ``again`` is not
    given. Raises QueryError without a snapshot, LockBusy or StorageError.
    """
    renew_snapshot(settings)
    now = clock()
    day = morning or now.astimezone(CARACAS).date()
    digest = read_digest(settings.home, day, settings.digest, now, settings.publish.query_timeout_s)
    html, markdown = render_html(digest), render_markdown(digest)
    folder = settings.home / "reports" / "digests"
    folder.mkdir(parents=True, exist_ok=True)
    stem = digest.digest_id.replace("/", "-")
    paths = folder / f"{stem}.html", folder / f"{stem}.md"
    for path, text in zip(paths, (html, markdown), strict=True):
        building = path.with_name(f".{path.name}.tmp")
        building.write_text(text, encoding="utf-8")
        building.replace(path)
    open_store = opener(settings, "digest")
    with open_store() as store:
        held = store.read(Digest, "digest_id = ?", [digest.digest_id])
    sent_at = held[0].sent_at if held else None
    sent_before = sent_at is not None
    delivery = None
    if deliver and (again or not sent_before):
        title = f"{digest.beat.capitalize()}, {shown_day(day)}"
        title += " (incomplete)" if digest.state == "incomplete" else " (late)" if digest.late else ""
        delivery = send(settings.digest.urls, title, _letter(markdown), html_file=paths[0])
        if delivery.sent:
            sent_at = clock()
    made, items = records_of(digest, sent_at)
    with open_store() as store, store.transaction():
        store.merge([made])
        store.replace(DigestItem, "digest_id", [digest.digest_id], items)
    publish_snapshot(settings)
    return DigestResult(digest, *paths, delivery, sent_before)


def _letter(markdown: str) -> str:
    """Return the digest as a message: without the statements, which the file that goes with it has."""
    return markdown.split("\n## Where each number comes from", maxsplit=1)[0]
