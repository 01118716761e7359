"""Somebody who listens to the notifications by long-polling, and keeps everything that is said.

How messages travel is given: into the application directly, or over HTTP to a server somewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE_S = 20.0

Message = dict[str, Any]
#: Sends messages and returns the answer to them.
Exchange = Callable[[list[Message]], Awaitable[list[Message]]]


class Listener:
    """One client. `messages` are those delivered to it, in order."""

    def __init__(self, exchange: Exchange) -> None:
        self.messages: list[Message] = []
        self.client_id = ""
        self._exchange = exchange
        self._polling: asyncio.Task[Message] | None = None
        self._heard = asyncio.Event()

    async def listens(self, *channels: str) -> None:
        """Shake hands, subscribe, and have a connect waiting at the server from now on."""
        await self.shakes_hands()
        await self.subscribes(*channels)
        self._polling = asyncio.create_task(self._poll())

    async def shakes_hands(self) -> None:
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        [reply] = await self._exchange([shake])
        assert reply["successful"], reply
        self.client_id = reply["clientId"]
        reply = await self.connects_once()
        assert reply["successful"], reply

    async def subscribes(self, *channels: str) -> None:
        subscription = {"channel": "/meta/subscribe", "clientId": self.client_id, "subscription": list(channels)}
        for reply in self._kept(await self._exchange([subscription])):
            assert reply["successful"], reply

    async def connects_once(self) -> Message:
        """A connect that is answered at once; its reply."""
        connect = {**self._connect, "advice": {"timeout": 0}}
        [reply] = self._kept(await self._exchange([connect]))
        return reply

    @property
    def last_number(self) -> int:
        """Of the newest event that was heard of; 0 before the first."""
        return max((message["data"].get("replayId", 0) for message in self.messages), default=0)

    async def has_heard(self, number: int) -> None:
        """Return when the event with this number has come."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.last_number < number:
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            raise AssertionError(f"{number} was never heard of, the last was {self.last_number}") from None

    async def is_let_go(self) -> Message:
        """Return when the server does not want to be asked any more; what it said."""
        assert self._polling is not None, "nobody listens"
        async with asyncio.timeout(PATIENCE_S):
            return await self._polling

    async def leaves(self) -> None:
        """Hang up, without a word to the server."""
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)

    @property
    def _connect(self) -> Message:
        return {"channel": "/meta/connect", "clientId": self.client_id, "connectionType": "long-polling"}

    async def _poll(self) -> Message:
        while True:
            [reply] = self._kept(await self._exchange([self._connect]))
            if not reply["successful"] or reply.get("advice", {}).get("reconnect", "retry") != "retry":
                return reply

    def _kept(self, received: list[Message]) -> list[Message]:
        """Keep what was delivered; the replies."""
        self.messages += [message for message in received if not message["channel"].startswith("/meta/")]
        self._heard.set()
        return [message for message in received if message["channel"].startswith("/meta/")]
