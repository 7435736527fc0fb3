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

from pipeline.topic_model import MODEL_FILE, TopicModel, fit, save_model
from pipeline.topic_set import TopicSet, load_topics

EXAMPLES_FILE = Path(__file__).resolve().parent / "data" / "topic_examples.tsv"
L2 = 1.5e-4
SIB_LABELS = {
    "politics": "medtop:11000000",
    "sports": "medtop:15000000",
    "health": "medtop:07000000",
    "entertainment": "medtop:01000000",
    "science/technology": "medtop:13000000",
    "travel": "medtop:10000000",
}
"""SIB-200's labels that have a level-1 topic; its geography has none."""
_WEIGHTS = {"example": 3.0, "definition": 0.3, "sib200": 1.0}


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


def train(samples: Sequence[Sample], vectors: object, labels: Sequence[str]) -> TopicModel:
    """Fit the classifier on ``samples`` and their ``vectors`` (n, 512); the origin names what it was made of."""
    import numpy as np

    x = np.asarray(vectors, dtype=np.float32)
    classes = [labels.index(s.topic_id) for s in samples]
    weights = fit(x, classes, [_WEIGHTS[s.kind] for s in samples], len(labels), L2)
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(f"{sample.kind}\t{sample.key}\t{sample.topic_id}\t{sample.lang}\t{sample.text}\n".encode())
    counts = {kind: sum(s.kind == kind for s in samples) for kind in _WEIGHTS}
    origin = {
        "version": f"lr-{digest.hexdigest()[:8]}",
        "samples": ", ".join(f"{n} {kind}" for kind, n in counts.items()),
        "samples_sha256": digest.hexdigest(),
        "l2": str(L2),
        "weights": ", ".join(f"{kind} {w}" for kind, w in _WEIGHTS.items()),
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
