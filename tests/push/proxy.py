"""A TCP proxy that breaks what passes through it."""

import asyncio
from contextlib import suppress


class Proxy:
    """Forwards connections to a port; cuts them, or lets what the server says disappear, when told to."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._open: set[asyncio.StreamWriter] = set()
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

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, upstream_writer}
        await asyncio.gather(
            self._pump(reader, upstream_writer, is_server=False), self._pump(upstream_reader, writer, is_server=True)
        )
        self._open -= {writer, upstream_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_server: bool) -> None:
        with suppress(OSError):
            while piece := await reader.read(65_536):
                if is_server and self.swallows:
                    self.swallowed += len(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
