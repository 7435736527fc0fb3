"""Agencies: whose text an article is, from byline, dateline and credit."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.agency import AgencyError, agency_of, load_agencies
from pipeline.settings import BUILTIN_CONFIG

TABLE = load_agencies(BUILTIN_CONFIG / "agencies.toml")


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("EFE", "efe"),
        ("Agencia EFE", "efe"),
        ("Redacción / AFP", "afp"),
        ("Ana Doe (Bloomberg)", "bloomberg"),
        ("By ANA DOE, Associated Press", "ap"),
        ("Europa Press", "europa-press"),
        ("Con información de EFE", "efe"),
        ("Reuters Staff", "reuters"),
        ("Agència Catalana de Notícies", "acn"),
        ("Pedro Efe", None),
        ("Ana Apolo", None),
        ("Redacción", None),
    ],
)
def test_a_byline_names_the_agency(author: str, agency: str | None) -> None:
    """Alone, set off by a stroke or brackets, or by its full name; a person's name is a person's name."""
    assert TABLE.agency_of((author,), "El texto de la noticia.") == agency


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("CARACAS (AP) — The assembly met on Friday.", "ap"),
        ("Caracas, 9 ene (EFE).- La Asamblea sesionó.", "efe"),
        ("MADRID, 9 (EUROPA PRESS) El ministro compareció.", "europa-press"),
        ("(Reuters) - Oil prices rose.", "reuters"),
        ("EFE.- El presidente habló.", "efe"),
        ("Un texto largo sobre algo.\nAFP", "afp"),
        ("Un texto largo sobre algo. Con información de EFE", "efe"),
        ("Una noticia. Con información de Reuters y AP.", "reuters"),
        ("El ministro dijo, según Reuters, que no habrá cambios.", None),
        ("La agencia EFE publicó ayer una encuesta y el presidente respondió.", None),
        ("El diputado del Partido Liberal (PL) dijo que no.", None),
        ("The company, Bloomberg reported, will sell its stake.", None),
        ("", None),
    ],
)
def test_a_dateline_or_a_credit_names_the_agency_and_a_mention_does_not(text: str, agency: str | None) -> None:
    """Only the first words and set phrases of credit count."""
    assert TABLE.agency_of((), text) == agency


def test_the_agencys_own_articles_are_its_own() -> None:
    """Whatever the byline says."""
    assert TABLE.agency_of(("Ana Doe",), "Un texto.", "europa-press") == "europa-press"


def test_the_byline_goes_before_the_text() -> None:
    """A signed text of one agency may quote another's dateline."""
    assert TABLE.agency_of(("AFP",), "CARACAS (AP) — The assembly met.") == "afp"


def test_the_built_in_table_answers_without_being_handed_over() -> None:
    """For callers that have no settings."""
    assert agency_of(("EFE",), "") == "efe"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no [[agency]]"),
        ('[[agency]]\nname = "X"\n', "number 1: id"),
        ('[[agency]]\nid = "x"\nname = "X"\n', "agency 'x': names"),
        ('[[agency]]\nid = "x"\nname = "X"\nnames = "X"\n', "agency 'x': names: must be a list"),
        (
            '[[agency]]\nid = "x"\nname = "X"\nnames = ["X"]\nnmaes = []\n',
            "nmaes: no such field. Did you mean names?",
        ),
        ('[agency]\nid = "x"\n', "with two brackets"),
        ('version = 1\n[[agency]]\nid = "x"\n', "version: no such section"),
    ],
)
def test_a_bad_file_is_refused_with_file_agency_and_field(tmp_path: Path, text: str, words: str) -> None:
    """The message says where to look."""
    file = tmp_path / "agencies.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AgencyError, match=r"agencies\.toml") as error:
        load_agencies(file)
    assert words in str(error.value)
