"""A notification server on a real socket, and clients that speak to it in raw HTTP and websocket frames."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
import uvicorn

from frontdesk.http_server import HttpProtocol, WebSocketProtocol
from frontdesk.kit.clock import Clock
from frontdesk.push.asgi import Scope
from frontdesk.push.authenticator import Recalled, SignIn
from frontdesk.push.events import Encoded
from frontdesk.push.limits import Limits
from frontdesk.push.long_polling import HttpManners
from frontdesk.push.server import NotificationServer
from tests.push.wire import Ledger, Message, OpenPolicy, connect, shake, subscribe

MOUNT = "/api/v2/notifications"
PATIENCE_S = 20


class Way:
    """Which way polls and frames take: by ASGI and nothing else, or the direct one where it is open."""

    is_direct = False


class Doorkeeper:
    """Knows a user by `Authorization: User ada`, or by the cookie `user=ada`; the sign-in is the same text.

    Its memory knows everybody.
    """

    def __init__(self) -> None:
        self.ended: set[str] = set()
        self.admits_websockets = True
        self.recalled = 0

    async def authenticate(self, scope: Scope) -> SignIn | None:
        if scope["type"] == "websocket" and not self.admits_websockets:
            return None
        text = self.asker(scope)
        if text is None or text in self.ended:
            return None
        return self._sign_in(text)

    def asker(self, scope: Scope) -> str | None:
        if not self.is_origin_allowed(scope):
            return None
        headers = dict(scope["headers"])
        text: str = headers.get(b"authorization", b"").decode().removeprefix("User ")
        for cookie in headers.get(b"cookie", b"").decode().split("; "):
            if cookie.startswith("user="):
                text = text or cookie.removeprefix("user=")
        return text or None

    def recall(self, asker: str) -> Recalled | None:
        if asker in self.ended:
            return None
        self.recalled += 1
        return Recalled(self._sign_in(asker))

    def _sign_in(self, text: str) -> SignIn:
        return SignIn(principal=text.split("@")[0], sign_in=text, set_cookies=(b"seen=yes; Path=/",))

    def is_origin_allowed(self, scope: Scope) -> bool:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        return headers.get(b"origin", b"http://desk.example") == b"http://desk.example"


class Serving:
    """The server under test: what the program says to it, and where clients find it."""

    def __init__(
        self,
        clock: Clock | None,
        limits: Limits,
        manners: HttpManners | None,
        ledger: Ledger | None,
        keep_alive_s: int,
    ) -> None:
        self.ledger = ledger if ledger is not None else Ledger()
        self.doorkeeper = Doorkeeper()
        self.activity: list[tuple[str, str]] = []
        self.push = NotificationServer(
            OpenPolicy(),
            self.doorkeeper,
            clock=clock,
            limits=limits,
            manners=manners,
            history=self.ledger,
            on_activity=lambda principal, sign_in: self.activity.append((principal, sign_in)),
            memory=self.doorkeeper if Way.is_direct else None,
            mount=MOUNT,
        )
        self.port = 0
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                self.push,
                host="127.0.0.1",
                http=HttpProtocol,
                ws=WebSocketProtocol if Way.is_direct else "websockets-sansio",
                lifespan="off",
                log_level="error",
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=1,
                timeout_keep_alive=keep_alive_s,
            )
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def connections(self) -> list[asyncio.Protocol]:
        """The server's ends of what is connected to it."""
        return list(self._uvicorn.server_state.connections)

    async def start(self, port: int) -> None:
        self._uvicorn.config.port = port
        self._tasks = [
            asyncio.create_task(self.push.run()),
            asyncio.create_task(self._uvicorn._serve()),  # without uvicorn's handling of signals
        ]
        await until(lambda: self._uvicorn.started)
        self.port = self._uvicorn.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop gracefully. A second time does nothing."""
        if self._tasks:
            running, served = self._tasks
            self._tasks = []
            await self.push.drain()
            await self.hang_up()
            self._uvicorn.should_exit = True
            await served
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def http(self) -> "Http":
        """A new TCP connection for requests."""
        return Http(*await self._connection())

    async def websocket(self, **more: Any) -> "WebSocket":
        """A new websocket; `more` as for `upgrade`."""
        socket, answer = await self.upgrade(**more)
        assert answer.status == 101, answer
        return socket

    async def upgrade(
        self, *, path: str = "", user: str | None = "ada", **headers: str
    ) -> tuple["WebSocket", "Answer"]:
        """Ask for a websocket, which may be refused."""
        return await upgrade(*await self._connection(), path=path, user=user, **headers)

    def deliver(self, *events: tuple[str, Any], principal: str = "ada", number: int | None = None) -> None:
        encoded = [Encoded(channel, msgspec.json.encode(data), number) for channel, data in events]
        self.push.deliver(principal, encoded)

    def happens(self, *events: tuple[str, Any], principal: str = "ada") -> None:
        """An event that can be had again."""
        self.push.deliver(principal, self.ledger.append(*events))

    async def is_held(self, connects: int = 1) -> None:
        """Return when so many connects are held."""
        await until(lambda: self.push.leftovers()["held"] == connects)

    async def hang_up(self) -> None:
        """Close what clients have left open."""
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        self._writers.append(writer)
        return reader, writer


@asynccontextmanager
async def serving(
    *,
    clock: Clock | None = None,
    port: int = 0,
    manners: HttpManners | None = None,
    ledger: Ledger | None = None,
    keep_alive_s: int = 5,
    **limits: Any,
) -> AsyncIterator[Serving]:
    """Start a server and stop it, whatever its clients are doing."""
    server = Serving(clock, Limits(**limits), manners, ledger, keep_alive_s)
    await server.start(port)
    try:
        yield server
    finally:
        await server.stop()


async def upgrade(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    /,
    *,
    path: str = "",
    user: str | None = "ada",
    **headers: str,
) -> tuple["WebSocket", "Answer"]:
    """Ask for a websocket on this connection."""
    http = Http(reader, writer)
    http.request(
        b"",
        method="GET",
        path=path,
        user=user,
        content_type=None,
        connection="Upgrade",
        upgrade="websocket",
        sec_websocket_version="13",
        sec_websocket_key=base64.b64encode(os.urandom(16)).decode(),
        **headers,
    )
    return WebSocket(reader, writer), await http.answer()


async def until(is_so: Callable[[], bool]) -> None:
    """Return when it is so; fail when it does not become so."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for happens to be no event, and turns are short
            await asyncio.sleep(0)


class Answer(msgspec.Struct):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def messages(self) -> list[Message]:
        assert self.status == 200, self.body
        messages = json.loads(self.body)
        assert isinstance(messages, list)
        return messages

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def cookies(self) -> dict[str, str]:
        set_cookies = [value for key, value in self.headers if key == "set-cookie"]
        return dict(value.split(";")[0].split("=", 1) for value in set_cookies)


class Http:
    """One TCP connection that speaks HTTP/1.1, byte by byte if need be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def post(self, *messages: Message, path: str = "", **more: Any) -> Answer:
        self.request(json.dumps(messages).encode(), path=path, **more)
        return await self.answer()

    def request(
        self,
        body: bytes,
        *,
        method: str = "POST",
        path: str = "",
        user: str | None = "ada",
        content_type: str | None = "application/json",
        **headers: str,
    ) -> None:
        """Send a request; `user` signs in by header."""
        lines = [f"{method} {MOUNT}{path} HTTP/1.1", "host: localhost", f"content-length: {len(body)}"]
        if user is not None:
            lines.append(f"authorization: User {user}")
        if content_type is not None:
            lines.append(f"content-type: {content_type}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            status, *lines = head.strip().split("\r\n")
            headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
            length = int(next((value for name, value in headers if name == "content-length"), "0"))
            return Answer(int(status.split()[1]), headers, await self.reader.readexactly(length))

    def cut(self) -> None:
        """Break the connection off."""
        self.writer.transport.abort()

    # --- sessions ---

    async def session(self, *channels: str, user: str = "ada", **fields: Any) -> str:
        """A client id: subscribed, and its first connect answered."""
        client_id = (await self.post(shake(**fields), user=user)).messages[0]["clientId"]
        assert isinstance(client_id, str)
        if channels:
            (reply,) = (await self.post(subscribe(client_id, list(channels)), user=user)).messages
            assert reply["successful"], reply
        await self.post(connect(client_id), user=user)
        return client_id


class WebSocket:
    """One websocket, frame by frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *messages: Message) -> None:
        self.frame(1, json.dumps(messages).encode())

    def frame(self, opcode: int, payload: bytes) -> None:
        if len(payload) < 126:
            length = bytes([0x80 | len(payload)])
        elif len(payload) < 65_536:
            length = bytes([0x80 | 126]) + len(payload).to_bytes(2)
        else:
            length = bytes([0x80 | 127]) + len(payload).to_bytes(8)
        self.writer.write(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)  # masked with zeros

    async def read(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        async with asyncio.timeout(PATIENCE_S):
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length >= 126:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
            return first & 0x0F, await self.reader.readexactly(length)

    async def messages(self) -> list[Message]:
        """The messages of the next text frame."""
        opcode, payload = await self.read()
        assert opcode == 1, (opcode, payload)
        messages = json.loads(payload)
        assert isinstance(messages, list)
        return messages

    async def ask(self, *messages: Message) -> list[Message]:
        self.send(*messages)
        return await self.messages()

    async def close_code(self) -> int:
        """Read on until the server closes; with which code."""
        while True:
            opcode, payload = await self.read()
            if opcode == 8:
                return int.from_bytes(payload[:2])

    def cut(self) -> None:
        """Break the connection off without a closing frame."""
        self.writer.transport.abort()

    async def session(self, *channels: str, **fields: Any) -> str:
        """A client id: subscribed, and a connect held."""
        client_id = (await self.ask(shake(**fields)))[0]["clientId"]
        assert isinstance(client_id, str)
        if channels:
            await self.ask(subscribe(client_id, list(channels)))
        await self.ask(connect(client_id))
        self.send(connect(client_id, id="held"))
        return client_id
