"""The newsroom on line: its outlets on loopback, as they stand at the first or the second of two polls."""

from __future__ import annotations

from pipeline.newsroom.content import ROUNDS, load_newsroom
from pipeline.newsroom.pages import build_sites
from pipeline.newsroom.server import HostServer

__all__ = ["ROUNDS", "NewsroomServer"]


class NewsroomServer(HostServer):
    """Serve the fictional outlets; ``hosts()`` goes into ``settings.fetch.resolve``.

    Round 2 adds articles and edits one; outlets without news answer 304 to whoever kept their validators.
    """

    def __init__(self, round: int = 1) -> None:
        super().__init__()
        self.set_round(round)

    def set_round(self, round: int) -> None:
        """Serve the state of round 1 or 2 from now on; ValueError for any other."""
        self.set_sites(build_sites(load_newsroom(), round))
        self.round = round
