"""How a push session is shown to an administrator. Its id here is the beginning of the real one, which is a secret."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, UnsetType

from frontdesk.wire.addresses import Addresses
from frontdesk.wire.interactions import date
from frontdesk.wire.shapes import USER_ID, Date, Path, Shape, Uri, UserId, UserUri

PROPERTIES: Final = (
    *("id", "uri", "path", "userId", "userUri", "userName", "transport", "createdDate", "ageSeconds"),
    *("lastConnectDate", "subscriptions", "queuedMessages", "queuedBytes", "lastError"),
)


class PushSession(Shape, kw_only=True):
    """A client's CometD session."""

    id: Annotated[str, Meta(description="The beginning of the client id.", examples=[USER_ID[:12]])]
    uri: Uri
    path: Path
    userId: UserId
    userUri: UserUri
    userName: Annotated[str, Meta(examples=["ada"])]
    transport: Literal["websocket", "long-polling", "callback-polling"]
    createdDate: Date
    ageSeconds: Annotated[int, Meta(ge=0, examples=[3600])]
    lastConnectDate: Date | UnsetType = UNSET
    subscriptions: Annotated[int, Meta(description="How many patterns.", ge=0, examples=[1])]
    queuedMessages: Annotated[int, Meta(description="Waiting, or not acknowledged.", ge=0, examples=[0])]
    queuedBytes: Annotated[int, Meta(description="The same in bytes.", ge=0, examples=[0])]
    lastError: Annotated[str, Meta(examples=["what was written to it could not be sent"])] | UnsetType = UNSET


def shown(
    *,
    client: str,
    user_id: str,
    user_name: str,
    transport: str,
    created_ms: int,
    last_connect_ms: int | None,
    last_error: str | None,
    subscriptions: int,
    queued_messages: int,
    queued_bytes: int,
    now_ms: int,
    addresses: Addresses,
) -> dict[str, Any]:
    path = f"/system/sessions/{client}"
    found: dict[str, Any] = {
        "id": client,
        "uri": addresses.uri(path),
        "path": path,
        "userId": user_id,
        "userUri": addresses.uri(f"/users/{user_id}"),
        "userName": user_name,
        "transport": transport,
        "createdDate": date(created_ms),
        "ageSeconds": max(0, now_ms - created_ms) // 1000,
        "subscriptions": subscriptions,
        "queuedMessages": queued_messages,
        "queuedBytes": queued_bytes,
    }
    if last_connect_ms is not None:
        found["lastConnectDate"] = date(last_connect_ms)
    if last_error is not None:
        found["lastError"] = last_error
    return found
