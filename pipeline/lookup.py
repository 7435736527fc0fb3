"""Find the addresses of a host name without letting a dead name server hold up the others."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Finds the IP addresses of a host and port. Raises OSError (socket.gaierror) where there are none."""


async def system_lookup(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, in a thread of its own.

    Not in the loop's pool: that has a handful of threads, and a few names whose servers do not answer would hold up
    every other host's lookup. Not joined at exit either: the C library may sit there for half a minute.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(addresses: Sequence[str], error: OSError | None) -> None:
        if found.done():
            return
        if error is not None:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    def work() -> None:
        addresses: list[str] = []
        failure: OSError | None = None
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        except UnicodeError as error:
            failure = socket.gaierror(socket.EAI_NONAME, str(error))
        except OSError as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, addresses, failure)

    threading.Thread(target=work, name=f"dns {host}", daemon=True).start()
    return await found
