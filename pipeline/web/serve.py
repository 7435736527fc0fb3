"""Starts the page: one process, one port, this machine only unless told otherwise. Alone in knowing uvicorn."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

from pipeline.settings import Settings


class CannotServe(ValueError):
    """The address cannot be used; the message says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host`` and ``port`` (0: any free one). Raises CannotServe."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise CannotServe(f"--host {host}: no such address on this machine ({error.strerror}).") from error
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(128)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"Port {port} of {host} is taken, perhaps by another `atalaya serve`. "
                f"Choose another: --port {port + 1 if port < 65_535 else port - 1}."
            ) from error
        if error.errno == errno.EACCES:
            raise CannotServe(f"Port {port} needs special rights. Choose one above 1023: --port 8300.") from error
        raise CannotServe(f"{host}:{port} cannot be used ({error.strerror}).") from error
    return made


def serve(settings: Settings, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page until it is stopped; ``ready`` is called with its address once it listens. Raises CannotServe."""
    import uvicorn

    from pipeline.web.app import create_app

    listening = bind(host, port)
    names = [*settings.serve.hosts, *([host] if host not in {"0.0.0.0", "::"} else [])]  # noqa: S104 - compared
    app = create_app(settings, names, settings.serve.timeout_s)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=16_384,
        timeout_keep_alive=10,
        limit_concurrency=200,
        lifespan="off",
    )
    shown = f"[{host}]" if ":" in host else host
    ready(f"http://{shown}:{listening.getsockname()[1]}/")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
