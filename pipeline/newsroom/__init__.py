"""The fictional newsroom: invented outlets, their feeds and pages, a server for them on loopback, and the gold.

`NewsroomServer` (in `pipeline.newsroom.live`) starts it, `load_newsroom` (`content`) reads what the outlets publish,
`load_gold` (`gold`) what the pipeline should make of it. Nothing here is news: see docs/newsroom.md.
"""

from __future__ import annotations

from pathlib import Path

CONFIG = Path(__file__).resolve().parent / "config"
"""A folder for ``--config``: the declarations of the fictional outlets."""
