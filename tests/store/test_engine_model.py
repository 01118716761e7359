"""Any mix of bodies, failing ones among them, ends as if each had run alone, in the order of handing over."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.store.connection import ConstraintViolated
from tests.store.engines import ENGINES, Body, Notes, all_notes

KEYS = st.sampled_from("abc")
ACTS = st.one_of(
    st.tuples(st.sampled_from(["put", "add", "append", "remove", "put and refuse", "add and hide"]), KEYS),
    st.just(("all", "")),
)


class Refused(Exception):
    pass


def body_of(act: str, key: str, text: str) -> Body:
    async def body(tx: Notes) -> Any:
        tx.outbox.append(text)
        match act:
            case "put" | "put and refuse":
                await tx.put(key, text)
                if act == "put and refuse":
                    raise Refused
            case "add":
                await tx.add(key, text)
            case "add and hide":
                try:
                    await tx.add(key, text)
                except ConstraintViolated:
                    return "hidden"
            case "append":
                return await tx.append(key, text)
            case "remove":
                return await tx.remove(key)
        return await tx.all()

    return body


def expected(notes: dict[str, str], act: str, key: str, text: str) -> Any:
    """What the body returns or raises, when `notes` is what is there; `notes` becomes what is there afterwards."""
    match act:
        case "put":
            notes[key] = text
        case "put and refuse":
            return Refused
        case "add" | "add and hide":
            if key in notes:
                return ConstraintViolated
            notes[key] = text
        case "append":
            if key not in notes:
                return None
            notes[key] += text
            return notes[key]
        case "remove":
            return int(notes.pop(key, None) is not None)
    return dict(notes)


@pytest.mark.parametrize("engine", ENGINES)
@given(batches=st.lists(st.lists(ACTS, min_size=1, max_size=12), min_size=1, max_size=4))
def test_bodies_that_share_a_commit_end_as_if_each_had_run_alone(
    engine: str, batches: list[list[tuple[str, str]]]
) -> None:
    async def story(folder: Path) -> None:
        notes: dict[str, str] = {}
        to_be_told: list[str] = []
        told: list[str] = []
        async with ENGINES[engine](folder) as store:
            store.on_commit = told.extend
            for number, batch in enumerate(batches):
                acts = [(act, key, f"{number}.{index};") for index, (act, key) in enumerate(batch)]
                outcomes = await asyncio.gather(
                    *(store.transact("here", body_of(*act)) for act in acts), return_exceptions=True
                )
                for act, outcome in zip(acts, outcomes, strict=True):
                    wanted = expected(notes, *act)
                    if isinstance(outcome, Exception):
                        assert type(outcome) is wanted
                    else:
                        assert outcome == wanted
                        to_be_told.append(act[2])
                assert await store.read("here", all_notes) == notes
            assert told == to_be_told
        async with ENGINES[engine](folder) as again:
            assert await again.read("here", all_notes) == notes

    with TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))
