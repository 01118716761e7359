"""Who is behind a request: what push asks of whoever knows the users."""

from typing import NamedTuple, Protocol, TypeVar

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


class Recalled(NamedTuple):
    """Somebody who was known at once, and the lines that go into the head of the answer, each with its end."""

    who: SignIn
    headers: bytes = b""


A = TypeVar("A")


class Memory(Protocol[A]):
    """An authenticator's memory, which is asked without waiting. What it does not know, the authenticator may."""

    def asker(self, scope: Scope) -> A | None:
        """What the head of a request tells of who asks, to be used for every request with the same head.

        None if nobody whom it knows would ask like that.
        """
        ...

    def recall(self, asker: A) -> Recalled | None:
        """The one who asks, if that one is known, may come in, and comes from an origin that may be used."""
        ...
