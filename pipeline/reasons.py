"""Reason codes: every way an entry, a request or a text can end, in one table.

`docs/reasons.md` is generated from this table and a test keeps the two equal. A code used anywhere must stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ErrorKind = Literal["none", "temporary", "soft", "hard"]
"""How a failed request is tried again: ``temporary`` soon, ``soft`` with growing pauses, ``hard`` only once a day."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One code: where it arises, what it means and how the item is tried again."""

    code: str
    stage: Literal["fetch", "feed", "entry", "page", "extract", "translate", "storage", "any"]
    meaning: str
    kind: ErrorKind = "none"


_TABLE = (
    # fetch: feeds and pages alike
    Reason("ok", "any", "Done."),
    Reason("not_modified", "fetch", "The server says that nothing changed since the last fetch (304)."),
    Reason("unreachable", "fetch", "No connection: the name does not resolve or nobody answers.", "temporary"),
    Reason("timeout", "fetch", "The whole request took longer than the deadline.", "temporary"),
    Reason("connection_reset", "fetch", "The connection broke in mid-answer.", "temporary"),
    Reason(
        "truncated", "fetch", "Fewer bytes came than were announced, or the compressed stream ended early.", "temporary"
    ),
    Reason("decode", "fetch", "The body is not what its Content-Encoding says.", "soft"),
    Reason("too_large", "fetch", "The decoded body is larger than the cap.", "soft"),
    Reason("header_limit", "fetch", "The answer's headers are larger than the cap.", "soft"),
    Reason("bad_http", "fetch", "The answer is not valid HTTP.", "soft"),
    Reason("redirect_limit", "fetch", "More redirects than allowed, or a loop.", "soft"),
    Reason(
        "blocked_address", "fetch", "The address is private, local or reserved; see --allow-private-network.", "hard"
    ),
    Reason("blocked_scheme", "fetch", "Only http and https are fetched.", "hard"),
    Reason("tls", "fetch", "The certificate is expired, for another host or not trusted.", "soft"),
    Reason("rate_limited", "fetch", "The server asks to wait (429 or 503 with Retry-After).", "temporary"),
    Reason("forbidden", "fetch", "The server refuses (401, 402, 403, 451).", "soft"),
    Reason("not_found", "fetch", "There is nothing at this address (404).", "soft"),
    Reason("gone", "fetch", "The server says it is gone for good (410).", "hard"),
    Reason("http_error", "fetch", "Another answer of the 4xx kind.", "soft"),
    Reason("server_error", "fetch", "The server failed (5xx).", "temporary"),
    Reason("robots_denied", "page", "The host's robots.txt asks not to fetch this page.", "hard"),
    Reason("robots_deferred", "page", "robots.txt could not be read (5xx or no answer), so we wait.", "temporary"),
    Reason("host_deferred", "fetch", "The host asked to wait, so this request was not made yet.", "temporary"),
    # feeds
    Reason("empty", "feed", "The answer has no content.", "soft"),
    Reason("not_feed", "feed", "The answer is not a feed (a web page or a challenge, for instance).", "soft"),
    Reason("partial", "feed", "The feed is broken; the items that could be read were kept."),
    Reason("parse_crash", "feed", "The feed parser failed on this file.", "soft"),
    Reason("parse_timeout", "feed", "The feed parser did not finish in time.", "soft"),
    # entries
    Reason("no_key", "entry", "The item has neither a link nor a guid."),
    Reason("bad_url", "entry", "The item's link is not a web address that may be fetched."),
    Reason("bad_date", "entry", "The item's date makes no sense, so the time it was seen stands in."),
    Reason("same_url", "entry", "Another entry of this source has the same canonical URL."),
    Reason("too_many", "entry", "More items than the cap; the rest is counted, not kept."),
    Reason("over_quota", "entry", "This run's pages, or its time, for the source are used up; the entry waits."),
    # pages and extraction
    Reason("not_html", "page", "The page is not HTML (a PDF or a video, for instance)."),
    Reason(
        "thin", "extract", "Too little text: a wall, a consent page or an empty template. The feed's words are kept."
    ),
    Reason("extract_empty", "extract", "No text could be taken from the page. The feed's words are kept."),
    Reason("extract_timeout", "extract", "The page could not be read within the deadline and the worker was killed."),
    Reason("worker_crash", "extract", "The worker process died on this page."),
    Reason("worker_oom", "extract", "The worker ran out of the memory it may use."),
    Reason("no_text", "extract", "Neither the page nor the feed has any text."),
    Reason("new", "entry", "Stored as a new article."),
    Reason("revised", "entry", "Stored as a new version of an article."),
    # translation
    Reason("mt_unavailable", "translate", "No engine or model for this language; the text waits."),
    Reason("mt_canary", "translate", "The engine failed its test sentences and was not used; the text waits."),
    # storage and everything else
    Reason("lock_busy", "storage", "Another process is writing to this home."),
    Reason("bug", "any", "An error of our own. Please report it with the detail."),
)

REASONS: dict[str, Reason] = {r.code: r for r in _TABLE}
