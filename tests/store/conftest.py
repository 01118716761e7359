"""A store for every test, once per engine, with two contact centres in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.ports import Store
from tests.store.centres import Centre, sqlite_store
from tests.store.engines import ENGINES, NotesStore


@pytest.fixture(params=["sqlite"])
async def store(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store on each engine."""
    engines = {"sqlite": sqlite_store}
    opened = engines[request.param](tmp_path)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def ours(store: Store) -> Centre:
    """The contact centre that the test is about."""
    return await Centre.founded(store, "ours")


@pytest.fixture
async def theirs(store: Store, ours: Centre) -> Centre:
    """Another one on the same server, which must never notice."""
    return await Centre.founded(store, "theirs")


@pytest.fixture(params=ENGINES)
async def notes(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[NotesStore]:
    """A little store of notes on each engine, for what engines promise whatever the nouns are."""
    async with ENGINES[request.param](tmp_path) as opened:
        yield opened
