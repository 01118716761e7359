"""How the router takes what it is told: events, old news, refusals of the store, and more than fits in one turn."""

from msgspec.structs import replace

from frontdesk.core import events, interactions
from frontdesk.core.agents import Channel
from frontdesk.core.events import AccessRefused, AgentChanged
from frontdesk.core.ids import InteractionId, UserId
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import QueuePolicy
from frontdesk.core.routing import AgentState, ChannelState, Decision, Offer
from tests.core.routing.floor import Floor

ADA = UserId("ada")


def test_it_is_fed_by_committed_events() -> None:
    floor = Floor(agents=["ada"])
    channels = (Channel(channel="chat", state="Ready"), Channel(channel="email", state="Offline"))
    floor.router.apply(
        AgentChanged(trigger="Ready", at_ms=floor.now_ms, agent=ADA, is_in_session=True, channels=channels)
    )
    floor.arrives("1")
    submitted = interactions.Change("Submit", None, replace(floor.true["1"], id=InteractionId("2")))
    told = events.told(submitted, at_ms=floor.now_ms, actor=None, reference_id=None)
    floor.router.apply(told)
    floor.router.apply(AccessRefused(at_ms=0, actor=ADA, act="x", path="/"))
    (offer,) = floor.router.turn(floor.now_ms)
    assert isinstance(offer, Offer)
    assert (offer.interaction, offer.invitees) == ("1", ("ada",))
    floor.router.apply(AgentChanged(trigger="End", at_ms=1, agent=ADA, is_in_session=False, channels=channels))
    explanation = floor.router.explain(told.after.id, floor.now_ms)
    assert explanation is not None
    assert explanation.eligible == ()


def test_do_not_disturb_is_not_ready() -> None:
    floor = Floor(agents=["ada"])
    channel = Channel(channel="chat", state="Ready", do_not_disturb=True)
    floor.router.apply(
        AgentChanged(trigger="DoNotDisturbOn", at_ms=1, agent=ADA, is_in_session=True, channels=(channel,))
    )
    floor.arrives("1")
    assert floor.offered() == []


def test_what_was_decided_is_taken_as_done_until_the_store_says_otherwise() -> None:
    floor = Floor(agents=["ada", "bob"])
    floor.ready("ada", "bob")
    floor.arrives("1")
    before = floor.true["1"]
    assert [one.interaction for one in floor.router.turn(floor.now_ms)] == ["1"]
    assert floor.router.turn(floor.now_ms) == ()
    assert floor.router.next_timer_ms() is None
    floor.router.set_item(before)  # refused: it waits as it did
    floor.router.set_agent(AgentState(ADA))  # because that agent has gone
    (offer,) = floor.router.turn(floor.now_ms)
    assert isinstance(offer, Offer)
    assert offer.invitees == ("bob",)


def test_old_news_changes_nothing() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("1")
    queued = floor.true["1"]
    floor.offered()
    floor.accepts("1")
    floor.router.set_item(queued)
    assert floor.offered() == []
    assert floor.router.explain(queued.id, floor.now_ms) is None


def test_one_that_changes_while_it_waits_is_offered_at_its_newest_version() -> None:
    floor = Floor(agents=["ada"])
    floor.arrives("1")
    assert floor.turn() == ()
    floor.becomes("1", subject="Now it has one")
    floor.ready("ada")
    (offer,) = floor.turn()
    assert offer.version == 2


def test_one_that_changes_its_queue_while_it_waits_waits_in_the_other() -> None:
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(requires="german"), "sales": QueuePolicy()})
    floor.ready("ada")
    floor.arrives("1")
    assert floor.offered() == []
    floor.becomes("1", queue="sales")
    assert floor.offered() == [("1", "ada")]


def test_a_higher_priority_counts_at_once() -> None:
    floor = Floor(agents=["ada"])
    floor.arrives("1")
    floor.arrives("2")
    floor.becomes("2", priority=1)
    floor.ready("ada")
    assert floor.offered() == [("2", "ada")]


def test_what_is_parked_or_final_is_forgotten_and_takes_no_room() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    for state in (State.IN_WORKBIN, State.COMPLETED):
        id_ = state.value
        floor.arrives(id_)
        assert floor.offered() == [(id_, "ada")]
        floor.accepts(id_)
        floor.becomes(id_, state=state, owner=None)
    floor.becomes(State.IN_WORKBIN.value, state=State.CHATTING, owner=ADA)
    floor.arrives("next")
    assert floor.offered() == []


def test_work_that_nobody_offered_counts_too() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("draft")
    floor.becomes("draft", state=State.COMPOSING, owner=ADA)
    floor.arrives("1")
    assert floor.offered() == []


def test_a_turn_can_be_cut_short_and_goes_on_where_it_stopped() -> None:
    names = [f"agent-{number}" for number in range(7)]
    whole, cut = Floor(agents=names), Floor(agents=names)
    for floor in (whole, cut):
        floor.ready(*names)
        for number in range(9):
            floor.arrives(str(number))
    expected = whole.router.turn(whole.now_ms)
    found: list[Decision] = []
    while decisions := cut.router.turn(cut.now_ms, most=3):
        assert len(decisions) <= 3
        found += decisions
        if len(found) < len(expected):
            assert cut.timer_s() == 0
    assert tuple(found) == expected
    assert cut.timer_s() is None


def test_a_clock_that_runs_backwards_stands_still() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("1", age_s=5)
    floor.passes(-3600)
    assert floor.offered() == [("1", "ada")]
    assert floor.offers[-1].record.waited_ms == 5000


def test_an_agent_of_whom_the_directory_does_not_know_is_never_asked() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("stranger")
    floor.arrives("1")
    assert floor.offered() == []


def test_every_order_in_which_the_start_tells_the_same_gives_the_same_decisions() -> None:
    decided = []
    for backwards in (False, True):
        floor = Floor(agents=["ada", "bob", "cleo"], limit=2)
        steps = [lambda floor=floor, number=number: floor.arrives(str(number), age_s=number) for number in range(9)]
        steps += [lambda floor=floor, name=name: floor.ready(name) for name in ("ada", "bob", "cleo")]
        for step in reversed(steps) if backwards else steps:
            step()
        decided.append(floor.router.turn(floor.now_ms))
    assert decided[0] == decided[1]
    assert len(decided[0]) == 6


def test_idle_time_begins_anew_with_every_change_of_work() -> None:
    floor = Floor(agents=["ada", "bob"])
    floor.ready("ada", idle_s=60)
    floor.ready("bob", idle_s=1)
    floor.arrives("1")
    assert floor.offered() == [("1", "ada")]
    floor.passes(5)
    floor.accepts("1")
    floor.finishes("1")
    floor.arrives("2")
    assert floor.offered() == [("2", "bob")]
    floor.router.set_agent(AgentState(UserId("bob"), {"chat": ChannelState(ready=False)}))
    floor.arrives("3")
    assert floor.offered() == [("3", "ada")]
