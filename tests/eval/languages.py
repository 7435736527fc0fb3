"""Language detection on text with a known language.

Takes gold page folders (the gold text or the wanted segments, by the page's language), sentence files
``*.<lang>`` of parallel sets (one sentence a line) and ``<lang>_<script>/*.tsv`` folders of SIB-200. No hint is given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from pipeline.language import LANGUAGES, detect
from tests.eval import Scores
from tests.eval._gold import gold_format, read_gold

_THREE = {"spa": "es", "eng": "en", "cat": "ca", "glg": "gl", "eus": "eu", "por": "pt", "fra": "fr"}


def labelled(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``(language, text)`` for everything labelled under ``path``."""
    if path.is_file():
        yield from ((path.suffix[1:], line) for line in path.read_text("utf-8").splitlines() if line.strip())
        return
    try:
        gold_format(path)
    except ValueError:
        for lang in LANGUAGES:
            for file in sorted(path.glob(f"*.{lang}")):
                yield from labelled(file)
        for file in sorted(path.glob("*_*/*.tsv")):
            code = _THREE.get(file.parent.name.split("_")[0])
            if code:
                rows = file.read_text("utf-8").splitlines()[1:]
                yield from ((code, row.split("\t")[2]) for row in rows if row.count("\t") >= 2)
        return
    for page in read_gold(path):
        text = "\n".join(page.paragraphs if page.paragraphs is not None else page.wanted)
        if page.lang in LANGUAGES and text:
            yield page.lang, text


def evaluate(paths: list[Path]) -> Scores:
    """Score detection; the table is a confusion count of what went wrong."""
    right: dict[str, list[bool]] = defaultdict(list)
    wrong: Counter[tuple[str, str]] = Counter()
    for path in paths:
        for lang, text in labelled(path):
            found, _, _ = detect(text)
            right[lang].append(found == lang)
            if found != lang:
                wrong[lang, found] += 1
    everything = [hit for hits in right.values() for hit in hits]
    flat: dict[str, float | int | str] = {"accuracy": sum(everything) / len(everything) if everything else 0.0}
    for lang, hits in sorted(right.items()):
        flat[f"accuracy_{lang}"] = sum(hits) / len(hits)
        flat[f"texts_{lang}"] = len(hits)
    flat["texts"] = len(everything)
    rows = tuple((gold, found, str(n)) for (gold, found), n in wrong.most_common())
    notes = tuple(f"{name} {value:.4f}" for name, value in flat.items() if isinstance(value, float))
    return Scores(flat, ("gold", "found", "texts"), rows, notes)
