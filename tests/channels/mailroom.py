"""A real listener on a port of its own, and two clients: Python's smtplib, and bare bytes over a socket."""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from frontdesk.channels.email.listener import Listener, tls_context
from frontdesk.channels.email.session import ListenerLimits, ReceivedMail

T = TypeVar("T")

CERTIFICATE: Final = Path(__file__).with_name("localhost.pem")
PATIENCE_S: Final = 20.0
NOW_MS: Final = 1_700_000_000_000


class Mailroom:
    """Keeps what it receives. Storing can be held up, and made to fail."""

    def __init__(self, *, limits: ListenerLimits | None = None, with_tls: bool = False, require_tls: bool = False):
        self.stored: list[ReceivedMail] = []
        self.storing = asyncio.Event()  # a message is being stored
        self.may_store = asyncio.Event()
        self.may_store.set()
        self.fault: Exception | None = None
        self.listener = Listener(
            accept_recipient=self._accepts,
            receive=self._receive,
            now_ms=lambda: NOW_MS,
            hostname="mail.desk.example",
            limits=limits,
            tls=tls_context(CERTIFICATE) if with_tls else None,
            require_tls=require_tls,
        )

    async def _accepts(self, address: str) -> bool:
        if address.startswith("trouble@"):
            raise ConnectionError("the directory is away")
        return address.endswith("@desk.example")

    async def _receive(self, mail: ReceivedMail) -> None:
        self.storing.set()
        await self.may_store.wait()
        if self.fault is not None:
            raise self.fault
        self.stored.append(mail)

    @property
    def contents(self) -> list[bytes]:
        return [mail.raw for mail in self.stored]

    async def client(self, use: Callable[[smtplib.SMTP], T]) -> T:
        """What `use` returns, given a connected client; it runs in a thread, as smtplib blocks."""

        def connected() -> T:
            with smtplib.SMTP("127.0.0.1", self.listener.port, "client.example", PATIENCE_S) as client:
                return use(client)

        return await asyncio.to_thread(connected)

    async def send(self, raw: bytes, *, sender: str = "ada@example.org", to: str = "support@desk.example") -> None:
        """Send one message as any program would. Raises what smtplib raises when it is refused."""
        await self.client(lambda client: client.sendmail(sender, [to], raw))

    @asynccontextmanager
    async def wire(self) -> AsyncIterator["Wire"]:
        """A bare connection, greeted."""
        async with asyncio.timeout(PATIENCE_S):
            wire = Wire(*await asyncio.open_connection("127.0.0.1", self.listener.port))
            try:
                await wire.answer()
                yield wire
            finally:
                await wire.close()


class Wire:
    """Bytes to the listener, and its answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def write(self, content: bytes) -> None:
        self._writer.write(content)
        await self._writer.drain()

    async def start_tls(self) -> None:
        """The client's half of the handshake; the listener has said that it is ready."""
        trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
        await self._writer.start_tls(trusting, server_hostname="localhost")

    def write_eof(self) -> None:
        self._writer.write_eof()

    async def answer(self) -> str:
        """The last line of the next answer; empty when the listener hung up."""
        while True:
            line = (await self._reader.readline()).decode()
            if line[3:4] != "-":
                return line.rstrip("\r\n")

    async def asks(self, command: bytes) -> str:
        """The answer to one command."""
        await self.write(command + b"\r\n")
        return await self.answer()

    async def begins_data(self) -> None:
        for command in (b"EHLO client.example", b"MAIL FROM:<ada@example.org>", b"RCPT TO:<support@desk.example>"):
            assert (await self.asks(command)).startswith("250"), command
        assert (await self.asks(b"DATA")).startswith("354")

    async def rest(self) -> str:
        """All that comes until the listener hangs up; it does so rudely when there is more that it does not want."""
        heard = b""
        with suppress(ConnectionError):
            while piece := await self._reader.read(1_000):
                heard += piece
        return heard.decode()

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):  # the listener was faster
            await self._writer.wait_closed()


@asynccontextmanager
async def mailroom(
    limits: ListenerLimits | None = None, *, with_tls: bool = False, require_tls: bool = False
) -> AsyncIterator[Mailroom]:
    """A listener that runs for the length of a test."""
    room = Mailroom(limits=limits, with_tls=with_tls, require_tls=require_tls)
    await room.listener.start("127.0.0.1", 0)
    try:
        yield room
    finally:
        room.may_store.set()
        await room.listener.stop(grace_s=5)
        assert room.listener.connections == 0
