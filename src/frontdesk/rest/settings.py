"""Settings: groups that administrators keep for clients, and what is fixed. Agent states have their own module.

Source: the Genesys Web Services v2 pages, Settings.
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
from frontdesk.wire.settings import GivenSetting, NewSettingsGroup, setting_of

_GENERAL = "general-settings"


async def list_groups(call: Call) -> Answer:
    """Objects with and without `fields`, as the pages show it."""
    wanted = lists.asked(call, _GROUP)
    found = await call.house.settings_groups.all(call.principal)
    return lists.answer("settings", platform.settings_groups_shown(found, call.addresses), wanted, objects=True)


async def get_group(call: Call) -> Answer:
    """A list of settings, but for `general-settings`, which is one object. `access-control` is for administrators."""
    name = call.params["group"]
    if name == _GENERAL:
        return ok(settings=platform.general_settings(call.settings.country), key="name")
    found = await call.house.settings_groups.get(call.principal, name)
    return ok(settings=list(found.settings), key=found.key)


async def get_setting(call: Call) -> Answer:
    found = await call.house.settings_groups.get(call.principal, call.params["group"])
    return ok(settings=platform.setting_of(found, call.params["setting"]), key=found.key)


async def create_group(call: Call) -> Answer:
    """A group for a client's own use: any objects, told apart by the attribute that `key` names."""
    body = call.body(NewSettingsGroup)
    outcome = await call.house.settings_groups.create(call.caller(), body.name, body.display_name, body.key)
    return ok(uri=call.addresses.uri(f"/settings/{outcome.id}"), path=f"/settings/{outcome.id}")


async def delete_group(call: Call) -> Answer:
    """Only a group that was made over the API, with all that is in it."""
    await call.house.settings_groups.delete(call.caller(), call.params["group"])
    return ok()


async def create_setting(call: Call) -> Answer:
    """Of `access-control` the only one is `allowedOrigins`: other sites whose pages may use the API for this contact
    center, besides those that the server allows.
    """
    await call.house.settings_groups.add(call.caller(), call.params["group"], _setting(call))
    return ok()


async def update_setting(call: Call) -> Answer:
    """The attributes that are given become so, and the others stay. The group's key says which setting is meant."""
    name, key = call.params["group"], call.params.get("setting")
    await call.house.settings_groups.change(call.caller(), name, key, _setting(call))
    return ok()


async def delete_setting(call: Call) -> Answer:
    await call.house.settings_groups.remove(call.caller(), call.params["group"], call.params["setting"])
    return ok()


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


def _setting(call: Call) -> dict[str, Any]:
    call.body(GivenSetting)  # the attributes that have a meaning have their types
    return setting_of(call.body(dict[str, Any]))


_GROUP = Resource(platform.SETTINGS_GROUP_PROPERTIES)
_SECTION = Resource(platform.SECTION_PROPERTIES)
_TAG = "Settings"
_ADMINISTER = Act.ADMINISTER
_NAMES = "`general-settings`, `dispositions`, `access-control`, or one of a client's own"
_ONE, _SINGLE = "/settings/{group}", "/settings/{group}/{setting}"
ROUTES = (
    Route(
        "GET", "/settings", list_groups, _ADMINISTER, "Groups of settings", _TAG,
        query=COLLECTION, shows=("settings", "totalCount"), holds={"settings": list[shapes.SettingsGroup]},
    ),
    Route(
        "POST", "/settings", create_group, _ADMINISTER, "Make a group of settings", _TAG,
        body=NewSettingsGroup, shows=("uri", "path"),
    ),
    Route(
        "GET", _ONE, get_group, Act.READ_OWN, f"One group: {_NAMES}", _TAG,
        shows=("settings", "key"), holds={"settings": list[dict[str, Any]] | dict[str, Any]},
    ),
    Route("POST", _ONE, create_setting, _ADMINISTER, "Add a setting", _TAG, body=GivenSetting),
    Route("PUT", _ONE, update_setting, _ADMINISTER, "Change a setting, named by its key", _TAG, body=GivenSetting),
    Route("DELETE", _ONE, delete_group, _ADMINISTER, "Delete a group of a client's own", _TAG),
    Route(
        "GET", _SINGLE, get_setting, Act.READ_OWN, "One setting", _TAG,
        shows=("settings", "key"), holds={"settings": dict[str, Any]},
    ),
    Route("PUT", _SINGLE, update_setting, _ADMINISTER, "Change a setting", _TAG, body=GivenSetting),
    Route("DELETE", _SINGLE, delete_setting, _ADMINISTER, "Delete a setting", _TAG),
    Route(
        "GET", "/me/settings", list_own, Act.READ_OWN, "Sections of one's own settings", "Me",
        query=COLLECTION, shows=("uris", "settings", "totalCount"),
    ),
    Route(
        "GET", "/me/settings/{section}", get_own, Act.READ_OWN, "One section of one's own settings", "Me",
        shows=("name", "displayName", "key", "uri", "path", "settings"), holds={"settings": list[shapes.Setting]},
    ),
)  # fmt: skip
