"""Interactions: what is saved is found again, wherever it is, by everybody it belongs to and by nobody else."""

import pytest

from frontdesk.core.errors import AlreadyExists, NotFound, StaleVersion
from frontdesk.core.ids import InteractionId, OwnerId, WorkbinId
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.ports import Page, Transaction
from tests.store.centres import ADA, GRACE, LINUS, SALES, SUPPORT, Centre, invited, later, owned, queued

ALL = Page(100)
BIN, OTHER_BIN = WorkbinId("bin"), WorkbinId("other-bin")


async def add(centre: Centre, *given: Interaction) -> None:
    async def body(tx: Transaction) -> None:
        for one in given:
            await tx.interactions.add(one)

    await centre.does(body)


async def save(centre: Centre, before: Interaction, after: Interaction) -> Interaction:
    await centre.does(lambda tx: tx.interactions.save(before, after))
    return after


async def held(centre: Centre, user: str) -> list[str]:
    return [one.id for one in await centre.sees(lambda tx: tx.interactions.held_by(user))]  # type: ignore[arg-type]


async def test_what_was_added_is_read_back_whole(ours: Centre) -> None:
    one = queued("A", subject="Ärger \x00 mit 😀", user_data={"Order": {"lines": [1, 2.5, None]}}, priority=-3)
    await add(ours, one)

    assert await ours.sees(lambda tx: tx.interactions.get(one.id)) == one
    assert await ours.sees(lambda tx: tx.interactions.find(one.id)) == one


async def test_what_is_not_there_is_said_to_be_missing(ours: Centre) -> None:
    missing = InteractionId("NONE")
    assert await ours.sees(lambda tx: tx.interactions.find(missing)) is None
    with pytest.raises(NotFound):
        await ours.sees(lambda tx: tx.interactions.get(missing))


async def test_another_contact_centre_finds_nothing(ours: Centre, theirs: Centre) -> None:
    parked = queued("C", state=State.IN_WORKBIN, workbin=BIN, workbin_owner=OwnerId(ADA))
    await add(ours, queued("A", external_id="crm-1"), owned("B", ADA), parked)

    async def everything(tx: Transaction) -> list[object]:
        return [
            await tx.interactions.find(InteractionId("A")),
            await tx.interactions.by_external_id("workitem", "crm-1"),
            *await tx.interactions.held_by(ADA),
            *(await tx.interactions.live(ALL))[0],
            *(await tx.interactions.in_workbin(BIN, OwnerId(ADA), ALL))[0],
            await tx.interactions.uses_of_queue(SUPPORT),
            await tx.interactions.uses_of_workbin(BIN),
        ]

    assert await theirs.sees(everything) == [None, None, 0, 0]
    with pytest.raises(StaleVersion):
        await save(theirs, queued("A"), later(queued("A"), subject="taken over"))


async def test_a_save_replaces_what_was_there(ours: Centre) -> None:
    before = queued("A")
    await add(ours, before)
    after = await save(ours, before, later(before, state=State.PROCESSING, owner=ADA, user_data={"Order": 7}))

    assert await ours.sees(lambda tx: tx.interactions.get(before.id)) == after


async def test_a_save_that_moves_nothing_changes_the_content(ours: Centre) -> None:
    before = owned("A", ADA)
    await add(ours, before)
    after = await save(ours, before, later(before, user_data={"Order": 7}))

    assert await ours.sees(lambda tx: tx.interactions.held_by(ADA)) == [after]


@pytest.mark.parametrize("change", [{"subject": "mine"}, {"state": State.PROCESSING, "owner": ADA}])
async def test_a_save_over_another_save_is_stale(ours: Centre, change: dict[str, object]) -> None:
    read = queued("A")
    await add(ours, read)
    theirs = await save(ours, read, later(read, subject="theirs"))

    with pytest.raises(StaleVersion):
        await save(ours, read, later(read, **change))
    assert await ours.sees(lambda tx: tx.interactions.get(read.id)) == theirs


async def test_an_external_id_is_found_and_taken_per_medium_for_ever(ours: Centre, theirs: Centre) -> None:
    first = queued("A", external_id="crm-1")
    await add(ours, first)
    await save(ours, first, later(first, state=State.COMPLETED))
    await add(ours, queued("B", external_id="crm-1", media_type="chat"))
    await add(theirs, queued("C", external_id="crm-1"))

    assert await ours.sees(lambda tx: tx.interactions.by_external_id("workitem", "crm-1")) == "A"
    assert await ours.sees(lambda tx: tx.interactions.by_external_id("chat", "crm-1")) == "B"
    with pytest.raises(AlreadyExists, match="crm-1"):
        await add(ours, queued("D", external_id="crm-1"))


async def test_any_number_may_have_no_external_id(ours: Centre) -> None:
    await add(ours, queued("A"), queued("B"))
    assert await ours.sees(lambda tx: tx.interactions.uses_of_queue(SUPPORT)) == 2


async def test_a_user_holds_what_the_user_owns_or_is_invited_to_oldest_first(ours: Centre) -> None:
    await add(ours, invited("B", ADA, GRACE), owned("C", ADA), queued("A"), invited("D", GRACE), owned("A2", ADA))

    assert await held(ours, ADA) == ["A2", "B", "C"]
    assert await held(ours, GRACE) == ["B", "D"]
    assert await held(ours, LINUS) == []


async def test_invitations_follow_the_invitees(ours: Centre) -> None:
    offered = invited("A", ADA, GRACE)
    await add(ours, offered)
    narrowed = await save(ours, offered, later(offered, invitees=(GRACE, LINUS)))
    assert [await held(ours, user) for user in (ADA, GRACE, LINUS)] == [[], ["A"], ["A"]]

    accepted = await save(ours, narrowed, later(narrowed, state=State.PROCESSING, invitees=(), owner=LINUS))
    assert [await held(ours, user) for user in (ADA, GRACE, LINUS)] == [[], [], ["A"]]

    await save(ours, accepted, later(accepted, state=State.COMPLETED, owner=None))
    assert [await held(ours, user) for user in (ADA, GRACE, LINUS)] == [[], [], []]


async def test_live_ones_come_in_pages_with_their_total(ours: Centre) -> None:
    await add(ours, *(queued(name) for name in "EBDAC"), queued("X", state=State.COMPLETED))

    async def page(limit: int, offset: int) -> tuple[str, int]:
        found, total = await ours.sees(lambda tx: tx.interactions.live(Page(limit, offset)))
        return "".join(one.id for one in found), total

    assert await page(100, 0) == ("ABCDE", 5)
    assert await page(2, 0) == ("AB", 5)
    assert await page(2, 4) == ("E", 5)
    assert await page(2, 6) == ("", 5)
    assert await page(5, 0) == ("ABCDE", 5)
    assert await page(0, 0) == ("", 5)


async def test_a_workbin_holds_each_owners_part_apart(ours: Centre) -> None:
    def parked(name: str, workbin: WorkbinId, owner: str) -> Interaction:
        return queued(name, state=State.IN_WORKBIN, workbin=workbin, workbin_owner=OwnerId(owner))

    await add(ours, parked("B", BIN, ADA), parked("A", BIN, ADA), parked("C", BIN, GRACE), parked("D", OTHER_BIN, ADA))

    found, total = await ours.sees(lambda tx: tx.interactions.in_workbin(BIN, OwnerId(ADA), ALL))
    assert ([one.id for one in found], total) == (["A", "B"], 2)
    assert await ours.sees(lambda tx: tx.interactions.in_workbin(BIN, OwnerId(ADA), Page(1, 1))) == (found[1:], 2)
    assert await ours.sees(lambda tx: tx.interactions.uses_of_workbin(BIN)) == 3
    assert await ours.sees(lambda tx: tx.interactions.uses_of_workbin(WorkbinId("empty"))) == 0


async def test_a_queue_is_used_by_every_live_interaction_that_calls_it_home(ours: Centre) -> None:
    await add(
        ours, queued("A"), owned("B", ADA), invited("C", ADA), queued("D", state=State.SENT), queued("E", queue=SALES)
    )
    assert await ours.sees(lambda tx: tx.interactions.uses_of_queue(SUPPORT)) == 3
