"""Headers that keep a browser from doing with our answers what nobody meant.

No answer is guessed to be another type than it says, none is shown in another site's frame, none sends its address on
to another site. A page may only load what this server serves, and runs no script that stands in the page itself; a
page that needs otherwise says so in a `Content-Security-Policy` of its own, which is then left alone.
"""

from collections.abc import MutableMapping
from typing import Any, Final

PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

EVERYWHERE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_ON_PAGES: Final = (*EVERYWHERE, (b"content-security-policy", PAGE_POLICY.encode()))

Message = MutableMapping[str, Any]


class SecurityHeaders:
    """Wraps an ASGI application."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                message["headers"] = [*headers, *(_ON_PAGES if _is_page_without_policy(headers) else EVERYWHERE)]
            await send(message)

        await self._app(scope, receive, sent)


def _is_page_without_policy(headers: Any) -> bool:
    is_page = False
    for name, value in headers:
        if name == b"content-type":
            if not value.startswith(b"text/html"):
                return False
            is_page = True
        elif name == b"content-security-policy":
            return False
    return is_page
