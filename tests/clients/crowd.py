"""Many desktops of the official client in one process, each with a picture of its agent's work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tests.clients.program import Program, running

Mode = Literal["ack", "replay", "neither"]


class Picture(NamedTuple):
    """What one desktop believes: its state, and how it came to it."""

    user: str
    transport: str
    mode: str
    state: dict[str, Any]
    counts: dict[str, int]
    readings: int
    heard: str


class Crowd(Program):
    """The process; see `crowd.mjs` for what a desktop does."""

    async def signs_in(self, user: str, token: str) -> None:
        await self.ask("signIn", user=user, token=token)

    async def begins(self, url: str, user: str, transport: str, mode: Mode, since: int, state: dict[str, Any]) -> None:
        """One more desktop; it has subscribed when this returns."""
        await self.ask("begin", url=url, user=user, transport=transport, mode=mode, since=since, state=state)

    async def rereads_bins(self, user: str, bins: dict[str, Any], since: int) -> None:
        await self.ask("rereadBins", user=user, bins=bins, since=since)

    async def lacking(self) -> list[tuple[int, str, int]]:
        """Which desktops have to read their state anew: number of the desktop, user, and number of the reading."""
        return [(index, user, reading) for index, user, reading in (await self.ask("lacking"))["lacking"]]

    async def rereads(self, index: int, reading: int, since: int, state: dict[str, Any]) -> None:
        await self.ask("reread", index=index, reading=reading, since=since, state=state)

    async def behind(self, numbers: dict[str, int]) -> list[str]:
        """Who has not been told yet of the event with the user's number."""
        tops = (await self.ask("tops"))["tops"]
        return [f"{user} {what}: {top} of {numbers[user]}" for user, top, what in tops if top < numbers[user]]

    async def pictures(self) -> list[Picture]:
        return [Picture(**one) for one in (await self.ask("pictures"))["pictures"]]


@asynccontextmanager
async def crowd(node: Path) -> AsyncIterator[Crowd]:
    async with running(node, Path(__file__).with_name("crowd.mjs")) as process:
        opened = Crowd(process, "the crowd")
        yield opened
        await opened.leaves()
