"""How queues, agent groups, skills and contact centres are shown."""

from typing import Any, Final

from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.users import ContactCentre
from frontdesk.wire.addresses import Addresses

QUEUE_PROPERTIES: Final = ("id", "uri", "path", "name", "version", "description", "agents", "groups", "emailAddresses")
GROUP_PROPERTIES: Final = ("id", "uri", "path", "name", "version", "type", "contains", "members")
SKILL_PROPERTIES: Final = ("id", "uri", "path", "name", "version")
CONTACT_CENTRE_PROPERTIES: Final = ("id", "uri", "path", "name")


def queue_shown(queue: Queue, addresses: Addresses) -> dict[str, Any]:
    """A queue; `agents` and `groups` are the ids of those who serve it."""
    return {
        **_named("queues", queue.id, queue.name, addresses),
        "version": queue.version,
        "description": queue.description,
        "agents": list(queue.agents),
        "groups": list(queue.groups),
        "emailAddresses": list(queue.email_addresses),
    }


def group_shown(group: Group, addresses: Addresses) -> dict[str, Any]:
    """An agent group; `members` are user ids."""
    return {
        **_named("groups", group.id, group.name, addresses),
        "version": group.version,
        "type": group.type,
        "contains": ["users"],
        "members": list(group.members),
    }


def skill_shown(skill: Skill, addresses: Addresses) -> dict[str, Any]:
    return {**_named("skills", skill.id, skill.name, addresses), "version": skill.version}


def contact_centre_shown(contact_centre: ContactCentre, addresses: Addresses) -> dict[str, Any]:
    return _named("contact-centers", contact_centre.id, contact_centre.name, addresses)


def _named(collection: str, thing_id: str, name: str, addresses: Addresses) -> dict[str, Any]:
    path = f"/{collection}/{thing_id}"
    return {"id": thing_id, "uri": addresses.uri(path), "path": path, "name": name}
