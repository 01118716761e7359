"""Definitions of agent states: the five constants, and what an administrator may add."""

import pytest

from frontdesk.core import agent_states
from frontdesk.core.agent_states import AGENT_STATES, AgentState
from frontdesk.core.errors import AlreadyExists, ParameterMissing, PropertyReadOnly, ValueInvalid
from frontdesk.core.ids import AgentStateId

LUNCH = AgentState(
    id=AgentStateId("lunch"), operation_name="OutToLunch", display_name="Out to lunch", state="NotReady", reason="Lunch"
)


def test_the_constants_have_the_ids_that_clients_know() -> None:
    for constant in AGENT_STATES.values():
        assert agent_states.constant(constant.id) is constant
    assert AGENT_STATES["Ready"].id == "9430250E-0A1B-421F-B372-F29E69366DED"
    assert agent_states.constant("lunch") is None


@pytest.mark.parametrize("name", ["OutToLunch", "x", "Break_2", "A" * 64])
def test_an_operation_is_called_like_one(name: str) -> None:
    assert agent_states.check_operation_name(name) == name


@pytest.mark.parametrize("name", ["Out to lunch", "2nd", "_x", "A" * 65, "Mittag\u00f6", "a-b"])
def test_what_cannot_be_an_operation_is_refused(name: str) -> None:
    with pytest.raises(ValueInvalid):
        agent_states.check_operation_name(name)


@pytest.mark.parametrize("name", [*agent_states.STATE_OPERATIONS, "StartContactCenterSession", "ChangePassword"])
def test_no_added_state_hides_another_operation(name: str) -> None:
    with pytest.raises(AlreadyExists):
        agent_states.check_operation_name(name)


def test_a_state_needs_words_for_people() -> None:
    with pytest.raises(ParameterMissing):
        agent_states.check_words(AgentState(id=LUNCH.id, operation_name="X", display_name="", state="Ready"))
    with pytest.raises(ParameterMissing):
        agent_states.check_operation_name("")


def test_a_constant_can_only_be_changed_into_itself() -> None:
    ready = AGENT_STATES["Ready"]
    agent_states.refuse_change_of_constant(ready, ready)
    with pytest.raises(PropertyReadOnly, match=r"displayName, reason\."):
        agent_states.refuse_change_of_constant(
            ready,
            AgentState(id=ready.id, operation_name="Ready", display_name="Here", state="Ready", reason="Because"),
        )
