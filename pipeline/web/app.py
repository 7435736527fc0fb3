"""The application: addresses to views. The only module that knows FastAPI; requests are answered in threads."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.beats import BeatError, load_beats
from pipeline.settings import Settings, config_file
from pipeline.web import rows, views, views_reports, views_stories
from pipeline.web.asked import (
    LANGUAGES,
    Asked,
    BadRequest,
    Moved,
    NoPage,
    NotThere,
    check_id,
    preferred_language,
    read_request,
)
from pipeline.web.desk import Desk, open_desk
from pipeline.web.files import report_file
from pipeline.web.guard import Guard
from pipeline.web.plots import Plots
from pipeline.web.render import STATIC, render, shown_sql, static_address
from pipeline.web.view import View
from pipeline.web.words import Words
from storage.errors import QueryError
from storage.held import HeldSnapshot, snapshot_stamp

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

PlainView = Callable[[Desk, Asked, Words], View]
KeyedView = Callable[[Desk, Asked, Words, str], View]

KEYED: dict[str, KeyedView] = {
    "/stories/{key}": views_stories.story,
    "/articles/{key}": views.article,
    "/topics/{key}": views.topic,
    "/sources/{key}": views.source,
    "/watches/{key}": views_reports.watch,
}
PLAIN: dict[str, PlainView] = {
    "/": views_stories.day,
    "/matrix": views_stories.day_matrix,
    "/search": views.search,
    "/topics": views.topics,
    "/sources": views.sources,
    "/watches": views_reports.watches,
    "/digests": views_reports.digests,
    "/drops": views.drops,
    "/guide": views.guide,
}
_MEDIA = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_LIVING = "private, no-cache"
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Site:
    """What answers share: the home and its snapshot, how long a question may take, beats by name, plots."""

    home: Path
    timeout_s: float
    beats: dict[str, dict[str, str]]
    plots: Plots
    snapshot: HeldSnapshot
    turns: threading.BoundedSemaphore
    """So many questions at once: more would only share the same cores, and memory."""


def create_app(settings: Settings, hosts: Iterable[str] = (), timeout_s: float = 10.0) -> Guard:
    """Return the page over the snapshot of ``settings.home`` as an ASGI application."""
    from fastapi import FastAPI

    app = FastAPI(title="Atalaya", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    snapshot, turns = HeldSnapshot(settings.home), threading.BoundedSemaphore(4)
    site = Site(settings.home, timeout_s, _beat_names(settings), Plots(), snapshot, turns)
    _add_routes(app, site)
    return Guard(app, hosts)


def _beat_names(settings: Settings) -> dict[str, dict[str, str]]:
    try:
        beats = load_beats(config_file(settings, "beats.toml")).beats
    except BeatError:
        return {}  # reading needs no declarations: beats then go by their ids
    return {b.beat_id: {"en": b.name_en, "es": b.name_es} for b in beats}


def _add_routes(app: FastAPI, site: Site) -> None:
    """Add all addresses. Endpoints are plain functions: each request is answered in a thread of its own."""
    from fastapi import Response

    def without_language(request: Request) -> Response:
        lang = preferred_language(request.headers.get("accept-language", ""))
        target = f"/{lang}{quote(request.scope['path'], safe='/:')}"
        target += f"?{request.url.query}" if request.url.query else ""
        return Response(status_code=302, headers={"location": target, "vary": "accept-language"})

    def bare(request: Request) -> Response:
        lang = request.path_params["lang"]
        return Response(status_code=308, headers={"location": f"/{lang}/"}) if lang in LANGUAGES else _lost()

    def static(request: Request) -> Response:
        file = STATIC / request.path_params["name"]
        if file not in set(STATIC.iterdir()):
            return _lost()
        return Response(file.read_bytes(), media_type=_MEDIA[file.suffix], headers={"cache-control": _FOREVER})

    def icon(request: Request) -> Response:
        return Response(status_code=308, headers={"location": static_address("icon.svg")})

    def robots(request: Request) -> Response:
        return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")

    def plot(request: Request) -> Response:
        name = request.path_params["name"]
        return _answer(site, request, f"/plots/{name}.svg", partial(_plot, site, name))

    def report(kind: str) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            found = report_file(site.home, kind, request.path_params["name"])
            return _lost() if found is None else Response(found.body, headers=found.headers)

        return endpoint

    def lost(request: Request) -> Response:
        return _lost(request.url.path)

    def plain(path: str, view: PlainView) -> Callable[[Request], Response]:
        return lambda request: _answer(site, request, path, partial(_page, site, view))

    def keyed(path: str, view: KeyedView) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            key = request.path_params["key"]

            def shown(desk: Desk, asked: Asked, words: Words) -> View:
                return view(desk, asked, words, check_id(key))

            return _answer(site, request, path.replace("{key}", quote(key, safe=":")), partial(_page, site, shown))

        return endpoint

    def add(path: str, endpoint: Callable[[Request], Response]) -> None:
        app.add_route(path, endpoint, methods=["GET"])

    add("/", without_language)
    add("/favicon.ico", icon)
    add("/robots.txt", robots)
    add("/static/{name}", static)
    add("/watches/{name}", report("watches"))
    add("/digests/{name}", report("digests"))
    for path in [*PLAIN, *KEYED]:
        if path not in {"/", "/watches/{key}"}:  # /watches/NAME is a feed's file
            add(path, without_language)
    add("/{lang}", bare)
    add("/{lang}/plots/{name}.svg", plot)
    for path, plain_view in PLAIN.items():
        add(f"/{{lang}}{path}", plain(path, plain_view))
    for path, keyed_view in KEYED.items():
        add(f"/{{lang}}{path}", keyed(path, keyed_view))
    add("/{path:path}", lost)


def _answer(site: Site, request: Request, path: str, answer: Callable[[Desk, Asked], Response]) -> Response:
    """Read the request, take the newest snapshot, answer; what goes wrong becomes a page that says so."""
    lang = request.path_params["lang"]
    if lang not in LANGUAGES:
        return _lost()
    held = snapshot_stamp(site.home)
    asked = Asked(lang, path, {})
    if held is None:
        return _problem(asked, "no_snapshot", 503, home=str(site.home))
    try:
        asked = read_request(lang, path, request.query_params)
        tag = _etag(held, request.url.path, request.url.query)
        response = _unchanged(request, tag)
        if response is None:
            with site.turns, open_desk(site.home, site.snapshot, site.timeout_s) as desk:
                response = answer(desk, asked)
    except BadRequest as error:
        response = _problem(asked, "bad_request", 400, parameter=error.name, sample=f"{error.name}={error.sample}")
    except NoPage:
        response = _problem(asked, "no_page", 404, number=str(asked.page))
    except NotThere:
        response = _problem(asked, "not_there", 404)
    except Moved as error:
        response = _redirect(error.path, 308)
    except QueryError as error:
        response = _problem(asked, "trouble", 503, detail=str(error))
    if response.status_code == 200:
        response.headers["etag"] = tag
    response.headers["cache-control"] = _LIVING
    return response


def _unchanged(request: Request, tag: str) -> Response | None:
    from fastapi import Response

    return Response(status_code=304, headers={"etag": tag}) if request.headers.get("if-none-match") == tag else None


def _redirect(path: str, status: int) -> Response:
    from fastapi import Response

    return Response(status_code=status, headers={"location": path})


def _etag(held: str, path: str, query: str) -> str:
    code = static_address("atalaya.css")
    return f'W/"{held}-{sha256(f"{path}?{query}{code}".encode()).hexdigest()[:12]}"'


def _page(site: Site, view: PlainView, desk: Desk, asked: Asked) -> Response:
    """Answer with the page of a view, or with the SQL behind it."""
    from fastapi.responses import HTMLResponse, PlainTextResponse

    words = Words(asked.lang)
    made = view(desk, asked, words)
    if asked.get("as") == "sql":
        extra = made.values.get("extra_sql")
        statements = shown_sql(desk.asked, extra if isinstance(extra, str) else None)
        if (number := asked.get("statement")) is not None:
            if int(number) >= len(statements):
                raise NotThere
            return PlainTextResponse(statements[int(number)][1] + "\n")
        made = View("sql", made.title, {"statements": statements})
    state = desk.once("state", rows.State)
    beats = {key: names[asked.lang] for key, names in site.beats.items()}
    shared: dict[str, object] = {"state": state, "beat_names": beats, "problem": None}
    return HTMLResponse(render(made, asked, shared), made.status)


def _plot(site: Site, name: str, desk: Desk, asked: Asked) -> Response:
    from fastapi import Response

    return Response(site.plots.draw(name, desk, asked), media_type="image/svg+xml")


def _problem(asked: Asked, problem: str, status: int, **values: str) -> Response:
    """Return a page that says what is wrong and what to do."""
    from fastapi.responses import HTMLResponse

    words = Words(asked.lang)
    view = View(
        "problem", words.t(f"problem.{problem}"), {"problem": problem, "detail": values.get("detail"), **values}
    )
    html = render(view, asked, {"state": None, "beat_names": {}, "values": values})
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})


def _lost(path: str = "") -> Response:
    found = re.match(r"/(en|es)(/|$)", path)
    return _problem(Asked(found[1] if found else "en", "/", {}), "not_there", 404)
