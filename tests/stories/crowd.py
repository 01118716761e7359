"""A crowd of agents at work on a server that may be gone at any moment, as desktops that hear of everything over push.

An agent knows its work by a snapshot and the messages since, accepts what it is offered, completes what it has, and
repeats nothing that got no answer: when the server is back it signs in anew and looks. Only customers repeat what got
no answer, each with the key of its first attempt.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from argon2 import PasswordHasher

from frontdesk.core.directory import Queue
from frontdesk.core.ids import ContactCentreId, QueueId, UserId
from frontdesk.core.permissions import Role
from frontdesk.core.users import ContactCentre, User
from frontdesk.demo import PASSWORD
from frontdesk.kit.ids import Ids
from frontdesk.ports import ServerTransaction, Transaction
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction
from tests.clients.bayeux import Message
from tests.clients.person import Person
from tests.properties.inbox import Inbox
from tests.server import Server

QUEUE = "support"
MEDIUM = "workitem"
PATIENCE_S = 120.0

_CENTRE = ContactCentreId("the-crowds-contact-centre")
_ROOT = "root"
_CUSTOMERS = 32
_IN_HAND = 3  # an agent has so many at once before it completes one, so that there is much that could be lost
_MOST_UNHANDLED_AN_AGENT = 5  # so many wait or are worked on before customers hold back
_AT_THE_DOOR = 25  # agents who sign in at the same time
_CUT = (aiohttp.ClientError, TimeoutError, OSError)
#: The weakest argon2id there is: two hundred people sign in again and again.
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def furnished(directory: Path, agents: int) -> list[str]:
    """A contact centre with an administrator and so many agents who serve one queue; their names."""
    names = [f"agent{number:03d}" for number in range(agents)]
    ids = Ids()
    password_hash = _QUICK.hash(PASSWORD)

    async def found(tx: ServerTransaction) -> None:
        await tx.add_contact_centre(ContactCentre(id=_CENTRE, name="crowd"))

    async def people(tx: Transaction) -> None:
        users = [User(id=UserId(ids.hexadecimal()), user_name=name, roles=(Role.AGENT,)) for name in names]
        root = User(id=UserId(ids.hexadecimal()), user_name=_ROOT, roles=(Role.ADMIN,))
        for user in (root, *users):
            await tx.users.add(user, password_hash)
        await tx.queues.add(Queue(id=QueueId(ids.uuid()), name=QUEUE, agents=tuple(user.id for user in users)))

    store = SqliteStore(directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)
    await store.open()
    try:
        await store.transact_server(found)
        await store.transact(_CENTRE, people)
    finally:
        await store.close()
    return names


@asynccontextmanager
async def crowd(server: Server, names: Iterable[str], interactions: int) -> "AsyncIterator[Crowd]":
    """Everybody with a client of their own, at home."""
    jars = {name: aiohttp.CookieJar(unsafe=True) for name in (_ROOT, *names)}  # cookies of an IP address
    clients = {name: aiohttp.ClientSession(cookie_jar=jar) for name, jar in jars.items()}
    try:
        persons = {name: Person(client, server.api, name) for name, client in clients.items()}
        yield Crowd(server, persons.pop(_ROOT), list(persons.values()), interactions)
    finally:
        for client in clients.values():
            await client.close()


class Agent:
    """One of them. `inbox` is what it was told of its work since it came to the server that runs."""

    def __init__(self, person: Person, crowd: "Crowd") -> None:
        self.person = person
        self.inbox = Inbox()
        self._unread: list[Message] | None = None  # what was told before there was a snapshot to add it to
        self._crowd = crowd
        self._told = asyncio.Event()

    async def works(self) -> None:
        """Come to work and do it until the server is gone, or for ever."""
        try:
            async with self._crowd.door:
                self.person.http.cookie_jar.clear()
                await self.person.signs_in()
            self._unread = []
            async with self.person.http.ws_connect(f"{self.person.api}/notifications") as socket:
                client_id = await _subscribed(socket)
                listening = asyncio.create_task(self._listens_on(socket, client_id))
                try:
                    await self._works_on(listening)
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
        except _CUT:
            self._crowd.server_must_be_gone()

    async def _works_on(self, listening: asyncio.Task[None]) -> None:
        await self.person.becomes("Ready", MEDIUM)
        await self._looks()
        while not listening.done():
            if self._is_away:  # it missed offers, because this machine is slow
                await self.person.did("/me", {"operationName": "Ready"})
                await self._hears(lambda: not self._is_away, listening)
            elif (one := self._next()) is not None:
                await self._does(one)
                await self._hears(partial(self._is_otherwise, one), listening)
            else:
                await self._hears(lambda: self._is_away or self._next() is not None, listening, limit_s=None)
        listening.result()

    async def _looks(self) -> None:
        """A snapshot, and what was told meanwhile and is not in it."""
        held = await self.person.get("/me/interactions?fields=*")
        channels = await self.person.get("/me/channels")
        self.inbox = Inbox(
            interactions={one["id"]: one for one in held.body["interactions"]},
            channels={one["channel"]: one for one in channels.body["channels"]},
            numbers={
                "interactions": int(held.headers["x-frontdesk-replay"]),
                "media": 2**31,
                "channels": int(channels.headers["x-frontdesk-replay"]),
            },
        )
        unread, self._unread = self._unread or [], None
        for message in unread:
            self.inbox.apply(message)

    def wakes(self) -> None:
        """Look again whether there is something to do."""
        self._told.set()

    def _next(self) -> dict[str, Any] | None:
        """What it is offered; or what it has, when its hands are full or nothing more will come."""
        held = self.inbox.interactions.values()
        offered = next((one for one in held if one["state"] == "Invited"), None)
        if offered is None and (len(held) >= _IN_HAND or self._crowd.is_all_submitted):
            return next(iter(held), None)
        return offered

    def _is_otherwise(self, one: dict[str, Any]) -> bool:
        return self.inbox.interactions.get(one["id"]) != one

    async def _does(self, one: dict[str, Any]) -> None:
        """The next step with something at hand. What came of it is believed when it is told."""
        operation = "Accept" if one["state"] == "Invited" else "Complete"
        assert operation in one["capabilities"], one
        got = await self.person.operates(one["id"], operation)
        if operation == "Accept":
            assert got.body["statusCode"] in (0, 2, 5), got.body  # the offer may just have expired
        else:
            assert got.body["statusCode"] == 0, got.body
            self._crowd.note_completed()

    async def _listens_on(self, socket: aiohttp.ClientWebSocketResponse, client_id: str) -> None:
        """Hear everything until the connection breaks."""
        await socket.send_json([_connect(client_id)])
        while (frame := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            for message in frame.json():
                if message["channel"] == "/meta/connect":
                    assert message["successful"], message
                    await socket.send_json([_connect(client_id)])
                elif self._unread is not None:
                    self._unread.append(message)
                else:
                    self.inbox.apply(message)
            self._told.set()
        self._told.set()
        raise aiohttp.ClientConnectionError("the websocket was closed")

    async def _hears(
        self, is_so: Callable[[], bool], listening: asyncio.Task[None], *, limit_s: float | None = PATIENCE_S
    ) -> None:
        """Return when it was told, or nothing will be told any more."""
        try:
            async with asyncio.timeout(limit_s):
                while not (is_so() or listening.done()):
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            raise AssertionError(f"{self.person.name} was not told of what came of it: {self.inbox}") from None

    @property
    def _is_away(self) -> bool:
        state: str = self.inbox.channels[MEDIUM]["userState"]["state"]
        return state == "NotReady"


class Crowd:
    """All of them, and those who bring the work. `handled` counts the completions that were acknowledged."""

    def __init__(self, server: Server, root: Person, persons: list[Person], interactions: int) -> None:
        self.server = server
        self.root = root
        self.handled = 0
        self.submitted: dict[str, str] = {}  # key → id, of those that were acknowledged
        self.door = asyncio.Semaphore(_AT_THE_DOOR)
        self.agents = [Agent(person, self) for person in persons]
        self._interactions = interactions
        self._unanswered: list[str] = []
        self._keys = (f"key-{number}" for number in range(interactions))
        self._tasks: list[asyncio.Task[None]] = []
        self._progress = asyncio.Event()

    async def comes_to(self, server: Server) -> None:
        """Everybody begins to work, or begins again at a server that is back."""
        self.server = server
        for person in (self.root, *(agent.person for agent in self.agents)):
            person.api = server.api
        self.root.http.cookie_jar.clear()
        await self.root.signs_in()
        works = [*(agent.works() for agent in self.agents), *(self._customer() for _ in range(_CUSTOMERS))]
        self._tasks = [asyncio.create_task(work) for work in works]

    @property
    def is_all_submitted(self) -> bool:
        return len(self.submitted) == self._interactions

    async def has_handled(self, number: int) -> None:
        """Return when so many completions have been acknowledged."""
        await self._until(lambda: self.handled >= number)

    async def has_handled_everything(self) -> None:
        """Return when everything was submitted and nothing is live any more."""
        await self._until(lambda: self.is_all_submitted)
        live = await self._live()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while live:  # acknowledged completions are no measure: some were done, and never told of
                    await self._change()
                    live = await self._live()
        except TimeoutError:
            why = [(await self.root.get(f"/interactions/{one['id']}/routing")).body for one in live]
            raise AssertionError(f"these were never handled: {live}, {why}") from None

    async def is_cut_off(self) -> None:
        """Return when everybody has noticed that the server is gone."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self._tasks)

    async def goes_home(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def note_completed(self) -> None:
        self.handled += 1
        self._progress.set()

    def server_must_be_gone(self) -> None:
        assert self.server.process.poll() is not None, "a connection broke while the server runs"

    async def _customer(self) -> None:
        """Brings one after the other, first what got no answer, and no more than the agents can keep up with."""
        while (key := self._next_key()) is not None:
            while len(self.submitted) > self.handled + _MOST_UNHANDLED_AN_AGENT * len(self.agents):
                await self._change()
                if self.server.process.poll() is not None:
                    self._unanswered.append(key)
                    return
            body = {"mediaType": MEDIUM, "queueName": QUEUE, "subject": key}
            try:
                got = await self.root.did("/interactions", body, key=key)
            except _CUT:
                self._unanswered.append(key)
                self.server_must_be_gone()
                return
            assert key not in self.submitted, key
            self.submitted[key] = got.body["id"]
        if self.is_all_submitted:
            for agent in self.agents:
                agent.wakes()

    def _next_key(self) -> str | None:
        return self._unanswered.pop() if self._unanswered else next(self._keys, None)

    async def _live(self) -> list[dict[str, Any]]:
        """The first few of what is not completed."""
        live: list[dict[str, Any]] = (await self.root.get("/interactions?fields=*&limit=3")).body["interactions"]
        return live

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await self._change()
                for task in self._tasks:
                    if task.done():
                        task.result()

    async def _change(self) -> None:
        """Return when something was completed, or after a moment."""
        self._progress.clear()
        try:
            async with asyncio.timeout(0.2):
                await self._progress.wait()
        except TimeoutError:
            return


async def _subscribed(socket: aiohttp.ClientWebSocketResponse) -> str:
    """Shake hands and subscribe to all that concerns the user; the client id."""
    shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket"]}
    shaken = await _asked(socket, shake)
    client_id = str(shaken["clientId"])
    await _asked(socket, {"channel": "/meta/subscribe", "clientId": client_id, "subscription": "/v2/me/*"})
    return client_id


async def _asked(socket: aiohttp.ClientWebSocketResponse, message: Message) -> Message:
    """The answer, which is the next to come and a good one."""
    await socket.send_json([message])
    frame = await socket.receive(timeout=PATIENCE_S)
    if frame.type is not aiohttp.WSMsgType.TEXT:
        raise aiohttp.ClientConnectionError("the websocket was closed")
    [reply] = frame.json()
    assert reply["successful"], reply
    answer: Message = reply
    return answer


def _connect(client_id: str) -> Message:
    return {"channel": "/meta/connect", "clientId": client_id, "connectionType": "websocket"}
