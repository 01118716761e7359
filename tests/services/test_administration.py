"""Queues, groups, skills and workbins: administrators make, change and delete them, the last only while unused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from frontdesk.core.errors import (
    AlreadyExists,
    FrontdeskError,
    InUse,
    KeyReused,
    LimitExceeded,
    NotFound,
    ParameterMissing,
    PermissionMissing,
    PropertyReadOnly,
    ReferenceInvalid,
    ValueInvalid,
)
from frontdesk.core.ids import OwnerId, WorkbinId
from frontdesk.core.permissions import Role
from frontdesk.core.workbins import WorkbinType
from frontdesk.services.groups import GroupWish
from frontdesk.services.queues import QueueWish
from frontdesk.services.skills import SkillWish
from frontdesk.services.users import SkillLevelWish, UserWish
from frontdesk.services.workbin_definitions import WorkbinWish
from frontdesk.services.workbins import BinOf
from tests.services.back_office import BackOffice, opened

#: Of each kind: its service, and a wish for one with a name.
KINDS: dict[str, Any] = {
    "queues": QueueWish,
    "groups": GroupWish,
    "skills": SkillWish,
    "workbin_definitions": WorkbinWish,
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


def service(office: BackOffice, kind: str) -> Any:
    return getattr(office.house, kind)


# ── what is the same for all ─────────────────────────────────────────────────────────────────────


@every_kind
async def test_what_is_made_is_there_until_it_is_deleted(office: BackOffice, kind: str) -> None:
    things, wish = service(office, kind), KINDS[kind]

    made = await things.create(office.by_root, wish(name="Gold"))
    assert (await things.get(office.ada, made.id)).name == "Gold"
    await things.update(office.by_root, made.id, wish(name="Silver"))
    assert (await things.get(office.ada, made.id)).name == "Silver"
    assert [one.name for one in await things.all(office.ada) if one.id == made.id] == ["Silver"]
    await things.delete(office.by_root, made.id)

    with pytest.raises(NotFound):
        await things.get(office.ada, made.id)
    noun = things.noun
    assert office.trail() == [("Created", noun, "Gold"), ("Updated", noun, "Silver"), ("Deleted", noun, "Silver")]


@every_kind
async def test_a_change_makes_the_next_version(office: BackOffice, kind: str) -> None:
    things, wish = service(office, kind), KINDS[kind]
    made = await things.create(office.by_root, wish(name="Gold"))

    await things.update(office.by_root, made.id, wish(name="Silver"), version=1)
    assert (await things.get(office.root, made.id)).version == 2
    with pytest.raises(PropertyReadOnly, match="version"):
        await things.update(office.by_root, made.id, wish(name="Bronze"), version=1)
    assert (await things.get(office.root, made.id)).name == "Silver"


@every_kind
async def test_a_wish_for_what_is_already_so_changes_nothing_and_tells_nothing(office: BackOffice, kind: str) -> None:
    things, wish = service(office, kind), KINDS[kind]
    made = await things.create(office.by_root, wish(name="Gold"))
    office.told.clear()

    await things.update(office.by_root, made.id, wish(name="Gold"))
    await things.update(office.by_root, made.id, wish())

    assert (await things.get(office.root, made.id)).version == 1
    assert office.trail() == []


@every_kind
async def test_a_name_is_taken_once_among_its_kind(office: BackOffice, kind: str) -> None:
    things, wish = service(office, kind), KINDS[kind]
    await things.create(office.by_root, wish(name="Gold"))
    silver = await things.create(office.by_root, wish(name="Silver"))

    with pytest.raises(AlreadyExists):
        await things.create(office.by_root, wish(name="Gold"))
    with pytest.raises(AlreadyExists):
        await things.update(office.by_root, silver.id, wish(name="Gold"))
    assert await things.create(office.by(office.oscar), wish(name="Gold")), "another contact centre has its own names"


@every_kind
@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        (None, ParameterMissing),
        ("", ParameterMissing),
        (" Gold", ValueInvalid),
        ("Go\nld", ValueInvalid),
        ("G" * 101, ValueInvalid),
    ],
)
async def test_a_name_is_a_line_of_a_hundred_characters(
    office: BackOffice, kind: str, name: str | None, refusal: type[FrontdeskError]
) -> None:
    with pytest.raises(refusal):
        await service(office, kind).create(office.by_root, KINDS[kind](name=name))
    assert office.trail() == []


@every_kind
async def test_only_administrators_change_anything(office: BackOffice, kind: str) -> None:
    things, wish = service(office, kind), KINDS[kind]
    made = await things.create(office.by_root, wish(name="Gold"))

    for who in (office.ada, office.sam):
        with pytest.raises(PermissionMissing):
            await things.create(office.by(who), wish(name="Silver"))
        with pytest.raises(PermissionMissing):
            await things.update(office.by(who), made.id, wish(name="Silver"))
        with pytest.raises(PermissionMissing):
            await things.delete(office.by(who), made.id)
    assert (await things.get(office.ada, made.id)).name == "Gold"


@every_kind
async def test_a_thing_of_another_contact_centre_is_as_unknown_as_one_that_never_was(
    office: BackOffice, kind: str
) -> None:
    things, wish = service(office, kind), KINDS[kind]
    theirs = (await things.create(office.by(office.oscar), wish(name="Gold"))).id
    unknown = theirs[:-1] + ("0" if theirs[-1] != "0" else "1")

    acts: list[Callable[[str], Awaitable[Any]]] = [
        lambda thing_id: things.get(office.root, thing_id),
        lambda thing_id: things.update(office.by_root, thing_id, wish(name="Ours")),
        lambda thing_id: things.delete(office.by_root, thing_id),
    ]
    for act in acts:
        with pytest.raises(NotFound) as of_theirs:
            await act(theirs)
        with pytest.raises(NotFound) as of_unknown:
            await act(unknown)
        assert str(of_theirs.value).replace(theirs, "*") == str(of_unknown.value).replace(unknown, "*")
    assert theirs not in [one.id for one in await things.all(office.root)]
    assert (await things.get(office.oscar, theirs)).name == "Gold"


@every_kind
async def test_a_request_with_a_key_makes_one_thing(office: BackOffice, kind: str) -> None:
    things, wish = service(office, kind), KINDS[kind]

    first = await things.create(office.by(office.root, key="k", digest="a"), wish(name="Gold"))
    again = await things.create(office.by(office.root, key="k", digest="a"), wish(name="Gold"))

    assert again == first
    assert len(office.trail()) == 1
    with pytest.raises(KeyReused):
        await things.create(office.by(office.root, key="k", digest="b"), wish(name="Silver"))


# ── queues ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_queue_is_served_by_agents_and_groups_named_in_any_form(office: BackOffice) -> None:
    team = await office.house.groups.create(office.by_root, GroupWish(name="Team"))
    assert team.id is not None
    made = await office.house.queues.create(
        office.by_root,
        QueueWish(
            name="support",
            agents=("ada", office.grace.user_id, f"https://desk.example.org/api/v2/users/{office.sam.user_id}", "ada"),
            groups=("Team", team.id, f"/groups/{team.id}"),
            email_addresses=("Support@Example.org", "support@example.org", "help@example.org"),
        ),
    )

    queue = await office.house.queues.get(office.ada, made.id or "")

    assert queue.agents == (office.ada.user_id, office.grace.user_id, office.sam.user_id)
    assert queue.groups == (team.id,)
    assert queue.email_addresses == ("support@example.org", "help@example.org")


@pytest.mark.parametrize(
    ("wish", "parameter"),
    [
        (QueueWish(name="q", agents=("ada", "nobody")), "agents"),
        (QueueWish(name="q", agents=("oscar",)), "agents"),
        (QueueWish(name="q", groups=("nobody",)), "groups"),
    ],
)
async def test_a_queue_is_not_served_by_strangers(office: BackOffice, wish: QueueWish, parameter: str) -> None:
    with pytest.raises(ReferenceInvalid, match=parameter):
        await office.house.queues.create(office.by_root, wish)


@pytest.mark.parametrize(
    "address", ["support", "two@at@example.org", "a b@example.org", "a@b\r\nRCPT", "x" * 300 + "@y"]
)
async def test_what_is_no_mail_address_leads_nowhere(office: BackOffice, address: str) -> None:
    with pytest.raises(ValueInvalid, match="emailAddresses"):
        await office.house.queues.create(office.by_root, QueueWish(name="q", email_addresses=(address,)))


async def test_a_mail_address_leads_to_one_queue_of_the_whole_server(office: BackOffice) -> None:
    address = ("support@example.org",)
    support = await office.house.queues.create(office.by_root, QueueWish(name="support", email_addresses=address))

    with pytest.raises(AlreadyExists, match=r"support@example\.org"):
        await office.house.queues.create(office.by_root, QueueWish(name="sales", email_addresses=address))
    with pytest.raises(AlreadyExists, match=r"support@example\.org"):
        await office.house.queues.create(office.by(office.oscar), QueueWish(name="support", email_addresses=address))

    await office.house.queues.delete(office.by_root, support.id or "")
    await office.house.queues.create(office.by_root, QueueWish(name="sales", email_addresses=address))


async def test_a_queue_that_something_waits_in_is_not_deleted(office: BackOffice) -> None:
    support = await office.opens_queue("support", "ada")
    work = await office.works_on_something(office.ada, "support")

    with pytest.raises(InUse, match="1 live interaction"):
        await office.house.queues.delete(office.by_root, support)
    await office.house.interactions.complete(office.by(office.ada), work)
    await office.house.queues.delete(office.by_root, support)


async def test_more_references_than_a_transaction_looks_up_are_refused(office: BackOffice) -> None:
    with pytest.raises(LimitExceeded):
        await office.house.queues.create(office.by_root, QueueWish(name="q", agents=("ada",) * 5001))


# ── groups ───────────────────────────────────────────────────────────────────────────────────────


async def test_everybody_sees_the_groups_and_knows_the_own(office: BackOffice) -> None:
    await office.house.groups.create(office.by_root, GroupWish(name="Team", members=("ada", "grace")))
    await office.house.groups.create(office.by_root, GroupWish(name="Leads", members=("sam",)))

    assert [group.name for group in await office.house.groups.all(office.ada)] == ["Leads", "Team"]
    assert [group.name for group in await office.house.groups.of_user(office.ada)] == ["Team"]


async def test_there_are_no_groups_of_another_type(office: BackOffice) -> None:
    with pytest.raises(ValueInvalid, match="AgentGroup"):
        await office.house.groups.create(office.by_root, GroupWish(name="Unit", type="BusinessUnit"))
    await office.house.groups.create(office.by_root, GroupWish(name="Team", type="AgentGroup"))


async def test_a_group_that_serves_a_queue_or_owns_something_is_not_deleted(office: BackOffice) -> None:
    team = await office.house.groups.create(office.by_root, GroupWish(name="Team", members=("ada",)))
    await office.house.workbin_definitions.create(
        office.by_root, WorkbinWish(name="Shared", type=WorkbinType.AGENT_GROUP)
    )
    support = await office.house.queues.create(office.by_root, QueueWish(name="support", groups=("Team",)))
    work = await office.works_on_something(office.ada, "support")
    await office.parks(office.ada, work, "Shared", group="Team")
    assert team.id is not None

    with pytest.raises(InUse, match="queue 'support'; 1 parked interaction"):
        await office.house.groups.delete(office.by_root, team.id)
    await office.house.queues.update(office.by_root, support.id or "", QueueWish(groups=()))
    with pytest.raises(InUse, match="by 1 parked interaction;"):
        await office.house.groups.delete(office.by_root, team.id)


async def test_who_leaves_a_group_hears_no_more_of_its_workbins(office: BackOffice) -> None:
    team = await office.house.groups.create(office.by_root, GroupWish(name="Team", members=("ada", "grace", "sam")))
    shared = await office.house.workbin_definitions.create(
        office.by_root, WorkbinWish(name="Shared", type=WorkbinType.AGENT_GROUP)
    )
    team_id, shared_id = OwnerId(team.id or ""), WorkbinId(shared.id or "")
    everybody = (office.ada, office.grace, office.sam)
    for who in everybody:
        await office.house.workbins.subscribe(office.by(who), [shared_id], BinOf(agent_group="Team"), wanted=True)

    await office.house.groups.update(office.by_root, team_id, GroupWish(members=("grace",)))

    heard = await office.store.read(
        office.root.contact_centre, lambda tx: tx.subscriptions.subscribers(shared_id, team_id)
    )
    assert set(heard) == {office.grace.user_id, office.sam.user_id}, "sam supervises"


async def test_who_supervises_no_more_hears_no_more_of_what_is_others(office: BackOffice) -> None:
    await office.house.groups.create(office.by_root, GroupWish(name="Team", members=("ada",)))
    shared = await office.house.workbin_definitions.create(
        office.by_root, WorkbinWish(name="Shared", type=WorkbinType.AGENT_GROUP)
    )
    await office.house.workbins.subscribe(
        office.by(office.sam), [shared.id or ""], BinOf(agent_group="Team"), wanted=True
    )
    await office.opens_queue("support")
    work = await office.works_on_something(office.ada, "support")

    await office.house.users.update(office.by_root, office.sam.user_id, UserWish(roles=(Role.AGENT,)))
    await office.parks(office.ada, work, "Shared", group="Team")

    assert office.sam.user_id not in office.told[-1].event.hearers


# ── skills ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_skill_that_somebody_has_is_not_deleted(office: BackOffice) -> None:
    skill = await office.house.skills.create(office.by_root, SkillWish(name="French"))
    await office.house.users.update(office.by_root, office.ada.user_id, UserWish(skills=(SkillLevelWish("French", 8),)))
    assert skill.id is not None

    with pytest.raises(InUse, match="user 'ada'"):
        await office.house.skills.delete(office.by_root, skill.id)
    await office.house.users.update(office.by_root, office.ada.user_id, UserWish(skills=()))
    await office.house.skills.delete(office.by_root, skill.id)


# ── workbins ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_workbin_with_something_in_it_keeps_its_type_and_its_life(office: BackOffice) -> None:
    made = await office.house.workbin_definitions.create(office.by_root, WorkbinWish(name="Later"))
    await office.opens_queue("support", "ada")
    work = await office.works_on_something(office.ada, "support")
    await office.parks(office.ada, work, "Later")
    assert made.id is not None

    with pytest.raises(InUse, match="1 parked interaction"):
        await office.house.workbin_definitions.update(
            office.by_root, made.id, WorkbinWish(type=WorkbinType.AGENT_GROUP)
        )
    with pytest.raises(InUse, match="1 parked interaction"):
        await office.house.workbin_definitions.delete(office.by_root, made.id)
    await office.house.workbin_definitions.update(office.by_root, made.id, WorkbinWish(display_name="For later"))

    assert (await office.house.workbin_definitions.get(office.ada, made.id)).display_name == "For later"


async def test_a_workbins_name_has_no_slash(office: BackOffice) -> None:
    with pytest.raises(ValueInvalid, match="workbinName"):
        await office.house.workbin_definitions.create(office.by_root, WorkbinWish(name="a/b"))
