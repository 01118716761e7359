"""Contact-centre sessions and channel states."""

import pytest

from frontdesk.core import agents
from frontdesk.core.agent_states import AgentState, Counts
from frontdesk.core.agents import Agent, Channel
from frontdesk.core.errors import ChannelNotLoggedIn, LimitExceeded, OperationUnknown, ValueInvalid
from frontdesk.core.ids import AgentStateId, UserId

NOBODY = Agent(user_id=UserId("ada"))


def started(*names: str) -> Agent:
    return agents.start(NOBODY, names or ("email", "chat"), place="P1", at_ms=1000)


def channel_of(agent: Agent, name: str) -> Channel:
    channel = agent.channel(name)
    assert channel is not None
    return channel


def state_of(agent: Agent, name: str) -> str:
    return channel_of(agent, name).state


def added(name: str, state: Counts = "NotReady", reason: str | None = "Lunch") -> AgentState:
    return AgentState(id=AgentStateId(name), operation_name=name, display_name=name, state=state, reason=reason)


def ready(name: str = "email") -> Agent:
    return agents.set_state(started(name), name, "Ready", at_ms=2000)


def test_a_session_begins_not_ready_on_its_channels() -> None:
    agent = started()
    assert [(one.channel, one.state) for one in agent.channels] == [("chat", "NotReady"), ("email", "NotReady")]
    assert (agent.is_in_session, agent.place, agent.started_at_ms) == (True, "P1", 1000)


def test_starting_again_after_a_reload_changes_no_state() -> None:
    ready = agents.set_state(started(), "email", "Ready", at_ms=2000)
    again = agents.start(ready, ["email", "workitem"], place="", at_ms=3000)
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


def test_a_session_has_so_many_channels_and_no_more() -> None:
    names = [f"form{number}" for number in range(agents.MOST_CHANNELS)]
    agent = agents.start(NOBODY, names, place="", at_ms=1000)
    with pytest.raises(LimitExceeded):
        agents.start(agent, ["one-more"], place="", at_ms=2000)
    assert len(agents.start(agent, names, place="", at_ms=2000).channels) == agents.MOST_CHANNELS


def test_a_user_who_is_ever_on_other_channels_runs_out_of_them() -> None:
    agent = NOBODY
    for number in range(agents.MOST_CHANNELS_EVER):
        agent = agents.end(agents.start(agent, [f"form{number}"], place="", at_ms=1000), at_ms=2000)
    with pytest.raises(LimitExceeded):
        agents.start(agent, ["one-more"], place="", at_ms=3000)
    assert agents.start(agent, ["form7"], place="", at_ms=3000).is_logged_in_on("form7")


# ── states of one's own ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("state", "counts_as"), [("Ready", "Ready"), ("NotReady", "NotReady"), ("Logout", "Offline")])
def test_an_added_state_counts_as_one_of_the_constants(state: Counts, counts_as: str) -> None:
    lunch = added("OutToLunch", state)
    channel = channel_of(agents.set_state(ready(), "email", "OutToLunch", at_ms=3000, custom=lunch), "email")
    assert (channel.state, channel.custom, channel.reason, channel.since_ms) == (counts_as, lunch, "Lunch", 3000)
    assert channel.is_ready is (state == "Ready")


def test_the_next_state_has_nothing_of_the_added_one() -> None:
    out = agents.set_state(ready(), "email", "OutToLunch", at_ms=3000, custom=added("OutToLunch"))
    back = channel_of(agents.set_state(out, "email", "NotReady", at_ms=4000), "email")
    assert (back.state, back.custom, back.reason, back.since_ms) == ("NotReady", None, None, 4000)


def test_two_added_states_that_count_the_same_are_two_states() -> None:
    out = agents.set_state(ready(), "email", "Lunch", at_ms=3000, custom=added("Lunch"))
    training = agents.set_state(out, "email", "Training", at_ms=4000, custom=added("Training"))
    again = agents.set_state(training, "email", "Training", at_ms=5000, custom=added("Training"))
    assert [channel_of(one, "email").since_ms for one in (out, training, again)] == [3000, 4000, 4000]


# ── missed offers ────────────────────────────────────────────────────────────────────────────────


def test_after_so_many_offers_missed_in_a_row_the_channel_is_not_ready_and_says_why() -> None:
    once = agents.offer_missed(ready(), "email", limit=2, at_ms=3000)
    assert (state_of(once, "email"), channel_of(once, "email").missed) == ("Ready", 1)

    twice = channel_of(agents.offer_missed(once, "email", limit=2, at_ms=4000), "email")
    assert (twice.state, twice.reason, twice.missed, twice.since_ms) == ("NotReady", "MissedOffers", 0, 4000)


def test_who_says_ready_begins_to_count_anew() -> None:
    once = agents.offer_missed(ready(), "email", limit=2, at_ms=3000)
    said = agents.set_state(once, "email", "Ready", at_ms=3500)
    assert channel_of(said, "email").missed == 0
    assert state_of(agents.offer_missed(said, "email", limit=2, at_ms=4000), "email") == "Ready"


@pytest.mark.parametrize("limit", [0, -1])
def test_without_a_limit_any_number_may_be_missed(limit: int) -> None:
    agent = ready()
    for number in range(5):
        agent = agents.offer_missed(agent, "email", limit=limit, at_ms=3000 + number)
    assert state_of(agent, "email") == "Ready"


def test_who_has_gone_meanwhile_keeps_the_own_reason() -> None:
    out = agents.set_state(ready(), "email", "OutToLunch", at_ms=3000, custom=added("OutToLunch"))
    assert channel_of(agents.offer_missed(out, "email", limit=1, at_ms=4000), "email").reason == "Lunch"
    ended = agents.end(ready(), at_ms=3000)
    assert agents.offer_missed(ended, "email", limit=1, at_ms=4000) == ended
    assert agents.offer_missed(NOBODY, "fax", limit=1, at_ms=4000) == NOBODY


# ── wrap-up ──────────────────────────────────────────────────────────────────────────────────────


def test_the_time_to_wrap_up_ends_where_it_began() -> None:
    wrapping = agents.wrap_up(ready(), "email", seconds=20, at_ms=3000)
    channel = channel_of(wrapping, "email")
    assert (channel.state, channel.is_ready, channel.wrap_up_ends_ms) == ("AfterCallWork", False, 23_000)

    assert agents.wrap_up_over(wrapping, "email", at_ms=22_999) is wrapping
    back = channel_of(agents.wrap_up_over(wrapping, "email", at_ms=23_000), "email")
    assert (back.state, back.wrap_up_ends_ms, back.resumes) == ("Ready", None, None)
    assert (back.since_ms, back.idle_since_ms) == (23_000, 23_000)


@pytest.mark.parametrize("operation", ["Ready", "NotReady", "AfterCallWork", "Offline"])
def test_whoever_sets_a_state_has_wrapped_up(operation: str) -> None:
    wrapping = agents.wrap_up(ready(), "email", seconds=20, at_ms=3000)
    said = agents.set_state(wrapping, "email", operation, at_ms=4000)
    assert (state_of(said, "email"), channel_of(said, "email").wrap_up_ends_ms) == (operation, None)
    assert agents.wrap_up_over(said, "email", at_ms=30_000) is said


def test_who_wraps_up_can_be_undisturbed_and_goes_on_wrapping_up() -> None:
    wrapping = agents.wrap_up(ready(), "email", seconds=20, at_ms=3000)
    disturbed = channel_of(agents.set_state(wrapping, "email", "DoNotDisturbOn", at_ms=4000), "email")
    assert (disturbed.state, disturbed.wrap_up_ends_ms) == ("AfterCallWork", 23_000)


def test_another_one_completed_meanwhile_prolongs_it() -> None:
    wrapping = agents.wrap_up(ready(), "email", seconds=20, at_ms=3000)
    longer = agents.wrap_up(wrapping, "email", seconds=20, at_ms=10_000)
    shorter = agents.wrap_up(longer, "email", seconds=1, at_ms=11_000)
    assert [channel_of(one, "email").wrap_up_ends_ms for one in (longer, shorter)] == [30_000, 30_000]
    assert state_of(agents.wrap_up_over(shorter, "email", at_ms=30_000), "email") == "Ready"


def test_an_added_state_comes_back_after_the_wrap_up_as_it_was() -> None:
    out = agents.set_state(ready(), "email", "OutToLunch", at_ms=3000, custom=added("OutToLunch"))
    wrapping = agents.wrap_up(out, "email", seconds=20, at_ms=4000)
    back = channel_of(agents.wrap_up_over(wrapping, "email", at_ms=24_000), "email")
    assert (back.custom, back.reason) == (added("OutToLunch"), "Lunch")


def test_nothing_is_wrapped_up_without_time_or_without_a_session() -> None:
    for agent, seconds in ((ready(), 0), (agents.end(ready(), at_ms=3000), 20), (NOBODY, 20)):
        assert agents.wrap_up(agent, "email", seconds=seconds, at_ms=4000) == agent
    by_hand = agents.set_state(ready(), "email", "AfterCallWork", at_ms=3000)
    assert agents.wrap_up(by_hand, "email", seconds=20, at_ms=4000) == by_hand


def test_an_offer_missed_while_wrapping_up_counts_for_what_comes_after() -> None:
    wrapping = agents.wrap_up(ready(), "email", seconds=20, at_ms=3000)
    missed = agents.offer_missed(wrapping, "email", limit=1, at_ms=4000)
    assert (state_of(missed, "email"), channel_of(missed, "email").reason) == ("NotReady", "MissedOffers")
    was_not_ready = agents.wrap_up(started("email"), "email", seconds=20, at_ms=3000)
    assert state_of(agents.offer_missed(was_not_ready, "email", limit=1, at_ms=4000), "email") == "AfterCallWork"
