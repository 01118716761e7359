"""The Python client aiocometd-ng as a program that is told what to do, like `subscriber.mjs`.

python aiocometd_subscriber.py URL TRANSPORTS AUTHORIZATION
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from aiocometd_ng.client import Client
from aiocometd_ng.constants import ConnectionType
from aiocometd_ng.extensions import Extension
from aiocometd_ng.typing import Headers, Payload


class Replay(Extension):
    """Signs every request in, and subscribes from the last event that was told of.

    The client repeats a poll whose answer was lost as if nothing had happened. A number that was skipped shows it, and
    is a reason to subscribe anew.
    """

    def __init__(self, authorization: str, subscribe_anew: Callable[[str], None]) -> None:
        self.positions: dict[str, int] = {}
        self.replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._authorization = authorization
        self._subscribe_anew = subscribe_anew

    async def outgoing(self, payload: Payload, headers: Headers) -> None:
        headers["Authorization"] = self._authorization
        for message in payload:
            if message["channel"] == "/meta/handshake":
                message["ext"] = {"replay": True}
            elif message["channel"] == "/meta/subscribe" and (channel := message["subscription"]) in self.positions:
                message["ext"] = {"replay": {channel: self.positions[channel]}}

    async def incoming(self, payload: Payload, headers: Headers | None = None) -> None:
        for message in payload:
            if "data" in message:
                self._hear(message)
            elif not message.get("successful"):
                say(meta=message)
            if reply := self.replies.pop(message["channel"], None):
                reply.set_result(message)

    def _hear(self, message: dict[str, Any]) -> None:
        number = message["ext"]["replay"]
        skipped = [channel for channel, last in self.positions.items() if number > last + 1]
        for channel in skipped:
            self._subscribe_anew(channel)
        if not skipped:
            say(message=message)
            self.positions.update({channel: max(last, number) for channel, last in self.positions.items()})


class Subscriber:
    """One client; the public methods are the commands."""

    def __init__(self, url: str, transports: list[str], authorization: str) -> None:
        self._replay = Replay(authorization, self._subscribe_anew)
        self._subscribing: asyncio.Task[None] | None = None
        self._client = Client(
            url,
            [ConnectionType(name) for name in transports],
            connection_timeout=0,  # any other ends the client at the first failure of the network
            extensions=[self._replay],
        )
        self._draining: asyncio.Task[None] | None = None

    async def handshake(self) -> dict[str, Any]:
        reply = self._reply("/meta/handshake")
        await self._client.open()
        self._draining = asyncio.create_task(self._drain())
        return {"reply": await reply}

    async def subscribe(self, channel: str, since: int) -> dict[str, Any]:
        self._replay.positions[channel] = since
        reply = self._reply("/meta/subscribe")
        await self._client.subscribe(channel)
        return {"reply": await reply}

    async def unsubscribe(self, channel: str) -> dict[str, Any]:
        reply = self._reply("/meta/unsubscribe")
        await self._client.unsubscribe(channel)
        del self._replay.positions[channel]
        return {"reply": await reply}

    async def disconnect(self) -> dict[str, Any]:
        reply = self._reply("/meta/disconnect")
        await self._client.close()
        return {"reply": await reply}

    async def transport(self) -> dict[str, Any]:
        assert self._client.connection_type is not None
        return {"type": self._client.connection_type.value}

    def _subscribe_anew(self, channel: str) -> None:
        if self._subscribing is None or self._subscribing.done():
            self._subscribing = asyncio.create_task(self._client.subscribe(channel))

    def _reply(self, channel: str) -> asyncio.Future[dict[str, Any]]:
        return self._replay.replies.setdefault(channel, asyncio.get_running_loop().create_future())

    async def _drain(self) -> None:
        """Take what is received off its queue: a full one would suspend the connection."""
        async for _ in self._client:
            pass


async def main(url: str, transports: str, authorization: str) -> None:
    subscriber = Subscriber(url, transports.split(","), authorization)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        number, act = command.pop("number"), command.pop("act")
        try:
            say(answer=number, **await getattr(subscriber, act)(**command))
        except Exception as error:
            say(answer=number, failure=repr(error))


def say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
