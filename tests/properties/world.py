"""Both demo contact centres on a real server in this process, with everybody signed in and listening to everything.

What is committed is followed as it comes, by the rules of `floor`; what was asked for and answered is kept beside it.
"""

import asyncio
import base64
import json
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from msgspec.structs import replace

from frontdesk import demo
from frontdesk.app import App
from frontdesk.core.events import Committed
from frontdesk.core.settings import Email, Settings
from frontdesk.kit.clock import ManualClock
from frontdesk.kit.ids import Ids
from tests.clients.bayeux import Listener, Message
from tests.desk import URL, Got, call
from tests.properties.crew import Crew
from tests.stories.history import log_of

AGENTS = ("ada", "grace", "linus", "sam", "eve")
ADMINISTRATORS = ("root", "oscar")
EVERYBODY = (*AGENTS, *ADMINISTRATORS)
#: Who serves which queue of the demo; `eve` and her queue are in the other contact centre.
SERVES = {
    "support": {"ada", "grace", "linus"},
    "sales": {"ada", "grace"},
    "vip": {"ada"},
    "other support": {"eve"},
}


class Home(NamedTuple):
    """A directory with the demo in it, from which worlds are copied, and what is known of it."""

    directory: Path
    users: dict[str, str]  # name → id
    centres: dict[str, str]  # name → id
    queues: dict[str, str]  # id → name in SERVES
    bins: dict[str, dict[str, str]]  # contact centre → name → id
    team: str  # the id of the group
    last_event: int  # of the log, when it was made
    headers: dict[str, dict[str, str]]  # name → cookie and token


@dataclass
class Person:
    """Somebody in the world: how requests are signed in, and what is heard."""

    name: str
    id: str
    headers: dict[str, str]
    listener: Listener
    heard_from: int = 0  # the listener was there for every event of the user above this number

    @property
    def centre(self) -> str:
        return centre_of(self.name)


class World:
    """A running server, and everybody."""

    def __init__(self, app: App, clock: ManualClock, home: Home) -> None:
        self.app = app
        self.clock = clock
        self.home = home
        self.log: list[Committed] = []
        self.crew = Crew(
            serves={queue: {home.users[name] for name in SERVES[known]} for queue, known in home.queues.items()}
        )
        self.people: dict[str, Person] = {}
        self.followed = 0
        app.bus.on_events(self.log.extend)

    async def request(
        self, user: str, method: str, path: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None
    ) -> Got:
        """One request under /api/v2."""
        self.clock.advance(ms=1)
        headers = {"content-type": "application/json", **self.people[user].headers}
        if key is not None:
            headers["idempotency-key"] = key
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return await call(self.app, method, f"/api/v2{path}", headers, sent)

    async def get(self, user: str, path: str) -> Got:
        got = await self.request(user, "GET", path)
        assert got.status == 200, got
        return got

    def name_of(self, user_id: str) -> str:
        return next(name for name, known in self.home.users.items() if known == user_id)

    async def settled(self) -> None:
        """Return when nothing is under way any more, and everything that was committed has been followed."""
        for _ in range(3):
            await self.app.store.transact_server(lambda tx: tx.contact_centres())
            await asyncio.sleep(0)
            await self.app.matcher.settled()
            await self.app.timers.settled()
        for one in self.log[self.followed :]:
            self.crew.follow(one)
        self.followed = len(self.log)

    async def time_passes(self, seconds: float) -> None:
        while seconds > 0:
            self.clock.advance(seconds=min(1.0, seconds))
            seconds -= 1.0
            await self.settled()

    async def signs_in_again(self, user: str) -> None:
        """After a log-out: with name and password, and a new listener."""
        person = self.people[user]
        await person.listener.leaves()
        headers = await signed_in(self.app, user)
        self.people[user] = await self._entered(user, headers)

    async def enters(self) -> None:
        """Everybody comes, by the cookie of before."""
        for user in EVERYBODY:
            self.people[user] = await self._entered(user, self.home.headers[user])

    async def leaves(self) -> None:
        for person in self.people.values():
            await person.listener.leaves()

    async def _entered(self, user: str, headers: dict[str, str]) -> Person:
        async def exchange(messages: list[Message]) -> list[Message]:
            # Not through `request`, so that waiting for news does not turn the clock.
            sent = {"content-type": "application/json", **headers}
            got = await call(self.app, "POST", "/api/v2/notifications", sent, json.dumps(messages).encode())
            return cast(list[Message], got.body)

        listener = Listener(exchange)
        await listener.listens("/**")
        known = self.crew.number_of(self.home.users[user])
        return Person(user, self.home.users[user], headers, listener, known)


def centre_of(user: str) -> str:
    return "other" if user in ("eve", "oscar") else "demo"


async def signed_in(app: App, user: str) -> dict[str, str]:
    """The headers by which the user is known from now on."""
    credential = base64.b64encode(f"{user}:{demo.PASSWORD}".encode()).decode()
    got = await call(app, "GET", "/api/v2/me", {"authorization": f"Basic {credential}"}, b"")
    assert got.status == 200, got
    cookie = got.headers["set-cookie"].partition(";")[0]
    return {"cookie": cookie, got.headers["x-csrf-header"]: got.headers["x-csrf-token"]}


async def make_home(directory: Path) -> Home:
    """The demo, once for all the worlds of a test."""
    app = _app(directory, ManualClock(), seed=1)
    await app.start()
    try:
        await demo.furnish(app)
        headers = {user: await signed_in(app, user) for user in EVERYBODY}

        async def listed(user: str, path: str, plural: str) -> list[dict[str, Any]]:
            got = await call(app, "GET", f"/api/v2{path}", headers[user], b"")
            found: list[dict[str, Any]] = got.body[plural]
            return found

        users = [one for admin in ADMINISTRATORS for one in await listed(admin, "/users?fields=*", "users")]
        queues = {one["id"]: one["name"] for one in await listed("root", "/queues?fields=*", "queues")}
        queues |= {one["id"]: f"other {one['name']}" for one in await listed("oscar", "/queues?fields=*", "queues")}
        centres = {one.name: str(one.id) for one in await app.store.read_server(lambda tx: tx.contact_centres())}
        bins = {
            centre: {one["name"]: one["id"] for one in await listed(admin, "/workbins?fields=*", "workbins")}
            for centre, admin in (("demo", "root"), ("other", "oscar"))
        }
        [team] = await listed("root", "/groups?fields=*", "groups")
    finally:
        await app.stop()
    return Home(
        directory=directory,
        users={one["userName"]: one["id"] for one in users},
        centres=centres,
        queues=queues,
        bins=bins,
        team=team["id"],
        last_event=log_of(directory)[-1].seq,
        headers=headers,
    )


@asynccontextmanager
async def world(home: Home, directory: Path) -> AsyncIterator[World]:
    """A world of its own on a copy of `home`."""
    shutil.copytree(home.directory, directory)
    clock = ManualClock()
    app = _app(directory, clock, seed=2)
    await app.start()
    try:
        running = World(app, clock, home)
        await running.enters()
        yield running
        await running.leaves()
    finally:
        await app.stop()


def _app(directory: Path, clock: ManualClock, *, seed: int) -> App:
    """With ids that are the same in every run, so that a failing one can be repeated."""
    settings = replace(Settings(), email=Email(enabled=False))
    return App(directory, settings, public_url=URL, clock=clock, ids=Ids(random.Random(seed).randbytes))
