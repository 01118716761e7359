"""What leaves its queue by itself: because of time, of length, of the wait to be expected, and out of hours."""

from datetime import UTC
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from frontdesk.core import interactions
from frontdesk.core.calendars import WEEKDAYS, Calendar
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import MediumPolicy, Outside, OverflowRule, Policy, QueuePolicy
from frontdesk.core.routing import AutoAnswer, Facts, QueueFacts
from tests.core.routing.floor import Floor, team
from tests.core.test_interactions import queued

SPARE = QueueId("spare")


def floor_with(*rules: OverflowRule, agents: tuple[str, ...] = ("ada",)) -> Floor:
    """Nobody serves the spare queue."""
    floor = Floor(agents=agents, queues={"support": QueuePolicy(overflow=rules)})
    floor.router.set_facts(
        Facts(agents=floor.facts.agents, queues={**floor.facts.queues, SPARE: QueueFacts(name="spare")})
    )
    return floor


def test_what_waited_too_long_moves_on_when_its_time_has_come() -> None:
    floor = floor_with(OverflowRule(to=SPARE, after_s=60))
    floor.arrives("1")
    floor.passes(20)
    floor.arrives("2")
    assert floor.moved() == []
    assert floor.timer_s() == 40
    floor.passes(40)
    assert floor.moved() == [("1", "spare", "waited")]
    assert floor.moved() == []
    assert floor.timer_s() == 20
    floor.passes(20)
    assert floor.moved() == [("2", "spare", "waited")]
    assert floor.moved() == []


def test_what_somebody_could_be_asked_for_at_that_moment_stays() -> None:
    floor = floor_with(OverflowRule(to=SPARE, after_s=60))
    floor.arrives("1")
    floor.passes(60)
    floor.ready("ada")
    assert floor.offered() == [("1", "ada")]
    floor.rejects("1")
    assert floor.moved() == [("1", "spare", "waited")]


def test_those_who_would_be_served_last_leave_a_queue_that_is_too_long() -> None:
    floor = floor_with(OverflowRule(to=SPARE, longer_than=2))
    floor.ready("ada")
    for number in range(5):
        floor.arrives(str(number))
        floor.passes(1)
    floor.arrives("urgent", priority=1)
    decisions = floor.turn()
    assert [(type(one).__name__, one.interaction) for one in decisions] == [
        ("Offer", "urgent"),
        ("Overflow", "4"),
        ("Overflow", "3"),
        ("Overflow", "2"),
    ]
    assert floor.moved() == []


def test_what_would_wait_too_long_at_the_present_rate_moves_on() -> None:
    floor = floor_with(OverflowRule(to=SPARE, expected_wait_s=60))
    floor.ready("ada")
    for number in range(4):
        floor.arrives(f"done {number}")
        assert floor.offered_to() == ["ada"]
        floor.accepts(f"done {number}")
        floor.passes(20)
        floor.finishes(f"done {number}")
    floor.channels("ada", chat=False)
    for number in range(5):  # one service in 20 s: the fourth would wait for 80 s
        floor.arrives(f"wait {number}")
    assert floor.moved() == [("wait 4", "spare", "expected_wait"), ("wait 3", "spare", "expected_wait")]


def test_what_an_agent_begins_or_transfers_is_no_service_of_the_queue() -> None:
    floor = floor_with(OverflowRule(to=SPARE, expected_wait_s=1), agents=("ada", "bob"))
    for number in range(3):
        begun = replace(queued("chat"), id=InteractionId(f"own {number}"), state=State.CHATTING, owner=UserId("ada"))
        floor.tell(begun)
        floor.tell(interactions.transfer(begun, UserId("ada"), UserId("bob"), deadline_ms=0).after)
        floor.accepts(begun.id)
        floor.passes(600)
    floor.arrives("1")
    assert floor.moved() == []


def test_nothing_is_expected_before_anything_was_served() -> None:
    floor = floor_with(OverflowRule(to=SPARE, expected_wait_s=1))
    for number in range(50):
        floor.arrives(str(number))
    assert floor.moved() == []


def test_it_does_not_move_to_a_queue_that_is_not_there_until_it_is() -> None:
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(overflow=(OverflowRule(to=SPARE, after_s=9),))})
    floor.arrives("1", age_s=99)
    assert floor.moved() == []
    floor.router.set_facts(
        Facts(agents=floor.facts.agents, queues={**floor.facts.queues, SPARE: QueueFacts(name="spare")})
    )
    assert floor.moved() == [("1", "spare", "waited")]


# ── business hours ───────────────────────────────────────────────────────────────────────────────


def office(outside: Outside, *, zone: str = "UTC", overflow: tuple[OverflowRule, ...] = ()) -> Floor:
    """Open from 08:00 to 12:00. The clock shows 08:00 UTC, which is 09:00 in Berlin."""
    calendar = Calendar(zone=zone, week=dict.fromkeys(WEEKDAYS, ("08:00-12:00",)))
    rules = QueuePolicy(calendar="office", outside=outside, outside_to=SPARE, overflow=overflow)
    return Floor(
        facts=Facts(
            agents=team("ada"),
            queues={
                QueueId("support"): QueueFacts(name="support", agents=frozenset(team("ada"))),
                SPARE: QueueFacts(name="spare"),
            },
            zones={"UTC": UTC, "Europe/Berlin": ZoneInfo("Europe/Berlin")},
        ),
        policy=Policy(
            queues={QueueId("support"): rules}, other_media=MediumPolicy(limit=9), calendars={"office": calendar}
        ),
    )


def test_outside_business_hours_it_is_held_and_offered_when_the_queue_opens() -> None:
    floor = office(Outside.HOLD)
    floor.ready("ada")
    floor.passes(4 * 3600)
    floor.arrives("1")
    assert floor.turn() == ()
    assert not floor.why("1").is_open
    assert floor.timer_s() == 20 * 3600
    floor.passes(20 * 3600 - 0.001)
    assert floor.turn() == ()
    floor.passes(0.001)
    assert floor.offered() == [("1", "ada")]


def test_the_hours_are_those_of_the_queues_own_zone() -> None:
    floor = office(Outside.HOLD, zone="Europe/Berlin")
    floor.ready("ada")
    floor.passes(3 * 3600 - 1)
    floor.arrives("1")
    assert floor.offered() == [("1", "ada")]
    floor.passes(1)
    floor.arrives("2")
    assert floor.offered() == []


def test_outside_business_hours_it_overflows_and_so_does_what_waits_when_the_queue_closes() -> None:
    floor = office(Outside.OVERFLOW)
    floor.arrives("1")
    floor.arrives("2", priority=1)
    assert floor.turn() == ()
    floor.passes(4 * 3600)
    assert floor.moved() == [("2", "spare", "outside_hours"), ("1", "spare", "outside_hours")]
    floor.arrives("3")
    assert floor.moved() == [("3", "spare", "outside_hours")]


def test_outside_business_hours_it_is_answered_once_and_held() -> None:
    floor = office(Outside.AUTO_ANSWER)
    floor.arrives("1")
    assert floor.turn() == ()
    floor.passes(4 * 3600)
    floor.arrives("2")
    assert floor.turn() == tuple(AutoAnswer(interaction=floor.true[id_].id, version=1, policy=1) for id_ in "12")
    assert floor.turn() == ()
    floor.ready("ada")
    floor.passes(20 * 3600)
    assert floor.offered() == [("1", "ada"), ("2", "ada")]
    floor.rejects("1")
    floor.passes(4 * 3600)
    assert floor.turn() == ()


def test_what_was_answered_before_the_router_began_is_not_answered_again() -> None:
    floor = office(Outside.AUTO_ANSWER)
    floor.passes(4 * 3600)
    floor.arrives("1")
    floor.router.set_item(floor.true["1"], at_ms=floor.now_ms, is_answered=True)
    assert floor.turn() == ()


def test_a_closed_queue_keeps_what_waited_too_long_until_it_opens() -> None:
    floor = office(Outside.HOLD, overflow=(OverflowRule(to=SPARE, after_s=60),))
    floor.passes(4 * 3600)
    floor.arrives("1")
    floor.passes(600)
    assert floor.moved() == []
    floor.passes(20 * 3600 - 600)
    assert floor.moved() == [("1", "spare", "waited")]


def test_other_hours_are_at_work_at_once() -> None:
    floor = office(Outside.HOLD)
    floor.ready("ada")
    floor.passes(4 * 3600)
    floor.arrives("1")
    assert floor.turn() == ()
    longer = Calendar(week=dict.fromkeys(WEEKDAYS, ("08:00-13:00",)))
    policy = floor.policy
    floor.router.set_policy(
        Policy(version=2, queues=policy.queues, other_media=policy.other_media, calendars={"office": longer})
    )
    assert floor.offered() == [("1", "ada")]
    floor.arrives("2")
    floor.router.set_policy(Policy(version=3, queues=policy.queues, other_media=policy.other_media))
    assert floor.offered() == [("2", "ada")]
