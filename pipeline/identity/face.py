"""The face of a story: its lead article, its title in English and in Spanish, when it began and last moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.identity.dates import precedence
from pipeline.identity.titles import informative_title
from storage.records import Article, Story, TitleOrigin, Translation

Titles = Mapping[tuple[str, str], str]


def usable_titles(translations: Iterable[Translation]) -> dict[tuple[str, str], str]:
    """Return the translated titles fit to be shown, by article id and target language."""
    return {(t.article_id, t.target): t.title for t in translations if t.status == "ok" and t.title}


def face(story_id: str, members: Sequence[Article], centrality: Mapping[str, float], titles: Titles) -> Story:
    """Return the story's record.

    ``centrality`` says how near each member is to the others, 0 to 1 (missing: 0). A title is a real one of a member,
    the lead's if it is in that language; only where no member has one is the lead's translation taken, marked
    ``machine``. Raises ValueError for a story without members.
    """
    if not members:
        raise ValueError(f"story {story_id} has no members")
    ranked = rank(members, centrality)
    lead = ranked[0]
    title_en, origin_en = _title("en", ranked, titles)
    title_es, origin_es = _title("es", ranked, titles)
    exact_first = min(members, key=precedence)
    return Story(
        story_id=story_id,
        title_en=title_en,
        title_en_origin=origin_en,
        title_es=title_es,
        title_es_origin=origin_es,
        lead_article_id=lead.article_id,
        first_published_at=exact_first.published_at,
        first_seen_at=min(m.first_seen_at for m in members),
        last_seen_at=max(m.first_seen_at for m in members),
    )


def rank(members: Sequence[Article], centrality: Mapping[str, float]) -> list[Article]:
    """Return the members, the best to lead first: news, with a title that says something, in full, central, early."""
    return sorted(
        members,
        key=lambda m: (
            m.genre != "news",
            not informative_title(m.title),
            m.kind != "full",
            -round(centrality.get(m.article_id, 0.0), 1),
            precedence(m),
        ),
    )


def _title(lang: str, ranked: Sequence[Article], titles: Titles) -> tuple[str | None, TitleOrigin | None]:
    for member in ranked:
        if member.lang.split("-")[0] == lang and member.title.strip():
            return member.title, "member"
    for member in ranked:
        if (member.article_id, lang) in titles:
            return titles[member.article_id, lang], "machine"
    return None, None
