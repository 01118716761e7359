"""User data: the key-value pairs that travel with an interaction.

Attach and update overwrite the given keys, delete removes them; nested objects merge key by key, so that two
desktops that write different keys of one object do not undo each other. What is not named is never touched.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from frontdesk.core.errors import LimitExceeded, ValueInvalid

#: Nearly every value is one of these and has no keys inside. (Asking whether it is a Mapping costs ten times as much.)
_PLAIN = frozenset({str, int, float, bool, type(None)})

#: JSON as decoded: str, int, float, bool, None, list, or an object of these.
UserData = Mapping[str, Any]


class UserDataLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of one interaction's user data as a whole, nested values included."""

    keys: int = 500
    """Keys in all, those of nested objects included."""
    total_bytes: int = 64 * 1024
    """As JSON."""
    depth: int = 5
    """Levels of nesting, the outermost included."""
    key_characters: int = 256
    """Of one key."""


def merged(before: UserData, given: UserData, limits: UserDataLimits) -> dict[str, Any]:
    """`before` with the given keys set. Raises ValueInvalid or LimitExceeded and changes nothing then."""
    after = _merge(before, given)
    check(after, limits)
    return after


def without(before: UserData, given: UserData | Iterable[str]) -> dict[str, Any]:
    """`before` less the given keys. An object given for a key that holds an object removes only the keys inside."""
    if isinstance(given, Mapping):
        after = dict(before)
        for key, inner in given.items():
            held = after.get(key)
            if isinstance(inner, Mapping) and inner and isinstance(held, Mapping):
                after[key] = without(held, inner)
            else:
                after.pop(key, None)
        return after
    gone = set(given)
    return {key: value for key, value in before.items() if key not in gone}


def check(data: UserData, limits: UserDataLimits) -> None:
    """Raise ValueInvalid or LimitExceeded unless `data` keeps the limits."""
    total_bytes = len(msgspec.json.encode(data))
    if total_bytes > limits.total_bytes:
        raise LimitExceeded("User data, in bytes", total_bytes, limits.total_bytes)
    keys = _checked_keys(data, limits, depth=1)
    if keys > limits.keys:
        raise LimitExceeded("User data, in keys", keys, limits.keys)


def _merge(before: UserData, given: UserData) -> dict[str, Any]:
    after = dict(before)
    for key, value in given.items():
        held = after.get(key)
        if isinstance(value, Mapping) and isinstance(held, Mapping):
            after[key] = _merge(held, value)
        else:
            after[key] = value
    return after


def _checked_keys(value: Any, limits: UserDataLimits, *, depth: int) -> int:
    if isinstance(value, Mapping):
        if depth > limits.depth:
            raise LimitExceeded("User data, in levels of nesting", depth, limits.depth)
        keys = len(value)
        longest = limits.key_characters
        for key, inner in value.items():
            if not key:
                raise ValueInvalid("userData", "a key is empty; every key needs at least one character")
            if len(key) > longest:
                raise LimitExceeded("A key of the user data, in characters", len(key), longest)
            if type(inner) not in _PLAIN:
                keys += _checked_keys(inner, limits, depth=depth + 1)
        return keys
    if isinstance(value, list):
        if depth > limits.depth:
            raise LimitExceeded("User data, in levels of nesting", depth, limits.depth)
        return sum(_checked_keys(inner, limits, depth=depth + 1) for inner in value)
    return 0
