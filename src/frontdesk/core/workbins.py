"""Workbins: where interactions are parked.

A workbin is a definition; its content is keyed by (workbin, owner), the owner being a user or an agent group. So
`In_Progress` has one id for everybody, and everybody's own content.
"""

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from frontdesk.core.errors import ParameterMissing, ValueInvalid
from frontdesk.core.ids import WorkbinId

_VIEW = "/PrivateView"


class WorkbinType(StrEnum):
    """`Place` and `PlaceGroup` are understood and always empty: there are no places here."""

    AGENT = "Agent"
    AGENT_GROUP = "AgentGroup"
    PLACE = "Place"
    PLACE_GROUP = "PlaceGroup"


class Workbin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: WorkbinId
    name: str
    version: int = 1
    display_name: str = ""
    type: WorkbinType = WorkbinType.AGENT


def view_name(name: str) -> str:
    """The view path that the 8.5.0 generation knows a workbin by."""
    return name + _VIEW


def legacy_id(name: str) -> str:
    """The `workbinId` of the 8.5.0 generation: the Base64 of the view path."""
    return base64.b64encode(view_name(name).encode()).decode()


def candidates(value: Any, *, parameter: str = "workbin") -> tuple[str, ...]:
    """The ids or names that a `workbin` value may mean, best first.

    Shape: an id, a name, an 8.5.0 workbinId, or an object with one of `id`, `workbinId`, `workbinName`, `name`.
    Errors: ParameterMissing for nothing at all, ValueInvalid for another shape.
    """
    if value is None:
        raise ParameterMissing(parameter, "Give a workbin's id or name.")
    if isinstance(value, Mapping):
        for key in ("id", "workbinId", "workbinName", "name"):
            if isinstance(value.get(key), str):
                return candidates(value[key], parameter=parameter)
        raise ValueInvalid(parameter, "an object needs one of id, workbinId, workbinName, name as a string")
    if not isinstance(value, str) or not value.strip():
        raise ValueInvalid(parameter, "give a workbin's id or name as a string, or an object with one")
    named = _legacy_name(value)
    return (value, named) if named else (value,)


def _legacy_name(value: str) -> str | None:
    try:
        view = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return view.removesuffix(_VIEW) if view.endswith(_VIEW) else None
