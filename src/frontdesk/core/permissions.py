"""Who may do what: one table of role and act, one of token scope and act.

A person may do what any of the person's roles allows. A bearer token may do what its user may do and its scopes
cover; only submitting needs no role of the user, so that an integration can be given just that.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import msgspec

from frontdesk.core.errors import PermissionMissing
from frontdesk.core.ids import ContactCentreId, UserId


class Role(StrEnum):
    """Values are the names on the wire."""

    AGENT = "ROLE_AGENT"
    SUPERVISOR = "ROLE_SUPERVISOR"
    ADMIN = "ROLE_ADMIN"


class Scope(StrEnum):
    """What a bearer token was made for."""

    READ = "read"
    WORK = "work"
    SUBMIT = "submit"
    ADMINISTER = "administer"


class Act(StrEnum):
    """The values complete the sentence "You may not …"."""

    READ_OWN = "read your own resources"
    READ_INTERACTIONS = "read interactions"
    READ_DIRECTORY = "read users, queues, groups, skills and workbins"
    READ_OTHERS = "read what is another user's own"
    WORK = "work on interactions"
    HEAR = "receive notifications"
    SUPERVISE = "act on another agent's work"
    TAKE_AWAY = "take work away from another agent"
    SUBMIT = "submit interactions"
    ADMINISTER = "administer the contact centre"


_READS = frozenset({Act.READ_OWN, Act.READ_INTERACTIONS, Act.READ_DIRECTORY, Act.HEAR})

ALLOWED: Mapping[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.AGENT: _READS | {Act.WORK},
        Role.SUPERVISOR: _READS | {Act.READ_OTHERS, Act.WORK, Act.SUPERVISE, Act.TAKE_AWAY},
        Role.ADMIN: _READS | {Act.READ_OTHERS, Act.TAKE_AWAY, Act.SUBMIT, Act.ADMINISTER},
    }
)

COVERED: Mapping[Scope, frozenset[Act]] = MappingProxyType(
    {
        Scope.READ: _READS - {Act.HEAR} | {Act.READ_OTHERS},
        Scope.WORK: _READS | {Act.READ_OTHERS, Act.WORK, Act.SUPERVISE, Act.TAKE_AWAY},
        Scope.SUBMIT: frozenset({Act.SUBMIT}),
        Scope.ADMINISTER: _READS | {Act.READ_OTHERS, Act.TAKE_AWAY, Act.ADMINISTER, Act.SUBMIT},
    }
)


@cache  # there are no more of these than combinations of roles and scopes, and it is asked several times a request
def _acts(roles: frozenset[Role], scopes: frozenset[Scope] | None) -> frozenset[Act]:
    """Everything that somebody with these roles may do, as far as a token's scopes cover it."""
    allowed = frozenset[Act]().union(*(ALLOWED[role] for role in roles))
    if scopes is None:
        return allowed
    covered = frozenset[Act]().union(*(COVERED[scope] for scope in scopes))
    return (allowed | {Act.SUBMIT}) & covered


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who is behind a request: a user of one contact centre, and the sign-in that said so.

    `sign_in` names the HTTP session, token or credential; when that ends, everything opened with it ends.
    `scopes` is None for a person and a set for a bearer token.
    """

    user_id: UserId
    user_name: str
    contact_centre: ContactCentreId
    roles: frozenset[Role]
    sign_in: str
    scopes: frozenset[Scope] | None = None
    must_change_password: bool = False  # before anything else; no token is asked for that

    def may(self, act: Act) -> bool:
        return act in _acts(self.roles, self.scopes)

    def require(self, act: Act) -> None:
        """Raise PermissionMissing unless allowed."""
        if not self.may(act):
            if self.scopes is not None:
                names = [f"token scope {scope}" for scope, acts in COVERED.items() if act in acts]
            else:
                names = [role.value for role, acts in ALLOWED.items() if act in acts]
            raise PermissionMissing(act, names)
