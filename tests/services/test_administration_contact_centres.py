"""Contact centres come to be whole, and what their people are refused is remembered, up to a point."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.core.errors import AlreadyExists, NotFound, ParameterMissing, ValueInvalid
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.permissions import Role
from frontdesk.core.sign_ins import Credentials
from frontdesk.core.users import ContactCentre
from frontdesk.core.workbins import WorkbinType
from frontdesk.services.users import UserWish
from tests.services.back_office import PASSWORD, BackOffice, opened
from tests.services.front_door import basic


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


# ── coming to be ─────────────────────────────────────────────────────────────────────────────────


async def test_a_new_contact_centre_has_an_administrator_and_the_first_workbins(office: BackOffice) -> None:
    founded = await office.house.contact_centres.add("branch", "boss", PASSWORD)

    signed_in = await office.house.sign_ins.authenticate(Credentials(authorization=basic("boss", PASSWORD)))
    assert signed_in is not None
    boss = signed_in.principal
    assert (boss.contact_centre, boss.roles) == (founded.contact_centre.id, frozenset({Role.ADMIN}))
    assert (boss.user_id, boss.contact_centre) == (founded.administrator.user_id, founded.administrator.contact_centre)
    bins = await office.house.workbins.all(boss)
    assert [(held.name, held.type) for held in bins] == [
        ("Drafts", WorkbinType.AGENT),
        ("In_Progress", WorkbinType.AGENT),
    ]
    assert office.trail() == [
        ("Created", "contact center", "branch"),
        ("Created", "user", "boss"),
        ("Created", "workbin", "In_Progress"),
        ("Created", "workbin", "Drafts"),
    ]


async def test_names_that_are_taken_make_no_contact_centre(office: BackOffice) -> None:
    with pytest.raises(AlreadyExists, match="contact center 'ours'"):
        await office.house.contact_centres.add("ours", "boss", PASSWORD)
    with pytest.raises(AlreadyExists, match="user 'ada'"):
        await office.house.contact_centres.add("branch", "ada", PASSWORD)
    assert await _names(office) == ["ours", "theirs"]
    assert office.trail() == []


async def test_names_that_cannot_be_make_no_contact_centre(office: BackOffice) -> None:
    with pytest.raises(ParameterMissing):
        await office.house.contact_centres.add("", "boss", PASSWORD)
    with pytest.raises(ValueInvalid, match="userName"):
        await office.house.contact_centres.add("branch", "bo:ss", PASSWORD)
    with pytest.raises(ParameterMissing, match="password"):
        await office.house.contact_centres.add("branch", "boss", "")
    assert await _names(office) == ["ours", "theirs"]


async def test_a_founding_that_was_cut_short_is_finished_by_the_next(office: BackOffice) -> None:
    half = ContactCentre(id=ContactCentreId("half-made"), name="branch")
    await office.store.transact_server(lambda tx: tx.add_contact_centre(half))

    founded = await office.house.contact_centres.add("branch", "boss", PASSWORD)

    assert founded.contact_centre == half
    assert [user.user_name for user in await office.house.users.all(founded.administrator)] == ["boss"]
    assert await _names(office) == ["branch", "ours", "theirs"]


async def test_everybody_sees_the_own_contact_centre_only(office: BackOffice) -> None:
    ours, theirs = office.ada.contact_centre, office.oscar.contact_centre
    assert [found.name for found in await office.house.contact_centres.all(office.ada)] == ["ours"]
    assert (await office.house.contact_centres.get(office.ada, ours)).name == "ours"
    with pytest.raises(NotFound):
        await office.house.contact_centres.get(office.ada, theirs)


async def test_who_runs_the_server_administers_without_an_account(office: BackOffice) -> None:
    operator = await office.house.contact_centres.operator("theirs")
    await office.house.users.create(office.by(operator), UserWish(user_name="eve", password=PASSWORD))
    assert [user.user_name for user in await office.house.users.all(office.oscar)] == ["eve", "oscar"]
    with pytest.raises(NotFound):
        await office.house.contact_centres.operator("nowhere")


# ── refused accesses ─────────────────────────────────────────────────────────────────────────────


async def test_a_refusal_is_remembered_with_who_what_and_where(office: BackOffice) -> None:
    await office.house.audit.refused(office.ada, "You may not administer.", "/api/v2/users")
    [refusal] = office.refusals()
    assert (refusal.actor, refusal.act, refusal.path) == (
        office.ada.user_id,
        "You may not administer.",
        "/api/v2/users",
    )
    assert office.told[-1].contact_centre == office.ada.contact_centre
    assert office.told[-1].numbers == (), "nobody is told"


async def test_sixty_refusals_a_minute_of_each_user_are_remembered(office: BackOffice) -> None:
    for _ in range(70):
        await office.house.audit.refused(office.ada, "no", "/")
    await office.house.audit.refused(office.grace, "no", "/")
    assert [refusal.actor for refusal in office.refusals()] == [office.ada.user_id] * 60 + [office.grace.user_id]

    office.clock.advance(seconds=60)
    await office.house.audit.refused(office.ada, "no", "/")
    assert len(office.refusals()) == 62


async def test_what_is_remembered_of_a_refusal_is_short(office: BackOffice) -> None:
    await office.house.audit.refused(office.ada, "no" * 1000, "/" * 8000)
    [refusal] = office.refusals()
    assert (len(refusal.act), len(refusal.path)) == (500, 500)


async def test_a_store_that_is_closed_turns_no_refusal_into_an_error(office: BackOffice) -> None:
    await office.store.close()
    await office.house.audit.refused(office.ada, "no", "/")


async def _names(office: BackOffice) -> list[str]:
    return [found.name for found in await office.store.read_server(lambda tx: tx.contact_centres())]
