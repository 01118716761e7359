"""Contact-centre sessions and channel states."""

import pytest

from frontdesk.core import agents
from frontdesk.core.agents import Agent
from frontdesk.core.errors import ChannelNotLoggedIn, OperationUnknown, ValueInvalid
from frontdesk.core.ids import UserId

NOBODY = Agent(user_id=UserId("ada"))
ROOMS = {"email": 5, "chat": 3}


def started(*names: str) -> Agent:
    return agents.start(NOBODY, names or ("email", "chat"), ROOMS, place="P1", at_ms=1000)


def state_of(agent: Agent, name: str) -> str:
    channel = agent.channel(name)
    assert channel is not None
    return channel.state


def test_a_session_begins_not_ready_on_its_channels() -> None:
    agent = started()
    assert [(one.channel, one.state, one.room) for one in agent.channels] == [
        ("chat", "NotReady", 3),
        ("email", "NotReady", 5),
    ]
    assert (agent.is_in_session, agent.place, agent.started_at_ms) == (True, "P1", 1000)


def test_starting_again_after_a_reload_changes_no_state() -> None:
    ready = agents.set_state(started(), "email", "Ready", at_ms=2000)
    again = agents.start(ready, ["email", "workitem"], ROOMS, place="", at_ms=3000)
    assert (state_of(again, "email"), state_of(again, "workitem")) == ("Ready", "NotReady")
    assert (again.place, again.started_at_ms) == ("P1", 1000)


def test_ending_twice_is_ending_once() -> None:
    ended = agents.end(started(), at_ms=2000)
    assert not ended.is_in_session
    assert ended.shown_channels == ()
    assert agents.end(ended, at_ms=3000) == ended


def test_only_becoming_ready_begins_the_idle_time() -> None:
    ready = agents.set_state(started("email"), "email", "Ready", at_ms=2000)
    again = agents.set_state(ready, "email", "Ready", at_ms=3000)
    back = agents.set_state(agents.set_state(again, "email", "AuxWork", at_ms=4000), "email", "Ready", at_ms=5000)
    assert [one.channels[0].idle_since_ms for one in (ready, again, back)] == [2000, 2000, 5000]


def test_do_not_disturb_lies_over_the_state() -> None:
    agent = agents.set_state_everywhere(started(), "Ready", at_ms=2000)
    disturbed = agents.set_state_everywhere(agent, "DoNotDisturbOn", at_ms=3000)
    assert {(one.state, one.do_not_disturb) for one in disturbed.channels} == {("Ready", True)}


def test_a_channel_that_is_not_logged_in_has_no_state_to_set() -> None:
    for agent in (NOBODY, agents.end(started(), at_ms=2000), started("chat")):
        with pytest.raises(ChannelNotLoggedIn):
            agents.set_state(agent, "email", "Ready", at_ms=3000)
    with pytest.raises(ChannelNotLoggedIn):
        agents.set_state_everywhere(NOBODY, "Ready", at_ms=3000)


def test_an_unknown_state_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OperationUnknown, match="AfterCallWork"):
        agents.set_state(started(), "email", "Sleeping", at_ms=2000)


def test_voice_is_kept_as_presence_and_not_listed() -> None:
    agent = agents.set_state(started("voice", "email"), "voice", "Ready", at_ms=2000)
    assert state_of(agent, "voice") == "Ready"
    assert [one.channel for one in agent.shown_channels] == ["email"]


@pytest.mark.parametrize("name", ["", "E-Mail", "a b", "x" * 33, "1chat"])
def test_what_cannot_be_a_channel_is_refused(name: str) -> None:
    with pytest.raises(ValueInvalid):
        agents.check_channel_name(name)
