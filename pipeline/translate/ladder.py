"""The ladder: each sentence is tried by one engine, then by its other settings, then by the next engine.

What passes the checks first is taken; what nobody gets right keeps its best try, marked by the checks it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.translate.crew import Crew
from pipeline.translate.engine import Engine, EngineError
from pipeline.translate.gate import GATE_VERSION, SOFT, check_sentence, missed_names, polish
from pipeline.translate.glossary import Shielded, shield, unshield
from storage.ids import sha256_text
from storage.records import TranslationMemory

MemoryKey = tuple[str, str, str, str, str]
Memory = Mapping[MemoryKey, TranslationMemory]


def memory_key(row: TranslationMemory) -> MemoryKey:
    """Return what a row of the memory is asked by."""
    return (row.sentence_sha256, row.source_lang, row.target, row.engine, row.engine_version)


def failed(row: TranslationMemory) -> frozenset[str]:
    """Return the checks for which a sentence is not shown."""
    return frozenset(row.checks) - SOFT


class Ladder:
    """The sentences of one language, and for each the best that the engines make of it.

    With ``anew`` the memory's failures do not count: they are tried again.
    """

    def __init__(
        self, lang: str, crew: Crew, memory: Memory, clock: Callable[[], datetime], *, anew: bool = False
    ) -> None:
        self.lang = lang
        self._crew, self._memory, self._clock, self._anew = crew, memory, clock, anew
        self.best: dict[str, TranslationMemory] = {}
        self.new: dict[MemoryKey, TranslationMemory] = {}
        self.broken: list[str] = []
        self.fresh: set[str] = set()
        self.retried = self.mended = 0

    def climb(self, wanted: Sequence[str]) -> None:
        """Find the best translation of each of the ``wanted`` sentences, which are all different."""
        todo = []
        for sentence in wanted:
            if any(c.isalpha() for c in sentence):
                todo.append(sentence)
            else:  # a rule, a number, a row of stars: nothing to translate
                shown, _ = polish(sentence, sentence, lang=self.lang, glossary=self._crew.glossary)
                key = (sha256_text(sentence), self.lang, self._crew.target, "", "")
                self.best[sentence] = TranslationMemory(*key, sentence, shown, (), self._clock())
        for engine in self._crew.ladder(self.lang):
            if not todo:
                return
            for sentence, row in self._ask(engine, todo).items():
                best = self.best.get(sentence)
                if best is None or len(failed(row)) < len(failed(best)):
                    self.best[sentence] = row
            todo = [s for s in todo if s not in self.best or failed(self.best[s])]

    def _ask(self, engine: Engine, sentences: Sequence[str]) -> dict[str, TranslationMemory]:
        rows: dict[str, TranslationMemory] = {}
        for sentence in sentences:
            known = self._memory.get(self._key(sentence, engine))
            if known is not None and not (self._anew and failed(known)):
                rows[sentence] = known
        # by length, so that a batch holds sentences of a size and little is padded
        order = sorted((s for s in sentences if s not in rows), key=lambda s: (len(s), s))
        try:
            found = engine.translate(order, self.lang, self._crew.target) if order else []
            if len(found) != len(order):
                raise EngineError(f"it gave {len(found)} translations for {len(order)} sentences")
            tried = {s: self._judged(s, text, engine) for s, text in zip(order, found, strict=True)}
        except EngineError as error:
            self.broken.append(f"{engine.name}: {error}")
            return rows
        self.fresh.update(tried)
        self._again(engine, tried)
        self.new |= {memory_key(row): row for row in tried.values()}
        return rows | tried

    def _again(self, engine: Engine, tried: dict[str, TranslationMemory]) -> None:
        """Try the sentences that failed once more, by the engine's other settings and with names shielded."""
        wrong = [s for s, row in tried.items() if failed(row)]
        if not wrong:
            return
        self.retried += len(wrong)
        try:
            others = engine.alternatives(wrong, self.lang, self._crew.target)
            for sentence, texts in zip(wrong, others, strict=True):
                for text in texts:
                    self._take(tried, self._judged(sentence, text, engine))
            self._shielded(engine, tried, [s for s in wrong if {"name", "names"} & set(tried[s].checks)])
        except EngineError as error:
            self.broken.append(f"{engine.name}, other settings: {error}")
        self.mended += sum(not failed(tried[s]) for s in wrong)

    def _shielded(self, engine: Engine, tried: dict[str, TranslationMemory], sentences: Sequence[str]) -> None:
        shields = [self._shield(engine, tried[s]) for s in sentences]
        texts = engine.translate([s.text for s in shields], self.lang, self._crew.target) if shields else []
        for sentence, shielded, text in zip(sentences, shields, texts, strict=True):
            whole = unshield(shielded, text)
            if whole is not None:
                self._take(tried, self._judged(sentence, whole, engine))

    def _shield(self, engine: Engine, row: TranslationMemory) -> Shielded:
        """Hide the glossary's names, and those that are gone from a translation."""
        glossary = self._crew.glossary
        gone = missed_names(
            row.sentence, row.translation, lang=self.lang, target=row.target, glossary=glossary, engine=engine.name
        )
        return shield(row.sentence, replace(glossary, keep=(*glossary.keep, *gone)), self.lang)

    @staticmethod
    def _take(tried: dict[str, TranslationMemory], row: TranslationMemory) -> None:
        """Let ``row`` stand for its sentence where it fails fewer checks than what stood there."""
        if len(failed(row)) < len(failed(tried[row.sentence])):
            tried[row.sentence] = row

    def _key(self, sentence: str, engine: Engine) -> MemoryKey:
        version = f"{engine.version}/{GATE_VERSION}/{self._crew.glossary.version}"
        return (sha256_text(sentence), self.lang, self._crew.target, engine.name, version)

    def _judged(self, sentence: str, text: str, engine: Engine) -> TranslationMemory:
        crew, lang = self._crew, self.lang
        shown, soft = polish(sentence, text, lang=lang, glossary=crew.glossary, engine=engine.name)
        hard = check_sentence(
            sentence, shown, lang=lang, target=crew.target, glossary=crew.glossary, engine=engine.name
        )
        checks = tuple(dict.fromkeys((*hard, *soft)))
        return TranslationMemory(*self._key(sentence, engine), sentence, shown, checks, self._clock())
