"""What clients ask of the platform around interactions before they show anything: services and settings.

Most of it is fixed here. What a bigger server has and this one has not is an empty list, never an invention.
"""

from collections.abc import Iterable
from typing import Any, Final

from frontdesk.core import settings_groups
from frontdesk.core.settings import Country
from frontdesk.core.settings_groups import SettingsGroup
from frontdesk.core.users import User
from frontdesk.wire import agents
from frontdesk.wire.addresses import Addresses

FEATURE_PROPERTIES: Final = ("id", "uri", "path", "displayName", "description", "autoAssignOnContactCenterCreate")
SERVICE_PROPERTIES: Final = ("id", "uri", "path", "name", "type", "state")
SECTION_PROPERTIES: Final = ("uri", "path", "name", "displayName", "key", "settings")
SETTINGS_GROUP_PROPERTIES: Final = ("uri", "path", "name", "displayName", "key")

# (id, name, type): the services that a desktop looks for before it enables a medium. All of
# them are this process, so whoever gets the answer knows that they are up.
_SERVICES: Final = (
    ("ON_PREMISE_ENVIRONMENT", "Provisioning", "Provisioning"),
    ("5d0d4a3e-0c5b-4a52-9a54-6d1f3c1e7a01", "Interactions", "MultiMediaState"),
    ("5d0d4a3e-0c5b-4a52-9a54-6d1f3c1e7a02", "Content", "MultiMediaContent"),
)
# (name, display name, key) of the groups whose content is made elsewhere.
_SETTINGS_GROUPS: Final = (
    ("agent-states", "Agent States", agents.AGENT_STATE_KEY),
    ("general-settings", "General Settings", "name"),
)


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


def settings_groups_shown(groups: Iterable[SettingsGroup], addresses: Addresses) -> list[dict[str, str]]:
    """The groups that `/settings` lists: those made elsewhere, then these."""
    listed = [*_SETTINGS_GROUPS, *((group.name, group.display_name, group.key) for group in groups)]
    return [
        {
            "uri": addresses.uri(f"/settings/{name}"),
            "path": f"/settings/{name}",
            "name": name,
            "displayName": display_name,
            "key": key,
        }
        for name, display_name, key in listed
    ]


def general_settings(country: Country) -> dict[str, str]:
    """What is known of where the contact centre is."""
    shown = {"countryCode": country.code, "countryDigits": country.digits, "countryName": country.name}
    return {name: value for name, value in shown.items() if value}


def setting_of(group: SettingsGroup, key: str) -> dict[str, Any]:
    """One setting of a group. Raises NotFound."""
    return settings_groups.find(group, key)


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
