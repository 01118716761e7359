"""The router at work over a real store: what it knows of a contact centre, and who is it that routes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.core.errors import StoreUnavailable
from frontdesk.core.lifecycle import State
from tests.services.back_office import BackOffice, opened
from tests.store.disks import Disk


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


async def test_a_contact_centre_is_read_once_for_all_who_ask_at_the_same_time(office: BackOffice) -> None:
    routing = office.house.routing
    [(_, one), (_, other)] = await asyncio.gather(routing.stuck(office.root), routing.stuck(office.root))
    assert one is other


async def test_what_an_outage_kept_from_being_offered_is_offered_afterwards(tmp_path: Path) -> None:
    disk = Disk()
    async with opened(tmp_path, connections=disk.connections) as office:
        routing, here = office.house.routing, office.root.contact_centre
        await office.opens_queue("support", "ada")
        await office.comes_to_work(office.ada)
        waiting = await office.receives("support")
        disk.is_broken = True
        with pytest.raises(StoreUnavailable):
            await routing.turn(here)

        disk.is_broken = False
        async with asyncio.timeout(30):
            assert await office.store.probe()
        assert await routing.turn(here)
        offered = await office.seen(waiting)
        assert (offered.state, offered.invitees) == (State.INVITED, (office.ada.user_id,))
