"""The server dies after a commit and before anybody is told: nothing is missing when the client comes back."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from frontdesk.core.events import InteractionChanged
from frontdesk.kit.clock import ManualClock
from tests.clients.bayeux import Listener, Message
from tests.desk import Desk, opened
from tests.stories.history import log_of


@asynccontextmanager
async def listening(desk: Desk, user: str) -> AsyncIterator[Listener]:
    """A client of `user` with a connect waiting at the server."""

    async def exchange(messages: list[Message]) -> list[Message]:
        got = await desk.post("/notifications", None, user, raw=json.dumps(messages).encode())
        assert got.status == 200, got
        return cast(list[Message], got.body)

    listener = Listener(exchange)
    await listener.listens("/v2/me/*")
    try:
        yield listener
    finally:
        await listener.leaves()


def dies_before_it_tells(desk: Desk) -> None:
    """From now on nothing that is committed leaves the store: as if the process ended right after the commit."""
    desk.app.store.on_commit = lambda _committed: None


@pytest.mark.parametrize("operation", ["Accept", "Complete", "PlaceInWorkbin", "Transfer"])
async def test_what_was_committed_and_not_pushed_is_there_and_the_next_number_follows(
    tmp_path: Path, clock: ManualClock, operation: str
) -> None:
    async with opened(tmp_path / "data", clock) as desk:
        await desk.becomes("ada")
        await desk.becomes("grace", "NotReady")
        ada, grace = await desk.id_of("ada"), await desk.id_of("grace")
        interaction = await desk.submits()
        async with listening(desk, "ada") as listener:
            if operation != "Accept":
                await desk.did("ada", interaction, "Accept")
                await listener.has_heard(4)
            before = await number(desk, "ada")
            heard_before = listener.last_number

            dies_before_it_tells(desk)
            parameters = {"PlaceInWorkbin": {"workbin": "In_Progress"}, "Transfer": {"userId": grace}}
            got = await desk.did("ada", interaction, operation, **parameters.get(operation, {}))
            await desk.settled()
            assert listener.last_number == heard_before, "it was pushed after all"

    # The event stands in the user's stream, with the number after the last.
    last = log_of(tmp_path / "data")[-1]
    assert isinstance(last.event, InteractionChanged)
    assert (last.event.trigger, last.event.reference_id) == (operation, got.body["referenceId"])
    assert dict(last.numbers)[ada] == before + 1  # type: ignore[index]

    async with opened(tmp_path / "data", clock) as desk, listening(desk, "ada") as listener:
        # The returning client sees the state, and which events are in it.
        assert await number(desk, "ada") == before + 1
        assert await desk.held_by("ada") == ({interaction: "Processing"} if operation == "Accept" else {})
        assert await desk.held_by("grace") == ({interaction: "Invited"} if operation == "Transfer" else {})

        # The next live notification has the number after it.
        await desk.becomes("ada", "NotReady")
        await listener.has_heard(before + 2)
        assert next(message["data"]["replayId"] for message in listener.messages) == before + 2


async def test_what_waited_when_the_server_died_is_offered_after_the_start(tmp_path: Path, clock: ManualClock) -> None:
    """The router hears of commits as push does, and is as little dependent on hearing of each."""
    async with opened(tmp_path / "data", clock) as desk:
        await desk.becomes("ada")
        dies_before_it_tells(desk)
        interaction = await desk.submits()
        assert await desk.state_of(interaction) == "Queued"

    async with opened(tmp_path / "data", clock) as desk:
        await desk.settled()
        assert await desk.held_by("ada") == {interaction: "Invited"}


async def test_an_offer_that_nobody_was_told_of_still_expires(tmp_path: Path, clock: ManualClock) -> None:
    async with opened(tmp_path / "data", clock) as desk:
        await desk.becomes("ada")
        await desk.becomes("grace", "NotReady")
        interaction = await desk.submits()
        await desk.did("ada", interaction, "Accept")
        dies_before_it_tells(desk)
        await desk.did("ada", interaction, "Transfer", userId=await desk.id_of("grace"))

    async with opened(tmp_path / "data", clock) as desk:
        assert await desk.held_by("grace") == {interaction: "Invited"}
        await desk.time_passes(seconds=41)
        assert await desk.held_by("grace") == {}


async def number(desk: Desk, user: str) -> int:
    """Of the last event that is in what `user` sees."""
    return int((await desk.get("/me/interactions", user)).headers["x-frontdesk-replay"])
