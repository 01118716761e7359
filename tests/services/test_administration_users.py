"""Users: made and changed by administrators, a little by themselves, and deleted only when nothing would miss them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from frontdesk.core.errors import (
    AlreadyExists,
    FrontdeskError,
    InUse,
    KeyReused,
    NotFound,
    NotSignedIn,
    ParameterMissing,
    PermissionMissing,
    PropertyReadOnly,
    ReferenceInvalid,
    TooManySignIns,
    ValueInvalid,
)
from frontdesk.core.ids import OwnerId, TokenId
from frontdesk.core.lifecycle import State
from frontdesk.core.permissions import Principal, Role, Scope
from frontdesk.core.policy import AfterSession, Policy, QueuePolicy
from frontdesk.core.sign_ins import Credentials
from frontdesk.services.groups import GroupWish
from frontdesk.services.queues import QueueWish
from frontdesk.services.skills import SkillWish
from frontdesk.services.tokens import TokenWish
from frontdesk.services.users import SkillLevelWish, UserWish
from frontdesk.services.workbins import BinOf
from tests.services.back_office import PASSWORD, BackOffice, opened
from tests.services.front_door import basic

NEW_PASSWORD = "battery staple"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


async def signs_in(office: BackOffice, user_name: str, password: str = PASSWORD) -> Principal:
    """By name and password. Raises what the server refuses with."""
    signed_in = await office.house.sign_ins.authenticate(Credentials(authorization=basic(user_name, password)))
    assert signed_in is not None
    return signed_in.principal


# ── making ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_new_user_signs_in_and_is_what_was_wished_for(office: BackOffice) -> None:
    french = await office.house.skills.create(office.by_root, SkillWish(name="French"))
    outcome = await office.house.users.create(
        office.by_root,
        UserWish(
            user_name="linus",
            password=PASSWORD,
            first_name="Linus",
            last_name="Pauling",
            email_address="linus@example.org",
            roles=(Role.SUPERVISOR, Role.AGENT, Role.AGENT),
            change_password_on_first_login=True,
            skills=(SkillLevelWish("French", 8),),
        ),
    )

    linus = await signs_in(office, "linus")
    user = await office.house.users.get(office.ada, linus.user_id)

    assert linus.user_id == outcome.id
    assert linus.contact_centre == office.root.contact_centre
    assert linus.roles == {Role.AGENT, Role.SUPERVISOR}
    assert (user.first_name, user.last_name, user.email_address) == ("Linus", "Pauling", "linus@example.org")
    assert user.enabled
    assert user.change_password_on_first_login
    assert [(held.skill, held.level) for held in user.skills] == [(french.id, 8)]
    assert office.trail()[-1] == ("Created", "user", "linus")


async def test_a_user_name_is_taken_once_on_the_whole_server(office: BackOffice) -> None:
    for admin in (office.root, office.oscar):
        with pytest.raises(AlreadyExists, match="ada"):
            await office.house.users.create(office.by(admin), UserWish(user_name="ada", password=PASSWORD))


@pytest.mark.parametrize(
    ("wish", "refusal", "parameter"),
    [
        (UserWish(password=PASSWORD), ParameterMissing, "userName"),
        (UserWish(user_name="a:b", password=PASSWORD), ValueInvalid, "userName"),
        (UserWish(user_name="a" * 101, password=PASSWORD), ValueInvalid, "userName"),
        (UserWish(user_name="linus"), ParameterMissing, "password"),
        (UserWish(user_name="linus", password="short"), ValueInvalid, "password"),
        (UserWish(user_name="linus", password="p" * 201), ValueInvalid, "password"),
        (UserWish(user_name="linus", password=PASSWORD, email_address="linus"), ValueInvalid, "emailAddress"),
        (UserWish(user_name="linus", password=PASSWORD, first_name="L\0"), ValueInvalid, "firstName"),
        (
            UserWish(user_name="linus", password=PASSWORD, skills=(SkillLevelWish("Klingon", 1),)),
            ReferenceInvalid,
            "skills",
        ),
    ],
)
async def test_what_is_wrong_with_a_wish_is_said_and_nobody_is_made(
    office: BackOffice, wish: UserWish, refusal: type[FrontdeskError], parameter: str
) -> None:
    before = await office.house.users.all(office.root)
    with pytest.raises(refusal, match=parameter):
        await office.house.users.create(office.by_root, wish)
    assert await office.house.users.all(office.root) == before
    assert office.trail() == []


async def test_only_an_administrator_makes_and_deletes_users(office: BackOffice) -> None:
    for who in (office.ada, office.sam):
        with pytest.raises(PermissionMissing):
            await office.house.users.create(office.by(who), UserWish(user_name="linus", password=PASSWORD))
        with pytest.raises(PermissionMissing):
            await office.house.users.delete(office.by(who), office.grace.user_id)
        with pytest.raises(PermissionMissing):
            await office.house.users.update(office.by(who), office.grace.user_id, UserWish(first_name="G"))


async def test_a_user_of_another_contact_centre_is_unknown(office: BackOffice) -> None:
    stranger = office.oscar.user_id
    with pytest.raises(NotFound):
        await office.house.users.get(office.root, stranger)
    with pytest.raises(NotFound):
        await office.house.users.update(office.by_root, stranger, UserWish(enabled=False))
    with pytest.raises(NotFound):
        await office.house.users.delete(office.by_root, stranger)
    assert stranger not in [user.id for user in await office.house.users.all(office.root)]
    await signs_in(office, "oscar")


# ── the own user ─────────────────────────────────────────────────────────────────────────────────


async def test_an_agent_changes_the_own_names_and_address(office: BackOffice) -> None:
    wish = UserWish(first_name="Ada", last_name="Lovelace", email_address="ada@example.org")
    await office.house.users.update(office.by(office.ada), office.ada.user_id, wish)

    user = await office.house.users.get(office.grace, office.ada.user_id)
    assert (user.first_name, user.last_name, user.email_address) == ("Ada", "Lovelace", "ada@example.org")
    assert user.version == 2


@pytest.mark.parametrize(
    "wish",
    [
        UserWish(roles=(Role.ADMIN,)),
        UserWish(first_name="Ada", roles=(Role.AGENT, Role.ADMIN)),
        UserWish(enabled=False),
        UserWish(user_name="lovelace"),
        UserWish(change_password_on_first_login=True),
        UserWish(password=NEW_PASSWORD, old_password=PASSWORD, roles=(Role.ADMIN,)),
    ],
)
async def test_an_agent_does_not_change_the_own_rights(office: BackOffice, wish: UserWish) -> None:
    with pytest.raises(PermissionMissing):
        await office.house.users.update(office.by(office.ada), office.ada.user_id, wish)

    user = await office.house.users.get(office.root, office.ada.user_id)
    assert (user.version, user.roles, user.enabled, user.first_name) == (1, (Role.AGENT,), True, "")
    await signs_in(office, "ada")


async def test_rights_that_stay_as_they_are_may_be_sent_back(office: BackOffice) -> None:
    wish = UserWish(user_name="ada", first_name="Ada", roles=(Role.AGENT,), enabled=True)
    await office.house.users.update(office.by(office.ada), office.ada.user_id, wish)
    assert (await office.house.users.get(office.ada, office.ada.user_id)).first_name == "Ada"


async def test_an_agents_token_does_not_change_its_user(office: BackOffice) -> None:
    by_token = replace(office.ada, scopes=frozenset({Scope.WORK, Scope.READ}), sign_in="token:1")
    with pytest.raises(PermissionMissing):
        await office.house.users.update(office.by(by_token), office.ada.user_id, UserWish(first_name="Ada"))


async def test_who_changes_the_own_password_shows_the_old_one(office: BackOffice) -> None:
    ada = await signs_in(office, "ada")
    with pytest.raises(ParameterMissing, match="oldPassword"):
        await office.house.users.update(office.by(ada), ada.user_id, UserWish(password=NEW_PASSWORD))
    wrong = UserWish(password=NEW_PASSWORD, old_password="guess")
    with pytest.raises(ValueInvalid, match="oldPassword"):
        await office.house.users.update(office.by(ada), ada.user_id, wrong)
    await signs_in(office, "ada")

    right = UserWish(password=NEW_PASSWORD, old_password=PASSWORD)
    await office.house.users.update(office.by(ada), ada.user_id, right)

    await signs_in(office, "ada", NEW_PASSWORD)
    with pytest.raises(NotSignedIn):
        await signs_in(office, "ada")


async def test_a_repeated_change_of_the_own_password_gets_the_first_answer(office: BackOffice) -> None:
    ada = await signs_in(office, "ada")
    wish = UserWish(password=NEW_PASSWORD, old_password=PASSWORD)
    once = office.by(ada, key="once", digest="the request")
    first = await office.house.users.update(once, ada.user_id, wish)

    assert await office.house.users.update(once, ada.user_id, wish) == first, "though the old one is right no more"

    other = office.by(ada, key="once", digest="another request")
    with pytest.raises(KeyReused):
        await office.house.users.update(other, ada.user_id, UserWish(password="third password", old_password="guess"))
    await signs_in(office, "ada", NEW_PASSWORD)


async def test_guessing_the_old_password_is_slowed_down_and_keeps_nobody_out(office: BackOffice) -> None:
    ada = await signs_in(office, "ada")
    guesses = [
        UserWish(password=NEW_PASSWORD, old_password=f"guess {guess}")
        for guess in range(office.settings.sign_in.failures_before_delay + 1)
    ]
    for wish in guesses[:-1]:
        with pytest.raises(ValueInvalid, match="oldPassword"):
            await office.house.users.update(office.by(ada), ada.user_id, wish)
    with pytest.raises(TooManySignIns):
        await office.house.users.update(office.by(ada), ada.user_id, guesses[-1])
    await signs_in(office, "ada")


async def test_a_new_own_password_ends_the_users_other_sign_ins(office: BackOffice) -> None:
    office.ada = await signs_in(office, "ada")
    elsewhere = await signs_in(office, "ada")
    assert elsewhere.sign_in != office.ada.sign_in

    wish = UserWish(password=NEW_PASSWORD, old_password=PASSWORD)
    await office.house.users.update(office.by(office.ada), office.ada.user_id, wish)

    assert [(ended.sign_in, ended.reason) for ended in office.sign_ins_ended] == [
        (elsewhere.sign_in, "password changed")
    ]


async def test_a_password_that_must_be_changed_is_free_after_the_user_changed_it(office: BackOffice) -> None:
    wish = UserWish(change_password_on_first_login=True)
    await office.house.users.update(office.by_root, office.ada.user_id, wish)

    own = UserWish(password=NEW_PASSWORD, old_password=PASSWORD)
    await office.house.users.update(office.by(office.ada), office.ada.user_id, own)

    assert not (await office.house.users.get(office.ada, office.ada.user_id)).change_password_on_first_login


# ── what an administrator changes ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (UserWish(password=NEW_PASSWORD), "password changed"),
        (UserWish(enabled=False), "user disabled"),
        (UserWish(roles=(Role.AGENT, Role.SUPERVISOR)), "roles changed"),
        (UserWish(user_name="lovelace"), "user name changed"),
        (UserWish(roles=(Role.AGENT,), enabled=True, user_name="ada", first_name="Ada"), None),
    ],
)
async def test_a_change_of_what_a_sign_in_is_worth_ends_all_of_the_user(
    office: BackOffice, wish: UserWish, reason: str | None
) -> None:
    await office.house.users.update(office.by_root, office.ada.user_id, wish)
    assert [(ended.user_id, ended.reason) for ended in office.sign_ins_ended] == (
        [] if reason is None else [(office.ada.user_id, reason)]
    )


async def test_a_renamed_user_signs_in_with_the_new_name_only(office: BackOffice) -> None:
    await signs_in(office, "ada")
    await office.house.users.update(office.by_root, office.ada.user_id, UserWish(user_name="lovelace"))
    assert (await signs_in(office, "lovelace")).user_id == office.ada.user_id
    with pytest.raises(NotSignedIn):
        await signs_in(office, "ada")


async def test_a_change_made_for_an_older_version_is_refused(office: BackOffice) -> None:
    await office.house.users.update(office.by_root, office.ada.user_id, UserWish(first_name="A"), version=1)
    with pytest.raises(PropertyReadOnly, match="version"):
        await office.house.users.update(office.by_root, office.ada.user_id, UserWish(first_name="B"), version=1)


@pytest.mark.parametrize("wish", [UserWish(enabled=False), UserWish(roles=(Role.ADMIN,))])
async def test_who_may_not_work_any_more_is_logged_out_and_keeps_nothing(office: BackOffice, wish: UserWish) -> None:
    await office.opens_queue("support", "ada")
    offered = await office.offers_to(office.ada, "support")
    working_on = await office.works_on_something(office.ada, "support")

    await office.house.users.update(office.by_root, office.ada.user_id, wish)

    agent, _ = await office.house.agents.get(office.ada)
    assert not agent.is_in_session
    assert (await office.house.interactions.get(office.root, offered))[0].state is State.QUEUED
    assert (await office.seen(working_on)).state is State.QUEUED


@pytest.mark.parametrize("wish", [UserWish(enabled=False), UserWish(roles=(Role.ADMIN,))])
async def test_what_was_kept_after_a_session_goes_back_when_the_user_may_not_work_any_more(
    office: BackOffice, wish: UserWish
) -> None:
    await office.opens_queue("support", "ada")
    await office.comes_to_work(office.ada)
    kept = await office.works_on_something(office.ada, "support")
    before = await office.seen(kept)
    await office.house.agents.end_session(office.by(office.ada))
    assert (await office.seen(kept)).owner == office.ada.user_id

    await office.house.users.update(office.by_root, office.ada.user_id, wish)

    after = await office.seen(kept)
    assert (after.state, after.owner, after.queued_at_ms) == (State.QUEUED, None, before.queued_at_ms)


async def test_what_is_to_be_parked_is_parked_also_when_the_user_may_not_work_any_more(office: BackOffice) -> None:
    await office.opens_queue("support", "ada")
    parking = QueuePolicy(after_session=AfterSession.WORKBIN, after_session_workbin="In_Progress")
    await office.house.policies.replace(office.by_root, Policy(default=parking))
    await office.comes_to_work(office.ada)
    held = await office.works_on_something(office.ada, "support")

    await office.house.users.update(office.by_root, office.ada.user_id, UserWish(enabled=False))

    assert (await office.seen(held)).workbin_owner == OwnerId(office.ada.user_id)


# ── the last administrator ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wish", [UserWish(enabled=False), UserWish(roles=(Role.AGENT,)), UserWish(roles=()), None])
async def test_a_contact_centre_keeps_an_administrator(office: BackOffice, wish: UserWish | None) -> None:
    async def loses_root() -> None:
        if wish is None:
            await office.house.users.delete(office.by_root, office.root.user_id)
        else:
            await office.house.users.update(office.by_root, office.root.user_id, wish)

    disabled = await office.hires("former", Role.ADMIN)
    await office.house.users.update(office.by_root, disabled.user_id, UserWish(enabled=False))
    with pytest.raises(InUse, match="last enabled Contact Center Admin"):
        await loses_root()
    await signs_in(office, "root")

    await office.hires("second", Role.ADMIN)
    await loses_root()


# ── deleting ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_deleted_user_is_gone_for_everybody(office: BackOffice) -> None:
    await signs_in(office, "ada")
    await office.house.agents.start_session(office.by(office.ada), ["email"], "")

    await office.house.users.delete(office.by_root, office.ada.user_id)

    with pytest.raises(NotSignedIn):
        await signs_in(office, "ada")
    with pytest.raises(NotFound):
        await office.house.users.get(office.root, office.ada.user_id)
    assert [(ended.user_id, ended.reason) for ended in office.sign_ins_ended] == [(office.ada.user_id, "user deleted")]
    assert office.trail()[-1] == ("Deleted", "user", "ada")
    assert (await office.hires("ada")).user_id != office.ada.user_id


async def test_a_user_whom_something_would_miss_is_not_deleted(office: BackOffice) -> None:
    await office.opens_queue("support", "ada")
    await office.house.queues.create(office.by_root, QueueWish(name="sales", agents=("ada",)))
    team = await office.house.groups.create(office.by_root, GroupWish(name="Team", members=("ada", "grace")))
    parked = await office.works_on_something(office.ada, "support")
    await office.parks(office.ada, parked, "In_Progress")
    held = await office.works_on_something(office.ada, "support")
    token = await office.house.tokens.create(office.by_root, TokenWish(name="import", scopes=(Scope.READ,), user="ada"))

    with pytest.raises(InUse) as refusal:
        await office.house.users.delete(office.by_root, office.ada.user_id)
    assert str(refusal.value) == (
        "The user 'ada' is in use by 1 interaction; 1 parked interaction; 1 token; queue 'sales'; queue 'support'; "
        "group 'Team'; remove that use first."
    )

    await office.house.interactions.complete(office.by(office.ada), held)
    await office.house.workbins.pull(office.by(office.ada), "In_Progress", BinOf(), parked, None)
    await office.house.interactions.complete(office.by(office.ada), parked)
    await office.house.tokens.delete(office.by_root, TokenId(token.id or ""))
    for queue in await office.house.queues.all(office.root):
        await office.house.queues.update(office.by_root, queue.id, QueueWish(agents=()))
    with pytest.raises(InUse, match="by group 'Team';"):
        await office.house.users.delete(office.by_root, office.ada.user_id)
    await office.house.groups.update(office.by_root, team.id or "", GroupWish(members=("grace",)))
    await office.house.users.delete(office.by_root, office.ada.user_id)
