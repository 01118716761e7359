"""The HTTP server with next to nothing behind it: what the stack costs before Frontdesk does anything.

Run as a child. To any request it gives a constant answer, with the headers that Frontdesk gives. To its websockets it
writes one prepared frame each, in turn, for as long as it is told to.
"""

import asyncio
from typing import Any

import uvicorn
import uvloop

from bench.client import Connection, Fault, request
from frontdesk.core.settings import Settings
from frontdesk.rest.call import JSON
from frontdesk.serving import bound_socket, http_config, settle_memory

#: Where the child is told what to answer and to write, and when.
ANSWER, FRAME, BEGIN, END = "/answer", "/frame", "/begin", "/end"


class Bare:
    """The application. `answer` and `frame` are what Frontdesk was seen to send."""

    def __init__(self) -> None:
        self.answer = b"{}"
        self.frame = "[]"
        self._sends: list[Any] = []
        self._writing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._keep(receive, send)
            return
        body = (await receive())["body"]
        if not scope["path"].startswith("/api"):
            self._obey(scope["path"], body)
        answer = self.answer
        headers = [
            (b"content-type", JSON),
            (b"content-length", b"%d" % len(answer)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"x-frame-options", b"DENY"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _obey(self, path: str, body: bytes) -> None:
        if path == ANSWER:
            self.answer = body
        elif path == FRAME:
            self.frame = body.decode()
        elif path == BEGIN:
            self._writing = asyncio.create_task(self._write())
        elif self._writing is not None:
            self._writing.cancel()

    async def _keep(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self._sends.append(send)
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            self._sends.remove(send)

    async def _write(self) -> None:
        while True:
            for send in self._sends:
                await send({"type": "websocket.send", "text": self.frame})
            await asyncio.sleep(0)


async def instruct(port: int, path: str, body: bytes = b"") -> None:
    """From the other process: tell it something."""
    connection = await Connection.to(port)
    answer = await connection.ask(request("POST", path, {}, body))
    connection.close()
    if answer.status != 200:
        raise Fault(f"{path}: {answer}")


async def _serve() -> None:
    sock = bound_socket("127.0.0.1", 0)
    server = uvicorn.Server(http_config(Bare(), Settings().server))
    settle_memory()
    print("ready", sock.getsockname()[1], flush=True)
    await server.serve(sockets=[sock])


if __name__ == "__main__":
    uvloop.run(_serve())
