"""The router at work over a real store: what it knows of a contact centre, and who is it that routes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.back_office import BackOffice, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


async def test_a_contact_centre_is_read_once_for_all_who_ask_at_the_same_time(office: BackOffice) -> None:
    routing = office.house.routing
    [(_, one), (_, other)] = await asyncio.gather(routing.stuck(office.root), routing.stuck(office.root))
    assert one is other
