"""The translation stage: articles in, translations and memory out. Pure but for the engines it is handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.translate.engine import Engine, EngineError
from pipeline.translate.gate import SOFT, check_sentence, polish
from pipeline.translate.sentences import join_text, split_text
from storage.ids import sha256_text
from storage.records import Article, Translation, TranslationMemory, TranslationStatus

GATE_VERSION = "gate/2"
_MAX_FAILED_SHARE = 0.25  # beyond this share of failed sentences the text as a whole is not to be trusted

MemoryKey = tuple[str, str, str, str, str]
Memory = Mapping[MemoryKey, TranslationMemory]


@dataclass(frozen=True, slots=True)
class TranslationBatch:
    """What a batch gives: one translation an article, new memory rows, and counts of sentences."""

    translations: tuple[Translation, ...]
    memory: tuple[TranslationMemory, ...]
    sentences: int
    memory_hits: int


@dataclass(frozen=True, slots=True)
class _Draft:
    article: Article
    title: list[list[str]]
    text: list[list[str]]


def source_hash(article: Article) -> str:
    """Return the hash of what is translated: a translation of another wording is out of date."""
    return article.text_sha256


def sentence_hashes(articles: Sequence[Article], target: str) -> set[str]:
    """Return the hashes by which the memory is asked for the sentences of articles."""
    return {
        sha256_text(s)
        for article in articles
        if article.lang != target
        for draft in [_draft(article)]
        for paragraph in (*draft.title, *draft.text)
        for s in paragraph
    }


def _draft(article: Article) -> _Draft:
    # A headline has no full stop inside: it is one sentence
    title = [[article.title.strip()]] if article.title.strip() else []
    return _Draft(article, title, split_text(article.text, article.lang))


def translate_articles(
    articles: Sequence[Article], engines: Sequence[Engine], memory: Memory, target: str, clock: Callable[[], datetime]
) -> TranslationBatch:
    """Translate articles by the first engine that supports their language; what fails the gate goes to the next.

    Articles in the target language are ``not_needed``; those no engine supports stay ``pending``.
    """
    done: list[Translation] = []
    new_memory: dict[MemoryKey, TranslationMemory] = {}
    sentences = hits = 0
    by_lang: dict[str, list[Article]] = {}
    for article in articles:
        by_lang.setdefault(article.lang, []).append(article)
    for lang, group in sorted(by_lang.items()):
        able = [e for e in engines if e.supports(lang, target)]
        if lang == target:
            done += [_without_text(a, target, "not_needed", ()) for a in group]
        elif not able:
            done += [_without_text(a, target, "pending", ("mt_unavailable",)) for a in group]
        else:
            drafts = [_draft(a) for a in group]
            table = _Table(lang, target, able, memory, clock)
            table.fill({s: None for d in drafts for p in (*d.title, *d.text) for s in p})
            done += [_assemble(d, table, target, clock()) for d in drafts]
            new_memory |= table.new
            sentences += table.asked
            hits += table.hits
    return TranslationBatch(tuple(done), tuple(new_memory.values()), sentences, hits)


class _Table:
    """The sentences of one language and, for each, the engines' tries in order."""

    def __init__(
        self, lang: str, target: str, engines: Sequence[Engine], memory: Memory, clock: Callable[[], datetime]
    ) -> None:
        self.lang, self.target, self.engines = lang, target, engines
        self._memory, self._clock = memory, clock
        self.new: dict[MemoryKey, TranslationMemory] = {}
        self.best: dict[str, TranslationMemory] = {}
        self.broken: list[str] = []
        self.asked = self.hits = 0

    def fill(self, wanted: Mapping[str, None]) -> None:
        """Translate all ``wanted`` sentences: the first engine takes all, the next what failed, and so on."""
        self.asked = len(wanted)
        open_sentences = list(wanted)
        for position, engine in enumerate(self.engines):
            held = {s: row for s in open_sentences if (row := self._memory.get(self._key(s, engine))) is not None}
            fresh = [s for s in open_sentences if s not in held]
            if position == 0:
                self.hits = len(held)
            try:
                # by length, so that a batch holds sentences of a size and little is padded
                order = sorted(fresh, key=lambda s: (len(s), s))
                for sentence, text in zip(order, engine.translate(order, self.lang, self.target), strict=True):
                    held[sentence] = self._remember(sentence, text, engine)
            except EngineError as error:
                self.broken.append(f"{engine.name}: {error}")
            for sentence, row in held.items():
                best = self.best.get(sentence)
                if best is None or len(_failed(row)) < len(_failed(best)):
                    self.best[sentence] = row
            open_sentences = [s for s in open_sentences if s not in self.best or _failed(self.best[s])]
            if not open_sentences:
                return

    def _key(self, sentence: str, engine: Engine) -> MemoryKey:
        version = f"{engine.version}/{GATE_VERSION}"
        return (sha256_text(sentence), self.lang, self.target, engine.name, version)

    def _remember(self, sentence: str, text: str, engine: Engine) -> TranslationMemory:
        key = self._key(sentence, engine)
        shown, soft = polish(sentence, text)
        row = TranslationMemory(*key, sentence, shown, (*check_sentence(sentence, shown), *soft), self._clock())
        self.new[key] = row
        return row


def _failed(row: TranslationMemory) -> set[str]:
    """Return the checks for which a sentence is not shown."""
    return set(row.checks) - SOFT


def _assemble(draft: _Draft, table: _Table, target: str, now: datetime) -> Translation:
    article = draft.article
    wanted = [s for p in (*draft.title, *draft.text) for s in p]
    rows = [table.best.get(s) for s in wanted]
    if any(row is None for row in rows):
        return _without_text(article, target, "pending", ("mt_unavailable", *table.broken))
    failed = [s for s, row in zip(wanted, rows, strict=True) if row is not None and _failed(row)]
    fired = sorted({c for row in rows if row is not None for c in row.checks})
    share = sum(map(len, failed)) / max(1, sum(map(len, wanted)))
    used = sorted({(row.engine, row.engine_version) for row in rows if row is not None and not _failed(row)})
    status: TranslationStatus = "ok"
    if fired:
        status = "partial"
    if failed:
        status = "quarantined" if share > _MAX_FAILED_SHARE else "partial"

    def shown(sentence: str) -> str:
        row = table.best[sentence]
        # A sentence that failed stays in the original and is marked, so that nobody takes it for a translation
        return f"[{article.lang}] {sentence}" if _failed(row) else row.translation

    title = " ".join(shown(s) for p in draft.title for s in p) or None
    if draft.title and _failed(table.best[draft.title[0][0]]):
        title = None  # an untranslated headline is no English headline
    return Translation(
        article_id=article.article_id,
        target=target,
        title=title,
        text=join_text([[shown(s) for s in p] for p in draft.text]),
        engine="+".join(e for e, _ in used) or None,
        engine_version="+".join(v for _, v in used) or None,
        status=status,
        checks=tuple(fired),
        source_sha256=source_hash(article),
        translated_at=now,
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
