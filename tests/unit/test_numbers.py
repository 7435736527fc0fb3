"""Numbers in text: two conventions, words, magnitudes, and what may stand for what."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.translate.numbers import numbers_in, read_literal, unmatched


def same(source: str, translation: str, lang: str = "es") -> bool:
    return unmatched(source, translation, lang) == ([], [])


def written(value: int, places: int, spanish: bool) -> str:
    """Return a number with groups and decimals as one of the two languages writes it."""
    whole, rest = divmod(value, 10**places)
    text = f"{whole:,}" + (f".{rest:0{places}d}" if places else "")
    return text.translate(str.maketrans(".,", ",.")) if spanish else text


amounts = st.tuples(st.integers(0, 10**12), st.sampled_from([0, 1, 2]))


@given(amounts)
def test_both_conventions_come_to_one_value(amount: tuple[int, int]) -> None:
    """What Spanish writes 1.234,5 and English 1,234.5 is one number, whatever its size."""
    value, places = amount
    truth = Fraction(value, 10**places)
    assert read_literal(written(value, places, spanish=True), "es") == {truth}
    assert read_literal(written(value, places, spanish=False), "en") == {truth}
    assert same(f"Fueron {written(value, places, True)} en total.", f"It was {written(value, places, False)} in all.")


@given(amounts, amounts)
def test_another_amount_is_another_number(one: tuple[int, int], other: tuple[int, int]) -> None:
    """Amounts that differ are never taken for one."""
    a, b = written(*one, spanish=True), written(*other, spanish=False)
    equal = Fraction(one[0], 10 ** one[1]) == Fraction(other[0], 10 ** other[1])
    assert same(f"Costó {a} euros.", f"It cost {b} euros.") == equal


_UNITS = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis".split()
_TEENS = ["diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidós", "veintitrés", "veinticuatro"]
_TEENS += ["veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"]
_TENS = {3: "treinta", 4: "cuarenta", 5: "cincuenta", 6: "sesenta", 7: "setenta", 8: "ochenta", 9: "noventa"}
_HUNDREDS = ["", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos"]
_HUNDREDS += ["ochocientos", "novecientos"]
_EN = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_EN += ["seventeen", "eighteen", "nineteen"]
_EN_TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}


def spanish(n: int) -> str:
    """Return a number below a million in Spanish words."""
    if n >= 1000:
        head = "" if n // 1000 == 1 else re.sub(r"uno$", "un", spanish(n // 1000))
        return f"{head} mil {spanish(n % 1000) if n % 1000 else ''}".strip()
    if n == 100:
        return "cien"
    if n > 100:
        return f"{_HUNDREDS[n // 100]} {spanish(n % 100) if n % 100 else ''}".strip()
    if n < 30:
        return (_UNITS + _TEENS)[n]
    return _TENS[n // 10] + (f" y {_UNITS[n % 10]}" if n % 10 else "")


def english(n: int) -> str:
    """Return a number below a million in English words."""
    if n >= 1000:
        return f"{english(n // 1000)} thousand {english(n % 1000) if n % 1000 else ''}".strip()
    if n >= 100:
        return f"{_EN[n // 100]} hundred" + (f" and {english(n % 100)}" if n % 100 else "")
    return _EN[n] if n < 20 else _EN_TENS[n // 10] + (f"-{_EN[n % 10]}" if n % 10 else "")


@given(st.integers(2, 999_999))
def test_words_come_to_the_same_as_figures(n: int) -> None:
    """A number in words is the number in figures, in both languages and across them."""
    assert same(f"Llegaron {spanish(n)} personas.", f"{n:,} people came."), spanish(n)
    assert same(f"Llegaron {written(n, 0, True)} personas.", f"There came {english(n)} people."), english(n)
    assert same(f"Llegaron {spanish(n)} personas.", f"There came {english(n)} people.")
    assert not same(f"Llegaron {spanish(n)} personas.", f"{n + 1:,} people came.")


@given(
    st.integers(1, 999),
    st.sampled_from([("millones", "million"), ("mil millones", "billion"), ("billones", "trillion")]),
)
def test_magnitudes_go_together(n: int, scales: tuple[str, str]) -> None:
    """Mil millones is a billion and un billón a trillion; no other pair is the same."""
    there, here = scales
    assert same(f"Son {n} {there} de euros", f"It is {n} {here} euros")
    for other in {"million", "billion", "trillion", "thousand"} - {here}:
        assert not same(f"Son {n} {there} de euros", f"It is {n} {other} euros")


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Costó 2,5 millones de dólares", "It cost $2.5 million"),
        ("Costó 2,5 millones de dólares", "It cost 2,500,000 dollars"),
        ("Costó dos millones y medio", "It cost two and a half million"),
        ("Costó 2.500 millones de euros", "It cost €2.5bn"),
        ("Medio millón de personas", "Half a million people"),
        ("Un billón de bolívares", "A trillion bolivars"),
        ("Una docena de presos", "Twelve prisoners"),
        ("Media docena de presos", "Six prisoners"),
        ("Cientos de presos", "Hundreds of prisoners"),
        ("Cientos de miles de personas", "Hundreds of thousands of people"),
        ("Miles de millones de dólares", "Billions of dollars"),
        ("10,7 miles de millones de euros", "10.7 billion euros"),
        ("El 5 de sept. de 2025", "05/09/2025"),
        ("Decenas de miles de millones", "Tens of billions"),
        ("El 40 por ciento de ellos", "40% of them"),
        ("El cien por cien", "100 percent"),
        ("Una de cada cuatro mujeres", "One in four women"),
        ("Dos tercios del total", "Two thirds of the total"),
        ("El 5 de enero de 2026", "January 5, 2026"),
        ("El 05/01/2026", "On January 5, 2026"),
        ("A las 14:30", "At 2:30 p.m."),
        ("A las 14.30 horas", "At 2:30 p.m."),
        ("A las ocho de la noche", "At 20:00"),
        ("A las diez y media", "At 10:30"),
        ("Los años 90", "The 1990s"),
        ("Los años noventa", "The nineties"),
        ("En el siglo XXI", "In the 21st century"),
        ("En el siglo XX", "In the twentieth century"),
        ("La II Guerra Mundial", "The Second World War"),
        ("Juan Pablo II", "John Paul II"),
        ("Tres años y medio", "Three and a half years"),
        ("Entre 3 y 4 millones", "Between 3 million and 4 million"),
        ("15 mil 300 personas", "15,300 people"),
        ("10 573 personas", "10,573 people"),
        ("3 millones 600 mil", "3.6 million"),
        ("1,234 personas", "1,234 people"),
        ("La temporada 2007/08", "The 2007/2008 season"),
        ("El 1º de mayo", "May 1st"),
        ("Los dos países", "Both countries"),
        ("Los dos países", "The countries"),
        ("La temperatura fue de -5 grados", "The temperature was -5 degrees"),
        ("Corrió los 100 metros", "He ran the 100m"),
        ("El F-16 y el G20", "The F-16 and the G20"),
        ("En la primera década", "In the first ten years"),
        ("Ganó 3-2", "It won 3-2"),
        ("", ""),
    ],
)
def test_what_is_the_same_is_seen_as_the_same(source: str, translation: str) -> None:
    """Dates, times, decades, centuries, shares and magnitudes as the two languages write them."""
    assert unmatched(source, translation) == ([], [])


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Hubo 22.000 personas", "There were 22.000 people"),
        ("Hubo 22.000 personas", "There were 22 people"),
        ("Costó 2,5 millones", "It cost 25 million"),
        ("Costó 2,5 millones", "It cost 2.5 billion"),
        ("Un billón de bolívares", "A billion bolivars"),
        ("Mil millones", "A million"),
        ("Miles de personas", "Millions of people"),
        ("Cientos de presos", "Thousands of prisoners"),
        ("116 presos", "161 prisoners"),
        ("Tres presos", "Four prisoners"),
        ("En 1998", "In 1989"),
        ("Los años 90", "The 1980s"),
        ("El siglo XXI", "The 19th century"),
        ("100 mil clientes", "100 one thousand customers"),
        ("Salieron 80 presos", "Prisoners left"),
        ("Salieron presos", "80 prisoners left"),
        ("Murieron 3 y 5 resultaron heridos", "3 died and 3 were hurt"),
    ],
)
def test_what_differs_is_seen(source: str, translation: str) -> None:
    """A number that changed, went or came, in figures or words, and a separator that was left as it stood."""
    assert unmatched(source, translation) != ([], [])


@pytest.mark.parametrize(
    ("lang", "source", "translation"),
    [
        ("pt", "Vinte e cinco mil pessoas e 1.234,5 euros", "25,000 people and 1,234.5 euros"),
        ("pt", "Dois bilhões de reais", "Two billion reais"),
        ("ca", "Tres mil milions d'euros", "Three billion euros"),
        ("gl", "Dous millóns de persoas", "Two million people"),
        ("eu", "1.234 pertsona", "1,234 people"),
    ],
)
def test_other_languages_of_the_peninsula_are_read(lang: str, source: str, translation: str) -> None:
    """Catalan, Galician and Portuguese have words of their own; a language without a table keeps its figures."""
    assert unmatched(source, translation, lang) == ([], [])


@given(
    st.text(alphabet="0123456789., ydemilunos-/:%ºª'’XVI\u00a0", max_size=60),
    st.sampled_from(["es", "en", "pt", "ca", "gl"]),
)
def test_no_text_breaks_the_reader(text: str, lang: str) -> None:
    """Whatever stands in a text, reading ends, and the text agrees with itself."""
    for mention in numbers_in(text, lang):
        assert 0 <= mention.start < mention.end <= len(text)
    assert unmatched(text, text, lang, lang) == ([], [])


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("El pan cuesta 0,50 dólares", "Bread costs 50 cents"),
        ("Cuesta 20 céntimos de euro", "It costs 0.20 euros"),
        ("Cuesta 0,50 dólares", "It costs 50 US cents"),
        ("Está a 40 kilómetros de allí", "It is 40 kilometers (25 miles) from there"),
        ("Está a 40 kilómetros de allí", "It is 40 km (about 25 miles) away"),
        ("Está a 40 kilómetros de allí", "It is 25 miles (40 kilometers) away"),
        ("Está a 40 millas (64 kilómetros) de allí", "It is 40 miles away"),
        ("Mide 40 m", "It is 40 m (131 feet) tall"),
        ("Hacía 30 grados", "It was 30 degrees Celsius (86 Fahrenheit)"),
        ("Ardieron 3 millones de hectáreas", "3 million hectares (7.4 million acres) burned"),
    ],
)
def test_cents_and_conversions_say_nothing_new(source: str, translation: str) -> None:
    """A hundred cents are a dollar, and a measure may stand again in another unit, in parentheses."""
    assert unmatched(source, translation) == ([], [])


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("El pan cuesta 0,50 dólares", "Bread costs 50 dollars"),
        ("El pan cuesta 0,50 dólares", "Bread costs 60 cents"),
        ("Está a 40 kilómetros", "It is 40 kilometers (95 miles) away"),
        ("Está a 40 kilómetros", "It is 59 miles (95 kilometers) away"),
        ("Está a 40 kilómetros", "It is 40 kilometers (25 hours) away"),
        ("Está a 40 kilómetros", "It is 40 kilometers, 25 miles, away"),
        ("Murieron 40 personas", "40 people (25 women) died"),
    ],
)
def test_what_is_no_conversion_is_seen(source: str, translation: str) -> None:
    assert unmatched(source, translation) != ([], [])
