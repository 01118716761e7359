"""One SMTP conversation, on aiosmtpd, with what it leaves open closed.

* The end of a message is CR LF dot CR LF and nothing else, and a message that holds a lone dot between other line ends
  is refused, so that nobody can hide a second message in it (SMTP smuggling).
* Lines of any length are taken (senders write HTML of one line); the whole message is bounded instead.
* What the library logs at its leisure (commands, addresses, lines of messages), what it shares between connections and
  what it tells a client of our exceptions stays unsaid.
* A message that was received whole is handed over even if the client goes away meanwhile; it is acknowledged only
  when that is done.
"""

import asyncio
import logging
import re
import ssl
from collections import defaultdict
from contextlib import AbstractContextManager
from typing import Any, AnyStr, Final, Protocol, cast

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from frontdesk.channels.email.addresses import bare
from frontdesk.kit.log import get_logger

log = get_logger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)

_END: Final = b"\r\n.\r\n"
_HIDDEN_END: Final = re.compile(rb"(?:\A|[\r\n])\.[\r\n]")
#: Bytes read at a time; twice as much waits in memory per connection before its client is held up.
_READ_BYTES: Final = 64 * 1024
#: A client that goes on so far beyond the limit will not read the refusal either.
_FLOOD: Final = 4
_COMMAND_BYTES: Final = 1024
_WRONG_RECIPIENTS: Final = 20
_UNWANTED_VERBS: Final = ("AUTH", "EXPN", "HELP")


class ListenerLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the listener. Times are seconds."""

    message_bytes: int = 25_000_000
    buffered_bytes: int = 100_000_000  # of all messages on their way in; beyond it senders are asked to come back
    connections: int = 100
    connections_per_peer: int = 50
    recipients: int = 100  # per message
    messages: int = 1_000  # per connection
    command_s: float = 120.0  # between two commands
    data_s: float = 600.0  # for a whole message
    answer_s: float = 60.0  # for us to look up a recipient, or to store a message


class ReceivedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it came in, before anybody looked into it."""

    raw: bytes
    envelope_from: str  # empty for a bounce
    envelope_to: tuple[str, ...]
    peer: str
    received_at_ms: int


class Reception(Protocol):
    """What a conversation needs from the listener it belongs to."""

    limits: ListenerLimits

    def is_stopping(self) -> bool: ...

    async def accepts(self, address: str) -> bool:
        """May raise anything, and take any time."""
        ...

    async def hand_over(self, raw: bytes, sender: str, recipients: tuple[str, ...], peer: str) -> bool:
        """True once the message is stored for good."""
        ...

    def receiving(self, conversation: "Conversation") -> AbstractContextManager["Room"]:
        """Within it a message is being received, and a graceful stop waits."""
        ...

    def ended(self, conversation: "Conversation") -> None: ...


class Room(Protocol):
    """The share of the listener's memory that one message takes."""

    def has_place_for(self, count: int) -> bool: ...


class Conversation(SMTP):
    """One connection."""

    line_length_limit = _READ_BYTES
    command_size_limit = _COMMAND_BYTES
    local_part_limit = 128

    def __init__(
        self,
        reception: Reception,
        peer: str,
        *,
        hostname: str,
        tls_context: ssl.SSLContext | None,
        require_tls: bool,
    ) -> None:
        limits = reception.limits
        # The library keeps one dictionary for all connections, and makes it grow with every EHLO.
        self.command_size_limits = defaultdict(lambda: _COMMAND_BYTES)
        super().__init__(
            _Hooks(reception),
            data_size_limit=limits.message_bytes,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="ESMTP Frontdesk",
            tls_context=tls_context,
            require_starttls=require_tls,
            timeout=limits.command_s,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit={
                "MAIL": limits.messages,
                "DATA": limits.messages,
                "RCPT": limits.messages * limits.recipients,
                "RSET": limits.messages,
                "NOOP": limits.messages,
                "*": 20,
            },
            loop=asyncio.get_running_loop(),
        )
        for verb in _UNWANTED_VERBS:
            self._smtp_methods.pop(verb, None)
        self._reception = reception
        self.peer = peer  # the client's network address
        self.wrong_recipients = 0

    def dismiss(self, why: str) -> None:
        """Say 421 and hang up, at once if the client does not listen."""
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        if self.transport is None or self.transport.is_closing():
            return
        transport = cast(asyncio.Transport, self.transport)  # uvloop's have the methods, but not the class
        transport.write(f"421 {why}\r\n".encode())
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def abort(self) -> None:
        """Hang up without a word."""
        for transport in (self.transport, self._original_transport):
            if transport is not None:
                cast(asyncio.Transport, transport).abort()

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        is_first = self._handler_coroutine is None
        super().connection_made(transport)
        if is_first and self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_forget)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._reception.ended(self)

    def eof_received(self) -> bool | None:
        # The library drops what the client sent before it closed its side; that may be a whole message.
        if self.session is not None and self.session.ssl is not None:
            return super().eof_received()
        return asyncio.StreamReaderProtocol.eof_received(self)

    # --- what the library calls

    def _timeout_cb(self) -> None:
        self.dismiss("4.4.2 Waited too long, goodbye")

    async def push(self, status: AnyStr) -> None:
        """Answer. After a 421 nothing more is heard."""
        await super().push(status)
        if status[:3] in ("421", b"421"):
            if self.transport is not None:
                self.transport.close()
            if self._handler_coroutine is not None:
                self._handler_coroutine.cancel()

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, asyncio.IncompleteReadError):
            return "421 4.4.2 Connection closed"
        log.warning("mail conversation failed", peer=self.peer, error=type(error).__name__)
        return "451 4.3.0 Something went wrong here, try again later"

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, arg: str) -> None:
        await self.push("252 2.1.5 Send it, and see")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        if await self.check_helo_needed():
            return
        envelope = self.envelope
        assert envelope is not None, "a conversation has an envelope from its first moment"
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if self._reception.is_stopping():
            await self.push("421 4.3.2 Shutting down, try again later")
            return
        with self._reception.receiving(self) as room:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            self._reset_timeout(self._reception.limits.data_s)
            content, refusal = await self._content(room)
            self._reset_timeout(self._reception.limits.answer_s + self._timeout_duration)
            self.envelope = self._create_envelope()
            await self.push(refusal or await self._handed_over(envelope, content))
        if self._reception.is_stopping():
            await self.push("421 4.3.2 Shutting down, goodbye")

    async def _handed_over(self, envelope: Envelope, content: bytes) -> str:
        is_stored = await self._reception.hand_over(
            content, bare(envelope.mail_from or ""), tuple(dict.fromkeys(envelope.rcpt_tos)), self.peer
        )
        return "250 2.0.0 Stored" if is_stored else "451 4.3.0 Could not be stored, try again later"

    async def _content(self, room: Room) -> tuple[bytes, str]:
        """The message up to its end, as it was before dots were doubled; or why it is refused."""
        most = self._reception.limits.message_bytes
        content, total, refusal = bytearray(), 0, ""
        while True:
            # Every end of a message is also an end of such a stretch, so none is missed and nothing is read beyond.
            try:
                stretch = await self._reader.readuntil(_END[2:])
            except asyncio.LimitOverrunError as too_long:
                stretch = await self._reader.read(too_long.consumed)
            total += len(stretch)
            content += stretch
            if content.endswith(_END) or (total == len(stretch) and stretch == _END[2:]):
                break
            if not refusal and total > most + len(_END):
                refusal = "552 5.3.4 The message is too big"
            elif not refusal and not room.has_place_for(total):
                refusal = "452 4.3.1 Too much mail at once, try again later"
            if refusal:
                del content[: -len(_END)]
            if total > _FLOOD * most + _READ_BYTES:
                return b"", "421 4.3.4 Far too big, goodbye"
        if not refusal and total - len(_END[2:]) > most:
            refusal = "552 5.3.4 The message is too big"
        del content[-len(_END[2:]) :]
        if not refusal and _HIDDEN_END.search(content):
            refusal = "554 5.6.0 A dot alone on its line must stand between CR LF, and be doubled"
        if refusal:
            return b"", refusal
        whole = bytes(content).replace(b"\r\n.", b"\r\n")
        return whole.removeprefix(b"."), ""


class _Hooks:
    """What the library asks of us while it keeps the conversation."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        names = [line[4:] for line in responses if not line[4:].startswith(("AUTH", "HELP"))]
        names.append("PIPELINING")
        return [f"250-{name}" for name in names[:-1]] + [f"250 {names[-1]}"]

    async def handle_RCPT(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        limits = self._reception.limits
        if len(envelope.rcpt_tos) >= limits.recipients:
            return "452 4.5.3 Too many recipients, send the rest separately"
        recipient = bare(address) or ("postmaster" if address.lower() == "postmaster" else "")
        if not recipient:
            return "553 5.1.3 That is not an address"
        try:
            async with asyncio.timeout(limits.answer_s):
                is_ours = await self._reception.accepts(recipient)
        except Exception as error:
            log.warning("mail recipient not looked up", peer=server.peer, error=type(error).__name__)
            return "451 4.3.0 Cannot tell now, try again later"
        if is_ours:
            envelope.rcpt_tos.append(recipient)
            return "250 2.1.5 Recipient ok"
        server.wrong_recipients += 1
        if server.wrong_recipients > _WRONG_RECIPIENTS:
            return "421 4.7.1 Too many unknown mailboxes, goodbye"
        return "550 5.1.1 No such mailbox here"


def _forget(conversation: "asyncio.Task[None]") -> None:
    """However a conversation ends, its client has heard all there is to say."""
    if not conversation.cancelled():
        conversation.exception()
