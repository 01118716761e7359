"""The description of the API, for machines and for people: one document and one page, both made once from the routes.

Everything comes from this package; the page asks no other server for anything.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Iterable
from importlib import resources
from typing import Any, Final, NamedTuple

import msgspec

from frontdesk.core.errors import MethodNotAllowed, ResourceUnknown
from frontdesk.rest import docs_page, openapi
from frontdesk.rest.dispatch import PREFIX, refusal, respond
from frontdesk.rest.routes import Routes

DOCUMENT: Final = f"{PREFIX}/openapi.json"
PAGE: Final = "/docs"

_STATIC: Final = {
    "docs.css": b"text/css; charset=utf-8",
    "docs.js": b"text/javascript; charset=utf-8",
    "icon.svg": b"image/svg+xml",
}
#: From the root, and from the page with a slash at its end. Relative, so that they work behind a proxy's path.
_REDIRECTS: Final = {"/": b"docs", f"{PAGE}/": b"../docs"}


_PATHS: Final = frozenset({DOCUMENT, PAGE, *(f"{PAGE}/{name}" for name in _STATIC)})


class _File(NamedTuple):
    """What is sent, as it is and compressed."""

    content: bytes
    compressed: bytes
    content_type: bytes
    etag: bytes


class Docs:
    """The ASGI application for /, /docs and the document."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._files: dict[str, _File] = {}
        self._making = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path, method = scope["path"], scope["method"]
        if method not in ("GET", "HEAD"):
            await respond(send, refusal(MethodNotAllowed(method, path, ("GET",))))
        elif path in _REDIRECTS:
            await _send(send, 307, ((b"location", _REDIRECTS[path]), (b"content-length", b"0")))
        elif path not in _PATHS:
            await respond(send, refusal(ResourceUnknown(path)), is_head=method == "HEAD")
        else:
            file = (await self._made())[path]
            await _send_file(send, file, dict(scope["headers"]), is_head=method == "HEAD")

    async def _made(self) -> dict[str, _File]:
        async with self._making:
            if not self._files:  # the first reader waits a moment, and nobody else does
                self._files = await asyncio.to_thread(_files, self._routes)
        return self._files


async def _send_file(send: Any, file: _File, asked: dict[bytes, bytes], *, is_head: bool) -> None:
    head = [(b"etag", file.etag), (b"cache-control", b"no-cache"), (b"vary", b"Accept-Encoding")]
    if file.etag in asked.get(b"if-none-match", b""):
        await _send(send, 304, head)
        return
    content = file.content
    if b"gzip" in asked.get(b"accept-encoding", b""):
        content = file.compressed
        head.append((b"content-encoding", b"gzip"))
    head += [(b"content-type", file.content_type), (b"content-length", b"%d" % len(content))]
    await _send(send, 200, head, b"" if is_head else content)


async def _send(send: Any, status: int, head: Iterable[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(head)})
    await send({"type": "http.response.body", "body": body})


def _files(routes: Routes) -> dict[str, _File]:
    """Everything there is to be read, by its path."""
    document = msgspec.json.encode(openapi.document(routes))
    page = docs_page.page(msgspec.json.decode(document))  # made of what others read, too
    static = resources.files("frontdesk.rest").joinpath("static")
    return {
        DOCUMENT: _made(document, b"application/json"),
        PAGE: _made(page.encode(), b"text/html; charset=utf-8"),
        **{f"{PAGE}/{name}": _made(static.joinpath(name).read_bytes(), kind) for name, kind in _STATIC.items()},
    }


def _made(content: bytes, content_type: bytes) -> _File:
    etag = b'W/"%s"' % hashlib.sha256(content).hexdigest()[:20].encode()
    return _File(content, gzip.compress(content, mtime=0), content_type, etag)
