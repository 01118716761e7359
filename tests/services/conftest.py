"""What the services' tests share: an open front door with ada behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.core.ids import UserId
from frontdesk.core.settings import SignIn
from tests.services.front_door import FrontDoor


@pytest.fixture
def sign_in_settings() -> SignIn:
    """The defaults; a test module or a parameter may say otherwise."""
    return SignIn()


@pytest.fixture
async def door(tmp_path: Path, sign_in_settings: SignIn) -> AsyncIterator[FrontDoor]:
    """Open, with a proxy at 10.0.0.1 that is trusted."""
    door = FrontDoor(tmp_path, sign_in_settings, trusted_proxies=("10.0.0.0/24",))
    await door.opens()
    await door.founds_contact_centre()
    yield door
    await door.closes()


@pytest.fixture
async def ada(door: FrontDoor) -> UserId:
    """An agent whose password is "demo"."""
    return await door.hires("ada")
