"""The one table of what may happen to an interaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core import lifecycle
from frontdesk.core.errors import IllegalTransition
from frontdesk.core.lifecycle import Kind, State, Trigger

KINDS = st.sampled_from(Kind)


def walked(kind: Kind, triggers: list[Trigger]) -> list[State]:
    """The states that these triggers lead through, the impossible ones left out."""
    state = lifecycle.working_state(kind) if kind is Kind.DRAFT else State.QUEUED
    states = [state]
    for trigger in triggers:
        try:
            state = lifecycle.step("I", state, trigger, kind)
        except IllegalTransition:
            continue
        states.append(state)
    return states


@given(KINDS, st.lists(st.sampled_from(Trigger), max_size=40))
def test_final_is_final(kind: Kind, triggers: list[Trigger]) -> None:
    states = walked(kind, triggers)
    for state in states[:-1]:
        assert not lifecycle.is_final(state)


@given(st.lists(st.sampled_from([one for one in Trigger if one not in (Trigger.ACCEPT, Trigger.PULL)]), max_size=40))
def test_nothing_that_came_in_is_worked_on_without_an_accept_or_a_pull(triggers: list[Trigger]) -> None:
    for kind in (Kind.EMAIL, Kind.CHAT, Kind.ITEM):
        assert not any(lifecycle.is_working(state) for state in walked(kind, triggers))


@given(KINDS, st.sampled_from(State))
def test_capabilities_are_exactly_the_operations_that_the_table_allows(kind: Kind, state: State) -> None:
    for trigger in Trigger:
        named = trigger.value in lifecycle.capabilities(state, kind)
        if named:
            lifecycle.step("I", state, trigger, kind)


@pytest.mark.parametrize("state", [one for one in State if lifecycle.is_final(one)])
def test_nothing_can_be_done_with_what_is_finished(state: State) -> None:
    for kind in Kind:
        assert lifecycle.capabilities(state, kind) == ()


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Kind.EMAIL, State.PROCESSING),
        (Kind.ITEM, State.PROCESSING),
        (Kind.CHAT, State.CHATTING),
        (Kind.DRAFT, State.COMPOSING),
    ],
)
def test_what_working_on_it_is_called_follows_from_what_it_is(kind: Kind, state: State) -> None:
    assert lifecycle.step("I", State.INVITED, Trigger.ACCEPT, kind) is state
    assert lifecycle.step("I", State.IN_WORKBIN, Trigger.PULL, kind) is state
    assert lifecycle.working_state(kind) is state


def test_an_offer_can_be_accepted_and_rejected_and_nothing_else() -> None:
    assert lifecycle.capabilities(State.INVITED, Kind.EMAIL) == ("Accept", "Reject")


def test_only_a_received_email_is_replied_to_and_only_a_draft_is_cancelled() -> None:
    for kind in Kind:
        state = lifecycle.working_state(kind)
        assert ("Reply" in lifecycle.capabilities(state, kind)) is (kind is Kind.EMAIL)
        assert ("Cancel" in lifecycle.capabilities(state, kind)) is (kind is Kind.DRAFT)


def test_a_refusal_names_the_state_and_what_would_be_legal() -> None:
    with pytest.raises(IllegalTransition, match=r"I1 is Invited: Complete is not possible; legal now: Accept, Reject"):
        lifecycle.step("I1", State.INVITED, Trigger.COMPLETE, Kind.EMAIL)
