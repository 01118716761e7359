"""Skill expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.expressions import Expression, ExpressionInvalid, Levels, parsed

ADA: Levels = {"billing": 7, "german": 1, "two words": 3, "Grüße": 2, "c-4.5": 1, "not": 1}


@pytest.mark.parametrize(
    "text",
    [
        "billing >= 5 and (german or english >= 7)",
        "billing",
        "not english",
        "billing > 6 and billing <= 7 and billing == 7 and billing != 8 and billing < 8",
        "english or billing",
        '"two words" >= 3',
        "Grüße >= 2",
        "c-4.5",
        '"not" and not "or"',
        "NOT english AND Billing == 0",
        "english == 0",
        "not (german and english)",
        "english and french or billing",
        "billing>=5 and(german)",
        "not not billing",
    ],
)
def test_it_holds_for_ada(text: str) -> None:
    expression = parsed(text)
    assert expression is not None
    assert expression.holds(ADA)
    assert not _negated(text).holds(ADA)


@pytest.mark.parametrize("text", ["billing >= 8", "english", "german and english", "english or french", "german > 1"])
def test_it_does_not_hold_for_ada(text: str) -> None:
    assert _negated(text).holds(ADA)


def _negated(text: str) -> Expression:
    expression = parsed(f"not ({text})")
    assert expression is not None
    return expression


def test_and_binds_more_than_or_and_not_more_than_both() -> None:
    expression = parsed("a or b and not c")
    assert expression is not None
    assert expression.holds({"a": 1, "c": 1})
    assert expression.holds({"b": 1})
    assert not expression.holds({"b": 1, "c": 1})


def test_a_blank_text_claims_nothing() -> None:
    assert parsed("") is None
    assert parsed(" \t\n") is None


def test_the_better_one_has_the_higher_sum_of_levels() -> None:
    expression = parsed("billing >= 5 and (german or english >= 7) and billing < 9")
    assert expression is not None
    assert expression.skills == ("billing", "german", "english")
    assert expression.score(ADA) == 8


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("billing >=", 11, "level"),
        ("billing >= high", 12, "level"),
        ("billing = 5", 9, "=="),
        ("billing >= 5 german", 14, "'german'"),
        ("(billing", 9, "character 1 is not closed"),
        ("billing)", 8, "')'"),
        ("and billing", 1, "'and'"),
        ("billing and", 12, "ends"),
        ("billing or or german", 12, "'or'"),
        ("()", 2, "')'"),
        ("5 <= billing", 1, "'5'"),
        ('"billing', 1, "quotes"),
        ('""', 1, "quotes"),
        ("billing & german", 9, "'&'"),
        ("billing >= 5.5", 12, "level"),
        ("billing >= -1", 12, "'-'"),
        ("not", 4, "ends"),
        ("(" * 40 + "a" + ")" * 40, 31, "nested"),
        ("not " * 40 + "a", 121, "nested"),
        ("a" * 3000, 2001, "longer"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_position(text: str, position: int, word: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        parsed(text)
    assert refused.value.position == position
    assert word in refused.value.problem


@given(st.text(alphabet='abnotr ()<>=!"5.-', max_size=40))
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    position = 1
    try:
        parsed(text)
    except ExpressionInvalid as refused:
        position = refused.position
    assert 1 <= position <= len(text) + 1


NAMES = st.sampled_from(["a", "b", "c"])
CLAIMS = st.recursive(
    st.tuples(NAMES, st.sampled_from([">=", ">", "<=", "<", "==", "!="]), st.integers(0, 3)).map(
        lambda claim: (f"{claim[0]} {claim[1]} {claim[2]}", f"levels.get('{claim[0]}', 0) {claim[1]} {claim[2]}")
    ),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"not ({one[0]})", f"(not ({one[1]}))")),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda both: (
                f"({both[0][0]}) {both[1]} ({both[2][0]})",
                f"(({both[0][1]}) {both[1]} ({both[2][1]}))",
            )
        ),
    ),
    max_leaves=8,
)


@given(CLAIMS, st.dictionaries(NAMES, st.integers(0, 3)))
def test_it_means_what_python_would_mean_by_it(claim: tuple[str, str], levels: dict[str, int]) -> None:
    ours, pythons = claim
    expression = parsed(ours)
    assert expression is not None
    assert expression.holds(levels) == eval(pythons, {"levels": levels})  # noqa: S307 (made above, from three names)
