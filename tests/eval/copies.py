"""Copies: precision and recall of `pipeline.identity.copies.find_copies` over pairs of texts.

Formats: any ``.jsonl`` whose rows hold texts (``text``, or ``text1`` and ``text2``). Rows with ``group`` (and ``id``)
are gold as they stand: texts of one group are copies of each other. From other texts, as long as they have little in
common, cases are generated, the same ones each time: ``verbatim`` (another outlet's furniture around it), ``edited``
(one sentence in three loses every fifth word, the last one is gone), ``cut`` (the opening 40 %), and a ``roundup`` that
opens with an introduction, holds the openings of three texts and is a copy of none.

Translations: rows with ``group`` may say their ``lang``; of parallel lines (``NAME.es`` beside ``NAME.en``) every
fourteen make an article in two languages, the Spanish one without every fifth line; rows with ``lang1`` and ``lang2``
that differ are two reports of two outlets, never copies.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from time import perf_counter

from pipeline.identity.copies import find_copies
from pipeline.identity.features import compute_features
from pipeline.identity.words import sentences, shingle_words, shingles
from storage.ids import sha256_text
from storage.records import Copy
from tests.eval import Scores
from tests.eval._identity import EPOCH, embedder, make_article, read_jsonl

_MIN_WORDS = 120
_MAX_TEXTS = 400
_LINES = 14
_KINDS = ("verbatim", "edited", "cut")
_INTRODUCTION = (
    "Buenos días. Esto es lo que hay que saber para empezar la jornada, elegido por nuestra redacción: tres asuntos "
    "que marcarán la semana, lo que se sabe de cada uno, lo que falta por saber y dónde leer más si el tiempo alcanza. "
    "Puede escribirnos con sus preguntas y recibir este resumen cada mañana en su correo, sin coste alguno, "
    "junto con la previsión del tiempo y las citas de la agenda. Empezamos por lo que ocurrió durante la noche."
)
_FURNITURE = "Síguenos en nuestras redes y recibe el boletín. Subscribe to our newsletter for more."


def evaluate(paths: Sequence[Path]) -> Scores:
    """Score all texts at once, as one window."""
    texts, gold, lang = _material(paths)
    articles = [
        make_article(key, lang.get(key, "es"), _title(key, text, lang), text, at=EPOCH + timedelta(seconds=i))
        for i, (key, text) in enumerate(sorted(texts.items()))
    ]
    if not articles:
        raise ValueError(f"no texts of {_MIN_WORDS} words or more in {', '.join(map(str, paths))}")
    features = {f.article_id: f for f in compute_features(articles, embedder())}
    started = perf_counter()
    encoder = embedder() if len(set(lang.values())) > 1 else None
    groups = _groups(find_copies(articles, (), features, embedder=encoder))
    elapsed = perf_counter() - started
    found = {frozenset(p) for members in groups for p in combinations(members, 2)}
    wanted = {frozenset(p) for members in gold for p in combinations(members, 2)}
    flat: dict[str, float | int | str] = {"texts": len(articles), "gold_pairs": len(wanted), "found_pairs": len(found)}
    flat["precision"] = round(len(found & wanted) / len(found), 4) if found else 0.0
    flat["recall"] = round(len(found & wanted) / len(wanted), 4) if wanted else 0.0
    for kind in _KINDS:
        cases = [p for p in wanted if any(k.endswith(f"+{kind}") for k in p) and any("+" not in k for k in p)]
        if cases:
            flat[f"recall_{kind}"] = round(sum(p in found for p in cases) / len(cases), 4)
    if encoder is not None:
        across = {
            name: {p for p in pairs if len({lang[k] for k in p}) > 1} for name, pairs in (("f", found), ("w", wanted))
        }
        flat["translated_precision"] = round(len(across["f"] & across["w"]) / max(len(across["f"]), 1), 4)
        flat["translated_recall"] = round(len(across["f"] & across["w"]) / max(len(across["w"]), 1), 4)
    flat["articles_per_s"] = round(len(articles) / elapsed, 1)
    wrong = sorted(sorted(p) for p in found - wanted)[:10]
    return Scores(flat, notes=tuple(f"found, not gold: {a} = {b}" for a, b in wrong))


def _title(key: str, text: str, lang: Mapping[str, str]) -> str:
    return sentences(text, 1)[0] if len(set(lang.values())) > 1 and text.strip() else f"Title {key}"


def _material(paths: Sequence[Path]) -> tuple[dict[str, str], list[set[str]], dict[str, str]]:
    texts: dict[str, str] = {}
    groups: dict[str, set[str]] = defaultdict(set)
    plain: dict[str, str] = {}
    lang: dict[str, str] = {}
    for path in paths:
        for name, es, en in _parallel(path):
            for code, lines in (("es", es), ("en", en)):
                texts[f"{name}-{code}"], lang[f"{name}-{code}"] = "\n".join(lines), code
            groups[name] = {f"{name}-es", f"{name}-en"}
    for _, row in read_jsonl(paths):
        if row.get("lang1") != row.get("lang2"):
            for n in "12":
                key = f"{row['pair_id']}-{n}"
                texts[key], lang[key] = str(row[f"text{n}"]).strip(), str(row[f"lang{n}"])
            continue
        for field in ("text", "text1", "text2"):
            text = str(row.get(field) or "").strip()
            if not text or (len(text.split()) < _MIN_WORDS and "group" not in row):
                continue
            key = sha256_text(text)[:12]
            if "group" in row:
                key = str(row.get("id", key))
                texts[key] = text
                groups[str(row["group"])].add(key)
                lang[key] = str(row.get("lang", "es"))
            else:
                plain[key] = text
    if plain:
        chosen = _strangers(plain)
        texts |= chosen
        for key, text in chosen.items():
            cases = {f"{key}+{kind}": _change(text, kind) for kind in _KINDS}
            texts |= cases
            groups[key] |= {key, *cases}
        ordered = list(chosen.items())
        for i in range(0, len(ordered) - 2, 10):
            three = ordered[i : i + 3]
            texts[f"{ordered[i][0]}+roundup"] = "\n".join([_INTRODUCTION, *(_opening(t, 0.3) for _, t in three)])
    return texts, list(groups.values()), {key: lang.get(key, "es") for key in texts}


def _parallel(path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield articles made of parallel lines: a name, the Spanish lines less every fifth, the English lines."""
    for spanish in sorted(path.rglob("*.es")) if path.is_dir() else []:
        english = spanish.with_suffix(".en")
        es, en = (f.read_text(encoding="utf-8").splitlines() for f in (spanish, english))
        for start in range(0, min(len(es), len(en)) - _LINES, _LINES * 5):
            part = slice(start, start + _LINES)
            yield f"{spanish.stem}-{start}", [x for i, x in enumerate(es[part]) if i % 5 != 3], en[part]


def _strangers(texts: dict[str, str]) -> dict[str, str]:
    """Return up to _MAX_TEXTS texts of which no two share a tenth of the shorter's word triples."""
    kept: dict[str, set[str]] = {}
    for key, text in sorted(texts.items()):
        runs = set(shingles(shingle_words(text)))
        if all(len(runs & other) <= 0.1 * min(len(runs), len(other)) for other in kept.values()):
            kept[key] = runs
        if len(kept) == _MAX_TEXTS:
            break
    return {key: texts[key] for key in kept}


def _opening(text: str, share: float) -> str:
    words = text.split()
    return " ".join(words[: max(40, int(len(words) * share))])


def _change(text: str, kind: str) -> str:
    if kind == "verbatim":
        return f"{text}\n{_FURNITURE}"
    if kind == "cut":
        return _opening(text, 0.4)
    parts = sentences(text, 400)
    kept = parts[:-1] if len(parts) > 4 else parts
    return " ".join(_reword(p) if _chance(p, 3) else p for p in kept)


def _chance(text: str, one_in: int) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % one_in == 0


def _reword(sentence: str) -> str:
    words = sentence.split()
    return " ".join(w for i, w in enumerate(words) if i % 5)


def _groups(found: Iterable[Copy]) -> list[set[str]]:
    by_text: dict[str, set[str]] = defaultdict(set)
    for copy in found:
        by_text[copy.text_group_id].add(copy.article_id)
        if copy.original_article_id is not None:
            by_text[copy.text_group_id].add(copy.original_article_id)
    return list(by_text.values())
