"""The policy document: what its parts mean when they are absent, and what is told of one that makes no sense."""

from datetime import UTC

import msgspec
import pytest
from hypothesis import given
from msgspec.structs import replace

from frontdesk.core.calendars import Calendar
from frontdesk.core.ids import GroupId, QueueId, UserId
from frontdesk.core.policy import (
    AfterSession,
    MediumPolicy,
    Outside,
    OverflowRule,
    Policy,
    QueuePolicy,
    RelaxStep,
    ServiceLevel,
)
from frontdesk.core.policy_checks import checked
from frontdesk.core.routing import AgentFacts, Facts, QueueFacts
from tests.core.routing.day import FACTS, POLICY
from tests.core.routing.test_against_the_reference import policies

ADA, BOB = UserId("ada"), UserId("bob")
BILLING, SALES, VIP = QueueId("q-1"), QueueId("q-2"), QueueId("q-3")
TEAM = GroupId("g-1")
DIRECTORY = Facts(
    agents={ADA: AgentFacts(name="Ada")},
    queues={BILLING: QueueFacts(name="billing"), SALES: QueueFacts(name="sales"), VIP: QueueFacts(name="vip")},
    groups={TEAM: "Team"},
    zones={"UTC": UTC},
)


def problems_of(**rules: object) -> list[str]:
    """Of a policy with these rules for billing."""
    return checked(Policy(queues={BILLING: QueuePolicy(**rules)}), DIRECTORY)  # type: ignore[arg-type]


def test_a_queue_that_is_not_named_follows_the_default_and_a_medium_the_other_media() -> None:
    policy = Policy(
        default=QueuePolicy(weight=2),
        queues={BILLING: QueuePolicy(weight=5)},
        media={"chat": MediumPolicy(limit=3, cost=2)},
        other_media=MediumPolicy(limit=1),
        agents={ADA: {"chat": 7}},
    )
    assert [policy.of(queue).weight for queue in (BILLING, SALES)] == [5, 2]
    assert [policy.medium(name).cost for name in ("chat", "email")] == [2, 1]
    assert [policy.limit_of(ADA, "chat"), policy.limit_of(ADA, "email"), policy.limit_of(BOB, "chat")] == [7, 1, 3]


@given(policies)
def test_a_document_written_down_and_read_again_is_the_same(policy: Policy) -> None:
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy


def test_an_unknown_key_is_refused_by_its_place() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"wieght.*queues"):
        msgspec.json.decode(b'{"queues": {"billing": {"wieght": 2}}}', type=Policy)


def test_what_makes_sense_has_no_problems() -> None:
    assert checked(Policy(), DIRECTORY) == []
    assert checked(POLICY, FACTS) == []


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"ageing_per_minute": -1.0}, "queue billing: ageing_per_minute has to be from 0 to 1000000, not -1.0"),
        ({"ageing_per_minute": float("nan")}, "queue billing: ageing_per_minute has to be from 0 to 1000000, not nan"),
        ({"weight": 0}, "queue billing: weight has to be from 1 to 1000000, not 0"),
        ({"parallel": 0}, "queue billing: parallel has to be from 1 to 100, not 0"),
        ({"offer_s": 0}, "queue billing: offer_s has to be from 1 to 31622400, not 0"),
        ({"last_agent_s": -5}, "queue billing: last_agent_s has to be from 0 to 31622400, not -5"),
        ({"wrap_up_s": -5}, "queue billing: wrap_up_s has to be from 0 to 31622400, not -5"),
        (
            {"members": "german >"},
            "queue billing: members: at character 9: a level, a whole number, has to follow '>'",
        ),
        (
            {"requires": "(german"},
            "queue billing: requires: at character 8: the bracket of character 1 is not closed here",
        ),
        (
            {"relax": (RelaxStep(after_s=9, requires="a ="),)},
            "queue billing: relax 1: requires: at character 3: '=' alone compares nothing; write '=='",
        ),
        (
            {"relax": (RelaxStep(after_s=60, requires=""), RelaxStep(after_s=60, groups=(TEAM,)))},
            "queue billing: relax 2: comes after 60 s, and the step before it after 60 s; put them in order",
        ),
        ({"relax": (RelaxStep(after_s=9, agents=(BOB,)),)}, "queue billing: relax 1: there is no agent 'bob'"),
        (
            {"relax": (RelaxStep(after_s=9, groups=(GroupId("g-2"),)),)},
            "queue billing: relax 1: there is no group 'g-2'",
        ),
        ({"relax": (RelaxStep(after_s=9, queues=(BILLING,)),)}, "queue billing: relax 1: queues: is the queue itself"),
        (
            {"relax": (RelaxStep(after_s=9),)},
            "queue billing: relax 1: widens nothing; give it requires, agents, groups or queues",
        ),
        (
            {"overflow": (OverflowRule(to=QueueId("nowhere"), after_s=9),)},
            "queue billing: overflow 1: to: there is no queue 'nowhere'",
        ),
        ({"overflow": (OverflowRule(to=BILLING, after_s=9),)}, "queue billing: overflow 1: to: is the queue itself"),
        (
            {"overflow": (OverflowRule(to=SALES),)},
            "queue billing: overflow 1: give one of after_s, longer_than and expected_wait_s, not none of them",
        ),
        (
            {"overflow": (OverflowRule(to=SALES, after_s=9, longer_than=3),)},
            "queue billing: overflow 1: give one of after_s, longer_than and expected_wait_s, "
            "not after_s and longer_than",
        ),
        (
            {"overflow": (OverflowRule(to=SALES, longer_than=-1),)},
            "queue billing: overflow 1: longer_than has to be from 0 to 1000000, not -1",
        ),
        ({"calendar": "nights"}, "queue billing: there is no calendar 'nights'; there are: none"),
        (
            {"outside": Outside.OVERFLOW},
            "queue billing: outside is 'overflow', and outside_to does not say to which queue",
        ),
        ({"outside_to": QueueId("nowhere")}, "queue billing: outside_to: there is no queue 'nowhere'"),
        (
            {"after_session": AfterSession.WORKBIN},
            "queue billing: after_session is 'workbin', and after_session_workbin does not say which",
        ),
        (
            {"service_level": ServiceLevel(percent=101, within_s=20)},
            "queue billing: service_level: percent has to be from 1 to 100, not 101",
        ),
        (
            {"service_level": ServiceLevel(within_s=20, boost=1, boost_before_s=21)},
            "queue billing: service_level: boost_before_s has to be from 0 to within_s (20), not 21",
        ),
    ],
)
def test_what_a_queue_cannot_do_is_told_in_a_sentence(rules: dict[str, object], problem: str) -> None:
    assert problems_of(**rules) == [problem]


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (Policy(queues={QueueId("nowhere"): QueuePolicy()}), "queues: there is no queue 'nowhere'"),
        (Policy(default=QueuePolicy(weight=-1)), "default: weight has to be from 1 to 1000000, not -1"),
        (Policy(units=0), "units has to be from 1 to 1000000, not 0"),
        (Policy(missed_offers=-1), "missed_offers has to be from 0 to 1000000, not -1"),
        (Policy(media={"chat": MediumPolicy(limit=-1)}), "media: chat: limit has to be from 0 to 1000000, not -1"),
        (
            Policy(media={"chat": MediumPolicy(cost=9)}, units=8),
            "media: chat: cost is 9, more than all 8 units of an agent: nobody is ever asked",
        ),
        (Policy(other_media=MediumPolicy(cost=-1)), "other_media: cost has to be from 0 to 1000000, not -1"),
        (Policy(agents={BOB: {}}), "agents: there is no agent 'bob'"),
        (Policy(agents={ADA: {"chat": -1}}), "agent Ada: chat has to be from 0 to 1000000, not -1"),
        (
            Policy(calendars={"office": Calendar(zone="Mars/Base")}),
            "calendar office: there is no time zone 'Mars/Base'; write one such as Europe/Berlin",
        ),
        (
            Policy(calendars={"office": Calendar(week={"monday": ("08:00-12:00", "11:00-13:00")})}),
            "calendar office: monday: 08:00-12:00 and 11:00-13:00 overlap",
        ),
    ],
)
def test_what_a_contact_centre_cannot_do_is_told_in_a_sentence(policy: Policy, problem: str) -> None:
    assert checked(policy, DIRECTORY) == [problem]


def test_overflow_that_goes_round_in_circles_is_told_by_its_way() -> None:
    policy = Policy(
        queues={
            BILLING: QueuePolicy(overflow=(OverflowRule(to=SALES, after_s=60),)),
            SALES: QueuePolicy(overflow=(OverflowRule(to=VIP, longer_than=5),)),
            VIP: QueuePolicy(outside=Outside.OVERFLOW, outside_to=BILLING),
        }
    )
    assert checked(policy, DIRECTORY) == ["overflow goes round in circles: billing → sales → vip → billing"]
    straight = replace(policy, queues={**policy.queues, VIP: QueuePolicy(outside=Outside.HOLD, outside_to=BILLING)})
    assert checked(straight, DIRECTORY) == []


def test_ways_that_meet_again_are_no_circle() -> None:
    both = QueuePolicy(overflow=(OverflowRule(to=SALES, after_s=9), OverflowRule(to=VIP, longer_than=9)))
    sales = QueuePolicy(overflow=(OverflowRule(to=VIP, after_s=60),))
    assert checked(Policy(queues={BILLING: both, SALES: sales}), DIRECTORY) == []


def test_a_default_that_overflows_leads_every_other_queue_there_and_that_one_to_itself() -> None:
    policy = Policy(default=QueuePolicy(overflow=(OverflowRule(to=VIP, after_s=60),)), queues={VIP: QueuePolicy()})
    assert checked(policy, DIRECTORY) == []
    assert checked(replace(policy, queues={}), DIRECTORY) == ["overflow goes round in circles: vip → vip"]


def test_every_problem_is_told_in_the_order_of_the_document() -> None:
    policy = Policy(
        default=QueuePolicy(weight=0), queues={BILLING: QueuePolicy(parallel=0, requires="(")}, missed_offers=-1
    )
    places = [problem.split(" has")[0].split(": at")[0] for problem in checked(policy, DIRECTORY)]
    assert places == ["default: weight", "queue billing: requires", "queue billing: parallel", "missed_offers"]
