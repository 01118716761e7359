"""How workbins, their content and their changes are shown, with the keys of both generations.

The 8.5.2 pages know a bin by a UUID and group its content by medium; the 8.5.0 pages know it by the Base64 of a view
path. A client of either finds its keys here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from frontdesk.core import workbins
from frontdesk.core.ids import UserId, WorkbinId
from frontdesk.core.interactions import Interaction
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.kit import codec
from frontdesk.wire import interactions
from frontdesk.wire.addresses import Addresses

#: Changes of bins and of subscriptions to them. A bin's content, asked for, comes on `interactions.TOPIC`.
TOPIC: Final = "/v2/me/workbins"

PROPERTIES: Final = (
    *("id", "workbinName", "name", "displayName", "type", "uri", "path"),
    *("workbinId", "active", "viewName", "workbinType"),
)
#: Sub-collections, with the properties of their items.
SUBRESOURCES: Final = {medium.plural: interactions.MEDIA_PROPERTIES for medium in interactions.MEDIA}

# The 8.5.0 pages show 1 for an agent's bin and no other number.
_LEGACY_TYPES: Final = {
    WorkbinType.AGENT: 1,
    WorkbinType.AGENT_GROUP: 2,
    WorkbinType.PLACE: 3,
    WorkbinType.PLACE_GROUP: 4,
}

SubscriptionState = Literal["Subscribed", "Unsubscribed", "RequestFailed"]


def shown(workbin: Workbin, addresses: Addresses) -> dict[str, Any]:
    """The definition of a bin."""
    path = f"/workbins/{workbin.id}"
    return {
        "id": workbin.id,
        "uri": addresses.uri(path),
        "path": path,
        "name": workbin.name,
        "displayName": workbin.display_name or workbin.name,
        "type": workbin.type.value,
        **legacy_shown(workbin),
    }


def legacy_shown(workbin: Workbin) -> dict[str, Any]:
    """The definition as GetWorkbinTypesInfo of the 8.5.0 pages has it."""
    return {
        "workbinId": workbins.legacy_id(workbin.name),
        "active": 1,
        "workbinName": workbin.name,
        "viewName": workbins.view_name(workbin.name),
        "workbinType": _LEGACY_TYPES[workbin.type],
    }


def listing(held: Sequence[Workbin], addresses: Addresses) -> dict[str, Any]:
    """The answer to `GET /me/workbins` without `fields`, which both generations ask in the same words."""
    return {
        "statusCode": 0,
        "status": 0,
        "uris": [addresses.uri(f"/workbins/{workbin.id}") for workbin in held],
        "workbins": [legacy_shown(workbin) for workbin in held],
    }


def content_message(
    workbin: Workbin,
    items: Iterable[Interaction],
    *,
    total: int,
    reader: UserId,
    addresses: Addresses,
    reference_id: int | None,
    most_bytes: int,
) -> tuple[str, dict[str, Any]]:
    """The (topic, data) that answers GetWorkbinContent: one message, also for an empty bin.

    Interactions that would make it longer than `most_bytes` are left to `GET /workbins/{id}`, as `totalCount` tells.
    """
    shown: list[msgspec.Raw] = []
    for item in items:
        encoded = codec.encode(interactions.shown(item, reader, addresses))
        most_bytes -= len(encoded)
        if most_bytes < 0:
            break
        shown.append(msgspec.Raw(encoded))
    data: dict[str, Any] = {
        "messageType": "WorkbinContentMessage",
        "workbin": {"id": workbin.id, "workbinName": workbin.name},
        "interactions": shown,
        "totalCount": total,
    }
    return interactions.TOPIC, _with_reference(data, reference_id)


def subscription_message(
    workbin: WorkbinId,
    state: SubscriptionState,
    *,
    reference_id: int | None,
    owner: UserId | None = None,
    agent_group: str | None = None,
) -> tuple[str, dict[str, Any]]:
    """The (topic, data) that answers Subscribe and Unsubscribe. `owner`: whose bin, if it is not the reader's own."""
    data: dict[str, Any] = {
        "messageType": "WorkbinSubscriptionStateChangeMessage",
        "id": workbin,
        "stateResource": state,
        **_whose(owner, agent_group),
    }
    return TOPIC, _with_reference(data, reference_id)


def change_message(
    workbin: WorkbinId,
    action: Literal["ItemAdded", "ItemRemoved"],
    medium: interactions.Medium,
    item: Mapping[str, Any],
    *,
    owner: UserId | None = None,
    agent_group: str | None = None,
) -> dict[str, Any]:
    """The data of a WorkbinStateChangeMessage: a media resource came into a bin or left it."""
    return {
        "messageType": "WorkbinStateChangeMessage",
        "action": action,
        "id": workbin,
        **_whose(owner, agent_group),
        medium.bin_key: item,
    }


def _whose(owner: UserId | None, agent_group: str | None) -> dict[str, str]:
    if agent_group is not None:
        return {"agentGroup": agent_group}
    return {} if owner is None else {"workbinUserId": owner}


def _with_reference(data: dict[str, Any], reference_id: int | None) -> dict[str, Any]:
    if reference_id is not None:
        data["referenceId"] = reference_id
    return data
