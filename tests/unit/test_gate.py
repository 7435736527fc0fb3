"""The gate: each fault is caught by the check that is for it, and good translations pass."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import BUILTIN_CONFIG
from pipeline.translate.align import parity
from pipeline.translate.gate import CHECKS, SOFT, check_article, check_sentence, missed_names, polish
from pipeline.translate.glossary import Glossary, Term, load_glossary

GOOD = [
    ("La Fiscalía confirmó la salida de 116 presos.", "Prosecutors confirmed that 116 inmates left."),
    ("El ministro no quiso responder a las preguntas.", "The minister declined to answer the questions."),
    ("No hubo heridos, pero tampoco hubo explicaciones.", "Nobody was hurt, but no explanation was given either."),
    ("No es sólo un problema de dinero, sino de confianza.", "It is not only a problem of money but of trust."),
    ("Sin embargo, los vecinos siguen esperando el agua.", "However, the neighbours are still waiting for water."),
    ("La empresa no tiene, según ellos, ningún derecho.", "The company, according to them, has no right at all."),
    ("Es imposible saber cuándo volverá la luz.", "It is not possible to know when the power will return."),
    ("Ni el gobierno ni la oposición aceptaron.", "Neither the government nor the opposition accepted."),
    ("No vino el ministro ni el alcalde.", "Neither the minister nor the mayor came."),
    ("Es el mejor año que nunca tuvo.", "It is the best year it ever had."),
    ("Según un agente no identificado, la información no es oficial.", "An unidentified agent says it is unofficial."),
    ("El SIN detuvo a dos hombres.", "The SIN arrested two men."),
    ("Vive en la casa No. 5.", "He lives at house number 5."),
    ("—¿Vienes, no? —preguntó el conductor.", "“You're coming, aren't you?” the driver asked."),
    ("Mi primer día", "My first day"),
    ("Nelson Mandela", "Nelson Mandela"),
    ("Leyó 'La ciudad de los perros' ante el público.", "She read 'La ciudad de los perros' to the audience."),
    ("Una y otra vez dijeron que sí, que sí.", "Over and over they said yes, yes."),
    ("El costo fue de 1.234,5 millones de bolívares", "It cost 1,234.5 million bolivars"),
    ("***", "***"),
]  # fmt: skip

FAULTS = [
    ("Salieron 116 presos el jueves", "On Thursday 161 prisoners left", "number"),
    ("El costo fue de 1.234,5 millones", "It cost 12,345 thousand million words", "number"),
    ("No habrá más excarcelaciones este mes", "There will be more releases this month", "negation"),
    ("Ningún título podía ganar en valor.", "Any title could win in value.", "negation"),
    ("Llegaron sin agua ni comida.", "They arrived with water and food.", "negation"),
    ("No dijo nada a nadie y nunca volvió al pueblo.", "He said nothing to anyone and always came back.", "negation"),
    ("Ni el gobierno ni la oposición aceptaron.", "Both the government and the opposition accepted.", "negation"),
    ("Ni siquiera el alcalde lo sabía.", "The mayor himself knew it.", "negation"),
    ("Llegó un soldado que nunca había visto.", "A soldier whom he had always seen arrived.", "negation"),
    ("No hay cura hasta ahora.", "There is a cure so far.", "negation"),
    ("41 presos y 5 soldados", "5 prisoners and 41 soldiers", "order"),
    ("Salió el 5 de marzo", "It left on May 5", "date"),
    ("Es la tercera vez", "It is the second time", "ordinal"),
    ("Costó 3 millones de euros", "It cost 3 million dollars", "unit"),
    ("Los precios subieron un 3 %", "Prices fell by 3%", "direction"),
    ("El ministro habló ayer en la plaza", "mainstre mainstre mainstre mainstre", "repetition"),
    ("El ministro habló ayer en la plaza", "The minister spoke in the square in the square yesterday", "repetition"),
    ("El ministro habló ayer en la plaza", "The minister spoke yesteeeeeeeeeeerday in the square", "repetition"),
    ("El ministro habló ayer en la plaza", "El ministro habló ayer en la plaza", "leftover"),
    ("El ministro habló ayer en la plaza de la ciudad", "The minister spoke ayer en la plaza de la ciudad", "leftover"),
    ("EL MINISTRO HABLÓ EN LA PLAZA", "EL MINISTRO HABLÓ EN LA PLAZA", "leftover"),
    ("Probablemente", "Probablemente", "leftover"),
    ("El ministro habló ayer en la plaza con varios vecinos del barrio", "Spoke", "length"),
    ("Hola", "", "empty"),
    ("Hola", "...", "empty"),
    ("El ministro habló ayer", "The mini@@ ster spoke yesterday", "marks"),
    ("El ministro habló ayer", "The <unk> spoke yesterday", "marks"),
]  # fmt: skip


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return load_glossary(BUILTIN_CONFIG / "glossary.toml")


@pytest.mark.parametrize(("source", "translation"), GOOD)
def test_good_translations_pass(source: str, translation: str, glossary: Glossary) -> None:
    """People negate, count and quote in other words, and that is no fault."""
    assert check_sentence(source, translation, glossary=glossary) == ()


@pytest.mark.parametrize(("source", "translation", "check"), FAULTS)
def test_each_fault_that_misleads_is_caught_by_its_check(source: str, translation: str, check: str) -> None:
    assert check in check_sentence(source, translation)


def test_a_name_that_was_translated_is_caught(glossary: Glossary) -> None:
    """Hair is not Cabello; a surname alone will do, and El País Vasco is no newspaper."""
    source = "Diosdado Cabello visitó El Helicoide"
    assert check_sentence(source, "Diosdado Hair visited El Helicoide", glossary=glossary) == ("name",)
    assert check_sentence(source, "Cabello visited El Helicoide", glossary=glossary) == ()
    assert check_sentence("Viajó por El País Vasco", "He travelled the Basque Country", glossary=glossary) == ()


def test_other_names_must_come_back_too(glossary: Glossary) -> None:
    """A name of two words that is gone is enough; a single one only where an engine copies what it does not know."""
    source = "La avenida fue cerrada por Neira Parra, vecina de El Cobre"
    there = "The avenue was closed by Neira Parra, a neighbour from El Cobre"
    assert check_sentence(source, there, glossary=glossary) == ()
    assert check_sentence(source, there.replace("Neira Parra", "Ann Vine"), glossary=glossary) == ("names",)
    source, there = "El alcalde de Tovar cerró el puente", "The mayor of Turner closed the bridge"
    assert check_sentence(source, there, glossary=glossary) == ()
    assert check_sentence(source, there, glossary=glossary, engine="apertium") == ("names",)
    assert missed_names(source, there, glossary=glossary, engine="apertium") == ("Tovar",)
    assert missed_names(source, there, glossary=glossary, engine="apertium", target="fr") == (), "no table for it"


def test_every_check_is_explained_and_soft_ones_exist() -> None:
    assert set(CHECKS) >= SOFT
    assert {c for _, _, c in FAULTS} | {"name", "names", "sentences"} | SOFT == set(CHECKS)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["es", "ca", "gl", "pt", "eu", "fr"]))
def test_no_text_breaks_the_gate(source: str, translation: str, lang: str) -> None:
    """Whatever an engine hands back, the gate answers with names it has explained."""
    shown, soft = polish(source, translation, lang=lang, engine="apertium")
    assert {
        *check_sentence(source, shown, lang=lang, engine="apertium"),
        *soft,
        *check_article([(source, shown)], lang=lang),
    } <= set(CHECKS)


STORY = [
    ("La mina de Cerro Pelado cerró el lunes.", "The Cerro Pelado mine closed on Monday."),
    ("Unos 340 trabajadores quedaron en la calle sin aviso.", "Some 340 workers were on the street without notice."),
    ("La empresa culpó a los apagones de enero.", "The company blamed the January blackouts."),
    ("El sindicato pidió una reunión con la gobernadora.", "The union asked for a meeting with the governor."),
    ("Nadie respondió a las llamadas de la prensa.", "Nobody answered the calls of the press."),
]  # fmt: skip


@pytest.mark.parametrize("gone", range(5))
def test_a_sentence_that_was_dropped_is_noticed(gone: int) -> None:
    """Of five sentences in one piece, each is missed; all five pass."""
    source = " ".join(s for s, _ in STORY)
    assert check_article([(source, " ".join(t for _, t in STORY))]) == ()
    assert "sentences" in check_article([(source, " ".join(t for i, (_, t) in enumerate(STORY) if i != gone))])


def test_a_sentence_that_was_made_up_is_noticed() -> None:
    source, translation = (" ".join(side) for side in zip(*STORY, strict=True))
    extra = "The president of the republic resigned after a long night of talks in the capital."
    assert "sentences" in check_article([(source, f"{translation} {extra}")])


def test_two_sentences_may_become_one() -> None:
    """A translator who joins two sentences drops nothing."""
    assert check_article([
        (
            f"{STORY[0][0]} {STORY[1][0]}",
            "The Cerro Pelado mine closed on Monday, and some 340 workers were on the street without notice.",
        )
    ]) == ()  # fmt: skip


def test_one_translation_for_several_sentences_is_an_engine_that_is_stuck() -> None:
    stuck = "The workers were left on the street"
    assert "repetition" in check_article([(STORY[0][0], stuck), (STORY[3][0], stuck)])
    assert check_article([(STORY[0][0], STORY[0][1])] * 3) == (), "the same sentence may come back"


def test_pairs_of_an_article_are_checked_as_a_whole() -> None:
    assert check_article(STORY) == ()
    assert "sentences" in check_article([*STORY[:4], (STORY[4][0], "")])
    assert "length" in check_article([(s, t.split()[0]) for s, t in STORY])
    assert "leftover" in check_article([(s, s) for s, _ in STORY])
    assert check_article([]) == ()


@pytest.mark.parametrize(("there", "here", "lost"), [([], [], False), (["Uno."], [], True)])
def test_nothing_pairs_with_nothing(there: Sequence[str], here: Sequence[str], lost: bool) -> None:
    assert (parity(there, here).dropped > 0) is lost


def test_a_word_the_engine_did_not_know_is_said_and_a_name_is_no_word() -> None:
    assert polish("Habló Pilieri", "It spoke *Pilieri") == ("It spoke Pilieri", ())
    assert polish("Son 5*3 metros", "It is 5*3 metres") == ("It is 5*3 metres", ())
    assert polish("Esboza un plan", "It *esboza a plan") == ("It esboza a plan", ("untranslated",))


@pytest.mark.parametrize(
    ("source", "translation", "shown"),
    [
        ("Hubo 22.000 personas", "There were 22.000 people", "There were 22,000 people"),
        ("Un sismo de 4,9", "A quake of 4,9", "A quake of 4.9"),
        ("Costó 1.234,5 millones", "It cost 1.234,5 million", "It cost 1,234.5 million"),
        ("Hubo 22.000 personas", "There were 22,000 people", "There were 22,000 people"),
        ("A las 10.30 del 8.1.2026", "At 10.30 of 8.1.2026", "At 10.30 of 8.1.2026"),
        ("Hubo 1,234 personas", "There were 1,234 people", "There were 1,234 people"),
        ("Subió a 3,632 %", "It rose to 3,632 %", "It rose to 3.632 %"),
        ("El dólar, a 36,527 bolívares (36,5)", "The dollar, at 36,527 (36,5)", "The dollar, at 36.527 (36.5)"),
    ],
)
def test_numbers_are_shown_in_the_english_way(source: str, translation: str, shown: str) -> None:
    """Only what the engine left as it stood is rewritten."""
    assert polish(source, translation)[0] == shown


@pytest.mark.parametrize(
    ("source", "raw", "shown"),
    [
        ("Más de 100 mil clientes", "More than 100 one thousand clients", "More than 100 thousand clients"),
        ("Casi cien mil personas", "Almost one hundred one thousand people", "Almost one hundred thousand people"),
        ("Subió un 88 por ciento", "It went up in a 88 percent", "It went up by 88 percent"),
        ("Cerró el viernes pasado", "It closed the past Friday", "It closed last Friday"),
        ("Habló el lunes", "It spoke the Monday", "It spoke on Monday"),
        ("Nació en el 2007", "Born in the 2007", "Born in 2007"),
        ("Cinco mil millones de euros", "Five thousand millions of euros", "Five billion euros"),
        ("10,7 miles de millones", "10,7 billions of euros", "10.7 billion euros"),
        ("Ningún título ganó", "Any title won", "No title won"),
        ("Ninguno de ellos ganó", "Any of them won", "None of them won"),
        ("El jefe del equipo", "The boss of the squad", "The head of the team"),
        ("entre Caracas y Maracay", "among Caracas and Maracay", "between Caracas and Maracay"),
        ("Debería salir", "It would have to go out", "It should go out"),
        ("La mayoría salió", "The majority of people", "Most of people"),
        ("A las ocho y media de la noche", "To the eight and average of the night", "At half past eight at night"),
        ("No dio nombres ni cifras", "It did not give names neither figures", "It did not give names nor figures"),
        ("Una ley no para abrir", "A law no to open", "A law not to open"),
        ("La Fuerza Armada", "The Force Spanish Navy", "The Armed Forces"),
        ("Una bolsa de pan", "A stock exchange of bread", "A bag of bread"),
        ("La Bolsa de Madrid", "The stock exchange of Madrid", "The stock exchange of Madrid"),
        ("Exteriores confirmó", "Outsides confirmed", "Foreign Ministry confirmed"),
        ("Siguen presos", "They remain preys", "They remain prisoners"),
        ("El buque y la tasa", "The fuselage and the tax", "The ship and the rate"),
    ],
)
def test_what_apertium_regularly_has_wrong_is_put_right(source: str, raw: str, shown: str) -> None:
    """Its output alone: another engine's words are its own."""
    assert polish(source, raw, engine="apertium")[0] == shown
    assert polish(source, "The boss of the squad", engine="argos")[0] == "The boss of the squad"


def test_repairs_leave_good_english_alone() -> None:
    """What needs no repair comes back letter by letter."""
    for source, translation in GOOD + STORY:
        assert polish(source, translation)[0] == translation


def test_a_term_is_put_right_where_it_was_left(glossary: Glossary) -> None:
    shown, soft = polish("Las excarcelaciones siguen", "The *excarcelaciones continue", glossary=glossary)
    assert (shown, soft) == ("The releases from prison continue", ())
    assert check_sentence("Las excarcelaciones siguen", "The unshacklings continue", glossary=glossary) == ("term",)
    twice = polish(
        "Las excarcelaciones y más excarcelaciones", "The *excarcelaciones and more *excarcelaciones", glossary=glossary
    )
    assert twice == ("The releases from prison and more releases from prison", ())
    own = Glossary(terms=(Term({"es": ("paro",)}, ("strike",), ("unemployment",)),))
    assert polish("Hubo paro", "There was unemployment", glossary=own)[0] == "There was strike"
