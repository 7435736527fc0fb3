"""Translation: BLEU and chrF2 (sacrebleu) of this machine's engines, through the ladder that a run uses.

Format: folders with ``NAME.es`` and ``NAME.en``, line by line (``mt-wmt``, ``mt-flores``); only newstest 2012
and FLORES dev count. ``bleu_…`` and ``chrf_…`` are of what would be shown: repaired, with the glossary, after retries;
a sentence that no engine gets right counts as shown in the original. ``flagged_…`` is the share that fails a hard check
(``soft_…``: a soft one). Baseline: the first engine alone, its marks taken off. The engines are those of
``ATALAYA_ENGINES`` and the packages found; scores carry their names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline.settings import BUILTIN_CONFIG, load_settings
from pipeline.translate.crew import Crew
from pipeline.translate.engine import find_engines
from pipeline.translate.gate import SOFT
from pipeline.translate.glossary import load_glossary
from pipeline.translate.ladder import Ladder, failed
from tests.eval import Scores

_SETS = ("wmt12", "flores-dev")
_MARK = re.compile(r"\*(?=\w)")
_NOW = datetime(2026, 1, 9, tzinfo=UTC)


def evaluate(paths: Sequence[Path]) -> Scores:
    """Score each set; raises ValueError where none is there, or no engine."""
    settings = load_settings().translate
    glossary = load_glossary(BUILTIN_CONFIG / "glossary.toml")
    engines, missing = find_engines(settings, glossary.keep, ["es"])
    crew = Crew(tuple(engines), tuple(missing), glossary)
    ladder = crew.ladder("es")
    if not ladder:
        raise ValueError("no engine for Spanish: " + "; ".join(f"{m.why} ({m.mend})" for m in missing))
    flat: dict[str, float | int | str] = {"engines": " > ".join(f"{e.name} {e.version}" for e in ladder)}
    found = [f for path in paths for f in _files(path)]
    if not found:
        raise ValueError(f"none of {', '.join(_SETS)} in {', '.join(map(str, paths))}")
    for there in found:
        name = there.stem.replace("-", "_")
        sources, references = _lines(there), _lines(there.with_suffix(".en"))
        if len(sources) != len(references):
            raise ValueError(f"{there} and its English file differ in length")
        climbing = Ladder("es", crew, {}, lambda: _NOW)
        climbing.climb(list(dict.fromkeys(s for s in sources if s.strip())))
        rows = [climbing.best.get(s) for s in sources]
        shown = [s if row is None or failed(row) else row.translation for s, row in zip(sources, rows, strict=True)]
        best = [s if row is None else row.translation for s, row in zip(sources, rows, strict=True)]
        alone = [_MARK.sub("", t) for t in ladder[0].translate(sources, "es", "en")]
        checks = Counter(c for row in rows if row is not None for c in row.checks)
        flat |= {"sentences_" + name: len(sources)} | _quality(shown, references, "", name)
        flat |= _quality(best, references, "unmarked_", name) | _quality(alone, references, "baseline_", name)
        flat[f"flagged_{name}"] = round(sum(bool(row and failed(row)) for row in rows) / len(rows), 4)
        flat[f"soft_{name}"] = round(sum(bool(row and set(row.checks) & SOFT) for row in rows) / len(rows), 4)
        flat |= {f"fired_{check}_{name}": count for check, count in sorted(checks.items())}
    return Scores(flat, notes=("unmarked: with sentences that failed, as the engine left them",))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return [f for name in _SETS if (f := path / f"{name}.es").is_file()]
    return [path]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _quality(found: Sequence[str], references: Sequence[str], prefix: str, name: str) -> dict[str, float]:
    import sacrebleu

    return {
        f"{prefix}bleu_{name}": round(sacrebleu.corpus_bleu(list(found), [list(references)]).score, 2),
        f"{prefix}chrf_{name}": round(sacrebleu.corpus_chrf(list(found), [list(references)]).score, 2),
    }
