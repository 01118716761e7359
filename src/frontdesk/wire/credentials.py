"""What a request brings to say who is behind it: headers in, plain values out."""

from collections.abc import Iterable
from typing import Any

from frontdesk.core.sign_ins import SESSION_COOKIE
from frontdesk.core.sign_ins import Credentials as Credentials

CSRF_HEADER = "X-CSRF-TOKEN"


def credentials_of(scope: Any) -> Credentials:
    """Read them from an ASGI scope (http or websocket)."""
    authorization = session = csrf_token = forwarded_for = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name == b"cookie":
            session = _cookie(value.decode("latin-1").split(";")) or session
        elif name == b"x-csrf-token":
            csrf_token = value.decode("latin-1")
        elif name == b"x-forwarded-for":
            forwarded_for = value.decode("latin-1")
    client = scope.get("client")
    return Credentials(
        authorization=authorization,
        session=session,
        csrf_token=csrf_token,
        peer=client[0] if client else "",
        forwarded_for=forwarded_for,
        is_safe=scope.get("method", "GET") in ("GET", "HEAD", "OPTIONS"),
        is_secure=scope.get("scheme") in ("https", "wss"),
    )


def _cookie(pairs: Iterable[str]) -> str | None:
    for pair in pairs:
        name, _, value = pair.strip().partition("=")
        if name == SESSION_COOKIE:
            return value
    return None
