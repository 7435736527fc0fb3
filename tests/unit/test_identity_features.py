"""Features: once per wording, the same in any batch, empty where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.identity.embed import DIMENSIONS, STEP, Embedder
from pipeline.identity.features import compute_features, informative_title, lead_of, minhash
from tests.eval._identity import embedder, make_article
from tests.unit.identity_texts import ENGLISH, WIRE, corpus


def test_a_vector_does_not_depend_on_its_batch() -> None:
    """Encoded alone or among others, in any order, a text has the very same vector."""
    texts = [a.title for a in corpus()] + [a.text for a in corpus()]
    together = embedder().encode(texts)
    backwards = embedder().encode(texts[::-1])[::-1]
    alone = np.vstack([Embedder().encode([t]) if i == 0 else embedder().encode([t]) for i, t in enumerate(texts)])
    assert together.shape == (len(texts), DIMENSIONS)
    assert together.dtype == np.float32
    assert (together == backwards).all()
    assert (together == alone).all()


def test_blank_texts_have_no_vector() -> None:
    """A blank text is a zero row, and no texts are no rows."""
    assert not embedder().encode(["", "  "]).any()
    assert embedder().encode([]).shape == (0, DIMENSIONS)


def test_translations_are_near_and_other_events_are_not() -> None:
    """The model puts a Spanish and an English title of one event together."""
    a, b, c = embedder().encode(
        ["Liberan a 43 presos políticos", "43 political prisoners are freed", "El Banco Central sube los tipos"]
    )
    assert a @ b > 0.7
    assert a @ c < 0.45


@pytest.mark.parametrize("title", ["Última hora", "EN VIVO", "Breaking news", "", "¿…?", "Opinión", "En vivo: últimas"])
def test_generic_titles_say_nothing(title: str) -> None:
    """A title that could stand over any text has no vector."""
    assert informative_title(title) == ""


def test_a_label_before_the_title_is_dropped() -> None:
    """ "Última hora:" before a real title does not make titles alike."""
    assert informative_title("Última hora: Excarcelan a 43 presos") == "Excarcelan a 43 presos"
    assert informative_title("Costa Blanca: excarcelan a 43 presos") == "Costa Blanca: excarcelan a 43 presos"


def test_empty_text_has_no_signature() -> None:
    """Empty and tiny texts have no MinHash, so nothing can match them."""
    assert minhash("") == ((), 0)
    assert minhash("Demasiado corto para ser copia")[0] == ()
    assert len(minhash(WIRE)[0]) == 128


def test_features_fit_the_table_and_follow_the_order() -> None:
    """One record per article, in order; feed-only texts are not fingerprinted; vectors are whole numbers."""
    articles = [
        make_article("full", "es", "Excarcelan a 43 presos políticos", WIRE),
        make_article("feed", "en", "Costa Blanca frees 43 prisoners", "", summary=ENGLISH),
        make_article("none", "es", "", ""),
    ]
    full, feed, none = compute_features(articles, embedder())
    assert [f.article_id for f in (full, feed, none)] == ["full", "feed", "none"]
    assert full.minhash and not feed.minhash
    assert feed.lead_vector and "larralde" in feed.names and "43" in feed.numbers
    assert none.title_vector == none.lead_vector == none.minhash == none.terms == none.names == ()
    assert {"larralde", "barreda"} <= set(full.names) and {"43", "612"} <= set(full.numbers)
    (vector,) = embedder().encode([articles[0].title])
    assert [v / STEP for v in full.title_vector] == vector.tolist()
    assert all(0 <= v < 2**63 for v in full.minhash)
    assert full.method_version == none.method_version


def test_the_lead_leaves_out_a_repeated_title() -> None:
    """Pages that open with their title again do not count it twice."""
    article = make_article("x", "es", "Suben los tipos", "Suben los tipos\nEl banco central actuó. Fue el lunes.")
    assert lead_of(article) == "El banco central actuó. Fue el lunes."
