"""A user of a contact centre: agent, supervisor, administrator, or several of these."""

import msgspec

from frontdesk.core.ids import ContactCentreId, SkillId, UserId
from frontdesk.core.permissions import Role


class SkillLevel(msgspec.Struct, frozen=True):
    skill: SkillId
    level: int


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`user_name` is unique on the whole server and is what people sign in with. No password is in here."""

    id: UserId
    user_name: str
    version: int = 1
    first_name: str = ""
    last_name: str = ""
    email_address: str = ""
    roles: tuple[Role, ...] = (Role.AGENT,)
    enabled: bool = True
    change_password_on_first_login: bool = False
    skills: tuple[SkillLevel, ...] = ()


class ContactCentre(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant: everything belongs to one, and nothing of one is seen by another."""

    id: ContactCentreId
    name: str
