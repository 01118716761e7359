"""Who may do what."""

import pytest

from frontdesk.core.errors import PermissionMissing
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.permissions import Act, Principal, Role, Scope


def who(*roles: Role, scopes: set[Scope] | None = None) -> Principal:
    return Principal(
        user_id=UserId("u"),
        user_name="u",
        contact_centre=ContactCentreId("c"),
        roles=frozenset(roles),
        sign_in="s",
        scopes=None if scopes is None else frozenset(scopes),
    )


@pytest.mark.parametrize(
    ("role", "act", "may"),
    [
        (Role.AGENT, Act.WORK, True),
        (Role.AGENT, Act.SUPERVISE, False),
        (Role.AGENT, Act.ADMINISTER, False),
        (Role.AGENT, Act.SUBMIT, False),
        (Role.AGENT, Act.READ_OTHERS, False),
        (Role.AGENT, Act.TAKE_AWAY, False),
        (Role.SUPERVISOR, Act.TAKE_AWAY, True),
        (Role.ADMIN, Act.TAKE_AWAY, True),
        (Role.SUPERVISOR, Act.READ_OTHERS, True),
        (Role.SUPERVISOR, Act.SUPERVISE, True),
        (Role.SUPERVISOR, Act.ADMINISTER, False),
        (Role.ADMIN, Act.ADMINISTER, True),
        (Role.ADMIN, Act.READ_OTHERS, True),
        (Role.ADMIN, Act.SUPERVISE, False),
        (Role.ADMIN, Act.SUBMIT, True),
        (Role.ADMIN, Act.WORK, False),
    ],
)
def test_the_table_of_roles(role: Role, act: Act, may: bool) -> None:
    assert who(role).may(act) is may


def test_several_roles_add_up() -> None:
    both = who(Role.AGENT, Role.ADMIN)
    assert both.may(Act.WORK)
    assert both.may(Act.ADMINISTER)


def test_a_token_may_what_its_user_may_and_its_scopes_cover() -> None:
    assert who(Role.ADMIN, scopes={Scope.READ}).may(Act.READ_INTERACTIONS)
    assert not who(Role.ADMIN, scopes={Scope.READ}).may(Act.ADMINISTER)
    assert who(Role.SUPERVISOR, scopes={Scope.READ}).may(Act.READ_OTHERS)
    assert not who(Role.SUPERVISOR, scopes={Scope.READ}).may(Act.SUPERVISE)
    assert not who(Role.AGENT, scopes={Scope.READ}).may(Act.READ_OTHERS)
    assert not who(Role.AGENT, scopes={Scope.ADMINISTER}).may(Act.ADMINISTER)


def test_submitting_is_all_that_a_token_may_without_a_role_for_it() -> None:
    token = who(Role.AGENT, scopes={Scope.SUBMIT})
    assert [act for act in Act if token.may(act)] == [Act.SUBMIT]


def test_a_refusal_names_what_would_be_enough() -> None:
    with pytest.raises(PermissionMissing, match="ROLE_ADMIN"):
        who(Role.AGENT).require(Act.ADMINISTER)
    with pytest.raises(PermissionMissing, match="token scope submit"):
        who(Role.AGENT, scopes={Scope.READ}).require(Act.SUBMIT)
