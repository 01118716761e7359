"""A whole server in a test, driven in the words of the domain, with a clock that is turned by hand.

Everything is real: the store on disk, sign-in, routing, push. Only the HTTP socket is left out: requests enter the
ASGI application directly, so that a story takes milliseconds.
"""

import asyncio
import base64
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from frontdesk import demo
from frontdesk.app import App
from frontdesk.core.agents import Agent
from frontdesk.core.ids import ContactCentreId, InteractionId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.settings import Email, Settings
from frontdesk.kit.clock import ManualClock
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction

URL = "http://desk.test"


class Got(NamedTuple):
    """An HTTP answer."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class Desk:
    """The demo contact centres, and what people do in them."""

    def __init__(self, app: App, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock
        self._cookies: dict[str, str] = {}

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    async def request(
        self,
        method: str,
        path: str,
        user: str | None,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Got:
        """One request as `user` (password "demo"); `path` is below /api/v2 unless it begins with "//"."""
        self.clock.advance(ms=1)  # no two requests come at the same moment
        sent = {"content-type": "application/json", **(headers or {})}
        if user is not None and "authorization" not in sent:
            sent["authorization"] = "Basic " + base64.b64encode(f"{user}:{demo.PASSWORD}".encode()).decode()
            if user in self._cookies:
                sent["cookie"] = self._cookies[user]
        if raw is None:
            raw = b"" if body is None else json.dumps(body).encode()
        got = await call(self.app, method, path[1:] if path.startswith("//") else f"/api/v2{path}", sent, raw)
        if user is not None and "set-cookie" in got.headers:
            self._cookies[user] = got.headers["set-cookie"].partition(";")[0]
        return got

    async def get(self, path: str, user: str | None = "ada", **more: Any) -> Got:
        return await self.request("GET", path, user, **more)

    async def post(self, path: str, body: Any, user: str | None = "ada", **more: Any) -> Got:
        return await self.request("POST", path, user, body, **more)

    async def operate(self, user: str, interaction: str, operation: str, **parameters: Any) -> Got:
        """An operation on one's own interaction."""
        return await self.post(f"/me/interactions/{interaction}", {"operationName": operation, **parameters}, user)

    async def did(self, user: str, interaction: str, operation: str, **parameters: Any) -> Got:
        """The same, which has to succeed."""
        got = await self.operate(user, interaction, operation, **parameters)
        assert got.body["statusCode"] == 0, f"{user} could not {operation}: {got.body}"
        return got

    # ── what people do ───────────────────────────────────────────────────────────────────────────

    async def starts_session(self, user: str, *channels: str) -> None:
        body = {"operationName": "StartContactCenterSession", "channels": list(channels or ("email", "workitem"))}
        got = await self.post("/me", body, user)
        assert got.body["statusCode"] == 0, got.body

    async def becomes(self, user: str, state: str = "Ready", *channels: str) -> None:
        """`user` starts a session if need be, and sets the state of all channels."""
        await self.starts_session(user, *channels)
        got = await self.post("/me", {"operationName": state}, user)
        assert got.body["statusCode"] == 0, got.body
        await self.settled()

    async def submits(self, queue: str = "support", media_type: str = "workitem", **more: Any) -> str:
        """The administrator puts a new interaction into a queue; its id."""
        got = await self.post("/interactions", {"mediaType": media_type, "queueName": queue, **more}, "root")
        assert got.body["statusCode"] == 0, got.body
        await self.settled()
        return str(got.body["id"])

    async def ada_works_on(self, media_type: str = "workitem", **more: Any) -> str:
        """A new interaction that ada has accepted."""
        await self.becomes("ada", "Ready", media_type)
        interaction = await self.submits(media_type=media_type, **more)
        await self.did("ada", interaction, "Accept")
        return interaction

    # ── what is seen ─────────────────────────────────────────────────────────────────────────────

    async def seen_by(self, user: str, interaction: str) -> dict[str, Any]:
        got = await self.get(f"/interactions/{interaction}", user)
        assert got.status == 200, got.body
        shown: dict[str, Any] = got.body["interaction"]
        return shown

    async def state_of(self, interaction: str) -> str:
        return str((await self.seen_by("root", interaction))["state"])

    async def held_by(self, user: str) -> dict[str, str]:
        """Id → state of what the user works on or is offered."""
        got = await self.get("/me/interactions?fields=*", user)
        return {one["id"]: one["state"] for one in got.body["interactions"]}

    async def id_of(self, user: str) -> str:
        return str((await self.get("/me", user)).body["user"]["id"])

    async def stored(self, interaction: str) -> Interaction:
        """The interaction as the store has it."""
        contact_centre, _ = await self._found("root")
        return await self.app.store.read(contact_centre, lambda tx: tx.interactions.get(InteractionId(interaction)))

    async def agent(self, user: str) -> Agent:
        """As the store has it: without a request of the user, which would be a sign of life."""
        contact_centre, user_id = await self._found(user)
        return await self.app.store.read(contact_centre, lambda tx: tx.agents.get(user_id))

    async def is_in_session(self, user: str) -> bool:
        return (await self.agent(user)).is_in_session

    async def _found(self, user: str) -> tuple[ContactCentreId, UserId]:
        found = await self.app.store.read_server(lambda tx: tx.credentials(user))
        assert found is not None, f"there is no user {user}"
        return found[0], found[1].id

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    async def time_passes(self, seconds: float) -> None:
        """Second by second, as a clock does, with everybody woken in between."""
        while seconds > 0:
            self.clock.advance(seconds=min(1.0, seconds))
            seconds -= 1.0
            await self.settled()

    async def settled(self) -> None:
        """Return when nothing is under way any more: no commit, no routing, no due timer."""
        for _ in range(3):
            await self.app.store.transact_server(lambda tx: tx.contact_centres())
            await asyncio.sleep(0)
            await self.app.matcher.settled()
            await self.app.timers.settled()


async def call(app: Any, method: str, target: str, headers: dict[str, str], raw: bytes) -> Got:
    """One request into an ASGI application."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []
    received = [{"type": "http.request", "body": raw, "more_body": False}]
    answered = asyncio.Event()

    async def receive() -> Any:
        if received:
            return received.pop(0)
        await answered.wait()  # a server says so also when the answer is complete
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()

    await app(scope, receive, send)
    start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
    names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    is_json = names.get("content-type", "").startswith("application/json")
    return Got(start["status"], json.loads(body) if is_json and body else {"raw": body}, names)


@asynccontextmanager
async def opened(
    directory: Path,
    clock: ManualClock,
    settings: Settings | None = None,
    *,
    connections: type[sqlite3.Connection] = sqlite3.Connection,
) -> AsyncIterator[Desk]:
    """A running server on `directory`, with demo data if it is new. `connections`: on which disk it writes."""
    settings = replace(settings or Settings(), email=Email(enabled=False))
    store = SqliteStore(
        directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows, connections=connections
    )
    app = App(directory, settings, public_url=URL, clock=clock, store=store)
    await app.start()
    try:
        await demo.furnish(app)
        yield Desk(app, clock)
    finally:
        await app.stop()
