"""From articles to what a server answers: pages by each outlet's own template, feeds, robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from pipeline.newsroom.content import HERE, SUBHEADING, ExtraEntry, Newsroom, Outlet, OutletFeed, Piece, in_feed
from pipeline.newsroom.server import Response, Site

if TYPE_CHECKING:
    from jinja2 import Environment

WEEKDAYS_ES = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")
MONTHS_ES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
MONTHS_ES_LONG = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip


def feed_date(moment: datetime, outlet: Outlet, style: str) -> str:
    """Write a date the way a feed does; local times are those of the outlet."""
    local = moment.astimezone(outlet.timezone)
    if style == "spanish":
        return f"{WEEKDAYS_ES[local.weekday()]}, {local:%d} {MONTHS_ES[local.month - 1]} {local:%Y %H:%M:%S %z}"
    if style == "vet":
        return f"{local:%a, %d %b %Y %H:%M:%S} VET"
    if style == "naive":
        return f"{local:%Y-%m-%d %H:%M:%S}"
    if style == "day":
        return f"{local:%Y-%m-%d}"
    if style == "iso":
        return local.isoformat()
    return format_datetime(local)


def spanish_date(moment: datetime, outlet: Outlet) -> str:
    """Write a date in words as Spanish-language pages show it, e.g. ``8 de enero de 2026, 12:40``."""
    local = moment.astimezone(outlet.timezone)
    return f"{local.day} de {MONTHS_ES_LONG[local.month - 1]} de {local:%Y, %H:%M}"


def environment() -> Environment:
    """Return the template environment: everything escaped, a missing name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def build_sites(newsroom: Newsroom, round: int) -> tuple[Site, ...]:
    """Return what every host answers at ``round``. The same data give the same bytes."""
    env = environment()
    pieces = newsroom.pieces(round)
    return tuple(
        _site(newsroom, outlet, tuple(p for p in pieces if p.outlet == outlet.source_id), env)
        for outlet in newsroom.outlets
    )


def _site(newsroom: Newsroom, outlet: Outlet, own: tuple[Piece, ...], env: Environment) -> Site:
    if outlet.down:
        return Site(outlet.host, down=True)
    pages = {"/robots.txt": Response(200, robots(outlet).encode(), {"Content-Type": "text/plain; charset=utf-8"})}
    for feed in outlet.feeds:
        extras = tuple(x for x in newsroom.extras if x.feed_url == outlet.base + feed.path)
        pages[feed.path] = feed_response(outlet, feed, tuple(p for p in own if in_feed(feed, p)), extras, env)
    for position, piece in enumerate(own):
        others = own[position + 1 :] + own[:position]
        pages[piece.path] = page_response(outlet, piece, others[:4], env)
    return Site(outlet.host, pages)


def robots(outlet: Outlet) -> str:
    """Return the outlet's robots.txt."""
    rules = [f"Disallow: {path}" for path in outlet.disallow] or ["Disallow:"]
    return "\n".join(["User-agent: *", *rules, ""])


def context(outlet: Outlet, piece: Piece, others: tuple[Piece, ...]) -> dict[str, Any]:
    """Return what a page template may use."""
    return {
        "outlet": outlet,
        "a": piece,
        "url": outlet.base + piece.path,
        "blocks": [("h2" if p.startswith(SUBHEADING) else "p", p.removeprefix(SUBHEADING)) for p in piece.paragraphs],
        "related": [(outlet.base + o.path, o.title) for o in others],
        "iso": piece.published.astimezone(outlet.timezone).isoformat(),
        "iso_modified": (piece.modified or piece.published).astimezone(outlet.timezone).isoformat(),
        "date_es": spanish_date(piece.published, outlet),
        "local": piece.published.astimezone(outlet.timezone),
        "walled": piece.page == "wall",
    }


def page_response(outlet: Outlet, piece: Piece, others: tuple[Piece, ...], env: Environment) -> Response:
    """Return the answer at an article's address: its page, a wall, a PDF or nothing."""
    if piece.page == "missing":
        return Response(404, b"<html><body><h1>404</h1></body></html>", {"Content-Type": "text/html"})
    if piece.page == "pdf":
        return Response(200, pdf(piece.title), {"Content-Type": "application/pdf"})
    html = env.get_template(f"{outlet.template}.html.j2").render(context(outlet, piece, others))
    content_type = "text/html" if outlet.template == "tricolor" else f"text/html; charset={outlet.charset}"
    changed = (piece.modified or piece.published).astimezone(UTC)
    headers = {"Content-Type": content_type, "Last-Modified": format_datetime(changed, usegmt=True)}
    return Response(200, html.encode(outlet.charset, "xmlcharrefreplace"), headers)


def feed_response(
    outlet: Outlet, feed: OutletFeed, own: tuple[Piece, ...], extras: tuple[ExtraEntry, ...], env: Environment
) -> Response:
    """Return the feed at its address, newest first, broken items last; a truncated one ends in mid-tag."""
    changed = max((p.modified or p.published for p in own), default=datetime(2026, 1, 6, tzinfo=UTC))
    items = [
        {
            "title": p.title,
            "link": outlet.base + p.path + feed.link_suffix,
            "guid": f"{outlet.host}:{p.key}",
            "summary": p.summary,
            "authors": p.authors,
            "section": p.section,
            "date": p.feed_date or feed_date(p.published, outlet, feed.dates),
            "updated": feed_date(p.modified or p.published, outlet, "iso"),
            "content": [(q.removeprefix(SUBHEADING)) for q in p.paragraphs] if feed.full_content else [],
        }
        for p in own
    ] + [
        {
            "title": x.title,
            "link": x.link,
            "guid": x.guid,
            "summary": x.summary,
            "authors": (),
            "section": "",
            "date": feed_date(x.published.replace(tzinfo=x.published.tzinfo or outlet.timezone), outlet, feed.dates),
            "updated": "",
            "content": [],
        }
        for x in extras
    ]
    text = env.get_template(f"feed.{feed.format}.j2").render(
        outlet=outlet,
        feed=feed,
        items=items,
        changed=feed_date(changed, outlet, feed.dates),
        url=outlet.base + feed.path,
    )
    if feed.truncated and items:
        text = text[: text.rindex("</item>") + len("</item>")] + "\n    <ite"
    kind = "atom" if feed.format == "atom" else "rss"
    headers = {
        "Content-Type": f"application/{kind}+xml; charset={feed.charset}",
        "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True),
    }
    return Response(200, text.encode(feed.charset, "xmlcharrefreplace"), headers)


def pdf(title: str) -> bytes:
    """Return a one-page PDF that shows ``title``; just enough to be one."""
    shown = title.encode("latin-1", "replace").replace(b"(", b"[").replace(b")", b"]")
    stream = b"BT /F1 18 Tf 72 720 Td (" + shown + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % o for o in offsets)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + tail
