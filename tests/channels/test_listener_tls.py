"""Mail over STARTTLS, on both event loops that the program runs on."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from tests.channels.mailroom import CERTIFICATE, mailroom
from tests.channels.mails import PLAIN

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a story on one of the loops."""

    def runs(story: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(story)

    return runs


def test_a_message_comes_in_encrypted(run: Run) -> None:
    async def story() -> None:
        def sends(client: smtplib.SMTP) -> None:
            client._host = "localhost"  # type: ignore[attr-defined]  # the name that the certificate is checked for
            client.starttls(context=ssl.create_default_context(cafile=str(CERTIFICATE)))
            client.ehlo()
            assert not client.has_extn("auth")
            assert not client.has_extn("starttls")
            client.sendmail("ada@example.org", ["support@desk.example"], PLAIN * 5_000)

        async with mailroom(with_tls=True) as room:
            await room.client(sends)
        assert room.contents == [PLAIN * 5_000]

    run(story())


def test_a_message_comes_in_plainly_too(run: Run) -> None:
    async def story() -> None:
        async with mailroom(with_tls=True) as room:
            await room.send(PLAIN)
            await room.client(lambda client: client.noop())
        assert room.contents == [PLAIN]

    run(story())


def test_encryption_can_be_demanded(run: Run) -> None:
    async def story() -> None:
        async with mailroom(with_tls=True, require_tls=True) as room, room.wire() as wire:
            await wire.asks(b"EHLO c")
            assert (await wire.asks(b"MAIL FROM:<a@example.org>")).startswith("530")

    run(story())


def test_what_was_said_in_the_clear_is_not_heard_encrypted(run: Run) -> None:
    """The classic injection: commands behind STARTTLS, written by somebody in the middle."""

    async def story() -> None:
        async with mailroom(with_tls=True) as room, room.wire() as wire:
            await wire.asks(b"EHLO c")
            injected = b"EHLO c\r\nMAIL FROM:<injected@example.org>"
            assert (await wire.asks(b"STARTTLS\r\n" + injected)).startswith("220")
            await wire.start_tls()
            assert (await wire.asks(b"RCPT TO:<support@desk.example>")).startswith("503")

    run(story())


def test_a_client_that_breaks_off_the_handshake_is_forgotten(run: Run) -> None:
    async def story() -> None:
        async with mailroom(with_tls=True) as room:
            async with room.wire() as wire:
                await wire.asks(b"EHLO c")
                assert (await wire.asks(b"STARTTLS")).startswith("220")
                await wire.write(b"this is no handshake\r\n")
                await wire.rest()
            await room.send(PLAIN)
            assert room.listener.connections <= 1
        assert room.contents == [PLAIN]

    run(story())


def test_a_stop_reaches_encrypted_clients(run: Run) -> None:
    async def story() -> None:
        async with mailroom(with_tls=True) as room, room.wire() as wire:
            await wire.asks(b"STARTTLS")
            await wire.start_tls()
            assert (await wire.asks(b"NOOP")).startswith("250")
            stopping = asyncio.create_task(room.listener.stop())
            assert (await wire.rest()).startswith("421")
            await wire.close()
            await stopping
            assert room.listener.connections == 0

    run(story())
