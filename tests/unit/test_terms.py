"""The gazetteer matcher that topics and beats share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.terms import (
    Gazetteer,
    TermError,
    TermList,
    TermMatcher,
    article_tokens,
    fold,
    shown,
    term_score,
    term_strength,
    tokenize,
)


def words(patterns: list[str], text: str) -> list[str]:
    return [h.words for h in TermMatcher(patterns).find(tokenize(text))]


def test_case_and_accents_do_not_matter() -> None:
    """A pattern finds its word in any case, with or without accents, composed or not."""
    assert words(["amnistía"], "AMNISTIA, Amnistía y amnisti\u0301a") == ["AMNISTIA", "Amnistía", "amnistía"]


def test_matches_stand_on_word_boundaries() -> None:
    """A word inside another one is no match."""
    assert words(["paro"], "El paro preparó la parodia") == ["paro"]


def test_a_star_takes_any_ending_in_any_word_of_a_phrase() -> None:
    """Spanish inflection is written once."""
    assert words(["preso* político*"], "presos políticos, presa política, preso político") == [
        "presos políticos", "preso político",
    ]  # fmt: skip


def test_an_equals_sign_makes_case_count() -> None:
    """ICE is an agency, ice is frozen water."""
    assert words(["=ICE"], "ICE agents on the ice") == ["ICE"]


def test_the_longest_match_wins_and_uses_up_its_words() -> None:
    """A longer phrase hides the shorter one inside it."""
    assert words(["Bolívar", "departamento de Bolívar"], "El departamento de Bolívar y Bolívar") == [
        "departamento de Bolívar", "Bolívar",
    ]  # fmt: skip


def test_dots_and_apostrophes_separate_words() -> None:
    """EE.UU., EE UU and Maduro's are found as they are written."""
    assert words(["EE UU", "Maduro"], "EE.UU. y EE UU; Maduro's") == [
        "EE.UU.".replace(".", " ").strip(),
        "EE UU",
        "Maduro",
    ]


@pytest.mark.parametrize("bad", ["", "*", "=", "ab*", "hola …"])
def test_a_pattern_that_cannot_work_is_refused(bad: str) -> None:
    """An empty pattern, a word without letters or a stem so short that it matches half the language."""
    with pytest.raises(TermError):
        TermMatcher([bad])


@given(st.lists(st.sampled_from(["uno", "dos", "uno dos", "dos tres*", "tres", "unos*"]), unique=True), st.randoms())
def test_the_order_of_patterns_changes_nothing(patterns: list[str], random: object) -> None:
    """The same patterns in another order find the same words."""
    text = "uno dos tres uno unos dos treses tres"
    assert words(patterns, text) == words(sorted(patterns, reverse=True), text)


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    """No text breaks the matcher, and every hit is a run of the text's own words."""
    tokens = tokenize(text)
    for hit in TermMatcher(["a*bc", "uno", "abc*"][1:]).find(tokens):
        assert hit.words == " ".join(t.raw for t in tokens[hit.start : hit.start + hit.length])
        assert fold(hit.words).startswith(("uno", "abc"))


GAZETTEER = Gazetteer({"amnesty": TermList(("amnistía",), ("presos",), ("Amnistía Internacional",))})


def score(title: str, text: str) -> float:
    tokens = article_tokens(title, text)
    return term_score(GAZETTEER.evidence(tokens).get("amnesty", []), tokens.words)


def test_the_title_weighs_more_than_the_lead_and_the_lead_more_than_the_body() -> None:
    """Where a term stands says how much the article is about it."""
    filler = "palabra " * 100
    assert score("Ley de amnistía", filler) > score("Una ley", f"La amnistía. {filler}")
    assert score("Una ley", f"La amnistía. {filler}") > score("Una ley", f"{filler} amnistía")


def test_strength_has_no_bound_and_the_score_stays_below_one() -> None:
    """What ten terms say is more than what five say, where their scores can hardly be told apart."""
    gazetteer = Gazetteer({"money": TermList(tuple(f"uno{n}" for n in range(10)))})

    def strength(count: int) -> tuple[float, float]:
        tokens = article_tokens("x", " ".join(f"uno{n}" for n in range(count)))
        found = gazetteer.evidence(tokens)["money"]
        return term_strength(found, tokens.words), term_score(found, tokens.words)

    (five, fair), (ten, sure) = strength(5), strength(10)
    assert ten == pytest.approx(2 * five)
    assert fair < sure < 1


def test_weak_terms_need_a_strong_one() -> None:
    """A weak term alone says nothing; beside a strong one it adds, and never more than that one gave."""
    alone, both = score("Los presos", "texto"), score("Los presos", "La amnistía")
    assert alone == 0.0
    assert score("x", "La amnistía") < both <= 1 - (1 - score("x", "La amnistía")) ** 2 + 1e-9


def test_a_shield_hides_the_term_inside_it() -> None:
    """Amnesty International is not an amnesty."""
    assert score("Amnistía Internacional pide justicia", "texto") == 0.0
    assert score("Amnistía Internacional pide amnistía", "texto") > 0.5


def test_a_title_repeated_at_the_top_of_the_text_counts_once() -> None:
    """Many pages open with their own title."""
    assert score("Amnistía", "Amnistía\nUn texto largo") == score("Amnistía", "Un texto largo")


def test_evidence_is_shown_with_its_places_strongest_first() -> None:
    """An analyst sees the words as written and where they stand."""
    tokens = article_tokens("Presos esperan", "La Amnistía. La amnistía.")
    assert shown(GAZETTEER.evidence(tokens)["amnesty"]) == ("Amnistía (lead 2)", "Presos (title 1)")
