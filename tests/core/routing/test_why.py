"""The router gives its reasons: recorded with each offer, explained for what waits, and said of what is stuck."""

from frontdesk.core.calendars import WEEKDAYS, Calendar
from frontdesk.core.ids import GroupId, QueueId, UserId
from frontdesk.core.offers import Ranked, Record, Rule
from frontdesk.core.policy import Choice, MediumPolicy, Outside, OverflowRule, Policy, QueuePolicy, RelaxStep
from frontdesk.core.routing import Blocker, Facts, QueueFacts, Way
from tests.core.routing.floor import START_MS, Floor, team

SUPPORT, SPARE, TEAM = QueueId("support"), QueueId("spare"), GroupId("team")


def test_an_offer_records_the_candidates_in_order_and_how_many_each_rule_kept_out() -> None:
    facts = Facts(
        agents={
            **team("ada", "bob", "cleo", "dan", groups=["team"], german=1),
            **team("eve", "finn", groups=["team"]),
            **team("gus", "hal", "ida"),
        },
        queues={SUPPORT: QueueFacts(groups=frozenset({TEAM}))},
    )
    floor = Floor(facts=facts, queues={"support": QueuePolicy(requires="german")})
    floor.ready("bob", idle_s=20)
    floor.ready("ada", idle_s=10)
    floor.channels("cleo", chat=False)
    floor.arrives("1", age_s=7)
    assert floor.offered() == [("1", "bob")]
    assert floor.offers[-1].record == Record(
        policy=1,
        step=0,
        choice=Choice.LONGEST_IDLE,
        waited_ms=7_000,
        candidates=(
            Ranked(UserId("bob"), (0, START_MS - 20_000)),
            Ranked(UserId("ada"), (0, START_MS - 10_000)),
        ),
        eligible=2,
        excluded={Rule.NOT_SERVING: 3, Rule.SKILLS: 2, Rule.LOGGED_OUT: 1, Rule.NOT_READY: 1},
    )


def test_a_record_names_no_more_than_twenty_however_many_there_are() -> None:
    names = [f"agent-{number:03}" for number in range(100)]
    floor = Floor(agents=names)
    floor.ready(*names)
    floor.arrives("1")
    floor.turn()
    record = floor.offers[-1].record
    assert [one.user for one in record.candidates] == names[:20]
    assert record.eligible == 100


def test_who_refused_is_counted_once_though_not_ready_either() -> None:
    floor = Floor(agents=["ada", "bob"])
    floor.ready("ada")
    floor.arrives("1")
    floor.offered()
    floor.rejects("1")
    floor.channels("ada", chat=False)
    floor.ready("bob")
    assert floor.offered() == [("1", "bob")]
    assert floor.offers[-1].record.excluded == {Rule.REFUSED: 1}


def test_what_waits_is_explained_by_name_with_what_would_help() -> None:
    facts = Facts(
        agents={**team("ada", "bob", "cleo", "dan", "eve", german=1), **team("finn"), **team("gus")},
        queues={
            SUPPORT: QueueFacts(name="Support", agents=frozenset(team("ada", "bob", "cleo", "dan", "eve", "finn"))),
            SPARE: QueueFacts(name="Spare"),
        },
    )
    rules = QueuePolicy(
        requires="german",
        relax=(RelaxStep(after_s=60, agents=(UserId("gus"),)), RelaxStep(after_s=90, requires="")),
        overflow=(OverflowRule(to=SPARE, after_s=300),),
    )
    floor = Floor(facts=facts, queues={"support": rules})
    floor.ready("ada", "eve")
    floor.channels("bob", chat=False)
    floor.channels("cleo", email=True)
    floor.arrives("0", priority=1)
    floor.arrives("1")
    assert floor.offered_to() == ["ada", "eve"]
    floor.rejects("1")
    floor.passes(10)
    floor.arrives("2")
    why = floor.why("1")
    assert (why.position, why.waited_ms, why.step, why.is_open, why.eligible) == (1, 10_000, 0, True, ())
    assert why.excluded == {
        Rule.NOT_SERVING: ("Gus",),
        Rule.SKILLS: ("Finn",),
        Rule.REFUSED: ("Eve",),
        Rule.LOGGED_OUT: ("Cleo", "Dan"),
        Rule.NOT_READY: ("Bob",),
        Rule.LIMIT: ("Ada",),
    }
    assert [(way.way, way.agents, way.at_ms) for way in why.ways] == [
        (Way.NEW_ROUND, ("Eve",), START_MS + 60_000),
        (Way.STEP, ("Finn", "Gus"), START_MS + 90_000),
        (Way.OVERFLOW, (), START_MS + 300_000),
        (Way.READY, ("Bob",), None),
        (Way.ROOM, ("Ada",), None),
        (Way.LOG_IN, ("Cleo", "Dan"), None),
    ]
    assert why.unblock == (
        "At 2026-11-23 08:01:00 UTC those who refused it are asked again: Eve.",
        "At 2026-11-23 08:01:30 UTC step 2 of the relaxation adds Finn, Gus.",
        "At 2026-11-23 08:05:00 UTC it moves to queue Spare.",
        "It goes on when one becomes ready on chat: Bob.",
        "It goes on when one has finished something: Ada.",
        "It goes on when one logs in on chat and becomes ready: Cleo, Dan.",
    )


def test_what_can_be_offered_says_that_nothing_more_is_needed() -> None:
    floor = Floor(agents=["ada", "bob"])
    floor.ready("ada")
    floor.ready("bob", idle_s=5)
    floor.arrives("1")
    why = floor.why("1")
    assert [one.user for one in why.eligible] == ["bob", "ada"]
    assert why.unblock == ("Bob can be asked at once.",)


def test_what_is_kept_or_waits_for_the_opening_says_until_when() -> None:
    calendar = Calendar(week=dict.fromkeys(WEEKDAYS, ("09:00-12:00",)))
    floor = Floor(
        agents=["ada", "bob"],
        policy=Policy(default=QueuePolicy(last_agent_s=7200, calendar="office"), calendars={"office": calendar}),
    )
    floor.channels("ada", chat=False)
    floor.ready("bob")
    floor.arrives("1", last_agent="ada")
    why = floor.why("1")
    assert (why.is_open, why.held_for, why.excluded) == (
        False,
        "ada",
        {Rule.LAST_AGENT: ("Bob",), Rule.NOT_READY: ("Ada",)},
    )
    assert why.unblock == (
        "Queue support is closed; it opens at 2026-11-23 09:00:00 UTC.",
        "Until 2026-11-23 10:00:00 UTC it is kept for Ada, who had it before; then for all who serve it.",
        "It goes on when one becomes ready on chat: Ada.",
    )


def test_long_lists_of_names_are_counted_in_sentences() -> None:
    names = [f"agent-{number}" for number in range(9)]
    floor = Floor(agents=names)
    floor.arrives("1")
    (sentence,) = floor.why("1").unblock
    assert sentence.endswith(": Agent-0, Agent-1, Agent-2, Agent-3, Agent-4 and 4 more.")


def test_nothing_is_explained_of_what_does_not_wait() -> None:
    floor = Floor(agents=["ada"])
    floor.ready("ada")
    floor.arrives("1")
    floor.offered()
    assert floor.router.explain(floor.true["1"].id, floor.now_ms) is None


# ── stuck ────────────────────────────────────────────────────────────────────────────────────────


def stuck(floor: Floor) -> list[tuple[str, str]]:
    return [(one.interaction, one.blocker) for one in floor.router.stuck(floor.now_ms)]


def test_what_somebody_may_serve_one_day_is_not_stuck() -> None:
    steps = (RelaxStep(after_s=600, requires=""),)
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(requires="german", relax=steps)})
    floor.arrives("1")
    assert stuck(floor) == []
    assert floor.why("1").unblock == (
        "At 2026-11-23 08:10:00 UTC step 1 of the relaxation adds Ada.",
        "Nobody who serves it has what is required, `german`: Ada.",
    )


def test_what_nobody_serves_or_has_the_skills_for_is_stuck() -> None:
    queues = {"support": QueuePolicy(requires="german >= 5"), "empty": QueuePolicy()}
    facts = Facts(
        agents=team("ada", german=4),
        queues={SUPPORT: QueueFacts(name="Support", agents=frozenset(team("ada"))), QueueId("empty"): QueueFacts()},
    )
    floor = Floor(facts=facts, queues=queues)
    floor.arrives("1", "empty")
    floor.arrives("2", age_s=5)
    floor.arrives("3", age_s=9)
    floor.arrives("4", "gone")
    found = floor.router.stuck(floor.now_ms)
    assert [(one.interaction, one.blocker, one.sentence) for one in found] == [
        ("1", Blocker.NOBODY_SERVES, "No agent serves queue empty, by itself, through a group or by an expression."),
        ("4", Blocker.QUEUE_UNKNOWN, "There is no queue gone any more: move it to another."),
        ("3", Blocker.SKILLS, "No agent who serves queue Support has what is required: `german >= 5`."),
        ("2", Blocker.SKILLS, "No agent who serves queue Support has what is required: `german >= 5`."),
    ]


def test_what_nobody_has_capacity_for_is_stuck() -> None:
    policy = Policy(
        media={"chat": MediumPolicy(limit=0), "fax": MediumPolicy(limit=1, cost=9), "email": MediumPolicy(limit=1)},
        units=8,
        agents={UserId("ada"): {"email": 0}},
    )
    floor = Floor(agents=["ada"], policy=policy)
    for medium in ("chat", "email", "fax"):
        floor.arrives(medium, medium=medium)
    assert stuck(floor) == [(medium, Blocker.CAPACITY) for medium in ("chat", "email", "fax")]
    floor.router.set_policy(Policy(version=2))
    assert stuck(floor) == []


def test_what_waits_in_a_queue_that_never_opens_is_stuck_unless_it_is_sent_on() -> None:
    def floor(outside: Outside, *rules: OverflowRule) -> Floor:
        support = QueuePolicy(calendar="never", outside=outside, outside_to=SPARE, overflow=rules)
        facts = Facts(
            agents=team("ada"),
            queues={SUPPORT: QueueFacts(agents=frozenset(team("ada"))), SPARE: QueueFacts()},
        )
        return Floor(facts=facts, policy=Policy(queues={SUPPORT: support}, calendars={"never": Calendar()}))

    held = floor(Outside.HOLD)
    held.arrives("1")
    assert stuck(held) == [("1", Blocker.NEVER_OPEN)]
    assert held.why("1").unblock[0] == "Queue support is closed, and does not open in the next weeks."
    for sent_on in (floor(Outside.OVERFLOW), floor(Outside.HOLD, OverflowRule(to=SPARE, after_s=60))):
        sent_on.arrives("1")
        assert stuck(sent_on) == []
