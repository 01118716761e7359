"""Mail comes in here: an SMTP server on the program's own event loop.

A message is acknowledged only after `receive` has returned, which promises that it is stored; when that fails the
sender is told to try again. Connections, messages in memory and every wait are bounded. A stop lets a message that is
being received come in, for a while, and then hangs up.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from frontdesk.channels.email.session import Conversation, ListenerLimits, ReceivedMail
from frontdesk.kit.log import get_logger

log = get_logger(__name__)

_GOODBYE_S: Final = 2.0


def tls_context(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """What STARTTLS needs, from PEM files; the key may be in the certificate's. Raises OSError or ssl.SSLError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


class Listener:
    """Takes mail for the recipients it is told to accept.

    `accept_recipient` says whether an address is one of ours; `receive` stores a message durably, knows one that it
    has seen before (a sender whose connection broke sends it again), and may run on after its sender has gone.
    """

    def __init__(
        self,
        *,
        accept_recipient: Callable[[str], Awaitable[bool]],
        receive: Callable[[ReceivedMail], Awaitable[None]],
        now_ms: Callable[[], int],
        hostname: str = "localhost",
        limits: ListenerLimits | None = None,
        tls: ssl.SSLContext | None = None,
        require_tls: bool = False,
    ) -> None:
        self.limits = limits or ListenerLimits()
        self._is_stopping = False
        self._accept_recipient = accept_recipient
        self._receive = receive
        self._now_ms = now_ms
        self._hostname = hostname
        self._tls = tls
        self._require_tls = require_tls
        self._server: asyncio.Server | None = None
        self._conversations: set[Conversation] = set()
        self._receiving: set[Conversation] = set()
        self._storing: set[asyncio.Task[None]] = set()
        self._buffered_bytes = 0
        self._changed = asyncio.Event()

    @property
    def port(self) -> int:
        """The bound port."""
        assert self._server is not None, "the listener was not started"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._conversations)

    async def start(self, host: str, port: int) -> None:
        """Take connections from now on. Raises OSError if the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Door(self), host, port)
        log.info("mail listener started", host=host, port=self.port)

    async def stop(self, grace_s: float = 10.0) -> None:
        """Take no more connections, let messages that are being received come in for `grace_s`, then hang up."""
        if self._server is None:
            return
        self._is_stopping = True
        self._server.close()
        for conversation in self._conversations - self._receiving:
            conversation.dismiss("4.3.2 Shutting down, try again later")
        await self._until(lambda: not self._receiving and not self._storing, grace_s)
        for conversation in set(self._conversations):
            conversation.dismiss("4.3.2 Shutting down, try again later")
        for task in self._storing:
            task.cancel()
        await asyncio.gather(*self._storing, return_exceptions=True)
        await self._until(lambda: not self._conversations, _GOODBYE_S)
        for conversation in set(self._conversations):
            conversation.abort()
        await self._until(lambda: not self._conversations, _GOODBYE_S)
        self._server = None
        log.info("mail listener stopped")

    # --- for the conversations

    def is_stopping(self) -> bool:
        return self._is_stopping

    async def accepts(self, address: str) -> bool:
        return await self._accept_recipient(address)

    async def hand_over(self, raw: bytes, sender: str, recipients: tuple[str, ...], peer: str) -> bool:
        """True once `receive` has stored the message. The storing goes on if nobody waits for it any more."""
        mail = ReceivedMail(
            raw=raw, envelope_from=sender, envelope_to=recipients, peer=peer, received_at_ms=self._now_ms()
        )
        storing = asyncio.ensure_future(self._stored(mail))
        self._storing.add(storing)
        storing.add_done_callback(self._storing_ended)
        try:
            async with asyncio.timeout(self.limits.answer_s):
                await asyncio.shield(storing)
        except Exception as error:
            log.error(
                "mail not stored", peer=peer, recipients=len(recipients), bytes=len(raw), error=type(error).__name__
            )
            return False
        log.info("mail stored", peer=peer, recipients=len(recipients), bytes=len(raw))
        return True

    @contextmanager
    def receiving(self, conversation: Conversation) -> Iterator["_Room"]:
        room = _Room(self)
        self._receiving.add(conversation)
        try:
            yield room
        finally:
            room.leave()
            self._receiving.discard(conversation)
            self._changed.set()

    def ended(self, conversation: Conversation) -> None:
        self._conversations.discard(conversation)
        self._changed.set()

    # --- bounds

    def admit(self, peer: str) -> Conversation | None:
        """A conversation for a client at the door, or None if there is no room for it."""
        from_peer = sum(conversation.peer == peer for conversation in self._conversations)
        if (
            self._is_stopping
            or len(self._conversations) >= self.limits.connections
            or from_peer >= self.limits.connections_per_peer
        ):
            log.warning("mail connection refused", peer=peer, connections=self.connections)
            return None
        conversation = Conversation(
            self, peer, hostname=self._hostname, tls_context=self._tls, require_tls=self._require_tls
        )
        self._conversations.add(conversation)
        return conversation

    def take(self, count: int) -> bool:
        """Take `count` bytes of the memory for messages, or, if there are not so many left, nothing."""
        if self._buffered_bytes + count > self.limits.buffered_bytes:
            return False
        self._buffered_bytes += count
        return True

    def give_back(self, count: int) -> None:
        self._buffered_bytes -= count

    async def _stored(self, mail: ReceivedMail) -> None:
        size = len(mail.raw)
        self._buffered_bytes += size  # beside what the conversation holds, for it may be gone before this ends
        try:
            await self._receive(mail)
        finally:
            self.give_back(size)

    def _storing_ended(self, storing: "asyncio.Task[None]") -> None:
        self._storing.discard(storing)
        self._changed.set()
        if not storing.cancelled():
            storing.exception()  # told by the one who waited, if anybody did

    async def _until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `holds()`, but not for ever."""
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            log.warning("mail listener waits no longer", connections=self.connections)


class _Room:
    """The memory that one message on its way in takes."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._taken = 0

    def has_place_for(self, count: int) -> bool:
        """Grow to `count` bytes, if the listener has so many left."""
        if count > self._taken and self._listener.take(count - self._taken):
            self._taken = count
        return count <= self._taken

    def leave(self) -> None:
        self._listener.give_back(self._taken)
        self._taken = 0


class _Door(asyncio.Protocol):
    """Meets a client: leads it in if there is room, and says so if there is none."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        client = cast(asyncio.Transport, transport)  # uvloop's have the methods, but not the class
        name = client.get_extra_info("peername")
        conversation = self._listener.admit(str(name[0]) if isinstance(name, tuple) else str(name or ""))
        if conversation is None:
            client.write(b"421 4.3.2 Too many connections, try again later\r\n")
            client.close()
            return
        client.set_protocol(conversation)
        conversation.connection_made(client)
