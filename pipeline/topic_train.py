"""Train the level-1 classifier: ``python -m pipeline.topic_train [--sib200 DIR] [--out FILE]``.

It learns from ``pipeline/data/topic_examples.tsv`` (our own invented sentences, Spanish beside English), from the names
and definitions of ``config/topics.toml`` (IPTC's, CC BY 4.0, and ours), and from the train and dev sentences of SIB-200
(Adelani et al. 2024, CC BY-SA 4.0) where ``--sib200`` names a folder with ``spa_Latn`` and ``eng_Latn``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.topic_model import MODEL_FILE, TopicModel, fit, save_model
from pipeline.topic_set import TopicSet, load_topics

if TYPE_CHECKING:
    from pipeline.topic_model import Matrix

EXAMPLES_FILE = Path(__file__).resolve().parent / "data" / "topic_examples.tsv"
L2 = 3e-4
LANGUAGE = 1.0
"""How lightly the difference between translations is punished: the smaller, the more alike both languages answer."""
SIB_LABELS = {
    "politics": "medtop:11000000",
    "sports": "medtop:15000000",
    "health": "medtop:07000000",
    "entertainment": "medtop:01000000",
    "science/technology": "medtop:13000000",
    "travel": "medtop:10000000",
}
"""SIB-200's labels that have a level-1 topic; its geography has none."""
_WEIGHTS = {"example": 1.0, "definition": 0.3, "sib200": 1.4}


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled text: where it comes from, its topic, its language; ``key`` is shared by translations of it."""

    kind: str
    key: str
    topic_id: str
    lang: str
    text: str


def example_samples(path: Path = EXAMPLES_FILE) -> list[Sample]:
    """Read the examples: a line holds the two digits of the level-1 code, the Spanish and the English sentence."""
    samples: list[Sample] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        code, spanish, english = line.split("\t")
        for lang, text in (("es", spanish), ("en", english)):
            samples.append(Sample("example", f"x{number}", f"medtop:{code}000000", lang, text))
    return samples


def definition_samples(topics: TopicSet) -> list[Sample]:
    """Return name and definition of every topic, labelled with its level-1 ancestor."""
    samples: list[Sample] = []
    for topic_id, spec in sorted(topics.specs.items()):
        top, name = topics.top(topic_id), spec.record
        for lang, text in (
            ("es", f"{name.name_es}. {spec.definition_es}".strip(" .")),
            ("en", f"{name.name_en}. {spec.definition_en}".strip(" .")),
        ):
            samples.append(Sample("definition", topic_id, top, lang, text))
    return samples


def sib200_samples(folder: Path, splits: Sequence[str] = ("train", "dev")) -> list[Sample]:
    """Read the sentences of SIB-200 whose label has a topic; ``key`` is the id that both languages share."""
    samples: list[Sample] = []
    for lang, name in (("es", "spa_Latn"), ("en", "eng_Latn")):
        for split in splits:
            path = folder / name / f"{split}.tsv"
            if not path.is_file():
                continue
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    if row["category"] in SIB_LABELS:
                        label = SIB_LABELS[row["category"]]
                        samples.append(Sample("sib200", row["index_id"], label, lang, row["text"]))
    return samples


def language_metric(samples: Sequence[Sample], vectors: Matrix, lightness: float) -> Matrix:
    """Return a matrix (512, 512) that shrinks the directions in which translations of one text differ.

    With ``C`` the mean outer product of the differences between the Spanish and the English vector of a sample, and
    ``t`` the mean of its diagonal, the matrix is ``(1 + C / (lightness t))`` to the power of -1/2, scaled to keep the
    vectors' mean length. Fitting in the shrunk space with a plain penalty is to punish weights that tell the languages
    apart (within-class covariance normalisation, Hatch et al. 2006, with a translation pair as the class). Without
    pairs it is the identity.
    """
    import numpy as np

    x = np.asarray(vectors, dtype=np.float64)
    pairs: dict[tuple[str, str], dict[str, int]] = {}
    for i, sample in enumerate(samples):
        pairs.setdefault((sample.kind, sample.key), {})[sample.lang] = i
    both = [(p["es"], p["en"]) for p in pairs.values() if len(p) == 2]
    identity: Matrix = np.eye(x.shape[1], dtype=np.float64)
    if not both:
        return identity
    difference = x[[es for es, _ in both]] - x[[en for _, en in both]]
    spread = difference.T @ difference / len(both)
    mean = float(np.trace(spread)) / len(spread)
    if mean == 0:
        return identity
    values, axes = np.linalg.eigh(spread / (lightness * mean))
    shrink = (axes * (1.0 + np.maximum(values, 0.0)) ** -0.5) @ axes.T
    result: Matrix = shrink * (np.linalg.norm(x, axis=1).mean() / np.linalg.norm(x @ shrink, axis=1).mean())
    return result


def train(samples: Sequence[Sample], vectors: object, labels: Sequence[str]) -> TopicModel:
    """Fit the classifier on ``samples`` and their ``vectors`` (n, 512); the origin names what it was made of."""
    import numpy as np

    x = np.asarray(vectors, dtype=np.float32)
    classes = [labels.index(s.topic_id) for s in samples]
    metric = language_metric(samples, x, LANGUAGE)
    shrunk = (x @ metric).astype(np.float32)
    weights = fit(shrunk, classes, [_WEIGHTS[s.kind] for s in samples], len(labels), L2)
    # folded into the weights, so that tagging knows nothing of it
    weights = np.vstack([metric @ weights[:-1], weights[-1:]]).astype(np.float32)
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(f"{sample.kind}\t{sample.key}\t{sample.topic_id}\t{sample.lang}\t{sample.text}\n".encode())
    counts = {kind: sum(s.kind == kind for s in samples) for kind in _WEIGHTS}
    settings = {
        "l2": str(L2),
        "language": str(LANGUAGE),
        "weights": ", ".join(f"{kind} {w}" for kind, w in _WEIGHTS.items()),
    }
    made = hashlib.sha256(f"{digest.hexdigest()} {sorted(settings.items())}".encode()).hexdigest()
    origin = {
        **settings,
        "version": f"lr-{made[:8]}",
        "samples": ", ".join(f"{n} {kind}" for kind, n in counts.items()),
        "samples_sha256": digest.hexdigest(),
        "licence": "examples Apache-2.0 (this project); definitions IPTC, CC BY 4.0; SIB-200, CC BY-SA 4.0",
    }
    return TopicModel(tuple(labels), weights, origin)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the weights."""
    from pipeline.identity.embed import Embedder
    from pipeline.settings import BUILTIN_CONFIG

    parser = argparse.ArgumentParser(prog="python -m pipeline.topic_train", description=__doc__)
    parser.add_argument("--sib200", type=Path, help="folder with spa_Latn/ and eng_Latn/")
    parser.add_argument("--out", type=Path, default=MODEL_FILE)
    args = parser.parse_args(arguments)
    topics = load_topics(BUILTIN_CONFIG / "topics.toml")
    samples = example_samples() + definition_samples(topics)
    if args.sib200 is not None:
        samples += sib200_samples(args.sib200)
    embedder = Embedder()
    model = train(samples, embedder.encode([s.text for s in samples]), topics.level1)
    save_model(
        TopicModel(model.labels, model.weights, {**model.origin, "encoder": f"{embedder.name} {embedder.version}"}),
        args.out,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
