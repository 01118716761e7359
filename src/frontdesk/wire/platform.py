"""What clients ask of the platform around interactions before they show anything: services and settings.

Most of it is fixed here. What a bigger server has and this one has not is an empty list, never an invention.
"""

from collections.abc import Mapping
from typing import Any, Final

from frontdesk.core.agent_states import AGENT_STATES
from frontdesk.core.users import User
from frontdesk.wire import agents
from frontdesk.wire.addresses import Addresses

FEATURE_PROPERTIES: Final = ("id", "uri", "path", "displayName", "description", "autoAssignOnContactCenterCreate")
SERVICE_PROPERTIES: Final = ("id", "uri", "path", "name", "type", "state")
SECTION_PROPERTIES: Final = ("uri", "path", "name", "displayName", "key", "settings")
SETTINGS_GROUP_PROPERTIES: Final = ("uri", "displayName")

# (id, name, type): the services that a desktop looks for before it enables a medium (gws-platform-api §10). All of
# them are this process, so whoever gets the answer knows that they are up.
_SERVICES: Final = (
    ("ON_PREMISE_ENVIRONMENT", "Provisioning", "Provisioning"),
    ("5d0d4a3e-0c5b-4a52-9a54-6d1f3c1e7a01", "Interactions", "MultiMediaState"),
    ("5d0d4a3e-0c5b-4a52-9a54-6d1f3c1e7a02", "Content", "MultiMediaContent"),
)
_SETTINGS_GROUPS: Final = {"agent-states": "Agent States", "general-settings": "General Settings"}


def services_shown(addresses: Addresses) -> list[dict[str, Any]]:
    """What this server does, in the terms of `/services`."""
    return [
        {
            "id": service_id,
            "uri": addresses.uri(f"/services/{service_id}"),
            "path": f"/services/{service_id}",
            "name": name,
            "type": kind,
            "state": "Active",
        }
        for service_id, name, kind in _SERVICES
    ]


def settings_groups_shown(addresses: Addresses) -> list[dict[str, str]]:
    """The groups that `/settings` lists."""
    return [
        {"uri": addresses.uri(f"/settings/{group}"), "displayName": display_name}
        for group, display_name in _SETTINGS_GROUPS.items()
    ]


def settings_group(name: str) -> Mapping[str, Any] | None:
    """`settings` and `key` of one group, or None if there is no such group.

    The general settings of the vendor's server say where its telephone numbers are; there are none here.
    """
    if name == "agent-states":
        return agents.agent_states(AGENT_STATES.values())
    return {"settings": {}, "key": "name"} if name in _SETTINGS_GROUPS else None


def sections_shown(user: User, addresses: Addresses) -> list[dict[str, Any]]:
    """The sections of `/me/settings`; all values are strings."""
    return [
        {
            "uri": addresses.uri(f"/me/settings/{section}"),
            "path": f"/me/settings/{section}",
            "name": section,
            "displayName": section,
            "key": "name",
            "settings": [{"name": name, "value": value} for name, value in values.items()],
        }
        for section, values in agents.settings_shown(user).items()
    ]
