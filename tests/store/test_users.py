"""Users: names are unique on the server, and who is removed leaves nothing that could still be asked or sign in."""

import pytest
from msgspec.structs import replace

from frontdesk.core import agents
from frontdesk.core.agents import Agent
from frontdesk.core.errors import AlreadyExists, NotFound
from frontdesk.core.ids import OwnerId, SkillId, TokenId, WorkbinId
from frontdesk.core.permissions import Role, Scope
from frontdesk.core.users import SkillLevel, User
from frontdesk.ports import Token, Transaction
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, Centre, user

FULL = User(
    id=ADA,
    user_name="ada",
    first_name="Ada",
    last_name="King",
    email_address="ada@example.org",
    roles=(Role.AGENT, Role.ADMIN),
    enabled=False,
    change_password_on_first_login=True,
    skills=(SkillLevel(SkillId("german"), 4),),
)


async def add(centre: Centre, given: User, password_hash: str = "hash") -> None:
    await centre.does(lambda tx: tx.users.add(given, password_hash))


async def test_a_user_is_found_by_id_and_by_name_within_the_contact_centre(ours: Centre, theirs: Centre) -> None:
    await add(ours, FULL)

    for found in (
        await ours.sees(lambda tx: tx.users.get(ADA)),
        await ours.sees(lambda tx: tx.users.find(ADA)),
        await ours.sees(lambda tx: tx.users.named("ada")),
    ):
        assert found == FULL
    assert await theirs.sees(lambda tx: tx.users.find(ADA)) is None
    assert await theirs.sees(lambda tx: tx.users.named("ada")) is None
    with pytest.raises(NotFound):
        await theirs.sees(lambda tx: tx.users.get(ADA))


async def test_users_are_listed_by_name(ours: Centre, theirs: Centre) -> None:
    await add(ours, user(ADA, "zoe"))
    await add(ours, user(GRACE, "bob"))
    await add(theirs, user(LINUS, "eve"))
    assert [one.user_name for one in await ours.sees(lambda tx: tx.users.all())] == ["bob", "zoe"]


async def test_a_name_that_is_taken_anywhere_is_refused(ours: Centre, theirs: Centre) -> None:
    await add(theirs, user(GRACE, "ada"))
    await add(ours, user(ADA, "lovelace"))

    with pytest.raises(AlreadyExists, match="'ada'"):
        await add(ours, user(LINUS, "ada"))
    with pytest.raises(AlreadyExists, match="'ada'"):
        await ours.does(lambda tx: tx.users.save(user(ADA, "ada")))
    assert (await ours.sees(lambda tx: tx.users.get(ADA))).user_name == "lovelace"


async def test_a_saved_user_has_the_new_name_and_the_old_password(ours: Centre) -> None:
    await add(ours, FULL, "secret")
    after = replace(FULL, user_name="countess", version=2)
    await ours.does(lambda tx: tx.users.save(after))

    assert await ours.sees_on_server(lambda tx: tx.credentials("countess")) == (ours.id, after, "secret")
    assert await ours.sees_on_server(lambda tx: tx.credentials("ada")) is None


async def test_a_password_can_be_changed_by_its_own_contact_centre_only(ours: Centre, theirs: Centre) -> None:
    await add(ours, FULL, "old")
    with pytest.raises(NotFound):
        await theirs.does(lambda tx: tx.users.set_password_hash(ADA, "stolen"))
    await ours.does(lambda tx: tx.users.set_password_hash(ADA, "new"))
    assert await ours.sees_on_server(lambda tx: tx.credentials("ada")) == (ours.id, FULL, "new")


async def test_nobody_saves_a_user_who_is_not_there(ours: Centre, theirs: Centre) -> None:
    await add(ours, FULL)
    with pytest.raises(NotFound):
        await theirs.does(lambda tx: tx.users.save(replace(FULL, first_name="Mallory")))
    assert await ours.sees(lambda tx: tx.users.get(ADA)) == FULL


async def test_a_removed_user_takes_agent_tokens_and_subscriptions_along(ours: Centre, theirs: Centre) -> None:
    token = Token(id=TokenId("t"), name="script", user_id=ADA, scopes=(Scope.READ,), created_at_ms=NOON_MS)
    workbin, part = WorkbinId("bin"), OwnerId(ADA)

    async def settle(tx: Transaction) -> None:
        await tx.users.add(FULL, "hash")
        await tx.agents.save(agents.start(Agent(user_id=ADA), ["chat"], place="", at_ms=NOON_MS))
        await tx.tokens.add(token, "token-hash")
        await tx.subscriptions.add(workbin, part, ADA)

    async def left(tx: Transaction) -> list[object]:
        agent = await tx.agents.get(ADA)
        tokens, subscribers = await tx.tokens.all(), await tx.subscriptions.subscribers(workbin, part)
        return [await tx.users.find(ADA), agent.is_in_session, agent.channels, tokens, subscribers]

    await ours.does(settle)
    await theirs.does(lambda tx: tx.users.remove(ADA))
    assert (await ours.sees(left))[0] == FULL

    await ours.does(lambda tx: tx.users.remove(ADA))
    assert await ours.sees(left) == [None, False, (), [], ()]
    await add(theirs, user(GRACE, "ada"))  # the name is free again
