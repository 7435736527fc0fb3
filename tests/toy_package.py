"""A real Argos package of a few kilobytes, built on the spot: a one-layer transformer that translates word by word.

Its weights are set by hand. A word is a dimension, a place in the sentence is another: the decoder looks at the source
word at its own place (attention by position), maps it by the lexicon and says it. Words that it does not know it
copies. So what it gives can be told beforehand, and everything around it (zip, SentencePiece or BPE, CTranslate2) is
real.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LEXICON = {
    "el": "the", "la": "the", "gobierno": "government", "anunció": "announced", "nuevas": "new",
    "presidente": "president", "elecciones": "elections", "en": "in", "venezuela": "Venezuela",
    "inflación": "inflation", "subió": "rose", "hoy": "today", "de": "of", "españa": "Spain", "no": "not",
    "hubo": "there-were", ".": ".", ",": ",",
}  # fmt: skip
_PLACES = 300


def build(
    folder: Path, *, kind: str = "sentencepiece", version: str = "0.1", pair: tuple[str, str] = ("es", "en"),
    lexicon: Mapping[str, str] = LEXICON, name: str = "",
) -> Path:  # fmt: skip
    """Build a package file in ``folder`` and return its path. ``kind`` is ``sentencepiece`` or ``bpe``."""
    top = name or f"translate-{pair[0]}_{pair[1]}-{version.replace('.', '_')}"
    file = folder / f"{top}.argosmodel"
    members = dict(_model(kind, tuple(sorted(lexicon.items()))))
    members["metadata.json"] = json.dumps({
        "package_version": version, "argos_version": "1.9", "from_code": pair[0], "from_name": pair[0],
        "to_code": pair[1], "to_name": pair[1],
    }).encode()  # fmt: skip
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(members.items()):
            archive.writestr(f"{top}/{path}", data)
    return file


def _words(lexicon: Mapping[str, str]) -> list[str]:
    capital = {w.capitalize() for w in (*lexicon, *lexicon.values())}
    return sorted({*lexicon, *lexicon.values(), *capital})


@cache
def _model(kind: str, entries: tuple[tuple[str, str], ...]) -> tuple[tuple[str, bytes], ...]:
    import tempfile

    import ctranslate2

    lexicon = dict(entries)
    words = _words(lexicon)
    with tempfile.TemporaryDirectory() as scratch:
        if kind == "bpe":
            pieces, files = words, {"bpe.model": _bpe(words)}
        else:
            pieces, files = _sentencepiece(words, Path(scratch))
        vocabulary = ["<blank>", "<unk>", "<s>", "</s>", *pieces]
        spec = ctranslate2.specs.TransformerSpec.from_config((1, 1), 1, pre_norm=True, alignment_layer=0)
        _fill(spec, vocabulary, lexicon)
        model = Path(scratch) / "model"
        model.mkdir()
        spec.save(str(model))
        files |= {f"model/{p.name}": p.read_bytes() for p in model.iterdir()}
    return tuple(files.items())


def _sentencepiece(words: list[str], scratch: Path) -> tuple[list[str], dict[str, bytes]]:
    import sentencepiece

    (scratch / "words.txt").write_text("\n".join(w for w in words for _ in range(3)), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(scratch / "words.txt"), model_prefix=str(scratch / "sp"), model_type="word",
        vocab_size=len(words) + 3, normalization_rule_name="identity", hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_file=str(scratch / "sp.model"))
    pieces = [processor.id_to_piece(n) for n in range(processor.get_piece_size())]
    return [p for p in pieces if p not in ("<unk>", "<s>", "</s>")], {
        "sentencepiece.model": (scratch / "sp.model").read_bytes()
    }


def _bpe(words: list[str]) -> bytes:
    """Return codes that put each of the words together from its letters, left to right."""
    merges: dict[str, None] = {}
    for word in sorted(words, key=lambda w: (-len(w), w)):  # or "es" of a short word would break a long one up
        letters = [*word[:-1], f"{word[-1]}</w>"]
        for at in range(1, len(letters)):
            merges["".join(letters[:at]) + " " + letters[at]] = None
    return "\n".join(["#version: 0.2", *merges]).encode()


def _fill(spec: Any, vocabulary: list[str], lexicon: Mapping[str, str]) -> None:
    import numpy as np

    size = len(vocabulary)
    width = -(-(size + _PLACES) // 8) * 8
    at = {word: n for n, word in enumerate(vocabulary)}

    def zeros(*shape: int) -> Any:
        return np.zeros(shape, np.float32)

    def linear(layer: Any, weight: Any, bias: Any = None) -> None:
        layer.weight = np.ascontiguousarray(weight, np.float32)
        layer.bias = zeros(weight.shape[0]) if bias is None else bias

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(width, np.float32), zeros(width)

    mapping = zeros(width, width)
    for word, column in at.items():
        mapping[at[_rendering(word, at, lexicon)], column] = 1
    words, places = zeros(size, width), zeros(_PLACES, width)
    words[np.arange(size), np.arange(size)] = 1
    places[np.arange(_PLACES), size + np.arange(_PLACES)] = 1
    for side in (spec.encoder, spec.decoder):
        embedding = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embedding.weight, side.scale_embeddings = words.copy(), False
        side.position_encodings.encodings = places.copy()
        norm(side.layer_norm)
        layer = side.layer[0]
        norm(layer.self_attention.layer_norm)
        linear(layer.self_attention.linear[0], zeros(3 * width, width))
        linear(layer.self_attention.linear[1], zeros(width, width))
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, zeros(8, width))
        linear(layer.ffn.linear_1, zeros(width, 8))
    by_place, by_word = zeros(width, width), zeros(width, width)
    by_place[range(size, size + _PLACES), range(size, size + _PLACES)] = 1
    by_word[range(size), range(size)] = 1
    # After its norm a state has about sqrt(width / 2) in each of its two dimensions.
    sharp, loud = 4.0, 20 / np.sqrt(width / 2)
    look = spec.decoder.layer[0].attention
    norm(look.layer_norm)
    linear(look.linear[0], by_place * sharp)
    linear(look.linear[1], np.concatenate([by_place * sharp, by_word * loud]))
    linear(look.linear[2], mapping)
    say, bias = zeros(size, width), zeros(size)
    say[range(size), range(size)] = 6
    bias[[at["<blank>"], at["<s>"]]] = -50
    bias[at["</s>"]] = 2  # past the end of the source nothing else is to be said
    linear(spec.decoder.projection, say, bias)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_bos, spec.config.add_source_eos = False, True
    spec.config.bos_token = spec.config.decoder_start_token = vocabulary[2]
    spec.config.eos_token, spec.config.unk_token = vocabulary[3], vocabulary[1]
    spec.validate()
    spec.optimize(quantization=None)


def _rendering(piece: str, at: Mapping[str, int], lexicon: Mapping[str, str]) -> str:
    """Return the piece that a piece is translated by: itself where the lexicon does not know it."""
    mark = "▁" if piece.startswith("▁") else ""
    word = piece.removeprefix("▁")
    english = lexicon.get(word) or lexicon.get(word.lower())
    if english is None:
        return piece
    english = english.capitalize() if word[:1].isupper() else english
    return mark + english if mark + english in at else piece
