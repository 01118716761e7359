"""Which interaction comes first: priority, age, ageing, service levels, and the weights of queues."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.policy import QueuePolicy, ServiceLevel
from tests.core.routing.floor import Floor


def order_in(floor: Floor) -> list[str]:
    """In which order a single agent gets what waits."""
    floor.ready("ada")
    got = []
    while offered := floor.offered():
        got.append(offered[0][0])
        floor.accepts(offered[0][0])
        floor.finishes(offered[0][0])
    return got


def test_higher_priority_comes_first_and_of_equal_ones_the_older() -> None:
    floor = Floor(agents=["ada"])
    floor.arrives("young", age_s=1)
    floor.arrives("old", age_s=9)
    floor.arrives("urgent", priority=5)
    floor.arrives("oldest", age_s=10)
    assert order_in(floor) == ["urgent", "oldest", "old", "young"]


def test_of_equally_old_ones_the_smaller_id_comes_first() -> None:
    floor = Floor(agents=["ada"])
    for id_ in ("c", "a", "b"):
        floor.arrives(id_)
    assert order_in(floor) == ["a", "b", "c"]


def test_with_ageing_who_waits_overtakes_what_is_more_urgent() -> None:
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(ageing_per_minute=1)})
    floor.arrives("plain", age_s=181)
    floor.arrives("urgent", priority=3)
    floor.arrives("younger", age_s=179)
    assert order_in(floor) == ["plain", "urgent", "younger"]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300)), min_size=2, max_size=12),
    st.sampled_from([0.0, 0.5, 1.0, 7.0]),
    st.integers(0, 3600),
)
def test_the_order_within_a_queue_does_not_change_while_time_passes(
    waiting: list[tuple[int, int]], ageing: float, later_s: int
) -> None:
    def build() -> Floor:
        floor = Floor(agents=["ada"], queues={"support": QueuePolicy(ageing_per_minute=ageing)})
        for number, (priority, age_s) in enumerate(waiting):
            floor.arrives(f"{number:02}", priority=priority, age_s=age_s)
        return floor

    now, later = build(), build()
    later.passes(later_s)
    assert order_in(now) == order_in(later)


def test_near_the_breach_of_the_service_level_it_gains_points_by_itself() -> None:
    level = ServiceLevel(within_s=60, boost=5, boost_before_s=20)
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(service_level=level)})
    floor.arrives("plain")
    floor.arrives("urgent", priority=3)
    assert floor.offered() == []
    assert (floor.why("plain").priority, floor.why("plain").position) == (0, 2)
    assert floor.timer_s() == 40
    floor.passes(39.999)
    assert floor.why("plain").priority == 0
    floor.passes(0.001)
    assert (floor.why("plain").priority, floor.why("plain").position) == (5, 2)
    assert floor.why("urgent").priority == 8


def test_the_boost_lets_it_pass_what_came_later() -> None:
    level = ServiceLevel(within_s=60, boost=5, boost_before_s=20)
    floor = Floor(agents=["ada"], queues={"support": QueuePolicy(service_level=level)})
    floor.arrives("plain")
    floor.passes(40)
    floor.arrives("urgent", priority=3)
    assert order_in(floor) == ["plain", "urgent"]


def test_across_queues_the_more_urgent_one_comes_first() -> None:
    floor = Floor(agents=["ada"], queues={"billing": QueuePolicy(weight=9), "sales": QueuePolicy()})
    floor.arrives("bill", "billing", age_s=99)
    floor.arrives("sale", "sales", priority=1)
    assert order_in(floor) == ["sale", "bill"]


def test_equally_urgent_queues_share_an_agent_by_their_weights() -> None:
    queues = {"billing": QueuePolicy(weight=3), "sales": QueuePolicy(weight=2), "vip": QueuePolicy(weight=1)}
    floor = Floor(agents=["ada"], queues=queues)
    for number in range(60):
        for queue in queues:
            floor.arrives(f"{queue}-{number:02}", queue)
    got = order_in(floor)
    for services in (6, 12, 60):
        shares = Counter(id_.partition("-")[0] for id_ in got[:services])
        assert shares == {"billing": services // 2, "sales": services // 3, "vip": services // 6}


@given(st.lists(st.integers(1, 6), min_size=2, max_size=4), st.integers(30, 90))
def test_no_queue_is_ever_more_than_one_service_behind_its_weight(weights: list[int], services: int) -> None:
    queues = {f"q{number}": QueuePolicy(weight=weight) for number, weight in enumerate(weights)}
    floor = Floor(agents=["ada"], queues=queues)
    for number in range(services):
        for queue in queues:
            floor.arrives(f"{queue}-{number:03}", queue)
    got = Counter[str]()
    for done, id_ in enumerate(order_in(floor)[:services], start=1):
        got[id_.partition("-")[0]] += 1
        for queue, rules in queues.items():
            assert got[queue] > done * rules.weight / sum(weights) - len(weights)


def test_of_queues_whose_turn_it_is_alike_the_older_interaction_comes_first() -> None:
    floor = Floor(agents=["ada"], queues={"billing": QueuePolicy(), "sales": QueuePolicy()})
    floor.arrives("a", "billing", age_s=1)
    floor.arrives("b", "sales", age_s=2)
    assert order_in(floor) == ["b", "a"]


def test_a_queue_that_was_empty_has_saved_no_turns_for_later() -> None:
    floor = Floor(agents=["ada"], queues={"billing": QueuePolicy(), "sales": QueuePolicy()})
    for number in range(20):
        floor.arrives(f"bill-{number:02}", "billing")
    assert len(order_in(floor)) == 20
    for number in range(6):
        floor.arrives(f"bill-{number:02}", "billing")
        floor.arrives(f"sale-{number:02}", "sales")
    shares = Counter(id_.partition("-")[0] for id_ in order_in(floor)[:6])
    assert shares == {"bill": 3, "sale": 3}


def test_what_comes_back_from_an_offer_keeps_its_place() -> None:
    floor = Floor(agents=["ada", "bob"])
    floor.arrives("first")
    floor.passes(1)
    floor.arrives("second")
    floor.ready("ada")
    assert floor.offered() == [("first", "ada")]
    floor.rejects("first")
    assert floor.offered() == [("second", "ada")]
    floor.ready("bob")
    floor.rejects("second")
    assert floor.offered() == [("first", "bob")]
