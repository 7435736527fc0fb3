"""Stand-ins for `pipeline.extract.extract_page` that meet the fate their page's key names, beside the real one."""

from __future__ import annotations

import os
import time

from pipeline.extract import extract_page, prepare_worker
from pipeline.steps import Extraction, PageInput

__all__ = ["fated", "prepare_worker"]


def fated(page: PageInput) -> Extraction:
    """Abort, hang or exhaust the memory where the key says so; else extract the page for real."""
    if page.key.endswith("abort"):
        os.abort()
    if page.key.endswith("hang"):
        time.sleep(600)
    if page.key.endswith("memory"):
        bytearray(16 << 30)
    return extract_page(page)
