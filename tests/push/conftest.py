"""Push is tested on the loop it is served on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import uvloop

from tests.push.serving import Serving, Way, serving


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["ASGI", "direct"])
def both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """The test is for polls and frames on both of their ways."""
    Way.is_direct = request.param == "direct"
    yield
    Way.is_direct = False


@pytest.fixture
async def server() -> AsyncIterator[Serving]:
    """A notification server on a port of its own, with the clock of the machine."""
    async with serving() as started:
        yield started
