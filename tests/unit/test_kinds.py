"""Words of closed classes that became another of their class, and numbers that changed places."""

from __future__ import annotations

import pytest

from pipeline.translate.gate import check_sentence
from pipeline.translate.kinds import exchanged
from pipeline.translate.order import exchanged_numbers

FAULTS = [
    ("Salió el 5 de marzo", "It left on May 5", "date"),
    ("Entre enero de 2024 y marzo de 2025", "Between January 2024 and April 2025", "date"),
    ("Murió el 3 de sept. pasado", "He died last Dec. 3", "date"),
    ("Hablará el viernes", "He will speak on Thursday", "date"),
    ("Los domingos no hay misa", "There is no mass on Mondays", "date"),
    ("Es la tercera vez que lo detienen", "It is the second time they arrest him", "ordinal"),
    ("El primer preso salió", "The second prisoner left", "ordinal"),
    ("Quedó en el quinto lugar", "It came in sixth", "ordinal"),
    ("Costó 3 millones de euros", "It cost 3 million dollars", "unit"),
    ("Costó 3 millones de euros", "It cost $3 million", "unit"),
    ("Perdió 500 dólares y 300 euros", "He lost 500 euros and 300 dollars", "unit"),
    ("Lleva tres días sin agua", "It has been three weeks without water", "unit"),
    ("A 40 kilómetros de Mérida", "40 miles from Mérida", "unit"),
    ("Ganó 3 puntos", "It gained 3 percent", "unit"),
    ("Los precios subieron un 3 %", "Prices fell by 3%", "direction"),
    ("El peso bajó hasta 40", "The peso rose to 40", "direction"),
    ("Las ventas aumentaron 2 % y la deuda cayó 5 %", "Sales decreased 2% and debt fell 5%", "direction"),
]  # fmt: skip

GOOD = [
    ("Salió el 5 de marzo", "It left on 5 March"),
    ("Salió el 5 de marzo", "It left on 05/03"),
    ("Julio Borges volvió en marzo", "Julio Borges came back in March"),
    ("Habló ayer en Santo Domingo", "He spoke on Monday in Santo Domingo"),
    ("La gente puede marchar", "People may march"),
    ("Llega en mayo", "It may come in May"),
    ("El siglo III", "The third century"),
    ("Es el tercero", "It is the 3rd"),
    ("Hubo otra vez apagones", "There were blackouts for a second time"),
    ("Un segundo después", "One second later"),
    ("Costó 3 millones de euros", "It cost €3 million"),
    ("Costó 500 pesos", "It cost $500"),
    ("Gana 2.000 libras al mes", "She earns £2,000 a month"),
    ("Pesa 3 libras", "It weighs 3 pounds"),
    ("Quince días después", "Two weeks later"),
    ("A los 30 días de 30 meses", "30 months, 30 days on"),
    ("El 41 por ciento", "41 per cent"),
    ("Vive bajo un puente", "He grew up under a bridge"),
    ("Los precios cayeron 3 %", "Prices are down 3%, after a rise in May"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("source", "translation", "check"), FAULTS)
def test_another_word_of_the_class_is_seen(source: str, translation: str, check: str) -> None:
    """A month, a day, a place, a unit, a direction: the number beside it may be right all the same."""
    assert exchanged(source, translation) == (check,)
    assert check in check_sentence(source, translation)


@pytest.mark.parametrize(("source", "translation"), GOOD)
def test_what_people_leave_out_add_or_put_otherwise_passes(source: str, translation: str) -> None:
    assert exchanged(source, translation) == ()


def test_languages_without_a_table_are_let_be() -> None:
    """Basque and French have no tables here: nothing is known, so nothing is said."""
    assert exchanged("Le 5 mars", "May 5", "fr") == ()
    assert exchanged("O 5 de março", "May 5", "pt") == ("date",)
    assert exchanged("El 5 de març, dilluns", "March 5, a Friday", "ca") == ("date",)


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("41 presos y 5 soldados", "5 prisoners and 41 soldiers"),
        ("Murieron 12 niños y 30 mujeres", "30 children and 12 women died"),
        ("20 mil soldados en 2004 y 35 mil policías en 2011", "35,000 soldiers in 2004 and 20,000 police in 2011"),
        ("El 41 % de los presos y el 5 % de los soldados", "5% of the prisoners and 41% of the soldiers"),
    ],
)
def test_numbers_in_each_others_place_are_seen(source: str, translation: str) -> None:
    assert exchanged_numbers(source, translation)
    assert "order" in check_sentence(source, translation)


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("41 presos y 5 soldados", "41 prisoners and 5 soldiers"),
        ("Murieron 12 niños y 30 mujeres", "30 women and 12 children died"),
        ("Desde 1990 financió 113 proyectos", "It has financed 113 projects since 1990"),
        ("De los 80 presos, 3 son mujeres", "Three of the 80 prisoners are women"),
        ("Ganó 3-2", "It won 3-2"),
        (
            "El martes 13 murieron 7 personas; otras 20 resultaron heridas.",
            "Seven people died on Tuesday the 13th; another 20 were injured.",
        ),
        (
            "El día 24 murieron 6 personas y otras 18 personas fueron rescatadas.",
            "Six people died on the 24th and another 18 people were rescued.",
        ),
        ("El 13 de enero murieron 7 personas", "Seven people died on January 13"),
        ("Un 30 % de los 500 encuestados apoya la medida.", "Of the 500 surveyed, 30% support the measure."),
        ("Un 30 por ciento de los 500 encuestados la apoya.", "Of the 500 surveyed, 30 percent support it."),
    ],
)
def test_numbers_that_move_with_their_company_pass(source: str, translation: str) -> None:
    """Clauses trade places in good translations, and take their numbers along; a day is no count, nor a percent."""
    assert not exchanged_numbers(source, translation)
