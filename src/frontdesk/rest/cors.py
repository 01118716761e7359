"""Browser clients of other sites: which origins may use the API, and the headers that tell their browsers so.

An origin is never reflected because it asked: it has to be named in `server.allowed_origins`, or by the contact centre
of whoever is signed in, as it is or by an entry with one "*" in its host name (`https://*.example.org` admits every
host below example.org, not example.org itself).
Answers name the concrete origin, since browsers take no wildcard where a cookie is sent along.

Everything under /api/v2 is covered, the notifications with it. A preflight is answered here: 204 for an allowed
origin, whatever the sub-path; 403 for any other. Other requests of an unknown origin pass without the headers: its
browser then keeps the answer from the page, and what would change something needs a CSRF token besides.
"""

from collections.abc import Iterable, MutableMapping
from typing import Any, Final, Protocol

from frontdesk.core.errors import Forbidden
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.origins import AllowedOrigins, normal_origin
from frontdesk.wire import answers

PREFIX: Final = "/api/v2"

METHODS: Final = "GET,POST,PUT,DELETE,OPTIONS"
REQUEST_HEADERS: Final = (
    "X-Requested-With,Content-Type,Accept,Origin,Cookie,Authorization,ssid,surl,ContactCenterId,"
    "X-CSRF-TOKEN,Idempotency-Key"
)
EXPOSED_HEADERS: Final = "X-CSRF-HEADER,X-CSRF-TOKEN,X-Frontdesk-Replay,Retry-After"
MAX_AGE_S: Final = 86_400  # what browsers cut to their own limit, of two hours or a day

_VARY: Final = (b"vary", b"Origin")
_ALLOWED: Final = (
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", EXPOSED_HEADERS.encode()),
    _VARY,
)
_PREFLIGHT: Final = (
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-methods", METHODS.encode()),
    (b"access-control-allow-headers", REQUEST_HEADERS.encode()),
    (b"access-control-max-age", b"%d" % MAX_AGE_S),
    (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
)

Message = MutableMapping[str, Any]
Headers = tuple[tuple[bytes, bytes], ...]


#: Where in a scope it is said whose contact centre a request is for, once that is known.
CONTACT_CENTRE: Final = "frontdesk.contact_centre"


class Origins(Protocol):
    """What contact centres allow besides the settings."""

    async def up_to_date(self) -> None: ...

    def is_known(self, origin: str) -> bool:
        """Whether any contact centre allows it."""
        ...

    def is_allowed(self, contact_centre: ContactCentreId, origin: str) -> bool: ...


class Cors:
    """Wraps an ASGI application. A request without Origin goes straight through."""

    def __init__(self, app: Any, allowed_origins: Iterable[str], origins: Origins | None = None) -> None:
        self._app = app
        self._allowed = AllowedOrigins(allowed_origins)
        self._origins = origins

    def is_origin_allowed(self, origin: str | None, own_origin: str) -> bool:
        """Whether a page of `origin` may open a websocket or post to the notifications, whoever is signed in.

        No origin means no browser. `own_origin` is where our own pages come from, e.g. "http://127.0.0.1:8090".
        """
        if origin is None:
            return True
        return origin == normal_origin(own_origin) or origin in self._allowed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        origin = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
                break
        if origin is None:
            await self._app(scope, receive, send)
            return
        if self._origins is not None:
            await self._origins.up_to_date()
        if scope["method"] == "OPTIONS" and _is_preflight(scope):
            await self._answer_preflight(origin, send)
        elif origin.decode("latin-1") in self._allowed:
            allowed = ((b"access-control-allow-origin", origin), *_ALLOWED)
            await self._app(scope, receive, _with_headers(send, allowed))
        elif self._origins is not None and self._origins.is_known(origin.decode("latin-1")):
            await self._app(scope, receive, self._for_some(scope, origin, send))
        else:
            await self._app(scope, receive, _with_headers(send, (_VARY,)))

    def headers_for(self, origin: bytes, contact_centre: ContactCentreId | None) -> Headers:
        """What an answer to a page of `origin` carries; the contact centre is that of whoever is signed in, if any is.

        The page may read the answer if the settings or the contact centre allow it, or nobody is signed in and any
        contact centre does.
        """
        text = origin.decode("latin-1")
        if text in self._allowed or (
            self._origins is not None
            and self._origins.is_known(text)
            and (contact_centre is None or self._origins.is_allowed(contact_centre, text))
        ):
            return ((b"access-control-allow-origin", origin), *_ALLOWED)
        return (_VARY,)

    def _for_some(self, scope: Any, origin: bytes, send: Any) -> Any:
        """An answer to an origin of which it depends on who is signed in whether its page may read it."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = self.headers_for(origin, scope.get(CONTACT_CENTRE))
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        return sent

    async def _answer_preflight(self, origin: bytes, send: Any) -> None:
        text = origin.decode("latin-1")
        if text in self._allowed or (self._origins is not None and self._origins.is_known(text)):
            await send(
                {
                    "type": "http.response.start",
                    "status": 204,
                    "headers": [(b"access-control-allow-origin", origin), *_PREFLIGHT],
                }
            )
            await send({"type": "http.response.body", "body": b""})
            return
        refusal = Forbidden(
            f"The origin '{text}' is not allowed; server.allowed_origins of the settings names those that are, and so "
            "does the settings group access-control of a contact center."
        )
        body = answers.failure(refusal)
        headers = [
            (b"content-type", b"application/json;charset=UTF-8"),
            (b"content-length", b"%d" % len(body)),
            _VARY,
        ]
        await send({"type": "http.response.start", "status": refusal.http_status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _is_preflight(scope: Any) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


def _with_headers(send: Any, more: Headers) -> Any:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sent
