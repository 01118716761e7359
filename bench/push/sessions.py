"""Sessions as a client has them, as lean as they can be: prepared messages, and answers that are mostly counted.

A session that is open holds a connect, sends the next one as soon as it is answered, and counts the events that come.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from bench.client import Connection, Fault, Socket, request
from bench.push.what import MARK, Kind

_CONNECT_REPLY: Final = b'"/meta/connect"'


def _nobody_waits(_session: "Session") -> None:
    """When no event is expected."""


class Session:
    """One session over one connection. `on_event(session)` is called with each event."""

    kind: Kind

    def __init__(self) -> None:
        self.events = 0
        self.due: deque[float] = deque()  # when the events that it waits for should have been sent
        self.on_event: Callable[[Session], None] = _nobody_waits

    async def begin(self, channels: list[str]) -> None:
        """Handshake, subscribe, connect."""
        hello = {"version": "1.0", "supportedConnectionTypes": [self.kind]}
        client_id = (await self._said("/meta/handshake", hello))["clientId"]
        await self._said("/meta/subscribe", {"clientId": client_id, "subscription": channels})
        connect = {"clientId": client_id, "connectionType": self.kind}
        await self._said("/meta/connect", {**connect, "advice": {"timeout": 0}})
        self.hold(_message("/meta/connect", connect))

    def hold(self, connect: bytes) -> None:
        """Send it, and again whenever it is answered."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    async def _ask(self, text: bytes) -> Any:
        raise NotImplementedError

    async def _said(self, channel: str, more: dict[str, Any]) -> dict[str, Any]:
        reply: dict[str, Any]
        [reply] = await self._ask(_message(channel, more))
        if not reply["successful"]:
            raise Fault(f"{channel}: {reply}")
        return reply

    def _hear(self, text: bytes) -> None:
        for _ in range(text.count(MARK)):
            self.events += 1
            self.on_event(self)


class Poller(Session):
    """One that polls, over a connection that is there already."""

    kind = "long-polling"

    def __init__(self, connection: Connection, path: str, headers: dict[str, str]) -> None:
        super().__init__()
        self._connection = connection
        self._path = path
        self._headers = dict(headers)
        self._again = b""

    def hold(self, connect: bytes) -> None:
        self._again = request("POST", self._path, self._headers, connect)
        self._connection.on_answer = self._answered
        self._connection.send(self._again)

    def _answered(self, _head: bytes, body: bytes) -> None:
        self._connection.send(self._again)
        self._hear(body)

    async def _ask(self, text: bytes) -> Any:
        answer = await self._connection.ask(request("POST", self._path, self._headers, text))
        if answer.status != 200:
            raise Fault(f"{text.decode()}: {answer}")
        self._keep_cookie(answer.header("set-cookie") or answer.header("Set-Cookie"))
        return answer.json()

    def _keep_cookie(self, cookie: str | None) -> None:
        if cookie is not None:
            held = self._headers.get("cookie")
            pair = cookie.partition(";")[0]
            self._headers["cookie"] = pair if held is None else f"{held}; {pair}"

    def close(self) -> None:
        self._connection.close()


class Listener(Session):
    """One that has a websocket, which is there already."""

    kind = "websocket"

    def __init__(self, socket: Socket) -> None:
        super().__init__()
        self._socket = socket
        self._again = b""

    def hold(self, connect: bytes) -> None:
        self._again = connect
        self._socket.on_frame = self._came
        self._socket.send(connect)

    def _came(self, text: bytes) -> None:
        if _CONNECT_REPLY in text:
            self._socket.send(self._again)
        self._hear(text)

    async def _ask(self, text: bytes) -> Any:
        return await self._socket.ask(text)

    def close(self) -> None:
        self._socket.close()


def handshake(kinds: list[str]) -> bytes:
    return _message("/meta/handshake", {"version": "1.0", "supportedConnectionTypes": kinds})


def _message(channel: str, more: dict[str, Any]) -> bytes:
    return msgspec.json.encode([{"channel": channel, "id": "9", **more}])
