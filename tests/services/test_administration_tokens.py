"""Bearer tokens: what they are good for, and that they end at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.core.errors import (
    KeyReused,
    NotFound,
    NotSignedIn,
    ParameterMissing,
    PermissionMissing,
    ReferenceInvalid,
)
from frontdesk.core.ids import TokenId
from frontdesk.core.permissions import Act, Principal, Scope
from frontdesk.core.sign_ins import Credentials
from frontdesk.services.tokens import TokenWish
from frontdesk.services.users import UserWish
from tests.services.back_office import BackOffice, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


async def brings(office: BackOffice, secret: str | None) -> Principal:
    """Who is behind a request with this token."""
    signed_in = await office.house.sign_ins.authenticate(Credentials(authorization=f"Bearer {secret}"))
    assert signed_in is not None
    return signed_in.principal


async def test_a_token_acts_for_its_user_as_far_as_its_scopes_reach(office: BackOffice) -> None:
    made = await office.house.tokens.create(
        office.by_root, TokenWish(name="import", scopes=[Scope.SUBMIT, Scope.READ], user="ada")
    )

    who = await brings(office, made.secret)

    assert (who.user_id, who.sign_in) == (office.ada.user_id, f"token:{made.id}")
    assert who.may(Act.SUBMIT)
    assert who.may(Act.READ_INTERACTIONS)
    assert not who.may(Act.WORK)


async def test_a_token_is_its_makers_if_nobody_is_named(office: BackOffice) -> None:
    made = await office.house.tokens.create(office.by_root, TokenWish(name="script", scopes=[Scope.ADMINISTER]))
    assert (await brings(office, made.secret)).user_id == office.root.user_id


async def test_a_secret_is_told_once(office: BackOffice) -> None:
    made = await office.house.tokens.create(office.by_root, TokenWish(name="import", scopes=[Scope.READ]))
    assert made.secret is not None

    held = await office.house.tokens.get(office.root, TokenId(made.id or ""))
    assert [held] == await office.house.tokens.all(office.root)
    assert made.secret not in repr(held)
    assert all(made.secret not in repr(told) for told in office.told)
    assert office.trail() == [("Created", "token", "import")]


async def test_an_answer_that_was_lost_can_be_had_again_with_its_key(office: BackOffice) -> None:
    wish = TokenWish(name="import", scopes=[Scope.READ])
    first = await office.house.tokens.create(office.by(office.root, key="k"), wish)
    again = await office.house.tokens.create(office.by(office.root, key="k"), wish)
    assert again == first
    assert len(await office.house.tokens.all(office.root)) == 1
    with pytest.raises(KeyReused):
        await office.house.tokens.create(office.by(office.root, key="k", digest="other"), wish)


async def test_a_deleted_token_lets_nobody_in_and_ends_what_was_opened_with_it(office: BackOffice) -> None:
    made = await office.house.tokens.create(office.by_root, TokenWish(name="import", scopes=[Scope.READ]))
    await brings(office, made.secret)

    await office.house.tokens.delete(office.by_root, TokenId(made.id or ""))

    with pytest.raises(NotSignedIn):
        await brings(office, made.secret)
    assert [(ended.sign_in, ended.reason) for ended in office.sign_ins_ended] == [(f"token:{made.id}", "token deleted")]
    assert office.trail()[-1] == ("Deleted", "token", "import")


async def test_the_token_of_a_disabled_user_lets_nobody_in(office: BackOffice) -> None:
    made = await office.house.tokens.create(office.by_root, TokenWish(name="x", scopes=[Scope.READ], user="ada"))
    await brings(office, made.secret)
    await office.house.users.update(office.by_root, office.ada.user_id, UserWish(enabled=False))
    with pytest.raises(NotSignedIn):
        await brings(office, made.secret)


async def test_a_token_needs_a_name_scopes_and_a_user_of_the_contact_centre(office: BackOffice) -> None:
    with pytest.raises(ParameterMissing, match="name"):
        await office.house.tokens.create(office.by_root, TokenWish(scopes=[Scope.READ]))
    with pytest.raises(ParameterMissing, match="scopes"):
        await office.house.tokens.create(office.by_root, TokenWish(name="x"))
    with pytest.raises(ReferenceInvalid, match="userId"):
        await office.house.tokens.create(office.by_root, TokenWish(name="x", scopes=[Scope.READ], user="oscar"))


async def test_tokens_are_an_administrators_and_of_one_contact_centre(office: BackOffice) -> None:
    made = await office.house.tokens.create(office.by_root, TokenWish(name="import", scopes=[Scope.READ]))
    token_id = TokenId(made.id or "")
    with pytest.raises(PermissionMissing):
        await office.house.tokens.all(office.ada)
    with pytest.raises(PermissionMissing):
        await office.house.tokens.get(office.sam, token_id)
    with pytest.raises(PermissionMissing):
        await office.house.tokens.create(office.by(office.ada), TokenWish(name="mine", scopes=[Scope.READ]))
    with pytest.raises(PermissionMissing):
        await office.house.tokens.delete(office.by(office.sam), token_id)
    with pytest.raises(NotFound):
        await office.house.tokens.get(office.oscar, token_id)
    with pytest.raises(NotFound):
        await office.house.tokens.delete(office.by(office.oscar), token_id)
    assert await office.house.tokens.all(office.oscar) == []
    await brings(office, made.secret)
