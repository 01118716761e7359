"""The law of notifications: what one has read before and what was pushed since is what one reads now.

It holds for every operation of the API and through every cut: with the acknowledgement extension, with replay, and with
neither for whoever says that it was cut off, as the official client does.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.clients.crowd import Crowd, Mode, Picture, crowd
from tests.clients.person import Person, people
from tests.push.proxy import Shears
from tests.server import Server, serving
from tests.stories.everything import AGENTS, Work

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
#: What a desktop counts and must not find: numbers that never came, or came behind a higher one; a word of the server
#: that something was dropped; a return after a cut that did not report it.
FAULTS = ("missed", "late", "resyncs", "unreported")
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


async def the_law_holds(gathered: Crowd, persons: dict[str, Person], bins: dict[str, str]) -> None:
    """Return when every desktop has heard of the last event and has the picture that is read now."""
    while True:
        fresh = {name: await read(persons[name], bins) for name in AGENTS}
        numbers = {name: number for name, (number, _) in fresh.items()}
        until_s = time.monotonic() + PATIENCE_S
        while behind := await gathered.behind(numbers):
            assert time.monotonic() < until_s, behind
        if numbers == {name: (await read(persons[name], bins))[0] for name in AGENTS}:
            break
    heard: dict[str, set[str]] = {}
    for picture in await gathered.pictures():
        whose = f"{picture.mode} over {picture.transport}, {picture.user}, {picture.counts}"
        assert {fault: picture.counts[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0), whose
        assert picture.mode == "replay" or picture.counts["sessions"] == 1, whose
        found = list(differences("", picture.state, fresh[picture.user][1]))
        assert found == [], "\n".join([whose, *found])
        heard.setdefault(picture.user, set()).add(picture.heard)
    assert all(len(hashes) == 1 for hashes in heard.values()), "not all of an agent's desktops applied the same"


def differences(path: str, told: Any, read: Any) -> Iterator[str]:
    """Where the two are not the same. A workbin that nothing was said of is empty."""
    if not (isinstance(told, dict) and isinstance(read, dict)):
        if told != read:
            yield f"{path}: {told!r} was told, {read!r} is read"
        return
    for key in told.keys() | read.keys():
        yield from differences(f"{path}/{key}", told.get(key, {}), read.get(key, {}))


async def begin(
    gathered: Crowd, server: Server, shears: Shears, persons: dict[str, Person], bins: dict[str, str]
) -> None:
    """Every mode over every transport for every agent, and one desktop each that is never cut off."""
    cut = f"http://127.0.0.1:{shears.port}"
    for name in AGENTS:
        token = {"name": "crowd", "scopes": ["work"], "userId": name}
        await gathered.signs_in(name, (await persons["root"].did("/tokens", token)).body["secret"])
        since, state = await read(persons[name], bins)
        await gathered.begins(server.url, name, "websocket", "neither", since, state)
        for transport in TRANSPORTS:
            for mode in MODES:
                await gathered.begins(cut, name, transport, mode, since, state)


async def what_is_pushed_is_what_is_read(directory: Path, node: Path, *, cuts: int, seed: int) -> None:
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(serving(directory, "--demo"))
        persons = await stack.enter_async_context(people(server.api, *AGENTS, "sam", "root"))
        gathered = await stack.enter_async_context(crowd(node))
        shears = Shears(int(server.url.rpartition(":")[2]), chance, probability=0.15)
        await shears.start()
        stack.push_async_callback(shears.stop)
        work = Work(persons, chance)
        await work.opens()
        await begin(gathered, server, shears, persons, work.bins)
        begun_s = time.monotonic()
        while shears.cuts < cuts or work.missing:
            assert shears.cuts < 5 * cuts, f"nobody can {work.missing}"
            wanted = shears.cuts + CUTS_BETWEEN
            shears.begin()
            while shears.cuts < wanted:
                await work.does_something()
            shears.rest()
            await the_law_holds(gathered, persons, work.bins)
            leaver = chance.choice(AGENTS)
            await work.changes_shifts(leaver)
            since, state = await read(persons[leaver], work.bins)
            await gathered.rereads_bins(leaver, state["bins"], since)
        await the_law_holds(gathered, persons, work.bins)
        print(f"{shears.cuts} cuts and {work.done.total()} operations in {time.monotonic() - begun_s:.0f} s")
        print(report(await gathered.pictures()))
        assert "Traceback" not in server.log()


def report(pictures: list[Picture]) -> str:
    """What all desktops of a kind counted, for whoever runs this with -s."""
    sums: dict[str, Counter[str]] = {}
    for one in pictures:
        sums.setdefault(f"{one.mode} over {one.transport}", Counter()).update(one.counts)
    return "\n".join(f"{kind}: {dict(counts)}" for kind, counts in sums.items())


async def test_what_is_pushed_is_what_is_read_through_hundreds_of_cuts(tmp_path: Path, node: Path) -> None:
    await what_is_pushed_is_what_is_read(tmp_path / "data", node, cuts=600, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_what_is_pushed_is_what_is_read_through_ten_thousand_cuts(tmp_path: Path, node: Path) -> None:
    await what_is_pushed_is_what_is_read(tmp_path / "data", node, cuts=10_000, seed=2)
