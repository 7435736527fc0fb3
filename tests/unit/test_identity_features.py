"""Features: once per wording, the same in any batch, empty where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.identity.embed import DIMENSIONS, STEP, Embedder
from pipeline.identity.features import compute_features, lead_of, minhash
from pipeline.identity.stories import place
from pipeline.identity.titles import informative_title
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


GENERIC = [
    "Última hora", "EN VIVO", "Breaking news", "", "¿…?", "Opinión", "En vivo: últimas",
    "EN VIVO | Última hora de Venezuela", "Última hora | El Nacional", "Última hora | La Voz de Galicia",
    "Breaking news - CNN", "CNN - Breaking News", "Resumen de noticias de Venezuela del jueves 8 de enero",
    "Titulares de El Nacional del 8 de enero de 2026", "Noticias de hoy en Venezuela", "NOTICIAS DE HOY EN VENEZUELA",
    "News summary for January 8", "News summary today", "Morning briefing: Thursday, January 8", "Venezuela news today",
    "Breaking News: Live Updates from Venezuela", "Resumen de noticias de la semana", "Titulares de prensa",
]  # fmt: skip
TELLING = {
    "Las noticias de hoy: excarcelan a 43 presos": "excarcelan a 43 presos",
    "Última hora | Excarcelan a 43 presos": "Excarcelan a 43 presos",
    "Breaking: Maduro Captured": "Maduro Captured",
    "EN VIVO | España - Francia": "España - Francia",
    "Agenda de Delcy Rodríguez en China": "Agenda de Delcy Rodríguez en China",
    "Noticias falsas de Venezuela inundan las redes": "Noticias falsas de Venezuela inundan las redes",
    "El tiempo en Madrid mejora": "El tiempo en Madrid mejora",
    "Fox News despide a su presentador": "Fox News despide a su presentador",
    "News of the World closes": "News of the World closes",
    "Weather kills seven in Texas": "Weather kills seven in Texas",
}


@pytest.mark.parametrize("title", GENERIC)
def test_generic_titles_say_nothing(title: str) -> None:
    """A title that could stand over any text has no vector."""
    assert informative_title(title) == ""


@pytest.mark.parametrize(
    "title", ["Resumen de noticias de Venezuela del jueves 8 de enero", "Última hora | El Nacional"]
)
def test_a_generic_title_makes_no_story_of_strangers(title: str) -> None:
    """Events that have nothing in common but the title they run under stay apart."""
    texts = (
        "Un incendio destruyó anoche el mercado de Maracaibo. Los bomberos tardaron cinco horas en apagarlo.",
        "La selección ganó a Perú en Maturín con dos goles de Rondón. El entrenador felicitó al equipo.",
        "El Banco Central subió el encaje a los bancos. Los economistas esperan menos crédito.",
        "Un jurado premió la novela de una escritora de Mérida. La obra sale a la venta en marzo.",
    )
    articles = [make_article(f"a{i}", "es", title, text) for i, text in enumerate(texts)]
    features = {f.article_id: f for f in compute_features(articles, embedder())}
    members = place(articles, features, (), (), articles[0].published_at, window_days=3650).members
    assert len({m.story_id for m in members}) == len(texts)


@pytest.mark.parametrize(("title", "said"), TELLING.items())
def test_a_title_that_tells_what_happened_is_kept(title: str, said: str) -> None:
    """The forms of bulletins stand in real headlines too."""
    assert informative_title(title) == said


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
