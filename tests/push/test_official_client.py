"""The official CometD client, as it comes from its makers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.push.proxy import Proxy
from tests.push.serving import MOUNT, PATIENCE_S, Serving, serving, until

TRANSPORTS = ("websocket", "long-polling")


class Listener:
    """A running client, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.got: list[Any] = []

    async def next(self) -> dict[str, Any]:
        """The next thing that happened to it."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        told = json.loads(line)
        assert isinstance(told, dict)
        if "data" in told:
            self.got.append(told["data"])
        return told

    async def subscribed(self) -> str:
        """Wait until it has subscribed; over which transport."""
        while not (told := await self.next()).get("subscribed"):
            pass
        return str(told["transport"])

    async def gets(self, last: Any) -> None:
        """Wait until it has got `last`."""
        while last not in self.got:
            await self.next()


@asynccontextmanager
async def listening(node: Path, port: int, transports: str, *, ack: bool = False) -> AsyncIterator[Listener]:
    process = await asyncio.create_subprocess_exec(
        node,
        Path(__file__).parent / "official_client.mjs",
        f"http://127.0.0.1:{port}{MOUNT}",
        transports,
        "ack" if ack else "",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Listener(process)
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
async def proxy(server: Serving) -> AsyncIterator[Proxy]:
    """Between the client and the server."""
    proxy = Proxy(server.port)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.mark.parametrize("ack", [True, False])
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_it_gets_every_event_once_and_in_order(node: Path, server: Serving, transport: str, ack: bool) -> None:
    async with listening(node, server.port, transport, ack=ack) as client:
        assert await client.subscribed() == transport
        for number in range(100):
            server.deliver(("/chat/a", number))
            if number % 3 == 0:
                await client.gets(number)
        await client.gets(99)
        assert client.got == list(range(100))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_it_comes_back_after_a_restart(node: Path, transport: str) -> None:
    """By itself, with a new session and its subscriptions."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving())
        client = await stack.enter_async_context(listening(node, server.port, transport))
        await client.subscribed()
        server.deliver(("/chat/a", "before"))
        await client.gets("before")
        await server.stop()
        again = await stack.enter_async_context(serving(port=server.port))
        await client.subscribed()
        again.deliver(("/chat/a", "after"))
        await client.gets("after")


async def test_it_falls_back_to_long_polling_when_the_upgrade_is_refused(node: Path, server: Serving) -> None:
    server.doorkeeper.admits_websockets = False
    async with listening(node, server.port, "websocket,long-polling") as client:
        assert await client.subscribed() == "long-polling"
        server.deliver(("/chat/a", 1))
        await client.gets(1)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_with_ack_it_gets_again_what_was_lost_on_the_wire(
    node: Path, server: Serving, proxy: Proxy, transport: str
) -> None:
    """In order, once."""
    async with listening(node, proxy.port, transport, ack=True) as client:
        await client.subscribed()
        await server.is_held()
        for round_ in range(5):
            proxy.swallows = True
            before = proxy.swallowed
            server.deliver(("/chat/a", 2 * round_))
            await until(lambda before=before: proxy.swallowed > before)  # type: ignore[misc]
            proxy.cut()
            server.deliver(("/chat/a", 2 * round_ + 1))
            await client.gets(2 * round_ + 1)
            await server.is_held()
        assert client.got == list(range(10))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_without_ack_it_gets_what_was_raised_while_it_was_away(
    node: Path, server: Serving, proxy: Proxy, transport: str
) -> None:
    async with listening(node, proxy.port, transport) as client:
        await client.subscribed()
        for number in range(5):
            await server.is_held()
            proxy.cut()
            await server.is_held(0)
            server.deliver(("/chat/a", number))
            await client.gets(number)
        assert client.got == list(range(5))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_it_stops_when_its_sign_in_ends(node: Path, server: Serving, transport: str) -> None:
    """And does not try again."""
    async with listening(node, server.port, transport) as client:
        await client.subscribed()
        await server.is_held()
        server.doorkeeper.ended.add("ada")
        server.push.end_sign_in("ada", "signed out")
        while "stopped" not in (told := await client.next()):
            pass
        assert told["stopped"] == "401::signed out"
        assert not any(server.push.leftovers().values())
