"""The translation stage: articles in, translations and memory out. Pure but for the engines it is handed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.translate.crew import Crew
from pipeline.translate.gate import GATE_VERSION, SOFT, check_article
from pipeline.translate.ladder import Ladder, Memory, MemoryKey, failed
from pipeline.translate.sentences import join_text, split_text
from storage.ids import sha256_text
from storage.records import Article, Translation, TranslationMemory, TranslationStatus

_MAX_FAILED_SHARE = 0.25  # beyond this share of failed sentences the text as a whole is not to be trusted


@dataclass(frozen=True, slots=True)
class TranslationBatch:
    """What a batch gives: one translation an article, new memory rows, and counts of sentences.

    ``memory_hits`` are sentences that no engine was asked for, since they, or one like them in this batch, were
    translated before. ``retried`` ones failed their checks at first, ``mended`` ones of them passed in the end.
    """

    translations: tuple[Translation, ...]
    memory: tuple[TranslationMemory, ...]
    sentences: int = 0
    memory_hits: int = 0
    retried: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class _Draft:
    article: Article
    title: str
    text: list[list[str]]

    @property
    def sentences(self) -> list[str]:
        """All sentences in order, the title first: a headline has no full stop inside, it is one."""
        return [*([self.title] if self.title else []), *(s for p in self.text for s in p)]


def source_hash(article: Article) -> str:
    """Return the hash of what is translated: a translation of another wording is out of date."""
    return article.text_sha256


def sentence_hashes(articles: Sequence[Article], target: str) -> set[str]:
    """Return the hashes by which the memory is asked for the sentences of articles."""
    return {sha256_text(s) for a in articles if not _same_language(a.lang, target) for s in _draft(a).sentences}


def _same_language(lang: str, target: str) -> bool:
    return lang.partition("-")[0] == target


def _draft(article: Article) -> _Draft:
    return _Draft(article, article.title.strip(), split_text(article.text, article.lang))


def translate_articles(
    articles: Sequence[Article], crew: Crew, memory: Memory, clock: Callable[[], datetime], *, anew: bool = False
) -> TranslationBatch:
    """Translate articles by the crew's ladder for their language.

    Articles in the target language are ``not_needed``; those that no engine is fit for stay ``pending``. With ``anew``
    sentences that failed before are tried again instead of being taken from the memory.
    """
    done: list[Translation] = []
    new: dict[MemoryKey, TranslationMemory] = {}
    counts: Counter[str] = Counter()
    by_lang: dict[str, list[Article]] = {}
    for article in articles:
        by_lang.setdefault(article.lang, []).append(article)
    for lang, group in sorted(by_lang.items()):
        if _same_language(lang, crew.target):
            done += [_without_text(a, crew.target, "not_needed", ()) for a in group]
        elif not crew.ladder(lang):
            why = "mt_canary" if crew.refused(lang) else "mt_unavailable"
            done += [_without_text(a, crew.target, "pending", (why,)) for a in group]
        else:
            drafts = [_draft(a) for a in group]
            said = Counter(s for d in drafts for s in d.sentences)
            ladder = Ladder(lang, crew, memory, clock, anew=anew)
            ladder.climb(list(said))
            done += [_assemble(d, ladder, crew, clock()) for d in drafts]
            new |= ladder.new
            counts.update(
                sentences=said.total(),
                hits=said.total() - len(ladder.fresh),
                retried=ladder.retried,
                mended=ladder.mended,
            )
    return TranslationBatch(
        tuple(done), tuple(new.values()), counts["sentences"], counts["hits"], counts["retried"], counts["mended"]
    )


def _assemble(draft: _Draft, ladder: Ladder, crew: Crew, now: datetime) -> Translation:
    article, wanted = draft.article, draft.sentences
    rows = {s: ladder.best[s] for s in wanted if s in ladder.best}
    if len(rows) < len(set(wanted)):
        return _without_text(article, crew.target, "pending", ("mt_unavailable", *ladder.broken))
    wrong = [s for s in wanted if failed(rows[s])]
    whole = check_article(
        [(s, rows[s].translation) for s in wanted if not failed(rows[s])],
        lang=article.lang,
        target=crew.target,
    )
    fired = tuple(sorted({c for row in rows.values() for c in row.checks} | set(whole)))
    share = sum(map(len, wrong)) / max(1, sum(map(len, wanted)))
    status: TranslationStatus = "partial" if fired else "ok"
    if share > _MAX_FAILED_SHARE or set(whole) - SOFT:
        status = "quarantined"
    # Of a quarantined text the engines that were tried are kept, of any other those whose words are shown.
    used = {r.engine for r in rows.values() if status == "quarantined" or not failed(r)}
    engines = [e for e in crew.ladder(article.lang) if e.name in used]

    def shown(sentence: str) -> str:
        # A sentence that failed stays in the original and is marked, so that nobody takes it for a translation
        return f"[{article.lang}] {sentence}" if failed(rows[sentence]) else rows[sentence].translation

    visible = status != "quarantined"
    # An untranslated headline is no English headline
    title = rows[draft.title].translation if draft.title and not failed(rows[draft.title]) else None
    return Translation(
        article_id=article.article_id,
        target=crew.target,
        title=title if visible else None,
        text=join_text([[shown(s) for s in p] for p in draft.text]) if visible else None,
        engine="+".join(e.name for e in engines) or None,
        engine_version="+".join(e.version for e in engines) or None,
        status=status,
        checks=fired,
        source_sha256=source_hash(article),
        translated_at=now,
        engines_asked=crew.asked(article.lang),
        gate_version=GATE_VERSION,
        glossary_version=crew.glossary.version,
    )


def _without_text(article: Article, target: str, status: TranslationStatus, checks: tuple[str, ...]) -> Translation:
    return Translation(
        article_id=article.article_id,
        target=target,
        title=None,
        text=None,
        engine=None,
        engine_version=None,
        status=status,
        checks=checks,
        source_sha256=source_hash(article),
        translated_at=None,
    )
