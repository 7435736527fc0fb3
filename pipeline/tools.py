"""Put together what a poll works with: fetcher, feed parser, extractor and the small judges, from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.articles import Labels
from pipeline.ingest import Tools
from pipeline.settings import Settings, config_file
from storage.records import Article, ArticleBeat

if TYPE_CHECKING:
    from pipeline.translate.crew import Crew


def labels(settings: Settings) -> Labels:
    """Return the judges of genre, agency and language. Raises an error that names the file of a bad declaration."""
    from pipeline.agency import load_agencies
    from pipeline.genre import genre_of
    from pipeline.language import detect

    agencies = load_agencies(config_file(settings, "agencies.toml"))

    def language(text: str, feed: str | None, source: str | None) -> tuple[str, str]:
        lang, origin, _ = detect(text, feed, source)
        return lang, origin

    return Labels(genre=genre_of, agency=agencies.agency_of, language=language)


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """Open everything a poll needs; workers and connections are closed at the end."""
    from pipeline.beats import load_beats, tag_beats
    from pipeline.extract import Extractor
    from pipeline.feeds import FeedParser
    from pipeline.fetch import Fetcher

    beats = load_beats(config_file(settings, "beats.toml"))

    def tag(articles: Sequence[Article]) -> list[ArticleBeat]:
        return tag_beats(articles, beats)

    with (
        FeedParser(settings.parse.timeout_s, settings.parse.max_memory_mb) as parser,
        Extractor(settings.extract) as extractor,
    ):
        async with Fetcher(settings.fetch) as fetcher:
            yield Tools(
                fetcher=fetcher,
                parser=parser,
                extractor=extractor,
                labels=labels(settings),
                beats=tag,
                clock=lambda: datetime.now(UTC),
            )


def crew_of(settings: Settings) -> Crew:
    """Return the translation engines that this machine has, what is missing of the others, and the glossary."""
    from pipeline.translate.crew import Crew
    from pipeline.translate.engine import find_engines
    from pipeline.translate.glossary import load_glossary

    glossary = load_glossary(config_file(settings, "glossary.toml"))
    engines, missing = find_engines(settings.translate, glossary.keep)
    return Crew(tuple(engines), tuple(missing), glossary, settings.translate.target)
