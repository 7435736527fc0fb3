"""What a host's robots.txt says of us (RFC 9309). Knows protego, does no I/O."""

from __future__ import annotations

import re
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
        return RobotsFile("rules", rules=Protego.parse(our_groups(body.decode("utf-8-sig", "replace"))))
    if reason == "redirect_limit" or (status is not None and 400 <= status < 500 and status != 429):
        return RobotsFile("none", detail or reason)
    return RobotsFile("unreadable", f"robots.txt: {reason}: {detail}" if detail else f"robots.txt: {reason}")


_AGENT_LINE = re.compile(r"\s*user[- ]?agent(?:\s*:|\s)\s*([^#]*)", re.IGNORECASE)


def our_groups(text: str) -> str:
    """Return a robots.txt with the groups of others taken out of reach: their names give way to one placeholder.

    protego keeps every rule for every name above it, so 14,000 names over 14,000 rules, which fit in 500 KB, would hold
    the run for minutes. It also takes a name that ours begins with ("a") for ours; RFC 9309, 2.2.1 wants the whole.
    """
    out: list[str] = []
    names: list[str] | None = None  # of the group whose User-agent lines are being read
    for line in text.replace("\x00", "").splitlines():
        match = _AGENT_LINE.match(line)
        if match:
            name = match.group(1).strip().partition("/")[0].lower()
            names = names or []
            if name not in names and (name == "*" or name.replace("*", "") == ROBOT_NAME.lower()):
                names.append(name)
            continue
        if line.partition("#")[0].strip():
            if names is not None:
                out.extend(f"User-agent: {name}" for name in names or ["another"])
                names = None
            out.append(line)
    return "\n".join(out)
