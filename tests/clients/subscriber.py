"""Clients that others have made, each a program that subscribes and tells what it hears."""

import base64
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from frontdesk.demo import PASSWORD
from tests.clients.program import Program, running

AIOCOMETD = "aiocometd-ng"
#: The makers' names of them; those with a number are older versions under an alias.
LIBRARIES = ("cometd", "cometd-8", "cometd-3", "faye", AIOCOMETD)

_HERE = Path(__file__).parent


class Subscriber(Program):
    """One client of a library, over some transports."""

    async def subscribes(self, channel: str, since: int) -> None:
        """Shake hands and subscribe from the event after `since` on."""
        for act, parameters in (("handshake", {}), ("subscribe", {"channel": channel, "since": since})):
            answer = await self.ask(act, **parameters)
            assert answer["reply"]["successful"], f"{self.name}: {answer}"

    async def unsubscribes(self, channel: str) -> None:
        answer = await self.ask("unsubscribe", channel=channel)
        assert answer["reply"]["successful"], f"{self.name}: {answer}"

    async def disconnects(self) -> None:
        answer = await self.ask("disconnect")
        assert answer["reply"]["successful"], f"{self.name}: {answer}"

    async def transport(self) -> str:
        """Over which it speaks."""
        return str((await self.ask("transport"))["type"])


@asynccontextmanager
async def subscriber(
    node: Path, library: str, url: str, transports: Iterable[str], user: str
) -> AsyncIterator[Subscriber]:
    """A client of the library that is switched on and has done nothing yet."""
    credentials = "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    arguments = (f"{url}/api/v2/notifications", ",".join(transports), credentials)
    if library == AIOCOMETD:
        program: tuple[str | Path, ...] = (sys.executable, _HERE / "aiocometd_subscriber.py")
    else:
        program = (node, _HERE / "subscriber.mjs", library)
    async with running(*program, *arguments) as process:
        client = Subscriber(process, f"{library} over {'/'.join(transports)}")
        yield client
        await client.leaves()
