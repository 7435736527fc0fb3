"""Genre: what kind of text an article is, from address, title, section and categories."""

from __future__ import annotations

import pytest

from pipeline.genre import genre_of
from storage.records import Genre

NEWS = "https://outlet.example/nacional/2026/01/una-noticia"


@pytest.mark.parametrize(
    ("url", "title", "genre"),
    [
        (NEWS, "El Parlamento aprueba la ley", "news"),
        (NEWS, "La opinión pública pide elecciones, por ahora", "news"),
        ("https://outlet.example/nacional/opinion-publica-dividida", "Encuesta", "news"),
        ("https://outlet.example/opinion/2026/la-paz", "La paz", "opinion"),
        ("https://outlet.example/opinió/la-pau", "La pau", "opinion"),
        ("https://opinion.outlet.example/la-paz", "La paz", "opinion"),
        ("https://outlet.example/columnistas/ana/la-paz", "La paz", "opinion"),
        (NEWS, "Editorial: una salida", "opinion"),
        (NEWS, "Opinión | Una salida", "opinion"),
        (NEWS, "Una salida | Opinión", "opinion"),
        (NEWS, "La transición que falta, por Ana Doe Pérez", "opinion"),
        (NEWS, "Commentary: what comes next", "opinion"),
        (NEWS, "En directo: la votación en el Congreso", "live"),
        (NEWS, "Última hora: sigue la sesión", "live"),
        (NEWS, "En directe: el ple del Parlament", "live"),
        (NEWS, "Hurricane nears coast: live updates", "live"),
        ("https://outlet.example/live/2026/hurricane", "Hurricane nears coast", "live"),
        (NEWS, "A man who lives here", "news"),
        (NEWS, "Horóscopo de hoy, 9 de enero", "service"),
        (NEWS, "Resultados de la lotería del viernes", "service"),
        (NEWS, "Powerball winning numbers for Friday", "service"),
        (NEWS, "Precio del dólar hoy en Venezuela, 9 de enero", "service"),
        (NEWS, "El dólar sube tras el anuncio del Banco Central", "news"),
        ("https://outlet.example/recetas/arroz", "Arroz con pollo", "service"),
        ("https://outlet.example/el-tiempo/manana", "Lluvias en el norte", "service"),
        (NEWS, "Video: así fue el rescate", "other"),
        ("https://outlet.example/podcast/ep-1", "Episodio 1", "other"),
    ],
)
def test_genre_is_told_by_section_or_title(url: str, title: str, genre: Genre) -> None:
    """In Spanish, English and Catalan; words in running titles do not decide."""
    assert genre_of(url, title) == genre


def test_section_and_categories_count_as_places() -> None:
    """What the page or the feed calls the section is as good as the address."""
    assert genre_of(NEWS, "La paz", section="Opinión") == "opinion"
    assert genre_of(NEWS, "La paz", categories=("Mundo", "Tribuna")) == "opinion"
    assert genre_of(NEWS, "Aries", categories=("Horóscopo",)) == "service"


def test_an_agency_has_no_opinion_section() -> None:
    """There the category "opinión" says what the news is about."""
    assert genre_of(NEWS, "Encuesta", categories=("Opinión",), source_media_type="agency") == "news"
    assert genre_of(NEWS, "Editorial: la paz", source_media_type="agency") == "opinion"
