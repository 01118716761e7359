"""Room is reserved where it is looked at: nobody gets more than fits, in counts or in units, whatever comes at once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core import agents
from frontdesk.core.agents import Agent
from frontdesk.core.ids import UserId
from frontdesk.ports import Transaction
from tests.store.centres import ADA, GRACE, NOON_MS, Centre, sqlite_store

COSTS = {"chat": 2, "email": 3, "fax": 1}
LIMITS = {"chat": 3, "email": 2, "fax": 5}
UNITS = 8


async def begin(centre: Centre, user: UserId = ADA, state: str = "Ready", *channels: str) -> None:
    agent = agents.start(Agent(user_id=user), channels or tuple(COSTS), place="", at_ms=NOON_MS)
    await centre.does(lambda tx: tx.agents.save(agents.set_state_everywhere(agent, state, at_ms=NOON_MS)))


async def reserve(
    centre: Centre,
    channel: str = "chat",
    *,
    user: UserId = ADA,
    cost: int = 1,
    limit: int = 3,
    units: int = 100,
    at_ms: int = NOON_MS,
    cost_of: Callable[[str], int] | None = None,
    may_interrupt: Callable[[str], bool] | None = None,
) -> bool:
    async def body(tx: Transaction) -> bool:
        epoch = await tx.leases.take(at_ms=at_ms)
        return await tx.agents.reserve(
            user,
            channel,
            cost=cost,
            limit=limit,
            units=units,
            epoch=epoch,
            at_ms=at_ms,
            cost_of=cost_of,
            may_interrupt=may_interrupt,
        )

    return await centre.does(body)


async def agent(centre: Centre, user: UserId = ADA) -> Agent:
    return await centre.sees(lambda tx: tx.agents.get(user))


async def test_what_is_reserved_is_load_and_begins_the_idle_time_anew(ours: Centre, theirs: Centre) -> None:
    await begin(ours)
    await begin(theirs)
    assert await reserve(ours, cost=2, at_ms=NOON_MS + 5)
    [chat] = [one for one in (await agent(ours)).channels if one.channel == "chat"]
    assert (chat.load, chat.cost, chat.units, chat.idle_since_ms) == (1, 2, 2, NOON_MS + 5)
    assert (await agent(theirs)).units == 0


async def test_of_many_at_once_as_many_get_room_as_there_is(ours: Centre) -> None:
    await begin(ours)
    got = await asyncio.gather(*(reserve(ours, limit=3) for _ in range(40)))
    assert sum(got) == 3
    assert (await agent(ours)).units == 3


async def test_the_units_are_one_room_for_all_media(ours: Centre) -> None:
    await begin(ours)
    wanted = [(channel, COSTS[channel]) for channel in COSTS for _ in range(10)]
    got = await asyncio.gather(*(reserve(ours, channel, cost=cost, limit=10, units=UNITS) for channel, cost in wanted))
    assert any(got)
    assert (await agent(ours)).units <= UNITS
    assert not await reserve(ours, "email", cost=3, limit=99, units=UNITS)


@pytest.mark.parametrize("state", ["NotReady", "AfterCallWork", "AuxWork", "Offline"])
async def test_nothing_is_reserved_for_who_is_not_ready(ours: Centre, state: str) -> None:
    await begin(ours, ADA, state)
    assert not await reserve(ours)


async def test_nothing_is_reserved_for_who_is_undisturbed_or_unknown(ours: Centre) -> None:
    await begin(ours, ADA, "Ready", "chat")
    before = await agent(ours)
    await ours.does(lambda tx: tx.agents.save(agents.set_state(before, "chat", "DoNotDisturbOn", at_ms=NOON_MS)))
    assert not await reserve(ours)
    assert not await reserve(ours, "email")
    assert not await reserve(ours, user=GRACE)


async def test_what_was_taken_beyond_the_room_counts_for_the_next(ours: Centre) -> None:
    await begin(ours)
    await ours.does(lambda tx: tx.agents.change_load(ADA, "chat", +4, at_ms=NOON_MS, cost=2))
    assert not await reserve(ours, limit=3)
    assert not await reserve(ours, "email", cost=1, limit=3, units=8)
    assert await reserve(ours, "email", cost=1, limit=3, units=9)


async def test_a_load_that_says_no_cost_keeps_the_one_that_is_known(ours: Centre) -> None:
    await begin(ours)
    assert await reserve(ours, cost=2)
    await ours.does(lambda tx: tx.agents.change_load(ADA, "chat", +1, at_ms=NOON_MS))
    assert (await agent(ours)).units == 4
    await ours.does(lambda tx: tx.agents.change_load(ADA, "chat", -2, at_ms=NOON_MS))
    assert (await agent(ours)).units == 0


async def test_what_is_in_hand_counts_as_it_costs_now(ours: Centre) -> None:
    await begin(ours)
    await ours.does(lambda tx: tx.agents.change_load(ADA, "email", +1, at_ms=NOON_MS))  # one's own draft
    assert (await agent(ours)).units == 1
    dear, cheap = {"email": 7}.__getitem__, {"email": 6}.__getitem__
    assert not await reserve(ours, units=UNITS, cost=2, cost_of=dear)
    assert await reserve(ours, units=UNITS, cost=2, cost_of=cheap)
    assert (await agent(ours)).units == 8


async def test_nothing_is_reserved_for_who_has_something_that_may_not_be_interrupted(ours: Centre) -> None:
    await begin(ours)
    assert await reserve(ours, "email")
    before = await agent(ours)
    assert not await reserve(ours, "chat", may_interrupt=lambda held: held != "email")
    assert await agent(ours) == before
    assert await reserve(ours, "email", may_interrupt=lambda held: held == "email")
    assert await reserve(ours, "chat", may_interrupt=lambda held: held == "email")


async def test_an_answer_forgets_what_was_missed_and_a_save_remembers_it(ours: Centre) -> None:
    await begin(ours, ADA, "Ready", "chat", "email")
    before = await agent(ours)
    once = agents.offer_missed(agents.offer_missed(before, "chat", limit=9, at_ms=1), "email", limit=9, at_ms=1)
    await ours.does(lambda tx: tx.agents.save(once))
    await ours.does(lambda tx: tx.agents.answered(ADA, "chat"))
    assert [(one.channel, one.missed) for one in (await agent(ours)).channels] == [("chat", 0), ("email", 1)]


async def test_nothing_is_reserved_for_who_does_not_route_any_more(ours: Centre, theirs: Centre) -> None:
    await begin(ours)

    async def epoch_after(centre: Centre) -> int:
        return await centre.does(lambda tx: tx.leases.take(at_ms=NOON_MS))

    async def reserved(epoch: int) -> bool:
        return await ours.does(
            lambda tx: tx.agents.reserve(ADA, "chat", cost=1, limit=9, units=9, epoch=epoch, at_ms=NOON_MS)
        )

    assert not await reserved(0)
    assert [await epoch_after(ours), await epoch_after(ours)] == [1, 2]
    assert await epoch_after(theirs) == 1
    assert [await reserved(epoch) for epoch in (1, 2, 3)] == [False, True, False]
    assert await ours.sees(lambda tx: tx.leases.epoch()) == 2


class Ask(NamedTuple):
    """Room asked for, or a thing that ends."""

    channel: str
    ends: bool


asks = st.builds(Ask, st.sampled_from(sorted(COSTS)), st.booleans())


@given(st.lists(asks, min_size=10, max_size=60))
def test_room_is_given_exactly_while_there_is_some(taken: list[Ask]) -> None:
    with TemporaryDirectory() as directory:
        asyncio.run(ask_for(Path(directory), taken))


async def ask_for(directory: Path, taken: list[Ask]) -> None:
    store = sqlite_store(directory)
    await store.open()
    try:
        centre = await Centre.founded(store, "ours")
        await begin(centre)
        held: Counter[str] = Counter()

        async def ask(one: Ask) -> None:
            if one.ends:
                if held[one.channel]:
                    held[one.channel] -= 1
                    await centre.does(lambda tx: tx.agents.change_load(ADA, one.channel, -1, at_ms=NOON_MS))
                return
            units = sum(COSTS[channel] * load for channel, load in held.items()) + COSTS[one.channel]
            expected = held[one.channel] < LIMITS[one.channel] and units <= UNITS
            held[one.channel] += expected
            got = await reserve(centre, one.channel, cost=COSTS[one.channel], limit=LIMITS[one.channel], units=UNITS)
            assert got is expected

        # All at once, so that they share commits; they are run in the order in which they were asked for.
        await asyncio.gather(*(ask(one) for one in taken))
        found = await agent(centre)
        assert {one.channel: one.load for one in found.channels} == {channel: held[channel] for channel in COSTS}
    finally:
        await store.close()
