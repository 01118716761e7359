"""User data: what attach, update and delete mean, and how much there may be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core import user_data
from frontdesk.core.errors import LimitExceeded, ValueInvalid
from frontdesk.core.user_data import UserDataLimits

LIMITS = UserDataLimits()
KEYS = st.text("abc", min_size=1, max_size=2)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
DATA = st.dictionaries(
    KEYS, st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=4)
)


def test_given_keys_are_set_and_the_others_stay() -> None:
    assert user_data.merged({"a": 1, "b": 2}, {"b": 3, "c": 4}, LIMITS) == {"a": 1, "b": 3, "c": 4}


def test_nested_objects_merge_key_by_key() -> None:
    before = {"customer": {"name": "Ada", "city": "London"}}
    after = user_data.merged(before, {"customer": {"city": "Paris"}}, LIMITS)
    assert after == {"customer": {"name": "Ada", "city": "Paris"}}


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"a": "whatever"}, {"o": {"x": 1, "y": 2}}),
        (["a", "none such"], {"o": {"x": 1, "y": 2}}),
        ({"o": {"x": 0}}, {"a": 1, "o": {"y": 2}}),
        ({"o": 5}, {"a": 1}),
        ({"o": {}}, {"a": 1}),
    ],
)
def test_delete_removes_what_is_named(given: Any, left: dict[str, Any]) -> None:
    assert user_data.without({"a": 1, "o": {"x": 1, "y": 2}}, given) == left


@given(DATA, DATA)
def test_attaching_twice_is_attaching_once(before: dict[str, Any], given: dict[str, Any]) -> None:
    once = user_data.merged(before, given, LIMITS)
    assert user_data.merged(once, given, LIMITS) == once


@given(DATA, DATA)
def test_what_is_not_named_is_never_touched(before: dict[str, Any], given: dict[str, Any]) -> None:
    merged, without = user_data.merged(before, given, LIMITS), user_data.without(before, given)
    for key in before.keys() - given.keys():
        assert merged[key] == before[key]
        assert without[key] == before[key]


@given(DATA)
def test_the_value_before_is_left_as_it_was(before: dict[str, Any]) -> None:
    copy = repr(before)
    user_data.merged(before, {"a": {"b": 1}}, LIMITS)
    user_data.without(before, {"a": {"b": 1}})
    assert repr(before) == copy


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (UserDataLimits(keys=2), {"a": 1, "b": 2, "c": 3}),
        (UserDataLimits(keys=2), {"a": {"b": 1, "c": 2}}),
        (UserDataLimits(total_bytes=20), {"a": "x" * 20}),
        (UserDataLimits(depth=2), {"a": {"b": {"c": 1}}}),
        (UserDataLimits(depth=2), {"a": [[1]]}),
        (UserDataLimits(key_characters=3), {"abcd": 1}),
    ],
)
def test_more_than_the_limits_is_refused(limits: UserDataLimits, data: dict[str, Any]) -> None:
    with pytest.raises(LimitExceeded):
        user_data.merged({}, data, limits)


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueInvalid):
        user_data.merged({}, {"": 1}, LIMITS)
