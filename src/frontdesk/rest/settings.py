"""Settings as clients read them. None of them can be changed over the API.

Source: gws-platform-api, settings.
"""

from typing import Any

from frontdesk.core.errors import NotFound
from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.answers import as_of, ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, Route
from frontdesk.wire import platform, shapes
from frontdesk.wire.selection import Resource


async def list_groups(call: Call) -> Answer:
    """Objects with and without `fields`, as the pages show it."""
    wanted = lists.asked(call, _GROUP)
    return lists.answer("settings", platform.settings_groups_shown(call.addresses), wanted, objects=True)


async def get_group(call: Call) -> Answer:
    name = call.params["group"]
    found = platform.settings_group(name)
    if found is None:
        raise NotFound("settings group", name)
    return ok(**found)


async def list_own(call: Call) -> Answer:
    wanted = lists.asked(call, _SECTION)
    user = await call.house.users.get(call.principal, call.principal.user_id)
    shown = platform.sections_shown(user, call.addresses)
    return as_of(await call.house.agents.last_heard(call.principal), lists.answer("settings", shown, wanted))


async def get_own(call: Call) -> Answer:
    """One section; its keys stand beside `statusCode`."""
    user = await call.house.users.get(call.principal, call.principal.user_id)
    name = call.params["section"]
    for section in platform.sections_shown(user, call.addresses):
        if section["name"] == name:
            return as_of(await call.house.agents.last_heard(call.principal), ok(**section))
    raise NotFound("settings section", name)


_GROUP = Resource(platform.SETTINGS_GROUP_PROPERTIES)
_SECTION = Resource(platform.SECTION_PROPERTIES)
_TAG = "Settings"
ROUTES = (
    Route(
        "GET", "/settings", list_groups, Act.ADMINISTER, "Groups of settings", _TAG,
        query=COLLECTION, shows=("settings", "totalCount"), holds={"settings": list[shapes.SettingsGroup]},
    ),
    Route(
        "GET", "/settings/{group}", get_group, Act.READ_OWN, "One group: `agent-states` or `general-settings`", _TAG,
        shows=("settings", "key"), holds={"settings": list[shapes.AgentState] | dict[str, Any]},
    ),
    Route(
        "GET", "/me/settings", list_own, Act.READ_OWN, "Sections of one's own settings", "Me",
        query=COLLECTION, shows=("uris", "settings", "totalCount"),
    ),
    Route(
        "GET", "/me/settings/{section}", get_own, Act.READ_OWN, "One section of one's own settings", "Me",
        shows=("name", "displayName", "key", "uri", "path", "settings"), holds={"settings": list[shapes.Setting]},
    ),
)  # fmt: skip
