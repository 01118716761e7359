"""A TCP proxy that breaks what passes through it."""

import asyncio
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
        self._open: set[asyncio.StreamWriter] = set()
        self._stalled: set[asyncio.StreamWriter] = set()
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
        for writer in self._open:
            writer.transport.abort()

    def stall(self) -> None:
        """From now on nothing arrives over the connections there are, and nobody is told. New ones work."""
        self._stalled |= self._open

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
        ends = {writer, upstream_writer}
        self._open |= ends
        await asyncio.gather(
            self._pump(reader, upstream_writer, back=writer), self._pump(upstream_reader, writer, back=None)
        )
        self._open -= ends
        self._stalled -= ends

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: asyncio.StreamWriter | None
    ) -> None:
        """Carry one direction to its end; `back` is where refusals go, on the way to the server."""
        with suppress(OSError):
            while piece := await reader.read(65_536):
                if back is None and self.swallows:
                    self.swallowed += len(piece)
                elif back is not None and self._refuses_upgrades and b"\r\nupgrade: websocket" in piece.lower():
                    back.write(_REFUSAL)
                    break
                elif writer not in self._stalled:
                    writer.write(piece)
                    await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
