"""Bearer tokens, for integrations."""

import msgspec

from frontdesk.core.ids import TokenId, UserId
from frontdesk.core.permissions import Scope


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token. The secret itself is shown once and never kept."""

    id: TokenId
    name: str
    user_id: UserId
    scopes: tuple[Scope, ...]
    created_at_ms: int
