"""Groups of settings that an administrator keeps for clients: the documented ones, and any of the clients' own.

A group is a list of objects that are told apart by one attribute, its key. What is in them is the clients' business,
except in `access-control`, which says which other sites' pages may use the API for this contact centre.
"""

import re
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from frontdesk.core.errors import (
    AlreadyExists,
    Forbidden,
    LimitExceeded,
    NotFound,
    ParameterMissing,
    PropertyReadOnly,
    ValueInvalid,
)
from frontdesk.core.ids import SettingsGroupId
from frontdesk.core.names import check_name
from frontdesk.core.origins import AllowedOrigins
from frontdesk.kit import codec

ACCESS_CONTROL, DISPOSITIONS = "access-control", "dispositions"
ALLOWED_ORIGINS: Final = "allowedOrigins"
#: Groups whose content is made elsewhere.
ELSEWHERE: Final = frozenset({"agent-states", "general-settings"})

MOST_GROUPS: Final = 100
MOST_SETTINGS: Final = 500
MOST_BYTES: Final = 200_000  # of one group; it is one row

_GROUP_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

Setting = dict[str, Any]


class SettingsGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`name` is part of its URI; `key` names the attribute that tells its settings apart."""

    id: SettingsGroupId
    name: str
    display_name: str = ""
    key: str = "name"
    settings: tuple[Setting, ...] = ()
    version: int = 1

    @property
    def is_documented(self) -> bool:
        return self.name in _DOCUMENTED


_DOCUMENTED: Final = {ACCESS_CONTROL: "Access Control", DISPOSITIONS: "Dispositions"}
DOCUMENTED: Final = tuple(_DOCUMENTED)


def documented(name: str) -> SettingsGroup | None:
    """A group that every contact centre has, with nothing in it; None for another name."""
    if name not in _DOCUMENTED:
        return None
    return SettingsGroup(id=SettingsGroupId(name), name=name, display_name=_DOCUMENTED[name])


def made(group_id: SettingsGroupId, name: str, display_name: str | None, key: str | None) -> SettingsGroup:
    """A group of a client's own. Raises ValueInvalid, ParameterMissing, AlreadyExists."""
    if not _GROUP_NAME.fullmatch(name):
        raise ValueInvalid("name", "take letters, digits, '-' and '_', at most 64, for it is part of a URI")
    if name in _DOCUMENTED or name in ELSEWHERE:
        raise AlreadyExists("settings group", name)
    display_name = check_name(display_name or name, parameter="displayName")
    return SettingsGroup(
        id=group_id, name=name, display_name=display_name, key=check_name(key or "name", parameter="key")
    )


def find(group: SettingsGroup, value: str) -> Setting:
    """The setting whose key has this value. Raises NotFound."""
    for setting in group.settings:
        if setting[group.key] == value:
            return setting
    raise NotFound("setting", value)


def added(group: SettingsGroup, setting: Setting) -> SettingsGroup:
    """With one more. Raises AlreadyExists, ParameterMissing, ValueInvalid, LimitExceeded."""
    value = key_of(group, setting)
    if any(held[group.key] == value for held in group.settings):
        raise AlreadyExists("setting", value)
    return _checked(replace(group, settings=(*group.settings, _understood(group, setting))))


def changed(group: SettingsGroup, value: str, given: Setting) -> SettingsGroup:
    """With these attributes of one setting as given; the others stay. Raises NotFound, and what `added` does."""
    before = find(group, value)
    if given.get(group.key, value) != value:
        raise PropertyReadOnly([group.key])
    after = _understood(group, {**before, **given})
    return _checked(replace(group, settings=tuple(after if held is before else held for held in group.settings)))


def without(group: SettingsGroup, value: str) -> SettingsGroup:
    """With one less. Raises NotFound."""
    gone = find(group, value)
    return replace(group, settings=tuple(held for held in group.settings if held is not gone))


def key_of(group: SettingsGroup, setting: Setting) -> str:
    """What tells it apart. Raises ParameterMissing, ValueInvalid."""
    value = setting.get(group.key)
    if value is None:
        raise ParameterMissing(group.key, "It tells the settings of this group apart.")
    if not isinstance(value, str):
        raise ValueInvalid(group.key, "it tells the settings of this group apart and must be a string")
    return check_name(value, parameter=group.key)


def allowed_origins(group: SettingsGroup | None) -> tuple[str, ...]:
    """What `access-control` says of other sites."""
    if group is None:
        return ()
    return tuple(origin for held in group.settings if held[group.key] == ALLOWED_ORIGINS for origin in held["value"])


def _understood(group: SettingsGroup, setting: Setting) -> Setting:
    if group.name != ACCESS_CONTROL:
        return setting
    if setting[group.key] != ALLOWED_ORIGINS:
        raise Forbidden(f"The only setting of this group is '{ALLOWED_ORIGINS}'.")
    value = setting.get("value")
    if isinstance(value, str):  # as the settings file of the vendor's server has it
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueInvalid("value", "give a list of origins, like https://desk.example.org or https://*.example.org")
    try:
        AllowedOrigins(value)
    except ValueError as error:
        raise ValueInvalid("value", str(error)) from None
    return {group.key: ALLOWED_ORIGINS, "value": value}


def _checked(group: SettingsGroup) -> SettingsGroup:
    if len(group.settings) > MOST_SETTINGS:
        raise LimitExceeded("The settings of a group", len(group.settings), MOST_SETTINGS)
    size = len(codec.encode(group.settings))
    if size > MOST_BYTES:
        raise LimitExceeded("The settings of a group, in bytes", size, MOST_BYTES)
    return group
