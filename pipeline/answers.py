"""What requests say of us and what answers mean, in pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.robots import ROBOT_NAME
from pipeline.steps import FetchRequest, FetchResult

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Statuses that lead on where there is a Location."""


def page_problem(result: FetchResult) -> str | None:
    """Return the reason why a fetched page is not for extraction, or None where it is HTML.

    The server's word decides; where it gives none, or the bytes plainly say otherwise (a PDF), the first bytes do.
    """
    if result.reason != "ok":
        return result.reason
    start = result.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    kind = result.headers.get("content-type", "").partition(";")[0].strip().lower()
    if start.startswith((b"%pdf-", b"\x89png", b"\xff\xd8\xff", b"gif8", b"pk\x03\x04", b"\x1f\x8b")):
        return "not_html"
    if kind in {"text/html", "application/xhtml+xml"}:
        return None
    if kind in {"", "application/xml", "text/xml"}:
        return None if b"<html" in start or b"<!doctype html" in start else "not_html"
    return "not_html"


def user_agent(contact: str) -> str:
    """Return the User-Agent: who we are, and how an outlet can reach whoever runs this."""
    words = re.sub(r"[^\x21-\x7e]+", " ", contact).replace("(", "").replace(")", "").strip()
    return f"{ROBOT_NAME}/{_version()} ({f'+{words}' if words else 'news monitor; no contact set'})"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("atalaya")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0.1.0"


def status_reason(status: int, headers: Mapping[str, str]) -> str | None:
    """Return the reason code of an HTTP status that ends a request, or None for 2xx, 304 and redirects that lead on."""
    if 200 <= status < 300 or status == 304 or (status in REDIRECTS and "location" in headers):
        return None if status != 206 else "truncated"
    if status == 429 or (status == 503 and "retry-after" in headers):
        return "rate_limited"
    known = {401: "forbidden", 402: "forbidden", 403: "forbidden", 451: "forbidden", 404: "not_found", 410: "gone"}
    return known.get(status) or ("server_error" if status >= 500 else "http_error")


def validators(request: FetchRequest) -> dict[str, str]:
    """Return the headers that make ``request`` conditional, where it has validators that can be sent."""
    etag, modified = usable_validator(request.etag), usable_validator(request.last_modified)
    return ({"If-None-Match": etag} if etag else {}) | ({"If-Modified-Since": modified} if modified else {})


def usable_validator(validator: str | None) -> str | None:
    """Return the validator if it can stand in a request header as it came; servers send all sorts."""
    return validator if validator and re.fullmatch(r"[\x20-\x7e]{1,1000}", validator) else None
