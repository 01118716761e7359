"""The demo, made once for all the worlds of a test module."""

import asyncio

import pytest

from tests.properties.world import Home, make_home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return asyncio.run(make_home(tmp_path_factory.mktemp("home") / "data"))
