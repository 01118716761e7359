"""The router at work over a real store: what it knows of a contact centre, and who is it that routes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.core.errors import StoreUnavailable
from frontdesk.core.events import InteractionChanged
from frontdesk.core.ids import QueueId
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import MediumPolicy, OverflowRule, Policy, QueuePolicy
from frontdesk.ports import Transaction
from frontdesk.services.policies import Policies
from frontdesk.services.routing import Routing
from tests.services.back_office import BackOffice, opened
from tests.store.centres import queued
from tests.store.disks import Disk


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


async def test_a_contact_centre_is_read_once_for_all_who_ask_at_the_same_time(office: BackOffice) -> None:
    routing = office.house.routing
    [(_, one), (_, other)] = await asyncio.gather(routing.stuck(office.root), routing.stuck(office.root))
    assert one is other


async def test_what_is_committed_while_a_contact_centre_is_read_is_offered_too(office: BackOffice) -> None:
    here, routing = office.root.contact_centre, another(office)
    queue = await office.opens_queue("support", "ada")
    await office.comes_to_work(office.ada)

    async def much_to_read(tx: Transaction) -> None:
        for number in range(3_000):
            chat = queued(f"{number:016}", media_type="chat", queue=queue, queue_name="support")
            await tx.interactions.add(chat)

    await office.store.transact(here, much_to_read)
    reading = asyncio.create_task(routing.turn(here))
    came = []
    for _ in range(5):
        known = len(office.told)
        came.append(await office.receives("support"))
        routing.hear(office.told[known:])
    await reading
    while await routing.turn(here):
        pass
    assert {(await office.seen(one)).state for one in came} == {State.INVITED}


async def test_what_an_outage_kept_from_being_offered_is_offered_afterwards(tmp_path: Path) -> None:
    disk = Disk()
    async with opened(tmp_path, connections=disk.connections) as office:
        routing, here = office.house.routing, office.root.contact_centre
        await office.opens_queue("support", "ada")
        await office.comes_to_work(office.ada)
        waiting = await office.receives("support")
        disk.is_broken = True
        with pytest.raises(StoreUnavailable):
            await routing.turn(here)

        disk.is_broken = False
        async with asyncio.timeout(30):
            assert await office.store.probe()
        assert await routing.turn(here)
        offered = await office.seen(waiting)
        assert (offered.state, offered.invitees) == (State.INVITED, (office.ada.user_id,))


async def test_others_are_served_while_what_waits_is_put_in_order_by_another_policy(office: BackOffice) -> None:
    routing, here = office.house.routing, office.root.contact_centre
    await office.opens_queue("support", "ada")
    waiting = await asyncio.gather(*(office.receives("support") for _ in range(600)))
    await routing.turn(here)
    known = len(office.told)
    ageing = Policy(queues={QueueId("support"): QueuePolicy(ageing_per_minute=1)})
    await office.house.policies.replace(office.by_root, ageing)
    routing.hear(office.told[known:])

    turning = [asyncio.create_task(routing.turn(here)), asyncio.create_task(routing.explain(office.root, waiting[-1]))]
    served = 0
    while not all(task.done() for task in turning):
        served += 1
        await asyncio.sleep(0)
    assert served > 600 // 256
    office.clock.advance(seconds=60)
    explanation, _ = await routing.explain(office.root, waiting[-1])
    assert explanation is not None
    assert (explanation.policy, explanation.priority) == (1, 1)


async def test_who_took_up_something_meanwhile_that_may_not_be_interrupted_is_not_asked(office: BackOffice) -> None:
    routing, here = office.house.routing, office.root.contact_centre
    await office.opens_queue("support", "ada")
    await office.house.policies.replace(office.by_root, Policy(media={"email": MediumPolicy(interruptible_by=())}))
    await office.comes_to_work(office.ada, "chat", "email")
    await routing.turn(here)
    known = len(office.told)
    waiting = await office.receives("support", "chat")
    routing.hear(office.told[known:])

    await office.works_on_something(office.ada, "support", "email")  # and the router has not heard of it
    await routing.turn(here)
    assert (await office.seen(waiting)).state is State.QUEUED


# ── one routes at a time ─────────────────────────────────────────────────────────────────────────


def another(office: BackOffice) -> Routing:
    """As another process over the same store would have it."""
    policies = Policies(office.store, office.settings)
    return Routing(office.store, office.clock, policies, office.settings)


@pytest.fixture
async def older(office: BackOffice) -> Routing:
    """It routes, and ada can be asked for what comes into the queue Support."""
    await office.opens_queue("support", "ada")
    await office.comes_to_work(office.ada)
    older = another(office)
    await older.turn(office.root.contact_centre)
    return older


async def test_who_was_taken_over_offers_nothing_and_stops(office: BackOffice, older: Routing) -> None:
    here, newer = office.root.contact_centre, another(office)
    await newer.turn(here)
    known = len(office.told)
    waiting = await office.receives("support")

    older.hear(office.told[known:])
    assert not await older.turn(here)
    untouched = await office.seen(waiting)
    assert (untouched.state, untouched.version) == (State.QUEUED, 1)
    assert (await office.house.agents.get(office.ada))[0].units == 0
    assert (older.lost, older.next_timer_ms(here), await older.turn(here)) == ({here}, None, False)

    newer.hear(office.told[known:])
    assert await newer.turn(here)
    assert (await office.seen(waiting)).invitees == (office.ada.user_id,)
    assert newer.lost == set()


async def test_who_was_taken_over_still_knows_why(office: BackOffice, older: Routing) -> None:
    here, newer = office.root.contact_centre, another(office)
    await newer.turn(here)
    waiting = await office.receives("support")
    older.hear(office.told)
    await older.turn(here)

    explained, _ = await older.explain(office.root, waiting)
    assert explained is not None
    assert [one.user for one in explained.eligible] == [office.ada.user_id]


async def test_nothing_else_is_decided_either_after_it_was_taken_over(office: BackOffice, older: Routing) -> None:
    here = office.root.contact_centre
    await office.opens_queue("sales")
    overflow = (OverflowRule(to=QueueId("sales"), longer_than=0),)
    policy = Policy(queues={QueueId("support"): QueuePolicy(overflow=overflow, requires="patience")})
    await office.house.policies.replace(office.by_root, policy)
    waiting = await office.receives("support")
    older.hear(office.told)
    newer = another(office)
    await newer.turn(here)
    moved = await office.seen(waiting)
    assert moved.queue_name == "sales"

    again = await office.receives("support")
    older.hear(office.told)
    assert not await older.turn(here)
    assert older.lost == {here}
    assert (await office.seen(again)).queue_name == "support"


async def test_of_two_who_offer_at_the_same_moment_only_the_newer_does(office: BackOffice, older: Routing) -> None:
    here = office.root.contact_centre
    waiting = {await office.receives("support") for _ in range(3)}
    newer = another(office)
    older.hear(office.told)
    await asyncio.gather(newer.turn(here), older.turn(here))

    assert older.lost == {here}
    changes = [one.event for one in office.told if isinstance(one.event, InteractionChanged)]
    offered = [one.after.id for one in changes if one.trigger == "Offer"]
    assert (len(offered), set(offered)) == (3, waiting)
    assert (await office.house.agents.get(office.ada))[0].units == 3
