"""That somebody heard an event is kept for a while; the events, and how far everybody's numbers have come, for ever."""

import pytest

from frontdesk.core.events import InteractionChanged
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.ports import Transaction
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, Centre, owned

NOBODY = (ContactCentreId(""), UserId(""))


async def heard(centre: Centre, user_id: UserId, *times_ms: int) -> None:
    """Events that the user heard at these times."""

    async def body(tx: Transaction) -> None:
        for at_ms in times_ms:
            await tx.events.append(InteractionChanged(trigger="Accept", at_ms=at_ms, after=owned("A", user_id)))

    await centre.does(body)


async def kept(centre: Centre, user_id: UserId) -> list[int]:
    rows = await centre.sees(lambda tx: tx.events.heard_by(user_id, above=0, limit=10_000))
    return [number for number, _ in rows]


async def forget(centre: Centre, user_id: UserId, before_ms: int) -> int:
    return await centre.does_on_server(lambda tx: tx.forget_heard(centre.id, user_id, before_ms))


async def test_what_was_heard_before_a_moment_is_forgotten(ours: Centre, theirs: Centre) -> None:
    for centre in (ours, theirs):
        await heard(centre, ADA, NOON_MS, NOON_MS + 1, NOON_MS + 2)
    await heard(ours, GRACE, NOON_MS, NOON_MS + 9)

    assert await forget(ours, ADA, NOON_MS + 2) == 2
    assert await forget(ours, ADA, NOON_MS + 2) == 0

    assert await kept(ours, ADA) == [3]
    assert await ours.sees(lambda tx: tx.events.oldest_of(ADA)) == 3
    assert await kept(ours, GRACE) == [1, 2]
    assert await kept(theirs, ADA) == [1, 2, 3]


async def test_the_last_is_never_forgotten_and_numbers_go_on(ours: Centre) -> None:
    await heard(ours, ADA, NOON_MS, NOON_MS + 1)
    assert await forget(ours, ADA, NOON_MS + 1_000_000) == 1
    assert await kept(ours, ADA) == [2]
    assert await ours.sees(lambda tx: tx.events.number_of(ADA)) == 2
    await heard(ours, ADA, NOON_MS + 5)
    assert await kept(ours, ADA) == [2, 3]


async def test_a_clock_that_went_back_leaves_no_gap(ours: Centre) -> None:
    await heard(ours, ADA, NOON_MS, NOON_MS + 10, NOON_MS + 1, NOON_MS + 20)
    assert await forget(ours, ADA, NOON_MS + 5) == 1
    assert await kept(ours, ADA) == [2, 3, 4]


async def test_a_days_worth_is_forgotten_in_bounded_steps(ours: Centre) -> None:
    await heard(ours, ADA, *range(NOON_MS, NOON_MS + 1_002))
    assert [await forget(ours, ADA, NOON_MS + 9_999) for _ in range(3)] == [1000, 1, 0]


async def test_nobody_has_anything_older_than_nothing(ours: Centre) -> None:
    assert await ours.sees(lambda tx: tx.events.oldest_of(ADA)) is None
    assert await forget(ours, ADA, NOON_MS) == 0


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_everybody_who_heard_something_is_come_across_once(ours: Centre, theirs: Centre, limit: int) -> None:
    await heard(ours, ADA, NOON_MS + 1, NOON_MS + 2)
    await heard(theirs, GRACE, NOON_MS + 3)
    await ours.does(lambda tx: tx.events.next_reference(LINUS))  # who has a counter, and heard nothing
    found: list[tuple[ContactCentreId, UserId, int | None]] = []
    above = NOBODY
    while page := await ours.sees_on_server(lambda tx, above=above: tx.hearers(above, limit)):  # type: ignore[misc]
        assert len(page) <= limit
        found += page
        above = page[-1][:2]
    assert sorted(found, key=lambda one: one[:2]) == found
    assert set(found) == {(ours.id, ADA, NOON_MS + 1), (theirs.id, GRACE, NOON_MS + 3), (ours.id, LINUS, None)}
