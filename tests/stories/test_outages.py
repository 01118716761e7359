"""The disk fails while people work: what is refused, what waits, and what goes on when it is back."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.core.errors import StoreUnavailable
from frontdesk.kit.clock import ManualClock
from tests.desk import Desk, opened
from tests.store.disks import Disk


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock, disk: Disk) -> AsyncIterator[Desk]:
    async with opened(tmp_path / "data", clock, connections=disk.connections) as running:
        yield running


async def is_back(desk: Desk, disk: Disk) -> None:
    """The disk works again, and the store has found out."""
    disk.is_broken = False
    async with asyncio.timeout(30):
        assert await desk.app.store.probe()


async def test_an_operation_is_refused_for_now_and_done_later(desk: Desk, disk: Disk) -> None:
    interaction = await desk.ada_works_on()
    disk.is_broken = True

    refused = await desk.operate("ada", interaction, "Complete")
    assert (refused.status, refused.body["statusCode"]) == (503, 4)
    assert int(refused.headers["retry-after"]) >= 1
    assert await desk.held_by("ada") == {interaction: "Processing"}

    await is_back(desk, disk)
    assert (await desk.operate("ada", interaction, "Complete")).body["statusCode"] == 0


async def test_signs_of_life_during_an_outage_count_afterwards(desk: Desk, disk: Disk) -> None:
    await desk.becomes("ada")
    desk.clock.advance(seconds=1700)
    await desk.get("/me")
    disk.is_broken = True
    with pytest.raises(StoreUnavailable):
        await desk.app.sweeper.sweep()

    await is_back(desk, disk)
    desk.clock.advance(seconds=200)
    await desk.app.sweeper.sweep()

    assert await desk.is_in_session("ada")


async def test_readiness_is_lost_and_found_again(desk: Desk, disk: Disk) -> None:
    assert (await desk.get("//health/ready", None)).status == 200
    disk.is_broken = True
    await desk.post("/me", {"operationName": "Ready"})

    lost = await desk.get("//health/ready", None)
    assert (lost.status, lost.body["status"]) == (503, "not ready")
    assert "store" in lost.body["problems"]
    assert (await desk.get("//health/live", None)).status == 200

    await is_back(desk, disk)
    assert "store" not in (await desk.get("//health/ready", None)).body.get("problems", {})


async def test_a_websocket_that_cannot_be_signed_in_now_is_closed_and_may_come_again(desk: Desk, disk: Disk) -> None:
    disk.is_broken = True
    basic = b"Basic " + base64.b64encode(b"ada:demo")
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/api/v2/notifications",
        "headers": [(b"authorization", basic)],
        "client": ("127.0.0.1", 50000),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await desk.app(scope, receive, send)

    assert sent == [{"type": "websocket.close", "code": 1013}]


async def test_a_stop_during_an_outage_gives_the_directory_free(tmp_path: Path, clock: ManualClock, disk: Disk) -> None:
    async with opened(tmp_path / "data", clock, connections=disk.connections) as desk:
        await desk.becomes("ada")
        disk.is_broken = True
        clock.advance(seconds=120)
        await desk.get("/me")
    disk.is_broken = False
    async with opened(tmp_path / "data", clock) as desk:
        assert await desk.is_in_session("ada")
