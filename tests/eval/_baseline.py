"""trafilatura alone, with its default options and metadata: what the pipeline is measured against."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.steps import PageInput


@dataclass(frozen=True, slots=True)
class Plain:
    """What trafilatura gives for a page; ``date`` as ISO day, ``author`` as one string."""

    text: str = ""
    title: str = ""
    date: str = ""
    author: str = ""


def extract_plain(page: PageInput) -> Plain:
    """Run trafilatura as it comes on ``page``."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    found = bare_extraction(page.body, url=page.url, with_metadata=True, include_comments=False)
    if not isinstance(found, Document):
        return Plain()
    return Plain(found.text or "", found.title or "", found.date or "", found.author or "")
