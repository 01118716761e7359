"""How a user is shown: to administrators, to other agents, and as the core of `/me`. No password is ever in it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from frontdesk.core.directory import Group, Skill
from frontdesk.core.ids import ContactCentreId, SkillId
from frontdesk.core.users import User
from frontdesk.wire import directory
from frontdesk.wire.addresses import Addresses

PROPERTIES: Final = (
    *("id", "uri", "path", "version", "userName", "firstName", "lastName", "emailAddress", "roles", "enabled"),
    *("changePasswordOnFirstLogin", "contactCenterId"),
)
#: Sub-collections, with the properties of their items.
SUBRESOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "skills": (*directory.SKILL_PROPERTIES, "level"),
    "groups": directory.GROUP_PROPERTIES,
}


def shown(user: User, contact_centre: ContactCentreId, addresses: Addresses) -> dict[str, Any]:
    """The user without sub-collections."""
    path = f"/users/{user.id}"
    return {
        "id": user.id,
        "uri": addresses.uri(path),
        "path": path,
        "version": user.version,
        "userName": user.user_name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emailAddress": user.email_address,
        "roles": [role.value for role in user.roles],
        "enabled": user.enabled,
        "changePasswordOnFirstLogin": user.change_password_on_first_login,
        "contactCenterId": contact_centre,
    }


def skills_shown(user: User, skills: Mapping[SkillId, Skill], addresses: Addresses) -> list[dict[str, Any]]:
    """The user's skills, each with its level, which is a string on this wire."""
    return [
        {**directory.skill_shown(skills[held.skill], addresses), "level": str(held.level)}
        for held in user.skills
        if held.skill in skills
    ]


def groups_shown(user: User, groups: Iterable[Group], addresses: Addresses) -> list[dict[str, Any]]:
    """Those of `groups` that the user is a member of."""
    return [directory.group_shown(group, addresses) for group in groups if user.id in group.members]
