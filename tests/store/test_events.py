"""The event log: what is appended stays, and every hearer's numbers go up by one."""

import pytest

from frontdesk.core.agents import Channel
from frontdesk.core.events import AccessRefused, AgentChanged, BinChange, DirectoryChanged, Event, InteractionChanged
from frontdesk.core.ids import InteractionId, OwnerId, UserId, WorkbinId
from frontdesk.core.interactions import Interaction
from frontdesk.ports import Page, Transaction
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, Centre, invited, later, owned, queued

ALL = Page(100)


def told(after: Interaction, **ended: str) -> InteractionChanged:
    lost = {UserId(user): state for user, state in ended.items()}
    return InteractionChanged(trigger="Offer", at_ms=NOON_MS, after=after, ended=lost)


async def append(centre: Centre, *events: Event) -> list[tuple[tuple[UserId, int], ...]]:
    """The numbers that the hearers of each event got."""

    async def body(tx: Transaction) -> list[tuple[tuple[UserId, int], ...]]:
        return [(await tx.events.append(event)).numbers for event in events]

    return await centre.does(body)


async def test_each_hearer_gets_the_next_number_of_its_own_sequence(ours: Centre) -> None:
    assert await append(ours, told(owned("A", GRACE))) == [((GRACE, 1),)]
    assert await append(ours, told(invited("B", GRACE, ADA)), told(owned("B", ADA), **{GRACE: "Revoked"})) == [
        ((ADA, 1), (GRACE, 2)),
        ((ADA, 2), (GRACE, 3)),
    ]
    assert await append(ours, told(queued("C"))) == [()]


async def test_an_event_is_in_the_outbox_of_its_transaction_as_it_was_returned(ours: Centre) -> None:
    async def body(tx: Transaction) -> None:
        first = await tx.events.append(told(owned("A", ADA)))
        second = await tx.events.append(told(queued("B")))
        assert tx.outbox == [first, second]  # type: ignore[attr-defined]
        assert first.seq < second.seq
        assert (first.contact_centre, first.event) == (ours.id, told(owned("A", ADA)))

    await ours.does(body)


async def test_a_refusal_takes_its_events_and_numbers_with_it(ours: Centre) -> None:
    async def body(tx: Transaction) -> None:
        await tx.events.append(told(owned("A", ADA)))
        raise KeyError

    with pytest.raises(KeyError):
        await ours.does(body)
    assert await ours.sees(lambda tx: tx.events.number_of(ADA)) == 0
    assert await append(ours, told(owned("A", ADA))) == [((ADA, 1),)]


@pytest.mark.parametrize(
    "event",
    [
        InteractionChanged(
            trigger="PlaceInWorkbin",
            at_ms=NOON_MS,
            after=queued("A", subject="Ärger", user_data={"Order": {"lines": [1]}}),
            actor=ADA,
            reference_id=7,
            ended={ADA: "InWorkbin"},
            bin_change=BinChange(WorkbinId("bin"), OwnerId(ADA), "ItemAdded", (ADA, GRACE)),
        ),
        AgentChanged(
            trigger="Ready",
            at_ms=NOON_MS,
            agent=ADA,
            is_in_session=True,
            channels=(Channel(channel="chat", state="Ready", load=1),),
        ),
        DirectoryChanged(trigger="Created", at_ms=NOON_MS, noun="queue", id="q", name="Support", actor=ADA),
        AccessRefused(at_ms=NOON_MS, actor=ADA, act="administer", path="/users"),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_every_kind_of_event_is_read_back_whole(ours: Centre, event: Event) -> None:
    await append(ours, event)

    async def heard(tx: Transaction) -> list[tuple[UserId, list[tuple[int, Event]]]]:
        return [
            (user, [(number, one.event) for number, one in await tx.events.heard_by(user, above=0, limit=9)])
            for user in event.hearers
        ]

    assert await ours.sees(heard) == [(user, [(1, event)]) for user in event.hearers]
    if isinstance(event, InteractionChanged):
        found, total = await ours.sees(lambda tx: tx.events.of_interaction(InteractionId("A"), ALL))
        assert ([one for _, one in found], total) == ([event], 1)


async def test_a_history_comes_in_pages_oldest_first(ours: Centre, theirs: Centre) -> None:
    first = owned("A", ADA)
    second, third = later(first, subject="two"), later(later(first), subject="three")
    await append(ours, told(first), told(owned("B", ADA)), told(second), told(third))

    async def page(centre: Centre, limit: int, offset: int) -> tuple[list[int], int]:
        found, total = await centre.sees(lambda tx: tx.events.of_interaction(first.id, Page(limit, offset)))
        assert [seq for seq, _ in found] == sorted(seq for seq, _ in found)
        return [event.after.version for _, event in found if isinstance(event, InteractionChanged)], total

    assert await page(ours, 100, 0) == ([1, 2, 3], 3)
    assert await page(ours, 2, 1) == ([2, 3], 3)
    assert await page(ours, 2, 4) == ([], 3)
    assert await page(theirs, 100, 0) == ([], 0)


async def test_who_was_away_reads_what_was_missed_in_order(ours: Centre, theirs: Centre) -> None:
    for version in range(1, 6):
        await append(ours, told(owned("A", ADA, version=version)), told(owned("B", GRACE)))

    async def missed(above: int, limit: int) -> list[tuple[int, object]]:
        heard = await ours.sees(lambda tx: tx.events.heard_by(ADA, above=above, limit=limit))
        return [(number, one.event.after.version) for number, one in heard if isinstance(one.event, InteractionChanged)]

    [(_, one)] = await ours.sees(lambda tx: tx.events.heard_by(ADA, above=0, limit=1))
    assert one.numbers == ((ADA, 1),), "nobody else's numbers are told"
    assert await missed(0, 10) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert await missed(2, 2) == [(3, 3), (4, 4)]
    assert await missed(5, 10) == []
    assert await theirs.sees(lambda tx: tx.events.heard_by(ADA, above=0, limit=10)) == []


async def test_numbers_and_references_of_a_user_do_not_mix(ours: Centre, theirs: Centre) -> None:
    references = [await ours.does(lambda tx: tx.events.next_reference(ADA)) for _ in range(3)]
    await append(ours, told(owned("A", ADA)))

    assert references == [1, 2, 3]
    assert await ours.does(lambda tx: tx.events.next_reference(ADA)) == 4
    assert await ours.sees(lambda tx: tx.events.number_of(ADA)) == 1
    assert await ours.does(lambda tx: tx.events.next_reference(LINUS)) == 1
    assert await theirs.does(lambda tx: tx.events.next_reference(ADA)) == 1
    assert await theirs.sees(lambda tx: tx.events.number_of(ADA)) == 0
