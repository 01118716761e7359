"""How a bearer token is shown. Its secret is in the answer to its making and nowhere else."""

from typing import Any, Final

from frontdesk.ports import Token
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.interactions import date

PROPERTIES: Final = ("id", "uri", "path", "name", "userId", "userUri", "scopes", "createdDate")


def shown(token: Token, addresses: Addresses) -> dict[str, Any]:
    path = f"/tokens/{token.id}"
    return {
        "id": token.id,
        "uri": addresses.uri(path),
        "path": path,
        "name": token.name,
        "userId": token.user_id,
        "userUri": addresses.uri(f"/users/{token.user_id}"),
        "scopes": [scope.value for scope in token.scopes],
        "createdDate": date(token.created_at_ms),
    }
