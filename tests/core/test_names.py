"""What people may call things, and themselves."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.errors import ParameterMissing, ValueInvalid
from frontdesk.core.names import check_address, check_name, check_password, check_text, check_user_name


@pytest.mark.parametrize("name", ["a", "Ada Lovelace", "žluťoučký kůň", "客服", "a/b", "x" * 100])
def test_a_name_is_any_line_of_text(name: str) -> None:
    assert check_name(name) == name
    assert check_user_name(name) == name


@pytest.mark.parametrize("name", [None, ""])
def test_no_name_is_told_as_missing(name: str | None) -> None:
    with pytest.raises(ParameterMissing, match="name"):
        check_name(name)
    with pytest.raises(ParameterMissing, match="userName"):
        check_user_name(name)


@pytest.mark.parametrize("name", [" a", "a ", "a\nb", "a\0", "a\x7fb", "\u2028a", "x" * 101])
def test_what_looks_like_another_name_or_breaks_a_line_is_none(name: str) -> None:
    with pytest.raises(ValueInvalid, match="queueName"):
        check_name(name, parameter="queueName")


def test_a_colon_ends_a_user_name_and_no_other() -> None:
    assert check_name("a:b") == "a:b"
    with pytest.raises(ValueInvalid, match="colon"):
        check_user_name("a:b")


@pytest.mark.parametrize(
    "address", ["", "ada@example.org", "ada+tag@sub.example.org", "o'hara@example.org", "ж@пример"]
)
def test_an_address_has_one_at_sign_with_something_on_both_sides(address: str) -> None:
    assert check_address(address, parameter="emailAddress") == address


@pytest.mark.parametrize(
    "address", ["ada", "@example.org", "ada@", "a@b@c", "a b@c", "<a@b>", "a@b,c@d", "a@b\r\n", "x" * 300]
)
def test_what_would_end_the_address_elsewhere_is_none(address: str) -> None:
    with pytest.raises(ValueInvalid, match="emailAddress"):
        check_address(address, parameter="emailAddress")


def test_a_password_is_long_enough_and_can_be_typed() -> None:
    assert check_password("correct horse", least=8) == "correct horse"
    for password in ("short", "p" * 201, "tab\there it is"):
        with pytest.raises(ValueInvalid, match="password"):
            check_password(password, least=8)
    for nothing in (None, ""):
        with pytest.raises(ParameterMissing, match="password"):
            check_password(nothing)


@given(st.text(max_size=1100))
def test_every_text_is_taken_as_it_is_or_refused(text: str) -> None:
    checks: list[Callable[[str], str]] = [
        lambda value: check_text(value, parameter="description"),
        check_name,
        check_user_name,
        check_password,
        lambda value: check_address(value, parameter="emailAddress"),
    ]
    for check in checks:
        with suppress(ParameterMissing, ValueInvalid):
            assert check(text) == text
