"""Files of the reports that the page hands out as they are: feeds of the watches, morning digests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDERS = {"watches": "watches", "digests": "digests"}
_MEDIA = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}
# A digest is one file with its own style sheet inside; it needs nothing else.
_OWN_STYLE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file to hand out, with its headers."""

    body: bytes
    headers: dict[str, str]


def _held(home: Path, kind: str) -> dict[str, Path]:
    folder = home / "reports" / _FOLDERS[kind]
    return {p.name: p for p in folder.iterdir() if p.suffix in _MEDIA and p.is_file()} if folder.is_dir() else {}


def report_names(home: Path, kind: str) -> frozenset[str]:
    """Return the names of the files there are of a kind of report."""
    return frozenset(_held(home, kind))


def report_file(home: Path, kind: str, name: str) -> ReportFile | None:
    """Return the file ``name`` of a kind of report, None where there is none; ``latest`` is the newest digest's page.

    Only names that stand in the folder count: nothing a request says becomes part of a path.
    """
    held = _held(home, kind)
    if kind == "digests" and name == "latest":
        name = max((n for n in held if n.endswith(".html")), default="")
    if name.startswith(".") or name not in held:
        return None
    path = held[name]
    headers = {"content-type": _MEDIA[path.suffix], "cache-control": "private, no-cache"}
    if path.suffix == ".html":
        headers["content-security-policy"] = _OWN_STYLE
    try:
        return ReportFile(path.read_bytes(), headers)
    except FileNotFoundError:  # a feed of a watch that is gone since
        return None
