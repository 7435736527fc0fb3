"""A host server that can keep a host waiting, so that a test stops the pipeline exactly where it wants."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from types import TracebackType

from pipeline.newsroom.server import HostServer, LoggedRequest, Site


class HoldingServer(HostServer):
    """Answers no request to ``host`` before `release`; ``reached`` is set when the first one came in."""

    def __init__(self, sites: Iterable[Site], host: str) -> None:
        super().__init__(sites)
        self.host = host
        self.reached = threading.Event()
        self._free = threading.Event()

    def release(self) -> None:
        """Answer everything from now on."""
        self._free.set()

    def log(self, request: LoggedRequest) -> None:
        """Log the request; the handler goes on when this returns."""
        super().log(request)
        if request.host == self.host:
            self.reached.set()
            self._free.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        super().__exit__(kind, error, trace)
