"""The world of the replay: outlets whose feeds were recorded, and outlets whose pages were.

Recorded feeds are served byte for byte. The pages they link were not recorded, so their hosts answer 404. Feeds that
link the real pages are generated here, in memory: title, link and date as an outlet's feed would give them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.newsroom.server import Response, Site
from pipeline.settings import Settings, load_settings
from pipeline.sources import Catalogue, parse_sources
from tests.eval._gold import GoldPage, read_gold

PAGE_COUNT = 60
_LEFT_OUT = frozenset({"24ora.com-internationalschol.html"})  # in Papiamento, though its page says English
_PAGE_SETS = ("extract-fundus-tests", "extract-trafilatura", "extract-fundus-evaluation")
_COUNTRIES = {
    "elconfidencial.com": "ES", "libertaddigital.com": "ES", "lavanguardia.com": "ES", "elpais.com": "ES",
    "as.com": "ES", "expansion.com": "ES", "elperiodicoextremadura.com": "ES", "theguardian.com": "GB",
    "bbc.com": "GB", "economist.com": "GB", "elnacional.com": "VE", "elespectador.com": "CO", "ambito.com": "AR",
    "minuto30.com": "CO", "mexiconewsdaily.com": "MX", "unocero.com": "MX",
}  # fmt: skip
"""Countries of outlets whose host does not end in their country's code; any other is taken as of the US."""
_LANGUAGES = {"GB": "en", "US": "en", "KR": "en", "JP": "en", "SE": "en"}  # other countries: es
_TIMEZONES = {"ES": "Europe/Madrid", "VE": "America/Caracas", "US": "America/New_York", "KR": "Asia/Seoul"}
_LINKS = (re.compile(rb"<link[^>]*>\s*(https?://[^\s<]+)"), re.compile(rb"(?:href|link-url)=\"(https?://[^\s<\"]+)"))
_HOST = re.compile(rb"https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", re.IGNORECASE)
_OG_TITLE = re.compile(r"<meta[^>]+property=[\"']og:title[\"'][^>]*content=(?:\"([^\"]+)\"|'([^']+)')", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]+)</title>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One source of the replay. ``feeds`` maps address to bytes, recorded ones first."""

    source_id: str
    host: str
    country: str
    feeds: Mapping[str, bytes]

    @property
    def language(self) -> str:
        """The language the outlet mostly writes in."""
        return _LANGUAGES.get(self.country, "es")

    def declaration(self) -> str:
        """Return the outlet as a declaration for ``config/sources``."""
        lines = [
            "[[source]]",
            f'id = "{self.source_id}"',
            f'name = "{self.host}"',
            f'country = "{self.country}"',
            f'languages = ["{self.language}"]',
            f'homepage = "https://{self.host}/"',
            'media_type = "digital"',
            'ownership = "private"',
            f'timezone = "{_TIMEZONES.get(self.country, "UTC")}"',
            f"feeds = {json.dumps(list(self.feeds))}",
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class World:
    """Outlets, and the real pages by their address. ``recorded`` are the addresses of the recorded feeds."""

    outlets: tuple[Outlet, ...]
    pages: Mapping[str, GoldPage]
    recorded: tuple[str, ...] = field(default=())

    def only(self, source_ids: Iterable[str]) -> World:
        """Return the part of the world that belongs to these sources."""
        wanted = frozenset(source_ids)
        outlets = tuple(o for o in self.outlets if o.source_id in wanted)
        hosts = {plain_host(o.host) for o in outlets}
        feeds = {url for o in outlets for url in o.feeds}
        pages = {u: p for u, p in self.pages.items() if plain_host(_host(u)) in hosts}
        return World(outlets, pages, tuple(u for u in self.recorded if u in feeds))

    def feeds(self) -> dict[str, bytes]:
        """Return all feeds by address."""
        return {url: body for outlet in self.outlets for url, body in outlet.feeds.items()}

    def sites(self) -> list[Site]:
        """Return what to serve: feeds, pages, and a 404 for everything else on any host that a feed names."""
        served: dict[str, dict[str, Response]] = {}
        for url, body in self.feeds().items():
            served.setdefault(_host(url), {})[_target(url)] = Response(200, body, {"Content-Type": "application/xml"})
            for name in _HOST.findall(body):
                served.setdefault(name.decode("ascii").lower(), {})
        for url, page in self.pages.items():
            answer = Response(200, page.body, {"Content-Type": "text/html"})
            served.setdefault(_host(url), {})[_target(url)] = answer
        return [Site(host, pages) for host, pages in sorted(served.items())]

    def sources_toml(self) -> str:
        """Return the declarations of all outlets."""
        return "\n".join(o.declaration() for o in self.outlets)

    def catalogue(self) -> Catalogue:
        """Return the catalogue of all outlets."""
        return parse_sources({"replay.toml": self.sources_toml()})

    def write_config(self, folder: Path, hosts: Mapping[str, str]) -> Path:
        """Write a folder for ``--config``: the sources, and where their hosts are. Returns it."""
        (folder / "sources").mkdir(parents=True)
        (folder / "sources" / "replay.toml").write_text(self.sources_toml(), "utf-8")
        lines = [f'"{host}" = "{place}"' for host, place in sorted(hosts.items())]
        (folder / "settings.toml").write_text("\n".join(["[fetch.resolve]", *lines]) + "\n", "utf-8")
        return folder


def replay_settings(
    home: Path,
    hosts: Mapping[str, str],
    *,
    engines: tuple[str, ...] | None = None,
    config: Path | None = None,
    **fetch: object,
) -> Settings:
    """Return settings that find all hosts on loopback. ``engines`` () leaves the translation out, None takes the usual.

    ``fetch`` are further settings of that section.
    """
    sections: dict[str, object] = {"fetch": {"resolve": dict(hosts), "allow_private_network": True, **fetch}}
    if engines is not None:
        sections["translate"] = {"engines": engines}
    return load_settings(home, config, **sections)


def build_world(corpora: Path) -> World:
    """Return the whole world: every recorded feed and PAGE_COUNT real pages."""
    feeds: dict[str, dict[str, bytes]] = {}
    recorded = []
    for path in recorded_files(corpora):
        body = path.read_bytes()
        host = _home_host(body)
        url = f"https://{host}/recorded/{path.name}"
        feeds.setdefault(plain_host(host), {})[url] = body
        recorded.append(url)
    pages = {p.url: p for p in choose_pages(corpora)}
    by_host: dict[str, list[GoldPage]] = {}
    for page in pages.values():
        by_host.setdefault(plain_host(_host(page.url)), []).append(page)
    for plain, of_host in by_host.items():
        host = _host(of_host[0].url)
        feeds.setdefault(plain, {})[f"https://{host}/replay/pages.xml"] = make_feed(host, of_host)
    return World(tuple(map(_outlet, *zip(*sorted(feeds.items()), strict=True))), pages, tuple(recorded))


def _outlet(plain: str, feeds: Mapping[str, bytes]) -> Outlet:
    country = _COUNTRIES.get(plain)
    if country is None:
        ending = plain.rpartition(".")[2].upper()
        country = {"UK": "GB"}.get(ending, ending if len(ending) == 2 else "US")
    return Outlet(re.sub(r"[^a-z0-9]+", "-", plain), _host(next(iter(feeds))), country, feeds)


def recorded_files(corpora: Path) -> list[Path]:
    """Return the recorded feeds, those of odd formats included."""
    return sorted(p for p in (corpora / "feeds-recorded-news").glob("*/*") if p.suffix in (".xml", ".rss"))


def choose_pages(corpora: Path) -> list[GoldPage]:
    """Return PAGE_COUNT pages with a real address, always the same ones.

    First all in Spanish and all of the richest set, then those in English of the two others by turns. Pages that were
    recorded without their address, or are in neither language, are left out.
    """
    fundus, trafilatura, evaluation = (
        [p for p in _with_address(corpora / name) if p.lang in ("es", "en")] for name in _PAGE_SETS
    )
    first = [*fundus, *(p for p in trafilatura if p.lang == "es")]
    english = [p for p in trafilatura if p.lang == "en"]
    # one page of each publisher before a second of any
    spread = sorted(evaluation, key=lambda p: (p.key.rpartition("_")[2], p.key))
    turns = [p for pair in zip(english, spread, strict=False) for p in pair]
    chosen: dict[str, GoldPage] = {}
    for page in [*first, *turns]:
        if len(chosen) < PAGE_COUNT:
            chosen.setdefault(page.url, page)
    return list(chosen.values())


def _with_address(folder: Path) -> Iterator[GoldPage]:
    nameless = set(_LEFT_OUT)
    if (folder / "gold.json").is_file():
        gold = json.loads((folder / "gold.json").read_text("utf-8"))
        nameless |= {item["file"] for key, item in gold.items() if not key.startswith("http")}
    yield from (p for p in read_gold(folder) if p.key not in nameless)


def make_feed(host: str, pages: Iterable[GoldPage]) -> bytes:
    """Return an RSS feed that links ``pages``, with the titles and dates that are known of them."""
    items = []
    for page in pages:
        parts = [f"<title>{html.escape(page_title(page))}</title>", f"<link>{html.escape(page.url)}</link>"]
        parts.append(f'<guid isPermaLink="true">{html.escape(page.url)}</guid>')
        if page.published is not None and len(page.published) > len("2020-01-01"):
            parts.append(f"<pubDate>{_rss_date(page.published)}</pubDate>")
        items.append(f"<item>{''.join(parts)}</item>")
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{html.escape(host)}</title><link>https://{host}/</link>{''.join(items)}</channel></rss>"
    )
    return text.encode()


def page_title(page: GoldPage) -> str:
    """Return the title a feed would give: the gold one, else what the page tells other sites."""
    if page.title:
        return page.title
    text = page.body.decode("utf-8", "replace")
    found = _OG_TITLE.search(text) or _TITLE.search(text)
    return html.unescape(next((g for g in found.groups() if g), "")).strip() if found else ""


def _rss_date(iso: str) -> str:
    when = datetime.fromisoformat(iso)
    return format_datetime(when if when.tzinfo else when.replace(tzinfo=UTC))


def _home_host(feed: bytes) -> str:
    for pattern in _LINKS:
        found = pattern.search(feed)
        if found is not None:
            return _host(found.group(1).decode("ascii")).replace("rss.", "www.")
    raise ValueError("a recorded feed without any link: whose is it?")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def plain_host(host: str) -> str:
    """Return the host without ``www.``: one outlet is one source."""
    return host.removeprefix("www.")


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
