"""Who is behind a request: what push asks of whoever knows the users."""

from typing import Protocol

import msgspec

from frontdesk.push.asgi import Scope


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, and by what we know it."""

    principal: str
    """The user; sessions belong to it."""
    sign_in: str
    """The HTTP session, token or credential that the request was authenticated with."""
    address: str = ""
    """Where the request comes from, if that is not the other end of the connection."""
    set_cookies: tuple[bytes, ...] = ()
    """Values of Set-Cookie headers for the answer."""


class Authenticator(Protocol):
    """Asked on every request and at every websocket upgrade."""

    async def authenticate(self, scope: Scope) -> SignIn | None:
        """The one behind an HTTP or websocket scope, or None if it is nobody we know."""
        ...

    def is_origin_allowed(self, scope: Scope) -> bool:
        """Whether a page from the request's Origin may use it. True if there is no Origin."""
        ...
