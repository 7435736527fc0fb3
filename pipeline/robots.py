"""What a host's robots.txt says of us (RFC 9309). Knows protego, does no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from protego import Protego

ROBOT_NAME = "Atalaya"
"""The name that a robots.txt addresses us by."""
MAX_ROBOTS_BYTES = 512_000
"""RFC 9309, 2.5 asks for at least 500 KiB; what lies beyond is not read."""


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A host's robots.txt as far as it was read: rules, none at all, or unreadable (then nothing may be fetched)."""

    state: Literal["rules", "none", "unreadable"]
    detail: str = ""
    rules: Protego | None = None

    def allows(self, url: str) -> bool:
        """Say whether we may fetch ``url``. An unreadable file allows nothing."""
        if self.rules is not None:
            return bool(self.rules.can_fetch(url, ROBOT_NAME))
        return self.state == "none"

    @property
    def crawl_delay_s(self) -> float:
        """Seconds asked for between two pages: Crawl-delay or Request-rate, whichever is longer; 0 for none."""
        if self.rules is None:
            return 0.0
        delay = float(self.rules.crawl_delay(ROBOT_NAME) or 0.0)
        rate = self.rules.request_rate(ROBOT_NAME)
        return max(delay, rate.seconds / rate.requests) if rate else delay


def read_robots(reason: str, status: int | None, body: bytes, detail: str = "") -> RobotsFile:
    """Judge the answer to a request for robots.txt, given as reason code, HTTP status and body.

    RFC 9309, 2.3.1: an answer of the 4xx kind means that there are no rules, as do too many redirects; a server error
    or no answer means that everything is disallowed for now.
    """
    from protego import Protego

    if reason in {"ok", "empty"}:
        return RobotsFile("rules", rules=Protego.parse(body.decode("utf-8-sig", "replace").replace("\x00", "")))
    if reason == "redirect_limit" or (status is not None and 400 <= status < 500 and status != 429):
        return RobotsFile("none", detail or reason)
    return RobotsFile("unreadable", f"robots.txt: {reason}: {detail}" if detail else f"robots.txt: {reason}")
