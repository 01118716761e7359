"""A set kept in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kit.ordered import Ordered

NUMBERS = st.lists(st.integers(0, 2000), max_size=1500, unique=True)


@given(NUMBERS, NUMBERS)
def test_whatever_comes_and_goes_it_is_the_sorted_list_of_what_is_in_it(at_first: list[int], later: list[int]) -> None:
    ordered, model = Ordered(at_first), set(at_first)
    for number in later:
        if number in model:
            ordered.remove(number)
            model.remove(number)
        else:
            ordered.add(number)
            model.add(number)
    assert list(ordered) == sorted(model)
    assert (len(ordered), bool(ordered)) == (len(model), bool(model))
    if model:
        assert (ordered.first, ordered.last) == (min(model), max(model))


def test_it_stays_in_order_when_thousands_come_at_either_end_and_leave_at_the_other() -> None:
    ordered: Ordered[int] = Ordered()
    for number in range(5000):
        ordered.add(number)
        ordered.add(-number - 1)
    for number in range(-5000, 4000):
        assert ordered.first == number
        ordered.remove(number)
    assert list(ordered) == list(range(4000, 5000))


@pytest.mark.parametrize("missing", [-1, 1, 5])
def test_what_is_not_in_it_cannot_be_removed(missing: int) -> None:
    ordered = Ordered([0, 2, 4])
    with pytest.raises(KeyError):
        ordered.remove(missing)
    assert list(ordered) == [0, 2, 4]


def test_an_empty_one_has_no_ends() -> None:
    empty: Ordered[int] = Ordered()
    with pytest.raises(IndexError):
        _ = empty.first
    with pytest.raises(IndexError):
        _ = empty.last
    with pytest.raises(KeyError):
        empty.remove(1)
