"""Push is tested on the loop it is served on."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from tests.push.serving import Serving, serving


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def server() -> AsyncIterator[Serving]:
    """A notification server on a port of its own, with the clock of the machine."""
    async with serving() as started:
        yield started
