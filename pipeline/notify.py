"""Messages to people by apprise: e-mail, Slack and a hundred others, by address. The only module that knows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SECRET = re.compile(r"(?<=://).*")


@dataclass(frozen=True, slots=True)
class Delivery:
    """How sending went: to how many addresses, and which failed (their kind only: addresses hold passwords)."""

    sent: int
    failed: tuple[str, ...]


def send(urls: Sequence[str], title: str, markdown: str, html_file: Path | None = None) -> Delivery:
    """Send a message to each of ``urls``; one that fails does not keep the others from it."""
    import apprise

    sent, failed = 0, []
    for url in urls:
        target = apprise.Apprise()
        if not target.add(url):
            failed.append(f"{_kind(url)} (not an address that apprise knows)")
            continue
        done = target.notify(
            body=_without_anchors(markdown),
            title=title,
            body_format=apprise.NotifyFormat.MARKDOWN,
            attach=str(html_file) if html_file is not None else None,
        )
        if done:
            sent += 1
        else:
            failed.append(_kind(url))
    return Delivery(sent, tuple(failed))


def _kind(url: str) -> str:
    """Return what an address is without what it hides: mailto://…"""
    return _SECRET.sub("…", url)


def _without_anchors(markdown: str) -> str:
    """Return the text with links to places in itself as plain numbers: they lead nowhere in a message."""
    return re.sub(r"\[([^\]\[]*)\]\(#q-[a-z]+\)", r"\1", markdown)
