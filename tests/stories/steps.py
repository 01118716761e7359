"""An agent's work, step by step, and whether those who listen were told of every step once and in order."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.clients.person import Person
from tests.clients.program import Program
from tests.push.proxy import Proxy
from tests.server import Server

ME, INTERACTIONS, WORKITEMS = "/v2/me/*", "/v2/me/interactions", "/v2/me/workitems"

#: Short holds: a client notices a stall when the answer to its connect is overdue.
SHORT_HOLDS = {"FRONTDESK_PUSH_TIMEOUT_MS": "1000"}
_PATIENCE_S = 30


class Steps:
    """What an agent does to one interaction. `taken` counts the steps."""

    def __init__(self, ada: Person) -> None:
        self.ada = ada
        self.interaction = ""
        self.taken = 0

    async def begin(self, root: Person) -> int:
        """Accept something to work on; the number of the last event until then."""
        submission = {"mediaType": "workitem", "queueName": "support", "subject": "Many things"}
        self.interaction = (await root.did("/interactions", submission)).body["id"]
        await self.ada.becomes("Ready", "workitem")
        async with asyncio.timeout(_PATIENCE_S):
            while not (await self.ada.get("/me/interactions")).body["uris"]:
                pass
        assert (await self.ada.operates(self.interaction, "Accept")).body["statusCode"] == 0
        return int((await self.ada.get("/me/interactions")).headers["x-frontdesk-replay"])

    async def go_on(self) -> int:
        """One more; which one it was."""
        self.taken += 1
        got = await self.ada.operates(self.interaction, "AttachUserData", userData={f"step {self.taken}": self.taken})
        assert got.body["statusCode"] == 0, got.body
        return self.taken


class Ear(NamedTuple):
    """A client that listens, or one tab of it."""

    program: Program
    tab: int | None = None

    def heard(self, channel: str, singular: str) -> list[int]:
        """The steps it was told of on a channel, those left out that came again: the number alone tells."""
        last, heard = 0, []
        for message in self.program.messages:
            if self._is_its(message, channel) and message["ext"]["replay"] > last:
                last = message["ext"]["replay"]
                heard.append(len(message["data"][singular]["userData"]))
        return heard

    async def hears(self, step: int) -> None:
        """Return when it has been told of the step, and once of every one before it."""
        await self.program.hears(
            lambda message: self._is_its(message, WORKITEMS) and len(message["data"]["workitem"]["userData"]) == step
        )
        for channel, singular in ((INTERACTIONS, "interaction"), (WORKITEMS, "workitem")):
            assert self.heard(channel, singular) == list(range(1, step + 1)), f"{self.program.name} on {channel}"

    def _is_its(self, message: dict[str, Any], channel: str) -> bool:
        return message["channel"] == channel and message.get("tab") == self.tab


async def all_hear(ears: list[Ear], step: int) -> None:
    for ear in ears:
        await ear.hears(step)


class Restarting:
    """A server that is stopped and started again behind its proxies."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self._directory = directory
        self._settings = settings
        self._proxies: list[Proxy] = []
        self.server = self._started()

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    @asynccontextmanager
    async def behind(self, proxy: Proxy) -> AsyncIterator[Proxy]:
        """The proxy, carrying to this server wherever it is."""
        await proxy.start()
        self._proxies.append(proxy)
        try:
            yield proxy
        finally:
            await proxy.stop()

    async def restart(self, *, is_polite: bool = True) -> None:
        """Stop and start again. It stays out of reach behind the proxies."""
        await asyncio.to_thread(self.server.stop if is_polite else self.server.kill)
        self.server = await asyncio.to_thread(self._started)

    def is_back(self) -> None:
        """Behind the proxies, too."""
        for proxy in self._proxies:
            proxy.to_port = self.port

    def _started(self) -> Server:
        return Server(self._directory, environment=self._settings)


@contextmanager
def restarting(directory: Path, settings: Mapping[str, str] = SHORT_HOLDS) -> Iterator[Restarting]:
    """A running server, which is killed at the end."""
    running = Restarting(directory, settings)
    try:
        yield running
    finally:
        if running.server.process.poll() is None:
            running.server.kill()
