"""The classifier's weights: where they come from and that they can be made again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.settings import BUILTIN_CONFIG
from pipeline.topic_model import TopicModel, TopicModelError, combine, fit, load_model, save_model
from pipeline.topic_set import load_topics
from pipeline.topic_train import (
    Sample,
    definition_samples,
    example_samples,
    language_metric,
    sib200_samples,
    train,
)


def test_the_shipped_weights_know_all_level_1_topics_and_say_what_they_were_made_of() -> None:
    """Origin and licence travel with the weights."""
    model = load_model()
    assert model.labels == load_topics(BUILTIN_CONFIG / "topics.toml").level1
    assert model.weights.shape == (513, 17)
    assert {"version", "samples", "samples_sha256", "licence", "encoder"} <= set(model.origin)


def test_every_level_1_topic_has_examples_in_both_languages() -> None:
    """No class is learnt from one language alone."""
    samples = example_samples()
    for topic in load_topics(BUILTIN_CONFIG / "topics.toml").level1:
        assert {s.lang for s in samples if s.topic_id == topic} == {"es", "en"}, topic
    assert len({s.text for s in samples}) == len(samples)


def test_the_shipped_weights_were_made_from_the_files_that_are_here(corpora: Path) -> None:
    """An edit of examples, definitions or settings without training again is noticed."""
    topics = load_topics(BUILTIN_CONFIG / "topics.toml")
    samples = example_samples() + definition_samples(topics) + sib200_samples(corpora / "topic-sib200")
    made = train(samples, np.zeros((len(samples), 512), dtype=np.float32), topics.level1)
    shipped = load_model().origin
    for key in ("version", "samples_sha256", "samples", "l2", "language", "weights"):
        assert made.origin[key] == shipped[key], key


def test_fitting_twice_gives_the_same_weights_and_separates_what_can_be_separated() -> None:
    """No chance in it."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(3, 512)).astype(np.float32)
    classes = [i % 3 for i in range(60)]
    vectors = (centres[classes] + 0.1 * rng.normal(size=(60, 512))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    first, second = (fit(vectors, classes, [1.0] * 60, 3, 1e-4) for _ in range(2))
    assert np.array_equal(first, second)
    model = TopicModel(("a", "b", "c"), first, {"version": "t"})
    assert model.logits(vectors).argmax(axis=1).tolist() == classes


def test_directions_in_which_translations_differ_weigh_less() -> None:
    """Of two components that tell the classes apart equally well, the one that translations share decides."""
    rng = np.random.default_rng(3)
    samples: list[Sample] = []
    rows: list[list[float]] = []
    for i in range(40):
        sign = 1.0 if i % 2 else -1.0
        for lang in ("es", "en"):
            row = (0.01 * rng.normal(size=512)).tolist()
            row[0] = sign
            row[1] = sign + rng.normal()  # says as much on the mean, but not of both languages
            samples.append(Sample("example", str(i), "ab"[i % 2], lang, ""))
            rows.append(row)
    vectors = np.asarray(rows, dtype=np.float32)
    metric = language_metric(samples, vectors, 2.0)
    assert metric[1, 1] < metric[0, 0] / 2
    assert np.allclose(metric, metric.T)
    assert np.array_equal(language_metric(samples[::2], vectors[::2], 2.0), np.eye(512))
    plain, shrunk = language_metric(samples, vectors, 1e9), metric
    share = []
    for m in (plain, shrunk):
        w = m @ fit((vectors @ m).astype(np.float32), [i // 2 % 2 for i in range(80)], [1.0] * 80, 2, 1e-3)[:-1]
        share.append(abs(w[1, 0]) / abs(w[0, 0]))
    assert share[1] < share[0]


def test_a_text_without_a_vector_gets_no_opinion() -> None:
    """Zeros in, zeros out: then the terms alone decide."""
    assert not load_model().logits(np.zeros((1, 512), dtype=np.float32)).any()
    assert not any(combine(()))
    assert combine(((3.0, *[0.0] * 511), ()))[0] == pytest.approx(1.0)


def test_weights_survive_the_file(tmp_path: Path) -> None:
    """Written and read back they are equal to half precision; another file is refused with advice."""
    model = load_model()
    save_model(model, tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz")
    assert np.array_equal(again.weights, model.weights)
    assert (again.labels, again.origin) == (model.labels, model.origin)
    (tmp_path / "bad.npz").write_bytes(b"no weights")
    with pytest.raises(TopicModelError, match="topic_train"):
        load_model(tmp_path / "bad.npz")
