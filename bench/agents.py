"""Agents as a server sees them: signed in with a cookie, ready for work, and listening on a websocket.

An agent knows its prepared requests, what it holds, and what it heard: every number of its stream has to come, once and
in order, with at least the generic message and that of the medium. `check` compares with what the server says.
"""

import asyncio
import base64
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from bench import dataset
from bench.client import Connection, Fault, Socket, request, until

_API: Final = "/api/v2"
_MEDIUM: Final = "workitem"

#: What each agent's own work item carries from the start.
USER_DATA: Final = {f"Key{number:02d}": "v" * 20 for number in range(15)}

_REPLAY: Final = re.compile(rb'"replayId":(\d+)')
_ANSWERED: Final = b'"referenceId":'
_REFERENCE: Final = re.compile(rb'"referenceId":(\d+)')
_OFFERED: Final = b'"state":"Invited"'
_CONNECTED: Final = b'"channel":"/meta/connect"'

_PLACE: Final = b"########"  # where each request has a number of its own

_AT_ONCE: Final = 32


class Offered(NamedTuple):
    """What an agent was asked to take."""

    id: str
    subject: str


class Agent:
    """One agent with its connections. `on_offer()` and `on_heard()` are called when something came for it."""

    def __init__(self, http: Connection, headers: dict[str, str], submitter: dict[str, str]) -> None:
        self.http = http
        self.headers = headers
        self.submitter = submitter
        self.socket: Socket
        self.offers: deque[Offered] = deque()
        self.numbers = 0  # the last number heard
        self.messages = 0
        self.frames = 0
        self.fault: str | None = None
        self.last_frame = b""
        self.on_offer: Callable[[], None] = _nothing
        self.on_heard: Callable[[], None] = _nothing  # of the effect of a request of its own
        self._client_id = ""
        self._is_ready = False
        self._turn = 0

    async def log_in(self) -> None:
        """Listen, and begin a session."""
        port = self.http.port
        self.socket = await Socket.to(port, f"{_API}/notifications", {"cookie": self.headers["cookie"]})
        await self._subscribe()
        self.socket.on_frame = self._hear
        await self.post("/me", {"operationName": "StartContactCenterSession", "channels": [_MEDIUM]})

    async def begin(self) -> None:
        """Become ready, and take a work item of one's own."""
        await self.be_ready(True)
        bins = (await self.get("/me/workbins?fields=*"))["workbins"]
        bin_path = next(f"/me/workbins/{one['id']}" for one in bins if one["workbinName"] == dataset.WORKBIN)
        await self.post(bin_path, {"operationName": "Subscribe"})
        created = {"operationName": "Create", "queueName": dataset.QUEUE, "userData": USER_DATA}
        self.own = (await self.post(f"/me/{_MEDIUM}s", created))["id"]
        self._prepare(bin_path)

    def _prepare(self, bin_path: str) -> None:
        own, workbin, turn = f"/me/interactions/{self.own}", dataset.WORKBIN, _PLACE.decode()
        marked = {"Note": turn, "Step": {"Name": "call back", "Turn": turn}}
        self._attach = self._prepared(own, {"operationName": "AttachUserData", "userData": marked})
        self._update = self._prepared(own, {"operationName": "UpdateUserData", "userData": {"Key07": turn}})
        self.place = self._prepared(own, {"operationName": "PlaceInWorkbin", "workbin": {"workbinName": workbin}})
        self.pull = self._prepared(bin_path, {"operationName": "PullInteraction", "id": self.own})
        self.submit = self.arrival("Order")

    def attach(self) -> bytes:
        """New values for three keys, one of them in a nested object."""
        self._turn += 1
        return self._attach.replace(_PLACE, b"%08d" % self._turn)

    def update(self) -> bytes:
        """A new value for a key that is there."""
        self._turn += 1
        return self._update.replace(_PLACE, b"%08d" % self._turn)

    def arrival(self, subject: str) -> bytes:
        """What comes for any of the agents, submitted by an administrator."""
        shown = {"mediaType": _MEDIUM, "queueName": dataset.QUEUE, "subject": subject, "userData": USER_DATA}
        return self._prepared("/interactions", shown, self.submitter)

    def operation(self, interaction: str, name: str) -> bytes:
        return self._prepared(f"/me/interactions/{interaction}", {"operationName": name})

    async def be_ready(self, wanted: bool) -> None:
        if wanted is not self._is_ready:
            await self.post("/me", {"operationName": "Ready" if wanted else "NotReady"})
            self._is_ready = wanted

    async def get(self, path: str) -> Any:
        answer = await self.http.ask(request("GET", _API + path, self.headers))
        return answer.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = (await self.http.ask(self._prepared(path, body))).json()
        if answer["statusCode"] != 0:
            raise Fault(f"{path} {body}: {answer}")
        return answer

    async def check(self) -> None:
        """Raise Fault unless this agent has heard all that the server has for it."""
        answer = await self.http.ask(request("GET", f"{_API}/me/interactions", self.headers))
        number = int(answer.header("x-frontdesk-replay") or -1)
        await until(lambda: self.numbers >= number)  # it may be on its way
        if self.numbers > number:
            raise Fault(f"an agent heard number {self.numbers}, and the server knows of {number}")

    def end(self) -> None:
        self.http.close()
        self.socket.close()

    def _prepared(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> bytes:
        return request("POST", _API + path, headers or self.headers, msgspec.json.encode(body))

    async def _subscribe(self) -> None:
        hello = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket"]}
        self._client_id = (await self._said(hello))[0]["clientId"]
        await self._said({"channel": "/meta/subscribe", "subscription": "/v2/me/*", "clientId": self._client_id})
        await self._said(self._connect())  # answered at once; the next one is held
        self.socket.send(msgspec.json.encode([self._connect()]))

    async def _said(self, message: dict[str, Any]) -> Any:
        replies = await self.socket.ask(msgspec.json.encode([message]))
        if not replies[0]["successful"]:
            raise Fault(f"{message}: {replies}")
        return replies

    def _connect(self) -> dict[str, Any]:
        return {"channel": "/meta/connect", "connectionType": "websocket", "clientId": self._client_id}

    def _hear(self, frame: bytes) -> None:
        if _CONNECTED in frame:
            self.socket.send(msgspec.json.encode([self._connect()]))
        numbers = _REPLAY.findall(frame)
        if not numbers:
            return
        self.frames += 1
        self.messages += len(numbers)
        self.last_frame = frame
        for number in map(int, numbers):
            if number == self.numbers + 1 or not self.numbers:
                self.numbers = number
            elif number != self.numbers:
                self.fault = f"number {number} came after {self.numbers}"
        for _ in {*_REFERENCE.findall(frame)} if _ANSWERED in frame else ():
            self.on_heard()
        if _OFFERED in frame:
            self._take(msgspec.json.decode(frame))

    def _take(self, messages: list[dict[str, Any]]) -> None:
        for data in (message.get("data", {}) for message in messages):
            shown = data.get("interaction")
            if shown is not None and shown["state"] == "Invited":
                self.offers.append(Offered(shown["id"], shown["subject"]))
        self.on_offer()


class Crew:
    """The agents of one server."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        self.agents = agents

    @classmethod
    async def sign_in(cls, port: int, count: int, *, at_work: bool = True) -> "Crew":
        """The first `count` agents of a server's store: at work, each with an item of its own, or not ready yet."""
        root = await Connection.to(port)
        submitter = await signed_in(root, dataset.ADMINISTRATOR)
        root.close()
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(number: int) -> Agent:
            async with gate:
                http = await Connection.to(port)
                agent = Agent(http, await signed_in(http, dataset.user_name(number)), submitter)
                await agent.log_in()
                if at_work:
                    await agent.begin()
                return agent

        crew = cls(await asyncio.gather(*(one(number) for number in range(count))))
        await crew.check()  # so that nobody takes a late effect of the beginning for one of the load
        return crew

    async def first(self, count: int) -> "Crew":
        """So many of them at work, the others not ready: they are there and listen, and are offered nothing."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(agent: Agent, wanted: bool) -> None:
            async with gate:
                await agent.be_ready(wanted)

        await asyncio.gather(*(one(agent, number < count) for number, agent in enumerate(self.agents)))
        return Crew(self.agents[:count])

    async def put_policy(self, policy: dict[str, Any]) -> None:
        """Put a routing policy in force, as an administrator."""
        one = self.agents[0]
        prepared = request("PUT", f"{_API}/routing/policy", one.submitter, msgspec.json.encode(policy))
        answer = await one.http.ask(prepared)
        if answer.status != 200:
            raise Fault(f"{policy}: {answer}")

    @property
    def messages(self) -> int:
        return sum(agent.messages for agent in self.agents)

    @property
    def frames(self) -> int:
        return sum(agent.frames for agent in self.agents)

    def raise_fault(self) -> None:
        """Raise Fault if somebody lost a connection or heard something out of turn."""
        for agent in self.agents:
            if agent.fault:
                raise Fault(agent.fault)
            if agent.http.is_lost or agent.socket.is_lost:
                raise Fault("the server closed a connection")

    async def check(self) -> None:
        """Raise Fault unless everybody has heard everything."""
        self.raise_fault()
        for agent in self.agents:
            await agent.check()

    def end(self) -> None:
        for agent in self.agents:
            agent.end()


async def signed_in(http: Connection, user_name: str) -> dict[str, str]:
    """The headers of a user's further requests."""
    basic = base64.b64encode(f"{user_name}:{dataset.PASSWORD}".encode()).decode()
    answer = await http.ask(request("GET", f"{_API}/me", {"authorization": f"Basic {basic}"}))
    cookie, token = answer.header("set-cookie"), answer.header("x-csrf-token")
    if answer.status != 200 or cookie is None or token is None:
        raise Fault(f"{user_name} could not sign in: {answer}")
    return {"cookie": cookie.partition(";")[0], "x-csrf-token": token}


def _nothing() -> None:
    """Nobody asked to be told."""
