"""Queues, groups, skills and workbins: one set of promises for all, and what each is searched by from outside."""

from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.errors import AlreadyExists, NotFound
from frontdesk.core.ids import GroupId, QueueId, SkillId, WorkbinId
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.ports import Catalogue, Transaction
from tests.store.centres import ADA, GRACE, SALES, SUPPORT, Centre

TEAM = GroupId("1-team")

ONE_OF_EACH = [
    Queue(
        id=QueueId("1"), name="One", description="d", agents=(ADA,), groups=(TEAM,), email_addresses=("a@example.org",)
    ),
    Group(id=GroupId("1"), name="One", members=(ADA, GRACE)),
    Skill(id=SkillId("1"), name="One"),
    Workbin(id=WorkbinId("1"), name="One", display_name="The one", type=WorkbinType.AGENT_GROUP),
]

for_each_noun = pytest.mark.parametrize("one", ONE_OF_EACH, ids=lambda one: type(one).__name__)


def catalogue(tx: Transaction, one: object) -> Catalogue[Any]:
    """The catalogue that such a thing belongs to."""
    catalogues: dict[type, Catalogue[Any]] = {
        Queue: tx.queues,
        Group: tx.groups,
        Skill: tx.skills,
        Workbin: tx.workbins,
    }
    return catalogues[type(one)]


@for_each_noun
async def test_a_thing_is_found_by_id_and_by_name(ours: Centre, theirs: Centre, one: Any) -> None:
    await ours.does(lambda tx: catalogue(tx, one).add(one))

    assert await ours.sees(lambda tx: catalogue(tx, one).get("1")) == one
    assert await ours.sees(lambda tx: catalogue(tx, one).find("1")) == one
    assert await ours.sees(lambda tx: catalogue(tx, one).named("One")) == one
    assert await theirs.sees(lambda tx: catalogue(tx, one).find("1")) is None
    assert await theirs.sees(lambda tx: catalogue(tx, one).named("One")) is None
    with pytest.raises(NotFound):
        await theirs.sees(lambda tx: catalogue(tx, one).get("1"))


@for_each_noun
async def test_nouns_and_contact_centres_have_names_of_their_own(ours: Centre, theirs: Centre, one: Any) -> None:
    async def add_all(tx: Transaction) -> None:
        for thing in ONE_OF_EACH:
            await catalogue(tx, thing).add(replace(thing, email_addresses=()) if isinstance(thing, Queue) else thing)

    await ours.does(add_all)
    await theirs.does(add_all)
    assert len(await ours.sees(lambda tx: catalogue(tx, one).all())) == 1


@for_each_noun
async def test_a_name_that_is_taken_is_refused(ours: Centre, one: Any) -> None:
    two = type(one)(id="2", name="Two")

    async def body(tx: Transaction) -> None:
        await catalogue(tx, one).add(one)
        await catalogue(tx, one).add(two)

    await ours.does(body)
    with pytest.raises(AlreadyExists, match="'One'"):
        await ours.does(lambda tx: catalogue(tx, one).add(replace(two, id="3", name="One")))
    with pytest.raises(AlreadyExists, match="'One'"):
        await ours.does(lambda tx: catalogue(tx, one).save(replace(two, name="One")))
    assert await ours.sees(lambda tx: catalogue(tx, one).find("2")) == two


@for_each_noun
async def test_a_saved_thing_is_listed_under_its_new_name(ours: Centre, one: Any) -> None:
    async def body(tx: Transaction) -> None:
        await catalogue(tx, one).add(one)
        await catalogue(tx, one).add(type(one)(id="2", name="Two"))
        await catalogue(tx, one).save(replace(one, name="Uno", version=2))

    await ours.does(body)
    assert [thing.name for thing in await ours.sees(lambda tx: catalogue(tx, one).all())] == ["Two", "Uno"]
    assert await ours.sees(lambda tx: catalogue(tx, one).named("One")) is None
    await ours.does(lambda tx: catalogue(tx, one).save(replace(one, name="Uno", version=3)))


@for_each_noun
async def test_what_is_removed_is_gone_and_its_name_is_free(ours: Centre, theirs: Centre, one: Any) -> None:
    await ours.does(lambda tx: catalogue(tx, one).add(one))
    await theirs.does(lambda tx: catalogue(tx, one).remove("1"))
    assert await ours.sees(lambda tx: catalogue(tx, one).find("1")) == one

    await ours.does(lambda tx: catalogue(tx, one).remove("1"))
    assert await ours.sees(lambda tx: catalogue(tx, one).all()) == []
    await ours.does(lambda tx: catalogue(tx, one).add(replace(one, id="2")))


@for_each_noun
async def test_nobody_saves_what_is_not_there(ours: Centre, theirs: Centre, one: Any) -> None:
    await ours.does(lambda tx: catalogue(tx, one).add(one))
    with pytest.raises(NotFound):
        await theirs.does(lambda tx: catalogue(tx, one).save(replace(one, version=2)))


# ── from the other side ──────────────────────────────────────────────────────────────────────────


async def test_mail_finds_its_queue_as_long_as_the_queue_has_the_address(ours: Centre) -> None:
    queue = Queue(id=SUPPORT, name="Support", email_addresses=("help@example.org", "support@example.org"))

    async def home_of(address: str) -> object:
        return await ours.sees_on_server(lambda tx: tx.mail_address(address))

    await ours.does(lambda tx: tx.queues.add(queue))
    assert await home_of("help@example.org") == (ours.id, SUPPORT)

    moved = replace(queue, email_addresses=("support@example.org", "new@example.org"))
    await ours.does(lambda tx: tx.queues.save(moved))
    assert await home_of("help@example.org") is None
    assert await home_of("new@example.org") == (ours.id, SUPPORT)

    await ours.does(lambda tx: tx.queues.remove(SUPPORT))
    assert await home_of("support@example.org") is None


async def test_an_address_has_one_queue_on_the_server_and_nobody_learns_whose(ours: Centre, theirs: Centre) -> None:
    await theirs.does(
        lambda tx: tx.queues.add(Queue(id=SALES, name="Secret sales", email_addresses=("help@example.org",)))
    )
    queue = Queue(id=SUPPORT, name="Support")
    await ours.does(lambda tx: tx.queues.add(queue))

    with pytest.raises(AlreadyExists) as refused:
        await ours.does(lambda tx: tx.queues.save(replace(queue, name="S", email_addresses=("help@example.org",))))
    assert "help@example.org" in str(refused.value)
    assert not any(name in str(refused.value) for name in ("Secret sales", SALES, theirs.id))
    assert await ours.sees(lambda tx: tx.queues.get(SUPPORT)) == queue, "the refusal undid the rest too"
