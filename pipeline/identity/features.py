"""What identity and topics need of an article, computed once per wording: vectors, MinHash, terms, names, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.identity.embed import STEP
from pipeline.identity.titles import informative_title
from pipeline.identity.words import (
    fold,
    name_tokens,
    numbers,
    salient_terms,
    sentences,
    shingle_words,
    shingles,
)
from storage.records import Article, ArticleFeatures, Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.identity.embed import Embedder

PERMUTATIONS = 128
MIN_SHINGLES = 12
"""A text of fewer distinct 3-word runs (about fourteen words) has no MinHash: too little to call anything a copy of."""
_SEED = 20260105
_LEAD_SENTENCES = 3
_LEAD_CHARS = 600
_BATCH = 512


def lead_of(article: Article) -> str:
    """Return the opening of an article: three sentences of the text, or of the feed's summary where that is all."""
    body = article.text if article.kind == "full" and article.text.strip() else (article.text or article.summary)
    lead: list[str] = []
    for sentence in sentences(body, _LEAD_SENTENCES + 1):
        if not lead and fold(sentence).strip(" .") == fold(article.title).strip(" ."):
            continue  # many pages open with their title again
        lead.append(sentence)
        if len(lead) == _LEAD_SENTENCES:
            break
    return " ".join(lead)[:_LEAD_CHARS]


def method_version(embedder: Embedder) -> str:
    """Return the version that stands in ``ArticleFeatures.method_version``; a change of any part changes it."""
    return f"features-5+{embedder.name}-{embedder.version}+rensa-{_rensa_version()}"


def _rensa_version() -> str:
    from importlib.metadata import version

    return version("rensa")


def minhash(text: str) -> tuple[tuple[int, ...], int]:
    """Return the signature of the text's 3-word runs (128 unsigned 32-bit slots) and how many distinct runs it has.

    The signature is empty when the text is too short, so that empty and tiny texts never match anything.
    """
    from rensa import RMinHash

    runs = sorted(set(shingles(shingle_words(text))))
    if len(runs) < MIN_SHINGLES:
        return (), len(runs)
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    sketch.update(runs)
    return tuple(int(v) for v in sketch.digest()), len(runs)


def compute_features(articles: Sequence[Article], embedder: Embedder) -> list[ArticleFeatures]:
    """Return the features of each article, in the order given; each depends on its article alone.

    A generic or empty title and an empty lead have an empty vector. Articles of kind ``feed_only`` have no MinHash:
    the feed's words are not the text.
    """
    version = method_version(embedder)
    titles = [informative_title(a.title) for a in articles]
    leads = [lead_of(a) for a in articles]
    found: list[ArticleFeatures] = []
    for start in range(0, len(articles), _BATCH):
        part = slice(start, start + _BATCH)
        title_vectors, lead_vectors = embedder.encode(titles[part]), embedder.encode(leads[part])
        for i, article in enumerate(articles[part]):
            title, lead = titles[start + i], leads[start + i]
            body = article.text or article.summary
            signature, count = minhash(article.text) if article.kind == "full" else ((), 0)
            found.append(
                ArticleFeatures(
                    article_id=article.article_id,
                    text_sha256=article.text_sha256,
                    title_vector=in_steps(title, title_vectors[i]),
                    lead_vector=in_steps(lead, lead_vectors[i]),
                    minhash=signature,
                    shingle_count=count,
                    terms=tuple(salient_terms(f"{title}\n{lead}\n{body}", 120)),
                    names=tuple(name_tokens(title, body, 40)),
                    numbers=tuple(numbers(f"{title}\n{lead}\n{body}", 20)),
                    method_version=version,
                )
            )
    return found


def in_steps(text: str, row: NDArray[np.float32]) -> tuple[Step, ...]:
    """Return the vector of ``text`` in whole steps of 1/`STEP`: exact, since that is what the embedder rounds to."""
    return tuple((row * STEP).astype(int).tolist()) if text.strip() else ()
