"""Whatever happens to a contact centre at once, and however late its router hears of it: the laws of routing hold.

Nobody is offered more than the policy leaves room for, nothing has two owners, nobody who is free is kept waiting once
the router knows everything, lines keep their order, and work is shared evenly.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import AfterSession, Choice, MediumPolicy, Policy, QueuePolicy
from frontdesk.store.verify import verify
from tests.properties.shift import AGENTS, MEDIA, SERVES, Office, Shift, make_office

MEDIUM = "workitem"
#: What people do, and how often.
ACTS = {
    "arrive": 30,
    "accept": 24,
    "complete": 18,
    "begin": 6,
    "take": 6,
    "reject": 3,
    "place": 3,
    "transfer": 3,
    "state": 6,
    "come": 10,
    "go": 2,
}
#: What happens besides, and how often.
BESIDES = {"nothing": 62, "policy": 10, "time": 12, "takeover": 5, "crash": 3, "rest": 8}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return asyncio.run(make_office(tmp_path_factory.mktemp("office") / "data"))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("shifts", "steps"), [(12, 100), pytest.param(60, 500, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_the_laws_of_routing_hold_whatever_happens(office: Office, shifts: int, steps: int) -> None:
    @settings(max_examples=shifts)
    @given(st.randoms(use_true_random=True))
    def holds(chance: random.Random) -> None:
        _in_a_shift(office, lambda shift: _worked(shift, chance, steps))

    holds()


@settings(max_examples=25)
@given(
    present=st.integers(1, len(AGENTS)),
    batches=st.lists(st.integers(1, 7), min_size=1, max_size=6),
    cost=st.integers(1, 3),
    are_accepted=st.booleans(),
)
def test_equal_work_in_hand_is_shared_evenly(
    office: Office, present: int, batches: list[int], cost: int, *, are_accepted: bool
) -> None:
    async def works(shift: Shift) -> None:
        everybody = await _equals(shift, present, cost)
        in_hand: Counter[str] = Counter()
        for size in batches:
            offered = await _offered(shift, size)
            in_hand.update(agent for agent, _ in offered)
            if are_accepted:
                for agent, one in offered:
                    await shift.house.interactions.accept(shift.by(agent), one)
            _is_even(in_hand, everybody, cost)

    _in_a_shift(office, works)


@settings(max_examples=25)
@given(
    present=st.integers(1, len(AGENTS)),
    batches=st.lists(st.tuples(st.integers(1, 7), st.integers(0, 9)), min_size=1, max_size=8),
)
def test_equal_work_is_shared_evenly_over_time(office: Office, present: int, batches: list[tuple[int, int]]) -> None:
    """What was begun first is done first, and no two come in the same millisecond: that is a tie, as any other."""

    async def works(shift: Shift) -> None:
        everybody = await _equals(shift, present, 1)
        had: Counter[str] = Counter()
        begun: list[tuple[str, InteractionId]] = []
        for size, done in batches:
            for _ in range(size):
                [(agent, one)] = await _offered(shift, 1)
                await shift.house.interactions.accept(shift.by(agent), one)
                had[agent] += 1
                begun.append((agent, one))
            for agent, one in begun[:done]:
                shift.clock.advance(ms=1)
                await shift.house.interactions.complete(shift.by(agent), one)
            del begun[:done]
            _is_even(had, everybody, 1)

    _in_a_shift(office, works)


def _in_a_shift(office: Office, works: Callable[[Shift], Awaitable[None]]) -> None:
    """At the end the store obeys its laws."""

    async def begins_and_ends(shift: Shift) -> None:
        await shift.opens()
        try:
            await works(shift)
            await shift.comes_to_rest()
        finally:
            await shift.closes()

    with tempfile.TemporaryDirectory() as directory:
        shift = Shift(office, Path(directory) / "data")
        asyncio.run(begins_and_ends(shift))
        assert list(verify(shift.directory)) == []


async def _equals(shift: Shift, present: int, cost: int) -> tuple[str, ...]:
    """So many agents, who came at the same moment and can take whatever comes; their names."""
    await shift.decides(Policy(media={MEDIUM: MediumPolicy(limit=1_000, cost=cost)}, units=10_000))
    for agent in AGENTS[:present]:
        await shift.comes(agent)
    return AGENTS[:present]


async def _offered(shift: Shift, size: int) -> list[tuple[str, InteractionId]]:
    """So many equal work items come in at once; who is offered which, in order."""
    shift.clock.advance(ms=1)
    for _ in range(size):
        await shift.arrives("support", MEDIUM)
    names = {who.user_id: name for name, who in shift.office.agents.items()}
    return [(names[offer.after.invitees[0]], offer.after.id) for offer in await shift.comes_to_rest()]


def _is_even(counts: Counter[str], everybody: tuple[str, ...], cost: int) -> None:
    mean = counts.total() * cost / len(everybody)
    assert all(abs(counts[agent] * cost - mean) <= cost for agent in everybody), counts


async def _worked(shift: Shift, chance: random.Random, steps: int) -> None:
    await shift.decides(_policy(chance))
    for agent in AGENTS:
        await shift.comes(agent)
    for _ in range(steps):
        await _a_step(shift, chance)


async def _a_step(shift: Shift, chance: random.Random) -> None:
    """Much at once, and the router decides in the middle of it by what it heard before."""
    shift.clock.advance(ms=1)
    shift.is_told_at_once = chance.random() < 0.3
    shift.hears(None if chance.random() < 0.8 else chance.randrange(8))
    doing: list[Callable[[], Awaitable[object]]] = [_act(shift, chance) for _ in range(chance.randint(2, 10))]
    for _ in range(chance.choice((1, 1, 1, 2, 0))):
        doing.insert(chance.randint(0, len(doing)), shift.takes_a_turn)
    besides = chance.choices(list(BESIDES), list(BESIDES.values()))[0]
    if besides == "policy":
        policy = _policy(chance)
        doing.insert(chance.randint(0, len(doing)), lambda: shift.decides(policy))
    elif besides == "time":
        shift.clock.advance(seconds=chance.choice((1, 6, 31, 61)))
        doing.insert(chance.randint(0, len(doing)), shift.deadlines_pass)
    tasks = [asyncio.ensure_future(begin()) for begin in doing]
    if besides == "takeover":
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        shift.takes_over()
    await asyncio.gather(*tasks)
    await shift.follows()
    if besides == "crash":
        await shift.crashes()
    elif besides == "rest":
        await shift.comes_to_rest()


def _act(shift: Shift, chance: random.Random) -> Callable[[], Awaitable[object]]:
    """Something that somebody does, decided now and done later."""
    what = chance.choices(list(ACTS), list(ACTS.values()))[0]
    who, medium, queue = chance.choice(AGENTS), chance.choice(MEDIA), chance.choice(list(SERVES))
    interactions, by = shift.house.interactions, shift.by(who)
    if what == "arrive":
        priority = chance.choice((0, 0, 0, 1, 2))
        return lambda: shift.arrives(queue, medium, priority)
    if what == "begin":
        return lambda: shift.tries(shift.begins_something(who, medium, queue))
    if what == "come":
        return lambda: shift.tries(shift.comes(who))
    if what == "go":
        return lambda: shift.goes(who)
    if what == "state":
        state, on = chance.choice(("NotReady", "DoNotDisturbOn", "DoNotDisturbOff")), chance.choice((medium, None))
        return lambda: shift.tries(shift.sets(who, state, on))
    waiting = shift.waiting()
    if what == "take" and waiting:
        taken = chance.choice(waiting)
        return lambda: shift.tries(shift.takes(who, taken))
    offered = shift.held_by(who, State.INVITED)
    if what in ("accept", "reject") and offered:
        asked, answer = chance.choice(offered), interactions.accept if what == "accept" else interactions.reject
        return lambda: shift.tries(answer(by, asked))
    held = shift.held_by(who, State.PROCESSING, State.CHATTING)
    if not held:
        return lambda: shift.tries(shift.comes(who))
    one = chance.choice(held)
    if what == "place":
        return lambda: shift.tries(interactions.place_in_queue(by, one, queue))
    if what == "transfer":
        receiver = shift.office.agents[chance.choice(AGENTS)].user_id
        return lambda: shift.tries(interactions.transfer(by, one, receiver))
    return lambda: shift.tries(interactions.complete(by, one))


def _policy(chance: random.Random) -> Policy:
    """Tight, so that there is much to exceed."""
    return Policy(
        queues={
            QueueId(name): QueuePolicy(
                choice=chance.choice(list(Choice)),
                weight=chance.randint(1, 3),
                parallel=chance.choice((1, 1, 2)),
                pull=chance.random() < 0.7,
                offer_s=chance.choice((5, 30)),
                after_session=chance.choice((AfterSession.KEEP, AfterSession.QUEUE)),
            )
            for name in SERVES
        },
        media={
            name: MediumPolicy(
                limit=chance.choice((0, 1, 1, 2, 3)),
                cost=chance.choice((1, 1, 2, 3)),
                interruptible_by=chance.choice((None, None, (), ("chat",), ("fax", "chat"))),
            )
            for name in MEDIA
        },
        units=chance.choice((3, 4, 6, 9)),
        agents={UserId(chance.choice(AGENTS)): {chance.choice(MEDIA): chance.randint(0, 4)}},
        missed_offers=chance.choice((0, 0, 1, 2)),
    )
