"""Watch where sockets really connect: CPython's own audit event, beneath any client library."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Watch:
    """The one hook of the process (hooks cannot be removed), and the lists it writes to while someone watches."""

    def __init__(self) -> None:
        self.lists: list[list[tuple[str, int]]] = []
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event == "socket.connect" and self.lists:
            address = args[1]
            if isinstance(address, tuple):
                for seen in self.lists:
                    seen.append((str(address[0]), int(address[1])))


_WATCH = _Watch()


@contextmanager
def connections() -> Iterator[list[tuple[str, int]]]:
    """Yield the list of (address, port) that any socket of this process connects to within the block."""
    seen: list[tuple[str, int]] = []
    _WATCH.lists.append(seen)
    try:
        yield seen
    finally:
        _WATCH.lists.remove(seen)
