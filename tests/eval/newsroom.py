"""Single stages over the fictional newsroom against its gold: extraction, copies, stories. PATH is pipeline/newsroom.

Extraction sees a page as the pipeline does on its second run: with the feed's words and the outlet's furniture learnt;
the baseline is trafilatura alone. Copies and stories get the gold's own texts, so that a stage answers for itself only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.agency import load_agencies
from pipeline.extract import extract_page
from pipeline.furniture import learn_furniture
from pipeline.identity.copies import find_copies
from pipeline.identity.features import compute_features
from pipeline.identity.stories import place
from pipeline.newsroom.content import HERE, ROUNDS, Piece, load_newsroom
from pipeline.newsroom.gold import Gold, load_gold
from pipeline.newsroom.pages import build_sites
from pipeline.steps import PageInput
from storage.records import Article, Copy
from tests.eval import Scores
from tests.eval._baseline import extract_plain
from tests.eval._identity import bcubed, embedder, make_article
from tests.eval._match import word_prf

AGENCIES = HERE / "config" / "agencies.toml"
NOW = datetime(2026, 1, 10, tzinfo=UTC)


def page_inputs(gold: Gold) -> Iterator[tuple[Piece, PageInput]]:
    """Yield every whole page that is on line in the round, with what its feed says of it."""
    newsroom = load_newsroom()
    sites = {s.host: s for s in build_sites(newsroom, gold.round)}
    rows = {a.key: a for a in gold.articles}
    for piece in newsroom.pieces(gold.round):
        if piece.page != "full":
            continue
        outlet, row = newsroom.outlet(piece.outlet), rows[piece.key]
        answer = sites[outlet.host].pages[piece.path]
        yield (
            piece,
            PageInput(
                key=row.canonical_url,
                url=newsroom.url(piece),
                body=answer.body,
                content_type=answer.headers["Content-Type"],
                source_id=piece.outlet,
                feed_title=piece.title,
                feed_summary=piece.summary,
                feed_published_at=None if piece.feed_date else row.published_at,
                timezone=outlet.timezone.key,
                languages=(outlet.lang,),
            ),
        )


def extraction(gold: Gold, flat: dict[str, float | int | str]) -> list[str]:
    """Score the texts of pages; return a note for each that is not exactly the gold's."""
    rows = {a.key: a for a in gold.articles}
    inputs = list(page_inputs(gold))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for piece, page in inputs:
        counts[piece.outlet].update(set(extract_page(page).paragraph_hashes))
    means: dict[str, list[float]] = defaultdict(list)
    notes = []
    for piece, page in inputs:
        row = rows[piece.key]
        found = extract_page(replace(page, furniture=learn_furniture(counts[piece.outlet])))
        f1 = word_prf(found.text, row.text).f1
        means[f"word_f1_{row.lang}"].append(f1)
        means[f"baseline_word_f1_{row.lang}"].append(word_prf(extract_plain(page).text, row.text).f1)
        means["exact_texts"].append(float(found.text == row.text))
        means["title_accuracy"].append(float(found.title == row.title))
        means["lang_accuracy"].append(float(found.lang == row.lang))
        if found.text != row.text:
            notes.append(f"text of {piece.key}: word F1 {f1:.3f}")
    flat |= {name: sum(values) / len(values) for name, values in sorted(means.items())}
    flat["pages"] = len(inputs)
    return notes


def gold_articles(gold: Gold) -> list[Article]:
    """Return the gold's articles as records; the key stands in for the id."""
    pieces = {p.key: p for p in load_newsroom().pieces(gold.round)}
    return [
        make_article(
            a.key, a.lang, a.title, a.text, at=a.published_at, summary=pieces[a.key].summary, source_id=a.source_id,
            country=load_newsroom().outlet(a.source_id).country, kind=a.kind, genre=a.genre, agency=a.agency,
            published_precision=a.published_precision, authors=pieces[a.key].authors, beats=a.beats,
        )
        for a in gold.articles
    ]  # fmt: skip


def identity(gold: Gold, flat: dict[str, float | int | str]) -> list[str]:
    """Score copies and stories; return a note for each copy and story that differs."""
    articles = gold_articles(gold)
    features = {f.article_id: f for f in compute_features(articles, embedder())}
    copies: list[Copy] = find_copies(
        articles, articles, features, owners=load_agencies(AGENCIES).owners, embedder=embedder()
    )
    wanted = {a.key: (a.copy_of, a.copy_kind) for a in gold.articles if a.copy_kind}
    found = {c.article_id: (c.original_article_id, c.kind) for c in copies}
    wrong = sorted(k for k in {*wanted, *found} if wanted.get(k) != found.get(k))
    notes = [f"copy {k}: {found.get(k)} instead of {wanted.get(k)}" for k in wrong]
    placed = place(articles, features, copies, (), NOW)
    story_of = {m.article_id: m.story_id for m in placed.members}
    truth = {a.key: a.story for a in gold.articles}
    precision, recall, f1 = bcubed(truth, story_of)
    members: dict[str, set[str]] = defaultdict(set)
    for key, story in story_of.items():
        members[story].add(key)
    right = {frozenset(keys) for keys in gold.stories().values()}
    for keys in sorted(members.values(), key=sorted):
        if frozenset(keys) not in right:
            of = Counter(truth[k] for k in keys)
            sizes = ", ".join(f"{n} of {len(gold.stories()[story])} of {story}" for story, n in sorted(of.items()))
            notes.append(f"story with {sizes}: {', '.join(sorted(keys))}")
    flat |= {
        "copies_wrong": len(wrong),
        "copies": len(wanted),
        "story_bcubed_precision": precision,
        "story_bcubed_recall": recall,
        "story_bcubed_f1": f1,
        "stories_right": sum(frozenset(k) in right for k in members.values()),
        "stories": len(right),
        "articles": len(articles),
    }
    return notes


def evaluate(paths: list[Path]) -> Scores:
    """Score the stages at the newsroom's last round; ``paths`` must be the newsroom's folder (ValueError otherwise)."""
    for path in paths:
        if not (path / "gold.toml").is_file():
            raise ValueError(f"{path}: no gold.toml there; this task scores pipeline/newsroom")
    gold = load_gold(ROUNDS[-1])
    flat: dict[str, float | int | str] = {}
    notes = extraction(gold, flat) + identity(gold, flat)
    return Scores(flat, notes=tuple(notes))
