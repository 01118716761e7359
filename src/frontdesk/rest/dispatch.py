"""The API under /api/v2 as a plain ASGI application: match, sign in, read, call the handler, answer.

No framework stands between the server and the handlers: a request costs the routing of its path and what the handler
does. Every refusal is turned into its answer here and nowhere else.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from frontdesk.core.errors import (
    BodyMalformed,
    BodyTooLarge,
    BodyTooSlow,
    FrontdeskError,
    InternalError,
    MediaTypeUnsupported,
    MethodNotAllowed,
    NotSignedIn,
    NotYours,
    PasswordChangeRequired,
    PermissionMissing,
    ResourceUnknown,
    StaleVersion,
    StoreUnavailable,
)
from frontdesk.core.permissions import Principal
from frontdesk.kit.log import get_logger
from frontdesk.rest.call import JSON, Answer, Call
from frontdesk.rest.cors import CONTACT_CENTRE
from frontdesk.rest.house import House
from frontdesk.rest.routes import Route, Routes
from frontdesk.services.sign_in import SignedIn
from frontdesk.wire import answers
from frontdesk.wire.credentials import CSRF_HEADER, credentials_of

log = get_logger(__name__)

PREFIX = "/api/v2"
_BELOW = f"{PREFIX}/"
_BODIED = frozenset({"POST", "PUT", "DELETE"})


class Api:
    """The ASGI application. `house` is the bundle of services that handlers call."""

    def __init__(self, house: House, routes: Routes) -> None:
        self._house = house
        self._routes = routes
        self.requests: dict[tuple[str, int], int] = {}
        self.running = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.running += 1
        try:
            answer, head = await self._answered(scope, receive)
        finally:
            self.running -= 1
        key = (scope["method"], answer.status)
        self.requests[key] = self.requests.get(key, 0) + 1
        await respond(send, answer, head, is_head=scope["method"] == "HEAD")

    async def _answered(self, scope: Any, receive: Any) -> tuple[Answer, list[tuple[bytes, bytes]]]:
        head: list[tuple[bytes, bytes]] = []
        signed_in: SignedIn | None = None
        try:
            route, params = self._matched(scope)
            if route.act is not None:
                signed_in = await self._house.sign_ins.authenticate(credentials_of(scope))
                if signed_in is None:
                    raise NotSignedIn
                scope[CONTACT_CENTRE] = signed_in.principal.contact_centre
                _show_session(head, signed_in, route)
                if signed_in.principal.must_change_password and not _changes_password(
                    route, params, signed_in.principal
                ):
                    raise PasswordChangeRequired
                signed_in.principal.require(route.act)
            raw = await self._body(scope, receive) if route.method in _BODIED else b""
            if signed_in is not None:
                self._house.agents.seen(signed_in.principal)
            return await route.handler(Call(self._house, scope, params, raw, signed_in)), head
        except FrontdeskError as error:
            if signed_in is not None and isinstance(error, PermissionMissing | NotYours):
                await self._house.audit.refused(signed_in.principal, str(error), scope["path"])
            return refusal(error), head
        except StaleVersion:
            return refusal(StoreUnavailable("somebody else changed the same thing at the same time")), head
        except Exception:
            reference = self._house.ids.hexadecimal()[:12]
            log.exception("request failed", reference=reference, method=scope["method"], path=scope["path"])
            return refusal(InternalError(reference)), head

    def _matched(self, scope: Any) -> tuple[Route, dict[str, str]]:
        path: str = scope["path"]
        found = self._routes.find(path[len(PREFIX) :]) if path.startswith(_BELOW) else None
        if found is None:
            raise ResourceUnknown(path)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        route = found.by_method.get(method)
        if route is None:
            raise MethodNotAllowed(scope["method"], path, found.by_method)
        return route, found.params

    async def _body(self, scope: Any, receive: Any) -> bytes:
        limit = self._house.settings.server.body_bytes
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > limit:
                raise BodyTooLarge(limit)
            if name == b"content-type" and b"json" not in value.lower():
                raise MediaTypeUnsupported(value.decode("latin-1"))
        limit_s = self._house.settings.server.body_s
        chunks: list[bytes] = []
        size, has_more = 0, True
        try:
            async with asyncio.timeout(limit_s):
                while has_more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise BodyMalformed("The request was cut off before its end.")
                    chunk: bytes = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise BodyTooLarge(limit)
                    chunks.append(chunk)
                    has_more = message.get("more_body", False)
        except TimeoutError:
            raise BodyTooSlow(limit_s) from None
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _changes_password(route: Route, params: Mapping[str, str], who: Principal) -> bool:
    """Whether a password can be changed there; of the operations on `/me` its handler lets the fitting ones pass."""
    if route.method == "POST" and route.path == "/me":
        return True
    return route.method in ("POST", "PUT") and route.path == "/users/{id}" and params["id"] == who.user_id


def _show_session(head: list[tuple[bytes, bytes]], signed_in: SignedIn, route: Route) -> None:
    if signed_in.set_cookie is not None:
        head.append((b"set-cookie", signed_in.set_cookie))
    if route.method == "GET" and signed_in.csrf_token is not None:
        head.append((b"x-csrf-header", CSRF_HEADER.encode()))
        head.append((b"x-csrf-token", signed_in.csrf_token.encode()))


async def respond(
    send: Any, answer: Answer, head: Iterable[tuple[bytes, bytes]] = (), *, is_head: bool = False
) -> None:
    """Send an answer, with headers of the connection's own."""
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", b"%d" % len(answer.body)),
        (b"cache-control", b"no-store"),
        *answer.headers,
        *head,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})


def refusal(error: FrontdeskError) -> Answer:
    """The answer that says what was wrong."""
    headers: list[tuple[bytes, bytes]] = []
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % error.retry_after_s))
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", ", ".join(error.allowed).encode()))
    if isinstance(error, BodyTooSlow):
        headers.append((b"connection", b"close"))  # what may still come would be no request
    return Answer(answers.failure(error), error.http_status, tuple(headers), JSON)
