"""From a page to its article: text, title, dates, authors, language. The only module that knows trafilatura.

`extract_page` decides everything for one page from its bytes and the feed's words; `Extractor` runs it over many pages
in processes that may die. trafilatura's default options find the text; `pipeline.extract_body` repairs what they get
wrong with the page's own JSON-LD and tree, `pipeline.extract_meta` reads everything that is not text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from pipeline.extract_body import repair
from pipeline.extract_dates import PageDate, parse_date, zone
from pipeline.extract_decode import decode_page, strip_invisible
from pipeline.extract_dom import read_blocks
from pipeline.extract_meta import PageMeta, clean_authors, read_meta
from pipeline.extract_title import clean_line
from pipeline.furniture import drop_learnt, paragraph_hash, strip_relative_date, words_of
from pipeline.language import detect
from pipeline.settings import ExtractSettings
from pipeline.steps import Extraction, PageInput
from pipeline.walls import wall_in
from pipeline.workers import WorkerFailure, WorkerPool
from storage.records import DateOrigin, Precision

if TYPE_CHECKING:
    from lxml.html import HtmlElement

EXTRACTOR = "atalaya-1/trafilatura-2.3"
"""Name and version of the method, stored with each article; `reprocess extract` goes by it."""

_FAILURES = {"timeout": "extract_timeout", "crash": "worker_crash", "oom": "worker_oom", "error": "extract_empty"}


def clean_text(text: str) -> str:
    """Return ``text`` composed (NFC), without NUL, surrogates, bidi controls and other invisible characters; lines
    trimmed, runs of blanks made one, empty lines dropped."""
    text = unicodedata.normalize(
        "NFC", strip_invisible(text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n"))
    )
    lines = (" ".join(line.split()) for line in text.replace("\x85", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def prepare_worker() -> None:
    """Load the libraries and the language model before the first page's deadline runs."""
    import trafilatura

    trafilatura.bare_extraction("<html><body><p>Hola</p></body></html>")
    detect("Hola a todos")


def extract_page(page: PageInput) -> Extraction:
    """Return what ``page`` says. Pure: the same page gives the same answer.

    ``reason`` is ``ok``, or ``extract_empty`` where no text can be taken from it (title, dates and authors are still
    filled then). Whether the text is too short to be an article is `Extractor`'s to say. ``paragraph_hashes`` covers
    the paragraphs before those in ``page.furniture`` go, so that what was learnt once stays learnt.
    """
    import trafilatura
    from trafilatura.settings import Document

    tree = trafilatura.load_html(decode_page(page.body, page.content_type))
    if tree is None:
        return Extraction(page.key, "extract_empty", "no HTML tree", extractor=EXTRACTOR)
    meta = read_meta(tree, page.url, page.timezone)
    document = trafilatura.bare_extraction(tree, url=page.url, include_comments=False)
    found = document.text if isinstance(document, Document) else ""
    lines = clean_text(found or "").split("\n")
    # read after trafilatura, which works on a copy
    paragraphs = [clean_text(p) for p in repair([line for line in lines if line], read_blocks(tree, page.url), meta)]
    paragraphs = [p for p in paragraphs if p]
    kept = drop_learnt(paragraphs, page.furniture)
    text = "\n".join(kept)
    wall = wall_in(text, found or "", meta.paywalled) if text else None
    title, title_origin = _title(page, meta)
    when, origin, precision = _published(page, meta, tree)
    source_lang = page.languages[0] if page.languages else None
    lang, decided_by, _ = detect(text or f"{title}\n{page.feed_summary}", meta.lang, source_lang)
    return Extraction(
        key=page.key,
        reason="thin" if wall else "ok" if text else "extract_empty",
        detail=wall or (None if text else "the page declares a paywall" if meta.paywalled else "no text found"),
        title=title,
        title_origin=title_origin,
        text="" if wall else text,
        authors=meta.authors or clean_authors(list(page.feed_authors)),
        published_at=when,
        published_at_origin=origin,
        published_precision=precision,
        modified_at=meta.modified,
        lang=lang,
        lang_origin="text" if decided_by == "text" else "source",  # what a page declares is the outlet's word
        canonical_url=meta.canonical_url,
        section=meta.section,
        extractor=EXTRACTOR,
        paragraph_hashes=tuple(dict.fromkeys(paragraph_hash(p) for p in paragraphs)),
    )


def _title(page: PageInput, meta: PageMeta) -> tuple[str, Literal["page", "feed"]]:
    """Return the page's title, or the feed's where the page has none or only wraps the feed's in its own signature."""
    own = clean_text(meta.title).replace("\n", " ")
    feed = clean_text(strip_relative_date(clean_line(page.feed_title))).replace("\n", " ")
    if not feed:
        return own, "page"
    mine, theirs = words_of(own), words_of(feed)
    wrapped = (
        len(theirs) >= 3
        and len(mine) > len(theirs)
        and (mine[: len(theirs)] == theirs or mine[-len(theirs) :] == theirs)
    )
    generic = len(mine) < 3 <= len(theirs)
    return (feed, "feed") if not mine or wrapped or generic else (own, "page")


def _published(page: PageInput, meta: PageMeta, tree: HtmlElement) -> tuple[datetime | None, DateOrigin, Precision]:
    """Return the date of publication, its origin and precision.

    The feed's date comes first; where it is midnight sharp and the page names a time on the same day, the page's is
    the same date said more exactly. Then JSON-LD, meta tags, ``<time>``, the address and a spelled-out date, in that
    order (`read_meta`), and last htmldate, whose 1 January is not believed: that is its reading of "5 de marzo de
    2026".
    """
    found = meta.published
    feed = page.feed_published_at
    if feed is not None:
        feed = feed.astimezone(UTC)
        local = feed.astimezone(zone(page.timezone))
        midnight = local.hour == local.minute == local.second == 0
        if not midnight:
            return feed, "feed", "second"
        if found is not None and found.precision != "day" and found.at.astimezone(local.tzinfo).date() == local.date():
            return found.at, found.origin, found.precision
        return feed, "feed", "day"
    if found is None:
        found = _last_resort_date(page, tree)
    if found is None:
        return None, "page", "day"
    return found.at, found.origin, found.precision


def _last_resort_date(page: PageInput, tree: HtmlElement) -> PageDate | None:
    from trafilatura.metadata import extract_metadata

    date = extract_metadata(tree, default_url=page.url, extensive=True).date
    if not date or str(date).endswith("-01-01"):
        return None
    return parse_date(str(date), page.timezone)


class Extractor:
    """Extract pages in killable worker processes; every page gets exactly one `Extraction`, in the order given.

    What can happen to a page becomes its ``reason``: ``extract_timeout``, ``worker_crash``, ``worker_oom``,
    ``extract_empty``, or ``thin`` with fewer than ``settings.min_words`` words. Then ``text`` is empty.
    """

    def __init__(self, settings: ExtractSettings, target: str = "pipeline.extract:extract_page") -> None:
        self._min_words = settings.min_words
        self._pool: WorkerPool[PageInput, Extraction] = WorkerPool(
            target, settings.workers, settings.timeout_s, settings.max_memory_mb
        )

    def __enter__(self) -> Extractor:
        self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, value, trace)

    def run(self, pages: Iterable[PageInput]) -> Iterator[Extraction]:
        """Yield one extraction a page, in order; pages are read a few ahead only."""
        for page, result in self._pool.run(pages):
            if isinstance(result, WorkerFailure):
                yield Extraction(page.key, _FAILURES[result.reason], result.detail, extractor=EXTRACTOR)
            else:
                yield judge(result, self._min_words)


def judge(extraction: Extraction, min_words: int) -> Extraction:
    """Return ``extraction``, turned into ``thin`` where its text has fewer than ``min_words`` words."""
    count = len(words_of(extraction.text))
    if extraction.reason != "ok" or count >= min_words:
        return extraction
    return replace(extraction, reason="thin", detail=f"{count} words", text="")
