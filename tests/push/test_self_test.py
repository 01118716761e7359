"""The self-test: it finds what breaks push on the way, and nothing where nothing is broken."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from frontdesk.kit.clock import ManualClock, SystemClock
from frontdesk.push.self_test import SelfTest
from tests.push.serving import until

ENDPOINT = "/api/v2/system/push-test"
PAGE = "/selftest"
HOLD_MS = 300
PATIENCE_S = 20.0
SCRIPT = Path(__file__).with_name("self_test_page.mjs")


class Way:
    """The self-test as it is reached: the way may be broken."""

    def __init__(self, test: SelfTest, port: int) -> None:
        self.test = test
        self.url = f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_S) as client:
            yield client

    async def asks(self, query: str = "", method: str = "GET") -> httpx.Response:
        async with self.http() as client:
            return await client.request(method, f"{ENDPOINT}{query}")

    @property
    def socket(self) -> str:
        return f"{self.url.replace('http', 'ws')}{ENDPOINT}"

    async def verdict(self, node: Path) -> dict[str, str]:
        """What the page shows of each step, with "verdict", when it has come to an end."""
        process = await asyncio.create_subprocess_exec(
            *(node, SCRIPT, f"{self.url}{PAGE}"),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )
        async with asyncio.timeout(PATIENCE_S * 2):
            shown, _ = await process.communicate()
        found: dict[str, str] = json.loads(shown)
        return found


@asynccontextmanager
async def way(
    clock: Any = None,
    *,
    broken: Callable[[Any], Any] = lambda app: app,
    public_url: str | None = None,
    is_believed: bool = False,
) -> AsyncIterator[Way]:
    """A server with nothing but the self-test; `broken` wraps it in what a proxy might do."""
    app: Any = None

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await broken(app)(scope, receive, send)

    config = uvicorn.Config(asked, host="127.0.0.1", port=0, ws="websockets-sansio", lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())  # without uvicorn's handling of signals
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    app = SelfTest(
        clock or SystemClock(),
        hold_ms=HOLD_MS,
        public_url=public_url or f"http://127.0.0.1:{port}",
        page=PAGE,
        is_believed=lambda scope: is_believed,
    )
    try:
        yield Way(app, port)
    finally:
        app.stop()
        server.should_exit = True
        await serving


# --- the endpoint ---


async def test_it_says_what_is_to_be_tested_and_how_the_request_looks() -> None:
    async with way() as direct:
        told = (await direct.asks()).json()
        assert (told["statusCode"], told["holdMs"]) == (0, HOLD_MS)
        assert told["publicUrl"] == direct.url
        assert (told["isForwarded"], told["isProxyBelieved"]) == (False, False)


async def test_an_answer_comes_in_two_halves() -> None:
    async with way() as direct, direct.http() as client, client.stream("GET", f"{ENDPOINT}?step=stream") as answer:
        halves = [json.loads(half) async for half in answer.aiter_lines()]
        assert halves == [{"half": 1}, {"half": 2}]


async def test_a_request_is_held_for_as_long_as_asked() -> None:
    clock = ManualClock()
    async with way(clock) as direct:
        held = asyncio.create_task(direct.asks(f"?step=hold&ms={HOLD_MS}"))
        await until(lambda: direct.test._running == 1)
        await until(lambda: bool(clock._sleepers))
        clock.advance(ms=HOLD_MS - 1)
        assert not held.done()
        clock.advance(ms=1)
        assert (await held).json() == {"heldMs": HOLD_MS}


async def test_nothing_is_held_for_longer_than_a_connect_would_be() -> None:
    clock = ManualClock()
    async with way(clock) as direct:
        for asked in ("999999", "-5", "x", "9" * 40):
            held = asyncio.create_task(direct.asks(f"?step=hold&ms={asked}"))
            while not held.done():
                clock.advance(ms=HOLD_MS)
                await asyncio.sleep(0)
            assert held.result().status_code == 200


async def test_a_websocket_answers_with_what_it_was_asked() -> None:
    async with way() as direct, connect(direct.socket) as socket:
        for text in ("0", str(HOLD_MS), "hello"):
            await socket.send(text)
            assert await socket.recv() == text


async def test_a_websocket_that_asks_nothing_is_closed() -> None:
    clock = ManualClock()
    async with way(clock) as direct, connect(direct.socket) as socket:
        await until(lambda: bool(clock._sleepers))
        clock.advance(seconds=10)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        await until(lambda: direct.test._running == 0)


async def test_only_a_few_may_test_at_once() -> None:
    async with way(ManualClock()) as direct:
        held = [asyncio.create_task(direct.asks(f"?step=hold&ms={HOLD_MS}")) for _ in range(32)]
        await until(lambda: direct.test._running == 32)
        refused = await direct.asks()
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        with pytest.raises(InvalidStatus):
            await connect(direct.socket)
        for one in held:
            one.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        await until(lambda: direct.test._running == 0)
        assert (await direct.asks()).status_code == 200


async def test_a_stop_waits_for_nobody() -> None:
    async with way(ManualClock()) as direct:
        held = asyncio.create_task(direct.asks(f"?step=hold&ms={HOLD_MS}"))
        async with connect(direct.socket) as socket:
            await socket.send(str(HOLD_MS))
            await until(lambda: direct.test._running == 2)
            direct.test.stop()
            assert (await held).status_code == 503
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001


@pytest.mark.parametrize(("path", "method", "status"), [(ENDPOINT, "POST", 405), (f"{PAGE}/nothing", "GET", 404)])
async def test_what_is_not_there_is_refused(path: str, method: str, status: int) -> None:
    async with way() as direct, direct.http() as client:
        assert (await client.request(method, path)).status_code == status
        assert (await client.get(f"{PAGE}/")).headers["location"] == f"..{PAGE}"


# --- the page ---


class Page(HTMLParser):
    """What a page loads, and whether a script stands in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.has_inline_script = False
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self._in_script = tag == "script"
        self.loads += [value for name in ("src", "href") if (value := held.get(name)) is not None]
        self.has_inline_script |= any(name.startswith("on") for name in held)

    def handle_data(self, data: str) -> None:
        self.has_inline_script |= self._in_script and bool(data.strip())


async def test_the_page_loads_what_there_is_and_has_no_script_in_it() -> None:
    async with way() as direct, direct.http() as client:
        page = Page((await client.get(PAGE)).text)
        assert not page.has_inline_script
        for address in page.loads:
            got = await client.get(f"/{address}")
            assert got.status_code == 200
            assert got.headers["content-type"].startswith(("text/css", "text/javascript"))


def keeps_answers_back(app: Any) -> Any:
    """A proxy that buffers."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        kept: list[Any] = []

        async def keep(message: Any) -> None:
            kept.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                for each in kept:
                    await send(each)

        await app(scope, receive, keep if scope["type"] == "http" else send)

    return asked


def refuses_upgrades(app: Any) -> Any:
    """A proxy that does not know websockets."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await app(scope, receive, send)

    return asked


def cuts_what_is_held(app: Any) -> Any:
    """A proxy that waits for less long than the server."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and b"step=hold" in scope["query_string"]:
            await send({"type": "http.response.start", "status": 504, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await app(scope, receive, send)

    return asked


async def test_the_page_finds_nothing_where_nothing_is_broken(node: Path) -> None:
    async with way() as direct:
        shown = await direct.verdict(node)
        assert shown.pop("verdict") == "good: Notifications get through."
        assert {step: text.split(":")[0] for step, text in shown.items()} == dict.fromkeys(
            ("address", "upgrade", "stream", "poll", "socket"), "good"
        )


def forwards(app: Any) -> Any:
    """A proxy that breaks nothing."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        scope["headers"] = [*scope["headers"], (b"x-forwarded-for", b"192.0.2.7")]
        await app(scope, receive, send)

    return asked


@pytest.mark.parametrize(
    ("broken", "found", "remedy"),
    [
        (keeps_answers_back, {"stream"}, "must not buffer"),
        (refuses_upgrades, {"upgrade"}, "proxy_set_header Upgrade"),
        (cuts_what_is_held, {"poll"}, "proxy_read_timeout"),
        (forwards, {"address"}, "server.trusted_proxies"),
    ],
)
async def test_the_page_finds_what_is_broken(node: Path, broken: Any, found: set[str], remedy: str) -> None:
    async with way(broken=broken) as broken_way:
        shown = await broken_way.verdict(node)
        assert shown.pop("verdict").startswith("bad: ")
        assert {step for step, text in shown.items() if text.startswith("bad")} == found
        assert any(remedy in shown[step] for step in found)


async def test_the_page_finds_a_wrong_address(node: Path) -> None:
    async with way(public_url="https://desk.example") as direct:
        assert "set server.public_url" in (await direct.verdict(node))["address"]


async def test_a_proxy_that_is_believed_is_none_to_complain_of(node: Path) -> None:
    async with way(broken=forwards, is_believed=True) as direct:
        assert (await direct.verdict(node))["verdict"].startswith("good")


async def test_a_websocket_is_not_called_idle_where_none_can_be_opened(node: Path) -> None:
    async with way(broken=refuses_upgrades) as direct:
        assert (await direct.verdict(node))["socket"] == ": not tested, for none can be opened"
