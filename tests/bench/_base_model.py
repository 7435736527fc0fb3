"""A package of the size of a real one, for timing where no real one is to be had.

A transformer "base" (6 + 6 layers, 512 wide, 8 heads, 32,000 words, int8) with random weights, except for what makes
output lengths real: the decoder looks at the source position of its own number and ends where the source ends. So a
sentence of n tokens gives n tokens, as a translation about does, and every layer costs what it costs in a real model.
Its words mean nothing. SentencePiece is trained on the news test sets of the shared corpora.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, HEADS, LAYERS, INNER, WORDS, POSITIONS = 512, 8, 6, 2048, 32_000, 600
_CODES = 496  # dimensions in which positions are told apart
_END = 510  # the dimension that marks the end of the source
_SHARP = 30.0


def build_package(folder: Path, texts: list[Path], sentence_model: Path) -> Path:
    """Build the package in ``folder`` and return its path; ``sentence_model`` is a package to take a MiniSBD from."""
    package = folder / "translate-es_en-base"
    (package / "model").mkdir(parents=True, exist_ok=True)
    pieces = _sentencepiece(package, texts)
    _model(pieces).save(str(package / "model"))
    with zipfile.ZipFile(sentence_model) as toy:
        name = next(n for n in toy.namelist() if n.endswith("minisbd/es.onnx"))
        (package / "minisbd").mkdir(exist_ok=True)
        (package / "minisbd" / "es.onnx").write_bytes(toy.read(name))
    metadata = {"package_version": "0.0", "argos_version": "1.9", "from_code": "es", "from_name": "Spanish",
                "to_code": "en", "to_name": "English"}  # fmt: skip
    (package / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return package


def _sentencepiece(package: Path, texts: list[Path]) -> list[str]:
    import sentencepiece

    prefix = package / "sp"
    sentencepiece.SentencePieceTrainer.train(
        input=",".join(map(str, texts)), model_prefix=str(prefix), vocab_size=WORDS - 1, hard_vocab_limit=False,
        num_threads=1, minloglevel=2,
    )  # fmt: skip
    shutil.move(prefix.with_suffix(".model"), package / "sentencepiece.model")
    prefix.with_suffix(".vocab").unlink()
    processor = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    known = [p for p in pieces if p not in ("<unk>", "<s>", "</s>")]
    words = ["<blank>", "<unk>", "<s>", "</s>", *known]
    return [*words, *(f"▁filler{n}" for n in range(WORDS - len(words)))]


def _model(words: list[str]) -> Any:
    import ctranslate2

    draw = np.random.default_rng(1)
    spec = ctranslate2.specs.TransformerSpec.from_config((LAYERS, LAYERS), HEADS, pre_norm=True, alignment_layer=-1)
    codes = draw.normal(size=(POSITIONS, WIDTH))
    codes[:, _CODES:] = 0
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    source = np.zeros((len(words), WIDTH))
    source[words.index("</s>"), _END] = 1
    for side, embedding in ((spec.encoder, source), (spec.decoder, np.zeros((len(words), WIDTH)))):
        given = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        given.weight = _f(embedding)
        side.scale_embeddings = False
        side.position_encodings.encodings = _f(codes)
        _norm(side.layer_norm)
        for layer in side.layer:
            _norm(layer.self_attention.layer_norm)
            _linear(layer.self_attention.linear[0], draw.normal(size=(3 * WIDTH, WIDTH)))
            _linear(layer.self_attention.linear[1], np.zeros((WIDTH, WIDTH)))
            _norm(layer.ffn.layer_norm)
            _linear(layer.ffn.linear_0, draw.normal(size=(INNER, WIDTH)))
            _linear(layer.ffn.linear_1, np.zeros((WIDTH, INNER)))
    value, out = np.zeros((WIDTH, WIDTH)), np.zeros((WIDTH, WIDTH))
    for head in range(HEADS):
        value[head * (WIDTH // HEADS), _END] = 1
        out[_END, head * (WIDTH // HEADS)] = 3 / (HEADS * 16)
    for number, layer in enumerate(spec.decoder.layer):
        _norm(layer.attention.layer_norm)
        _linear(layer.attention.linear[0], np.eye(WIDTH) * _SHARP)
        _linear(layer.attention.linear[1], np.concatenate([np.eye(WIDTH), value]))
        _linear(layer.attention.linear[2], out if number == LAYERS - 1 else np.zeros((WIDTH, WIDTH)))
    projection = draw.normal(size=(len(words), WIDTH))
    projection[:, _CODES:] = 0
    projection /= np.linalg.norm(projection, axis=1, keepdims=True)
    end = words.index("</s>")
    projection[end] = 0
    projection[end, _END] = 1.5
    bias = np.zeros(len(words))
    bias[[words.index(w) for w in ("<blank>", "<unk>", "<s>")]] = -50
    bias[end] = -10
    _linear(spec.decoder.projection, projection, bias)
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.config.add_source_bos, spec.config.add_source_eos = False, True
    spec.config.bos_token = spec.config.decoder_start_token = words[2]
    spec.config.eos_token, spec.config.unk_token = words[3], words[1]
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def _f(values: Any) -> Any:
    return np.ascontiguousarray(values, dtype=np.float32)


def _norm(layer: Any) -> None:
    layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _linear(layer: Any, weight: Any, bias: Any = None) -> None:
    layer.weight = _f(weight)
    layer.bias = _f(np.zeros(weight.shape[0]) if bias is None else bias)
