"""Who is asked first, of those who could be."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.ids import UserId
from frontdesk.core.policy import Choice, MediumPolicy, Policy, QueuePolicy
from frontdesk.core.routing import Facts, Offer
from tests.core.routing.floor import Floor, team


def test_the_longest_idle_is_asked_first_and_of_equal_ones_the_smaller_id() -> None:
    floor = Floor(agents=["ada", "bob", "cleo", "dan"])
    floor.ready("dan", "cleo", idle_s=10)
    floor.ready("bob", idle_s=30)
    floor.ready("ada", idle_s=20)
    for id_ in "1234":
        floor.arrives(id_)
    assert floor.offered_to() == ["bob", "ada", "cleo", "dan"]


def test_who_has_something_in_hand_is_not_idle() -> None:
    floor = Floor(agents=["ada", "bob"], limit=3)
    floor.ready("ada", idle_s=60)
    floor.arrives("1")
    assert floor.offered_to() == ["ada"]
    floor.ready("bob", idle_s=1)
    floor.arrives("2")
    assert floor.offered_to() == ["bob"]


@given(st.integers(2, 6), st.integers(1, 4), st.lists(st.integers(0, 60), min_size=6, max_size=6), st.data())
def test_after_any_number_of_equal_ones_nobody_is_more_than_one_unit_from_the_mean(
    agents: int, limit: int, idle_s: list[int], data: st.DataObject
) -> None:
    names = [f"agent-{number}" for number in range(agents)]
    floor = Floor(agents=names, limit=limit)
    for name, seconds in zip(names, idle_s, strict=False):
        floor.ready(name, idle_s=seconds)
    in_hand: Counter[str] = Counter(dict.fromkeys(names, 0))
    for number in range(data.draw(st.integers(1, agents * limit))):
        floor.arrives(f"{number:03}")
        in_hand.update(floor.offered_to())
        mean = in_hand.total() / agents
        assert all(abs(held - mean) <= 1 for held in in_hand.values())


@given(st.integers(2, 6), st.integers(2, 60))
def test_when_all_take_equally_long_all_get_equally_many(agents: int, items: int) -> None:
    names = [f"agent-{number}" for number in range(agents)]
    floor = Floor(agents=names)
    floor.ready(*names)
    got: Counter[str] = Counter(dict.fromkeys(names, 0))
    working: list[str] = []
    for number in range(items):
        id_ = f"{number:03}"
        floor.arrives(id_)
        floor.passes(1)
        if len(working) == agents:
            floor.finishes(working.pop(0))
        got.update(floor.offered_to())
        floor.accepts(id_)
        working.append(id_)
    assert max(got.values()) - min(got.values()) <= 1


def test_the_least_loaded_is_who_has_the_smallest_share_of_the_own_limit() -> None:
    policy = Policy(
        default=QueuePolicy(choice=Choice.LEAST_LOADED),
        media={"chat": MediumPolicy(limit=2)},
        agents={UserId("bob"): {"chat": 5}},
    )
    floor = Floor(agents=["ada", "bob"], policy=policy)
    floor.ready("ada", idle_s=20)
    floor.ready("bob", idle_s=10)
    for number in range(7):
        floor.arrives(str(number))
    assert floor.offered_to() == ["ada", "bob", "bob", "bob", "ada", "bob", "bob"]


def test_in_round_robin_a_queue_asks_whom_it_asked_longest_ago() -> None:
    floor = Floor(agents=["ada", "bob", "cleo"], queues={"support": QueuePolicy(choice=Choice.ROUND_ROBIN)}, limit=9)
    floor.ready("ada", "bob", "cleo")
    for id_ in "12345":
        floor.arrives(id_)
    assert floor.offered_to() == ["ada", "bob", "cleo", "ada", "bob"]
    floor.finishes("1")
    floor.arrives("6")
    assert floor.offered_to() == ["cleo"]


def test_each_queue_has_a_round_of_its_own() -> None:
    robin = QueuePolicy(choice=Choice.ROUND_ROBIN)
    floor = Floor(agents=["ada", "bob"], queues={"billing": robin, "sales": robin}, limit=9)
    floor.ready("ada", "bob")
    floor.arrives("1", "billing")
    assert floor.offered_to() == ["ada"]
    floor.arrives("2", "sales")
    assert floor.offered_to() == ["ada"]
    floor.arrives("3", "billing")
    assert floor.offered_to() == ["bob"]


def test_the_best_skill_is_the_highest_sum_of_what_is_required() -> None:
    skills = {"ada": {"german": 9}, "bob": {"german": 3, "billing": 7}, "cleo": {"billing": 8}, "dan": {"sales": 9}}
    best = QueuePolicy(requires="german or billing", choice=Choice.BEST_SKILL)
    floor = Floor(agents=skills, queues={"support": best})
    floor.ready("ada", "bob", "cleo", "dan")
    for id_ in "1234":
        floor.arrives(id_)
    assert floor.offered_to() == ["bob", "ada", "cleo"]


def test_who_has_learnt_more_is_asked_first_from_then_on() -> None:
    best = QueuePolicy(requires="german", choice=Choice.BEST_SKILL)
    floor = Floor(agents={"ada": {"german": 2}, "bob": {"german": 1}}, queues={"support": best})
    floor.ready("ada", "bob")
    floor.arrives("1")
    assert floor.offered_to() == ["ada"]
    floor.finishes("1")
    floor.router.set_facts(Facts(agents={**floor.facts.agents, **team("bob", german=3)}, queues=floor.facts.queues))
    floor.arrives("2")
    assert floor.offered_to() == ["bob"]


def test_several_are_asked_at_once_and_the_first_who_accepts_gets_it() -> None:
    floor = Floor(agents=["ada", "bob", "cleo"], queues={"support": QueuePolicy(parallel=2)})
    floor.ready("ada", "bob", "cleo")
    floor.arrives("1")
    (offer,) = floor.turn()
    assert isinstance(offer, Offer)
    assert offer.invitees == ("ada", "bob")
    floor.arrives("2")
    assert floor.offered_to() == ["cleo"]
    floor.accepts("1", "bob")
    floor.arrives("3")
    assert floor.offered_to() == ["ada"]


def test_fewer_are_asked_when_no_more_are_free() -> None:
    floor = Floor(agents=["ada", "bob"], queues={"support": QueuePolicy(parallel=5)})
    floor.ready("bob")
    floor.arrives("1")
    assert floor.offered_to() == ["bob"]


# ── the last agent ───────────────────────────────────────────────────────────────────────────────

KEPT = {"support": QueuePolicy(last_agent_s=30)}


def test_it_is_kept_for_the_agent_who_had_it_before_for_a_limited_wait() -> None:
    floor = Floor(agents=["ada", "bob"], queues=KEPT)
    floor.channels("ada", chat=False)
    floor.ready("bob")
    floor.arrives("1", last_agent="ada")
    assert floor.offered() == []
    assert floor.timer_s() == 30
    floor.passes(29)
    assert floor.offered() == []
    floor.passes(1)
    assert floor.offered() == [("1", "bob")]


def test_the_agent_who_had_it_before_is_asked_first_though_others_are_idle_longer() -> None:
    floor = Floor(agents=["ada", "bob"], queues=KEPT)
    floor.ready("ada", idle_s=1)
    floor.ready("bob", idle_s=99)
    floor.arrives("1", last_agent="ada")
    assert floor.offered() == [("1", "ada")]


def test_it_waits_for_nobody_who_is_gone_or_goes() -> None:
    floor = Floor(agents=["ada", "bob"], queues=KEPT)
    floor.ready("bob")
    floor.arrives("1", last_agent="ada")
    assert floor.offered() == [("1", "bob")]
    floor.accepts("1")
    floor.finishes("1")
    floor.channels("ada", chat=False)
    floor.arrives("2", last_agent="ada")
    assert floor.offered() == []
    floor.channels("ada", email=True)
    assert floor.offered() == [("2", "bob")]


def test_it_waits_for_nobody_who_does_not_serve_the_queue_or_has_refused_it() -> None:
    floor = Floor(agents=["ada", "bob"], queues=KEPT)
    floor.ready("ada", "bob", idle_s=5)
    floor.arrives("1", last_agent="nobody")
    assert floor.offered() == [("1", "ada")]
    floor.finishes("1")
    floor.arrives("2", last_agent="ada")
    assert floor.offered() == [("2", "ada")]
    floor.rejects("2")
    assert floor.offered() == [("2", "bob")]


def test_who_comes_back_in_time_is_waited_for_again() -> None:
    floor = Floor(agents=["ada", "bob"], queues=KEPT)
    floor.arrives("1", last_agent="ada")
    assert floor.offered() == []
    assert floor.why("1").held_for is None
    floor.channels("ada", chat=False)
    assert floor.why("1").held_for == "ada"
    floor.ready("bob")
    assert floor.offered() == []
