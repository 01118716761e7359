"""A TCP proxy that breaks what passes through it."""

import asyncio
import random
from collections import deque
from contextlib import suppress

_REFUSAL = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Proxy:
    """Forwards connections to a port; cuts and stalls them, and lets what the server says disappear, when told to.

    `to_port` can be changed: a server comes back on another. With `refuses_upgrades` it lets no websocket through, as
    proxies do that were never told of them.
    """

    def __init__(self, to_port: int, *, refuses_upgrades: bool = False) -> None:
        self.to_port = to_port
        self._refuses_upgrades = refuses_upgrades
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.swallows = False
        self.swallowed = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break all connections off, and let what the server says through again."""
        self.swallows = False
        for link in self._links:
            link.cut()

    def stall(self) -> None:
        """From now on nothing arrives over the connections there are, and nobody is told. New ones work."""
        for link in self._links:
            link.is_stalled = True

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, upstream_writer)
        self._links.add(link)
        await asyncio.gather(
            self._pump(link, reader, upstream_writer), self._pump(link, upstream_reader, writer, is_answer=True)
        )
        self._links.discard(link)

    async def _pump(
        self, link: "_Link", reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool = False
    ) -> None:
        """Carry one direction to its end."""
        with suppress(OSError):
            while piece := await reader.read(65_536):
                if not is_answer and self._refuses_upgrades and b"\r\nupgrade: websocket" in piece.lower():
                    link.client.write(_REFUSAL)
                    break
                if passed := self._passed(link, piece, is_answer=is_answer):
                    writer.write(passed)
                    await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def _passed(self, link: "_Link", piece: bytes, *, is_answer: bool) -> bytes:
        """What of it is carried on."""
        if is_answer and self.swallows:
            self.swallowed += len(piece)
            return b""
        return b"" if link.is_stalled else piece


class Shears(Proxy):
    """Cuts connections by chance, and where it hurts: while something is on its way.

    What was on its way arrives, or half of it, or nothing. Some connections fall silent first: while a few things pass
    elsewhere, nothing arrives over them and nobody is told.
    """

    def __init__(self, to_port: int, chance: random.Random, *, probability: float) -> None:
        super().__init__(to_port)
        self._chance = chance
        self._probability = probability
        self._silent: deque[_Link] = deque()
        self._is_calm = True
        self.cuts = 0

    def begin(self) -> None:
        self._is_calm = False

    def rest(self) -> None:
        """Cut nothing until told again; what has fallen silent is cut off now."""
        self._is_calm = True
        while self._silent:
            self._snip(self._silent.popleft())

    def _passed(self, link: "_Link", piece: bytes, *, is_answer: bool) -> bytes:
        if self._silent and self._chance.random() < 0.1:
            self._snip(self._silent.popleft())
        if link.is_stalled or link.is_over:
            return b""
        if self._is_calm or self._chance.random() > self._probability:
            return piece
        if self._chance.random() < 0.2:
            link.is_stalled = True
            self._silent.append(link)
        else:
            arrives = self._chance.choice((piece, piece[: len(piece) // 2], b""))
            self._snip(link, arrives, link.client if is_answer else link.server)
        return b""

    def _snip(self, link: "_Link", last: bytes = b"", to: asyncio.StreamWriter | None = None) -> None:
        self.cuts += not link.is_over
        if last and to is not None:
            to.write(last)
            link.close()
        else:
            link.cut()


class _Link:
    """A connection of a client and the one to the server that carries it on."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.is_stalled = False
        self.is_over = False

    def cut(self) -> None:
        self.is_over = True
        self.client.transport.abort()
        self.server.transport.abort()

    def close(self) -> None:
        """Cut it after what was written."""
        self.is_over = True
        self.client.close()
        self.server.close()
