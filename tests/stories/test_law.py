"""The law of notifications: what one has read before and what was pushed since is what one reads now.

It holds for every operation of the API and through every cut: with the acknowledgement extension, with replay, and with
neither for whoever says that it was cut off, as the official client does.
"""

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.clients.crowd import Crowd, Mode, Picture, crowd
from tests.clients.person import Person, people
from tests.push.proxy import Proxy, Shears
from tests.stories.everything import AGENTS, Work
from tests.stories.steps import restarting

MODES: tuple[Mode, ...] = ("ack", "replay", "neither")
TRANSPORTS = ("websocket", "long-polling")
CUTS_BETWEEN = 150  # so many from one comparison to the next
LISTS = {
    "interactions": ("interactions", "/me/interactions"),
    "/v2/me/emails": ("emails", "/me/emails"),
    "/v2/me/chats": ("chats", "/me/chats"),
    "/v2/me/workitems": ("workitems", "/me/workitems"),
    "/v2/me/openmedia": ("openmedia", "/me/openmedia/fax"),
}
#: What of an e-mail is read and not pushed.
TEXT = ("body", "bodyAsPlainText", "mime")
#: What a desktop counts and must not find: numbers that never came, or came behind a higher one; a return after a cut
#: that did not report it.
FAULTS = ("missed", "late", "unreported")
PATIENCE_S = 60.0

State = dict[str, Any]


async def read(person: Person, bins: dict[str, str]) -> tuple[int, State]:
    """What an agent sees, and the number of the last event in it."""
    while True:
        numbers: set[int] = set()

        async def asked(path: str, numbers: set[int] = numbers) -> dict[str, Any]:
            got = await person.get(path)
            assert got.status == 200, got.body
            numbers.add(int(got.headers["x-frontdesk-replay"]))
            return got.body

        state: State = {"bins": {}}
        for kind, (key, path) in LISTS.items():
            state[kind] = {one["id"]: one for one in (await asked(f"{path}?fields=*"))[key]}
        for email in state["/v2/me/emails"].values():
            for key in TEXT:
                email.pop(key, None)
        state["channels"] = (await asked("/me/channels"))["channels"]
        for name, workbin in bins.items():
            group = "&agentGroup=Team" if name == "Team" else ""
            found = (await asked(f"/me/workbins/{workbin}?subresources=*{group}"))["workbin"]
            items = [one for key in ("emails", "chats", "workitems", "openmedia") for one in found[key]]
            state["bins"][workbin] = {one["id"]: one for one in items}
        if len(numbers) == 1:
            return numbers.pop(), state


class Law:
    """The desktops and those who work, and whether what the ones believe is what the others read."""

    def __init__(self, gathered: Crowd, persons: dict[str, Person], work: Work) -> None:
        self._gathered = gathered
        self._persons = persons
        self._work = work

    async def begin(self, cut_off: str, undisturbed: str) -> None:
        """Every mode over every transport for every agent, and one desktop each that is never cut off."""
        for name in AGENTS:
            token = {"name": "crowd", "scopes": ["work"], "userId": name}
            await self._gathered.signs_in(name, (await self._persons["root"].did("/tokens", token)).body["secret"])
            since, state = await self._read(name)
            await self._gathered.begins(undisturbed, name, "websocket", "neither", since, state)
            for transport in TRANSPORTS:
                for mode in MODES:
                    await self._gathered.begins(cut_off, name, transport, mode, since, state)

    async def change_shifts(self, name: str) -> None:
        """An agent goes and comes back. Who is told of workbins no more has to read them anew."""
        await self._work.changes_shifts(name)
        since, state = await self._read(name)
        await self._gathered.rereads_bins(name, state["bins"], since)

    async def read_what_is_lacking(self) -> None:
        """Have those read their state anew who were told that something is missing."""
        for index, name, reading in await self._gathered.lacking():
            since, state = await self._read(name)
            await self._gathered.rereads(index, reading, since, state)

    async def hold(self, *, is_all_told: bool) -> list[Picture]:
        """Return when every desktop has heard of the last event and has the picture that is read now.

        `is_all_told`: none had to read anew, so that they have all applied the same.
        """
        fresh = await self._all_have_heard()
        heard: dict[str, set[str]] = {}
        pictures = await self._gathered.pictures()
        for picture in pictures:
            whose = f"{picture.mode} over {picture.transport}, {picture.user}, {picture.counts}"
            assert {fault: picture.counts[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0), whose
            assert not (is_all_told and picture.readings), whose
            found = list(differences("", picture.state, fresh[picture.user]))
            assert found == [], "\n".join([whose, *found])
            heard.setdefault(picture.user, set()).add(picture.heard)
        assert not is_all_told or all(len(hashes) == 1 for hashes in heard.values()), "not all applied the same"
        return pictures

    async def _all_have_heard(self) -> dict[str, State]:
        """What is read when nothing happens any more and everybody has heard of it."""
        while True:
            fresh = {name: await self._read(name) for name in AGENTS}
            numbers = {name: number for name, (number, _) in fresh.items()}
            until_s = time.monotonic() + PATIENCE_S
            while behind := await self._gathered.behind(numbers):
                assert time.monotonic() < until_s, behind
                await self.read_what_is_lacking()
            if numbers == {name: (await self._read(name))[0] for name in AGENTS}:
                return {name: state for name, (_, state) in fresh.items()}

    async def _read(self, name: str) -> tuple[int, State]:
        return await read(self._persons[name], self._work.bins)


def differences(path: str, told: Any, read: Any) -> Iterator[str]:
    """Where the two are not the same. A workbin that nothing was said of is empty."""
    if not (isinstance(told, dict) and isinstance(read, dict)):
        if told != read:
            yield f"{path}: {told!r} was told, {read!r} is read"
        return
    for key in told.keys() | read.keys():
        yield from differences(f"{path}/{key}", told.get(key, {}), read.get(key, {}))


async def through_cuts(
    directory: Path, node: Path, *, cuts: int, seed: int, is_restarted: bool = False, **settings: str
) -> list[Picture]:
    """Work is done and connections are cut until so many are; what all desktops believe then."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        environment = {"FRONTDESK_SERVER_PUBLIC_URL": "http://desk.example", **settings}
        running = stack.enter_context(restarting(directory, environment))
        persons = await stack.enter_async_context(people(running.server.api, *AGENTS, "sam", "root"))
        shears = Shears(running.port, chance, probability=0.15)
        await stack.enter_async_context(running.behind(shears))
        direct = await stack.enter_async_context(running.behind(Proxy(running.port)))
        gathered = await stack.enter_async_context(crowd(node))
        work = Work(persons, chance)
        await work.opens()
        law = Law(gathered, persons, work)
        await law.begin(*(f"http://127.0.0.1:{proxy.port}" for proxy in (shears, direct)))
        begun_s = time.monotonic()
        is_all_told = not (is_restarted or settings)
        while shears.cuts < cuts or (is_all_told and work.missing):
            assert shears.cuts < 5 * cuts, f"nobody can {work.missing}"
            wanted = shears.cuts + CUTS_BETWEEN
            shears.begin()
            while shears.cuts < wanted:
                await work.does_something()
                await law.read_what_is_lacking()
            if is_restarted:
                await running.restart(is_polite=chance.random() < 0.5)
                for person in persons.values():
                    person.api = running.server.api
                await work.does_something()
                running.is_back()
                await work.does_something()
            shears.rest()
            await law.hold(is_all_told=is_all_told)
            await law.change_shifts(chance.choice(AGENTS))
        pictures = await law.hold(is_all_told=is_all_told)
        print(f"{shears.cuts} cuts and {work.done.total()} operations in {time.monotonic() - begun_s:.0f} s")
        print(report(pictures))
        assert "Traceback" not in running.server.log()
    return pictures


def report(pictures: list[Picture]) -> str:
    """What all desktops of a kind counted, for whoever runs this with -s."""
    sums: dict[str, Counter[str]] = {}
    for one in pictures:
        sums.setdefault(f"{one.mode} over {one.transport}", Counter()).update(one.counts, readings=one.readings)
    return "\n".join(f"{kind}: {dict(counts)}" for kind, counts in sums.items())


@pytest.fixture
def directory(tmp_path: Path, demo_directory: Path) -> Path:
    """The data of a server that is to be started."""
    return Path(shutil.copytree(demo_directory, tmp_path / "data"))


async def test_it_holds_through_hundreds_of_cuts(directory: Path, node: Path) -> None:
    await through_cuts(directory, node, cuts=600, seed=1)


async def test_who_is_told_to_read_anew_misses_nothing_either(directory: Path, node: Path) -> None:
    """Where little may wait, much gives way to a word that it has."""
    pictures = await through_cuts(directory, node, cuts=300, seed=2, FRONTDESK_PUSH_QUEUE_MESSAGES="8")
    assert any(one.counts["resyncs"] for one in pictures), "nothing ever gave way"


async def test_it_holds_through_restarts(directory: Path, node: Path) -> None:
    """With replay alone: who has not got it reads anew after each."""
    pictures = await through_cuts(directory, node, cuts=300, seed=3, is_restarted=True)
    assert all(one.readings == 0 for one in pictures if one.mode == "replay")
    assert all(one.readings > 0 for one in pictures if one.mode != "replay")


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_it_holds_through_ten_thousand_cuts(directory: Path, node: Path) -> None:
    await through_cuts(directory, node, cuts=10_000, seed=4)
