"""Topics: the tagger's best level-1 answer on sets labelled by others (SIB-200, BBC News, the Spanish news corpus).

The answer is the product's own, out of all 17 level-1 topics; it is right when the table below gives the gold label
that topic. ``closed_…`` repeats the measure with the answer limited to the topics that the set has labels for.
Of SIB-200 the shipped weights have learnt the train and dev sentences, so the figures come from other sentences; where
a folder holds no others, from five-fold cross-validation: no sentence is judged by weights that have seen it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.identity.embed import Embedder
from pipeline.identity.features import in_steps, lead_of
from pipeline.identity.titles import informative_title
from pipeline.settings import BUILTIN_CONFIG
from pipeline.topic_model import load_model
from pipeline.topic_set import TopicSet, load_topics
from pipeline.topic_train import definition_samples, example_samples, sib200_samples, train
from pipeline.topics import level1_scores
from storage.records import Article, ArticleFeatures
from tests.eval import Scores

LABELS = {
    "politics": "11", "sport": "15", "sports": "15", "health": "07", "entertainment": "01", "science": "13",
    "technology": "13", "science/technology": "13", "tech": "13", "travel": "10", "business": "04", "economy": "04",
    "society": "14", "security": "02", "education": "05",
}  # fmt: skip
LEARNT = ("train", "dev")
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled text. ``key`` is shared by translations of it; ``split`` names the file or the truth of a report."""

    group: str  # sib200, bbc, spanish-news
    split: str
    key: str
    gold: str
    lang: str
    title: str
    text: str

    def article(self) -> Article:
        """Return the text as the pipeline would hold it."""
        at = datetime(2026, 1, 1, tzinfo=UTC)
        name = f"{self.group}-{self.split}-{self.key}-{self.lang}"
        return Article(
            article_id=name, entry_id=name, source_id="gold", country="ES", lang=self.lang, lang_origin="text",
            url="https://gold.example/a", canonical_url="https://gold.example/a", title=self.title,
            title_origin="feed", summary="", text=self.text, text_sha256="", authors=(), kind="full", genre="news",
            agency=None, published_at=at, published_at_origin="feed", published_precision="day", modified_at=None,
            first_seen_at=at, backfill=False, word_count=len(self.text.split()), page_id=None, extractor="gold",
            version=1,
        )  # fmt: skip


def _topic(label: str) -> str | None:
    digits = LABELS.get(label.strip().lower())
    return None if digits is None else f"medtop:{digits}000000"


def _sib200(folder: Path) -> Iterator[Case]:
    for lang, name in (("es", "spa_Latn"), ("en", "eng_Latn")):
        for path in sorted((folder / name).glob("*.tsv")):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    gold = _topic(row["category"])
                    if gold is not None:
                        yield Case("sib200", path.stem, row["index_id"], gold, lang, "", row["text"])


def _jsonl(path: Path) -> Iterator[Case]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if not line.strip():
            continue
        row = json.loads(line)
        if "headline" in row:
            gold = _topic(row["topic"])
            split = "true" if str(row["truth"]).lower() == "true" else "fake"
            title, text, group, lang = row["headline"] or "", row["text"] or "", "spanish-news", "es"
            text = text.removeprefix(title)
        else:
            gold, split, group, lang = _topic(row["label"]), "all", "bbc", "en"
            title, _, text = row["text"].partition("\n")
        if gold is not None:
            yield Case(group, split, str(number), gold, lang, title.strip(), text.strip())


def read_cases(paths: Sequence[Path]) -> list[Case]:
    """Read every labelled text below ``paths`` whose label has a topic; geography and the like are left out."""
    cases: list[Case] = []
    for path in paths:
        if path.is_file():
            cases += _jsonl(path)
            continue
        for folder in sorted({p.parent.parent for p in path.rglob("*_Latn/*.tsv")}):
            cases += _sib200(folder)
        for file in sorted(path.rglob("*.jsonl")):
            cases += _jsonl(file)
    return cases


def _features(articles: Sequence[Article], embedder: Embedder) -> dict[str, ArticleFeatures]:
    titles, leads = [informative_title(a.title) for a in articles], [lead_of(a) for a in articles]
    vectors = embedder.encode([*titles, *leads])
    found: dict[str, ArticleFeatures] = {}
    for i, article in enumerate(articles):
        title = in_steps(titles[i], vectors[i])
        lead = in_steps(leads[i], vectors[len(articles) + i])
        found[article.article_id] = ArticleFeatures(article.article_id, "", title, lead, (), 0, (), (), (), "gold")
    return found


def macro_f1(gold: Sequence[str], answers: Sequence[str | None]) -> float:
    """Return the mean F1 over the labels of ``gold``; an answer that is no label of the set is a miss."""
    values: list[float] = []
    for label in sorted(set(gold)):
        hit = sum(g == a == label for g, a in zip(gold, answers, strict=True))
        wrong = sum((g == label) != (a == label) for g, a in zip(gold, answers, strict=True))
        values.append(2 * hit / (2 * hit + wrong))
    return sum(values) / len(values) if values else 0.0


_Ranked = list[dict[str, float]]


def _cross_validated(
    cases: Sequence[Case], articles: Sequence[Article], features: dict[str, ArticleFeatures], folder: Path,
    topics: TopicSet, embedder: Embedder,
) -> _Ranked:  # fmt: skip
    samples = example_samples() + definition_samples(topics) + sib200_samples(folder)
    vectors = embedder.encode([s.text for s in samples])
    ranked: _Ranked = [{} for _ in cases]
    for fold in range(_FOLDS):
        kept = [i for i, s in enumerate(samples) if s.kind != "sib200" or int(s.key) % _FOLDS != fold]
        model = train([samples[i] for i in kept], vectors[kept], topics.level1)
        held = [i for i, c in enumerate(cases) if int(c.key) % _FOLDS == fold]
        for i, scores in zip(held, level1_scores([articles[i] for i in held], features, topics, embedder, model),
                             strict=True):  # fmt: skip
            ranked[i] = scores
    return ranked


def _best(scores: dict[str, float], allowed: set[str] | None = None) -> str | None:
    chosen = {t: s for t, s in scores.items() if allowed is None or t in allowed}
    return max(chosen, key=lambda t: (chosen[t], t)) if chosen else None


def evaluate(paths: Sequence[Path]) -> Scores:
    """Score the tagger on the folders or files of ``paths``."""
    topics, embedder, model = load_topics(BUILTIN_CONFIG / "topics.toml"), Embedder(), load_model()
    cases = read_cases(paths)
    notes: list[str] = []
    sib_unseen = [c for c in cases if c.group == "sib200" and c.split not in LEARNT]
    cross = not sib_unseen and any(c.group == "sib200" for c in cases)
    if sib_unseen:
        cases = [c for c in cases if c.group != "sib200" or c.split not in LEARNT]
        notes.append(f"SIB-200: {len(sib_unseen)} sentences that the weights have not learnt.")
    flat: dict[str, float | int | str] = {}
    rows: list[tuple[str, ...]] = []
    for group in sorted({c.group for c in cases}):
        own = [c for c in cases if c.group == group]
        articles = [c.article() for c in own]
        features = _features(articles, embedder)
        if group == "sib200" and cross:
            folder = next(p.parent.parent for path in paths for p in sorted(path.rglob("spa_Latn/*.tsv")))
            ranked = _cross_validated(own, articles, features, folder, topics, embedder)
            notes.append(f"SIB-200: only learnt sentences here, so {_FOLDS}-fold cross-validation.")
        else:
            ranked = level1_scores(articles, features, topics, embedder, model)
        _score(group, own, ranked, flat, rows)
    flat["texts"] = len(cases)
    return Scores(flat, ("set", "measure", "texts", "macro F1", "closed"), tuple(rows), tuple(notes))


def _set(flat: dict[str, float | int | str], group: str, key: str, value: float) -> None:
    """Note a figure under the set's name too; the plain key is SIB-200's where several sets are scored at once."""
    flat[f"{group.replace('-', '_')}_{key}"] = value
    if group == "sib200" or key not in flat:
        flat[key] = value


def _score(
    group: str, cases: Sequence[Case], ranked: _Ranked, flat: dict[str, float | int | str], rows: list[tuple[str, ...]]
) -> None:
    allowed = {c.gold for c in cases}
    for lang in sorted({c.lang for c in cases}):
        splits: list[tuple[str, list[int]]] = [("", [i for i, c in enumerate(cases) if c.lang == lang])]
        if group == "spanish-news":
            splits = [("", [i for i, c in enumerate(cases) if c.split == "true"]), ("_all", splits[0][1])]
        for suffix, chosen in splits:
            gold = [cases[i].gold for i in chosen]
            value = macro_f1(gold, [_best(ranked[i]) for i in chosen])
            closed = macro_f1(gold, [_best(ranked[i], allowed) for i in chosen])
            _set(flat, group, f"macro_f1_{lang}{suffix}", value)
            _set(flat, group, f"closed_macro_f1_{lang}{suffix}", closed)
            rows.append((group, f"macro F1 {lang}{suffix}", str(len(chosen)), f"{value:.3f}", f"{closed:.3f}"))
    answers: dict[str, dict[str, str | None]] = {}
    for case, scores in zip(cases, ranked, strict=True):
        answers.setdefault(f"{case.split}/{case.key}", {})[case.lang] = _best(scores)
    pairs = [a for a in answers.values() if len(a) == 2]
    if pairs:
        same = sum(a["es"] == a["en"] for a in pairs) / len(pairs)
        _set(flat, group, "label_agreement", same)
        rows.append((group, "same answer in both languages", str(len(pairs)), f"{same:.3f}", ""))
