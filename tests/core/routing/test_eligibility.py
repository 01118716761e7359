"""Who can be asked at all: servers of the queue, skills, channels, capacity, refusals, and how waiting widens it."""

import pytest

from frontdesk.core.ids import GroupId, QueueId, UserId
from frontdesk.core.policy import MediumPolicy, Policy, QueuePolicy, RelaxStep
from frontdesk.core.routing import AgentState, ChannelState, Facts, QueueFacts, Rule
from tests.core.routing.floor import Floor, team

SUPPORT, SALES = QueueId("support"), QueueId("sales")
TEAM = GroupId("team")


def test_a_queue_is_served_by_its_agents_its_groups_and_whoever_the_expression_holds_for() -> None:
    facts = Facts(
        agents={
            **team("ada"),
            **team("bob", groups=["team"]),
            **team("cleo", german=5),
            **team("dan", german=4),
            **team("eve", groups=["others"]),
        },
        queues={SUPPORT: QueueFacts(agents=frozenset({UserId("ada")}), groups=frozenset({TEAM}))},
    )
    floor = Floor(facts=facts, queues={"support": QueuePolicy(members="german >= 5")})
    floor.ready("ada", "bob", "cleo", "dan", "eve")
    for id_ in "12345":
        floor.arrives(id_)
    assert sorted(floor.offered_to()) == ["ada", "bob", "cleo"]
    assert floor.why("4").excluded == {Rule.NOT_SERVING: ("Dan", "Eve"), Rule.LIMIT: ("Ada", "Bob", "Cleo")}
    assert [floor.router.serves(UserId(name), SUPPORT) for name in ("cleo", "dan")] == [True, False]


def test_whoever_is_asked_has_what_the_queue_requires() -> None:
    skills = {"ada": {"german": 3}, "bob": {"english": 7}, "cleo": {"english": 6}}
    floor = Floor(agents=skills, queues={"support": QueuePolicy(requires="german or english >= 7")})
    floor.ready("ada", "bob", "cleo")
    for id_ in "123":
        floor.arrives(id_)
    assert floor.offered_to() == ["ada", "bob"]
    assert floor.why("3").excluded[Rule.SKILLS] == ("Cleo",)
    assert not floor.router.serves(UserId("cleo"), SUPPORT)


def test_only_who_is_ready_on_the_medium_is_asked() -> None:
    floor = Floor(agents=["ada", "bob", "cleo"])
    floor.channels("ada", chat=False, email=True)
    floor.channels("bob", email=True)
    floor.arrives("1")
    assert floor.offered() == []
    assert floor.why("1").excluded == {Rule.NOT_READY: ("Ada",), Rule.LOGGED_OUT: ("Bob", "Cleo")}
    floor.channels("ada", chat=True, email=True)
    assert floor.offered() == [("1", "ada")]


def test_nobody_gets_more_than_the_limit_of_the_medium() -> None:
    policy = Policy(
        media={"chat": MediumPolicy(limit=2)}, other_media=MediumPolicy(limit=1), agents={UserId("bob"): {"chat": 3}}
    )
    floor = Floor(agents=["ada", "bob"], policy=policy)
    floor.channels("ada", chat=True, fax=True)
    floor.channels("bob", chat=True)
    for number in range(9):
        floor.arrives(str(number))
    floor.arrives("fax", medium="fax")
    floor.arrives("fax too", medium="fax")
    assert sorted(floor.offered_to()) == ["ada", "ada", "ada", "bob", "bob", "bob"]


def test_all_media_together_take_no_more_than_the_units_of_an_agent() -> None:
    policy = Policy(media={"chat": MediumPolicy(limit=9), "email": MediumPolicy(limit=9, cost=3)}, units=7)
    floor = Floor(agents=["ada"], policy=policy)
    floor.channels("ada", chat=True, email=True)
    for number in range(5):
        floor.arrives(f"mail {number}", medium="email", priority=1)
        floor.arrives(f"chat {number}", medium="chat")
    assert [id_ for id_, _ in floor.offered()] == ["mail 0", "mail 1", "chat 0"]
    assert floor.why("chat 1").excluded == {Rule.UNITS: ("Ada",)}
    floor.finishes("mail 0")
    assert [id_ for id_, _ in floor.offered()] == ["mail 2"]


def test_what_may_not_be_interrupted_is_interrupted_by_what_is_named_only() -> None:
    policy = Policy(
        media={"chat": MediumPolicy(limit=2, interruptible_by=("email",))}, other_media=MediumPolicy(limit=3)
    )
    floor = Floor(agents=["ada"], policy=policy)
    floor.channels("ada", chat=True, email=True, fax=True)
    floor.arrives("chat", medium="chat")
    assert floor.offered() == [("chat", "ada")]
    floor.arrives("fax", medium="fax", priority=3)
    floor.arrives("mail", medium="email", priority=2)
    floor.arrives("chat too", medium="chat", priority=1)
    assert [id_ for id_, _ in floor.offered()] == ["mail", "chat too"]
    assert floor.why("fax").excluded == {Rule.INTERRUPTION: ("Ada",)}
    floor.finishes("chat")
    assert floor.offered() == []
    floor.finishes("chat too")
    assert [id_ for id_, _ in floor.offered()] == ["fax"]


def test_an_offer_takes_room_until_it_is_answered_or_what_it_led_to_is_finished() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("1")
    floor.arrives("2")
    assert floor.offered() == [("1", "ada")]
    floor.accepts("1")
    assert floor.offered() == []
    floor.finishes("1")
    assert floor.offered() == [("2", "ada")]
    floor.rejects("2")
    floor.arrives("3")
    assert floor.offered() == [("3", "ada")]


def test_load_that_the_router_was_not_told_of_one_by_one_counts_too() -> None:
    floor = Floor(agents=["ada"], limit=3)
    floor.router.set_agent(AgentState(UserId("ada"), {"chat": ChannelState(ready=True, load=2)}))
    for id_ in "123":
        floor.arrives(id_)
    assert floor.offered() == [("1", "ada")]


def test_who_refused_it_is_not_asked_again_in_this_round() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("1")
    floor.offered()
    floor.rejects("1")
    assert floor.offered() == []
    assert floor.why("1").excluded == {Rule.REFUSED: ("Ada",)}
    floor.begins_a_round("1")
    assert floor.offered() == [("1", "ada")]


def test_what_one_refused_does_not_stand_in_the_way_of_the_rest() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    for number in range(30):
        floor.arrives(f"{number:02}")
        floor.offered()
        floor.rejects(f"{number:02}")
    floor.arrives("last")
    assert floor.offered() == [("last", "ada")]


# ── relaxation ───────────────────────────────────────────────────────────────────────────────────

WIDENING = QueuePolicy(
    requires="german >= 5",
    relax=(
        RelaxStep(after_s=10, requires="german"),
        RelaxStep(after_s=20, agents=(UserId("dan"),), groups=(TEAM,)),
        RelaxStep(after_s=30, queues=(SALES,)),
        RelaxStep(after_s=40, requires=""),
    ),
)
WIDE = Facts(
    agents={
        **team("ada", german=5),
        **team("bob", german=1),
        **team("cleo"),
        **team("dan", german=2),
        **team("eve", groups=["team"], german=2),
        **team("finn", german=2, sales=1),
        **team("gus", german=2),
    },
    queues={
        SUPPORT: QueueFacts(agents=frozenset({UserId("ada"), UserId("bob"), UserId("cleo")})),
        SALES: QueueFacts(agents=frozenset({UserId("finn"), UserId("gus")})),
    },
)


@pytest.mark.parametrize(
    ("waited_s", "asked"),
    [
        (0, ["ada"]),
        (9.999, ["ada"]),
        (10, ["ada", "bob"]),
        (20, ["ada", "bob", "dan", "eve"]),
        (30, ["ada", "bob", "dan", "eve", "finn"]),  # gus lacks what sales requires
        (40, ["ada", "bob", "cleo", "dan", "eve", "finn"]),
    ],
)
def test_the_longer_it_waits_the_more_can_be_asked(waited_s: float, asked: list[str]) -> None:
    floor = Floor(facts=WIDE, queues={"support": WIDENING, "sales": QueuePolicy(requires="sales")})
    floor.ready(*WIDE.agents)
    for number in range(9):
        floor.arrives(str(number), age_s=waited_s)
    assert sorted(floor.offered_to()) == asked


def test_a_step_comes_by_itself_and_is_recorded() -> None:
    floor = Floor(facts=WIDE, queues={"support": WIDENING, "sales": QueuePolicy(requires="sales")})
    floor.ready("bob", "eve")
    floor.arrives("1")
    floor.arrives("2")
    assert floor.offered() == []
    assert floor.timer_s() == 10
    floor.passes(10)
    assert floor.offered() == [("1", "bob")]
    assert floor.offers[-1].record.step == 1
    assert floor.timer_s() == 10
    floor.passes(10)
    assert floor.offered() == [("2", "eve")]
    assert (floor.offers[-1].record.step, floor.offers[-1].record.waited_ms) == (2, 20_000)
    assert floor.timer_s() is None


def test_steps_that_were_written_out_of_order_come_in_order_of_time() -> None:
    steps = (RelaxStep(after_s=20, requires=""), RelaxStep(after_s=10, requires="german"))
    floor = Floor(facts=WIDE, queues={"support": QueuePolicy(requires="german >= 5", relax=steps)})
    floor.ready("bob", "cleo")
    floor.arrives("1", age_s=10)
    floor.arrives("2", age_s=10)
    assert floor.offered_to() == ["bob"]


# ── changes of the directory and the policy ──────────────────────────────────────────────────────


def test_who_learns_what_is_required_is_asked_at_once() -> None:
    floor = Floor(facts=WIDE, queues={"support": QueuePolicy(requires="german >= 5")})
    floor.ready("bob")
    floor.arrives("1")
    assert floor.offered() == []
    agents = {**WIDE.agents, **team("bob", german=6)}
    floor.router.set_facts(Facts(agents=agents, queues=WIDE.queues))
    assert floor.offered() == [("1", "bob")]


def test_who_leaves_the_group_is_asked_no_more() -> None:
    facts = Facts(agents=team("ada", "bob", groups=["team"]), queues={SUPPORT: QueueFacts(groups=frozenset({TEAM}))})
    floor = Floor(facts=facts)
    floor.ready("ada", idle_s=9)
    floor.ready("bob")
    floor.arrives("1")
    floor.arrives("2")
    floor.router.set_facts(Facts(agents={**facts.agents, **team("ada")}, queues=facts.queues))
    assert floor.offered_to() == ["bob"]
    floor.router.set_facts(Facts(agents=team("ada"), queues=facts.queues))
    assert floor.why("2").excluded == {Rule.NOT_SERVING: ("Ada",)}
    floor.router.set_facts(facts)
    assert floor.offered_to() == ["ada"]


def test_a_new_policy_is_at_work_at_once_and_named_in_the_record() -> None:
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(requires="german")})
    floor.ready("ada")
    floor.arrives("1")
    assert floor.offered() == []
    floor.router.set_policy(Policy(version=8))
    assert floor.offered() == [("1", "ada")]
    assert floor.offers[-1].record.policy == 8


def test_a_queue_that_borrows_another_ones_servers_follows_that_ones_policy() -> None:
    def policy(version: int, required: str) -> Policy:
        support = QueuePolicy(relax=(RelaxStep(after_s=10, queues=(SALES,)),))
        return Policy(version=version, queues={SUPPORT: support, SALES: QueuePolicy(requires=required)})

    floor = Floor(facts=WIDE, policy=policy(1, "sales"))
    floor.ready("gus")
    floor.arrives("1", age_s=10)
    assert floor.offered() == []
    floor.router.set_policy(policy(2, ""))
    assert floor.offered() == [("1", "gus")]


def test_a_higher_limit_is_used_at_once() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("1")
    floor.arrives("2")
    assert floor.offered_to() == ["ada"]
    floor.router.set_policy(Policy(version=2, other_media=MediumPolicy(limit=2)))
    assert floor.offered_to() == ["ada"]
