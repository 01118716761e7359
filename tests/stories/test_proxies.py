"""Notifications through the proxies that people have, where they are installed, with the files we tell them to use."""

import asyncio
import base64
import json
import os
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from frontdesk.core.settings import Push
from frontdesk.demo import PASSWORD
from tests.clients.bayeux import Exchange, Listener, Message
from tests.clients.subscriber import subscriber
from tests.server import serving
from tests.stories.proxies import CERTIFICATE, PROXIES, file_of, in_front_of, is_installed, reserved_port

SELF_TEST = Path(__file__).parent.parent / "push" / "self_test_page.mjs"
PATIENCE_S = 40.0
SHORT_MS = 3_000  # and longer than it takes to see whether answers are kept back
MARGIN_MS = 10_000
START: dict[str, Any] = {"operationName": "StartContactCenterSession", "channels": ["email"]}
ADA = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()


def installed(proxy: str) -> Any:
    return pytest.param(
        proxy, marks=pytest.mark.skipif(not is_installed(proxy), reason=f"{proxy} is not installed here")
    )


class Place(NamedTuple):
    """A server, and the port that its proxy is to have."""

    server: str
    port: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def notifications(self) -> str:
        return f"{self.url}/api/v2/notifications"


def environment(port: int, *, hold_ms: int = SHORT_MS) -> dict[str, str]:
    """What tells a server about its proxy, as the page says."""
    return {
        "FRONTDESK_SERVER_PUBLIC_URL": f"https://127.0.0.1:{port}",
        "FRONTDESK_SERVER_TRUSTED_PROXIES": '["127.0.0.1"]',
        "FRONTDESK_SIGN_IN_COOKIE_SECURE": "true",
        "FRONTDESK_PUSH_TIMEOUT_MS": str(hold_ms),
    }


@contextmanager
def prepared(directory: Path, *, hold_ms: int = SHORT_MS) -> Iterator[Place]:
    """A server that knows the address at which its proxy will be."""
    with (
        reserved_port() as port,
        serving(directory, "--demo", environment=environment(port, hold_ms=hold_ms)) as server,
    ):
        yield Place(server.url.removeprefix("http://"), port)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with prepared(tmp_path / "data") as place:
        yield place


def browser() -> aiohttp.ClientSession:
    """Somebody who comes from outside, and believes the certificate."""
    return aiohttp.ClientSession(
        headers={"authorization": ADA},
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(CERTIFICATE))),
        timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
    )


def event(number: int) -> Callable[[Message], bool]:
    """Whether a message tells of it."""
    return lambda message: bool(message["ext"]["replay"] == number)


async def did(place: Place, operation: dict[str, Any]) -> None:
    """Ada's operation on all her channels, through the proxy."""
    async with browser() as http, http.post(f"{place.url}/api/v2/me", json=operation) as answer:
        assert answer.status == 200, await answer.text()


def over_http(http: aiohttp.ClientSession, place: Place) -> Exchange:
    async def exchange(messages: list[Message]) -> list[Message]:
        async with http.post(place.notifications, json=messages, headers={"origin": place.url}) as answer:
            assert answer.status == 200, await answer.text()
            received: list[Message] = await answer.json()
            return received

    return exchange


async def answers(socket: aiohttp.ClientWebSocketResponse, message: Message) -> Message:
    await socket.send_json([message])
    [reply] = await socket.receive_json(timeout=PATIENCE_S)
    assert reply["successful"], reply
    answer: Message = reply
    return answer


async def verdict(node: Path, url: str) -> dict[str, str]:
    """What the page of the self-test shows of each step in the end."""
    process = await asyncio.create_subprocess_exec(
        *(node, SELF_TEST, f"{url}/selftest"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(CERTIFICATE)},
    )
    async with asyncio.timeout(PATIENCE_S * 2):
        shown, _ = await process.communicate()
    found: dict[str, str] = json.loads(shown)
    return found


async def test_without_a_proxy_the_self_test_finds_nothing(node: Path, tmp_path: Path) -> None:
    environment = {"FRONTDESK_PUSH_TIMEOUT_MS": "300"}
    with serving(tmp_path / "data", "--demo", environment=environment) as server:
        shown = await verdict(node, server.url)
    assert shown["verdict"] == "good: Notifications get through.", shown


# --- with what the page says ---


@pytest.mark.parametrize("proxy", [installed(name) for name in PROXIES])
async def test_websockets_and_polls_hear_what_happens(place: Place, tmp_path: Path, proxy: str) -> None:
    with in_front_of(place.server, proxy, tmp_path / proxy, place.port):
        async with browser() as http:
            poller = Listener(over_http(http, place))
            await poller.listens("/v2/me/*")
            async with http.ws_connect(place.notifications, origin=place.url) as socket:
                shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket"]}
                client = (await answers(socket, shake))["clientId"]
                await answers(socket, {"channel": "/meta/subscribe", "clientId": client, "subscription": "/v2/me/*"})
                connect = {"channel": "/meta/connect", "clientId": client, "connectionType": "websocket"}
                await answers(socket, connect)
                await socket.send_json([connect])
                await did(place, START)
                [pushed, *_] = await socket.receive_json(timeout=PATIENCE_S)
            assert pushed["channel"] == "/v2/me/channels"
            await poller.has_heard(pushed["ext"]["replay"])
            assert poller.messages[0] == pushed
            await poller.leaves()


@pytest.mark.parametrize("proxy", [installed(name) for name in PROXIES])
async def test_the_self_test_finds_nothing(node: Path, place: Place, tmp_path: Path, proxy: str) -> None:
    with in_front_of(place.server, proxy, tmp_path / proxy, place.port):
        shown = await verdict(node, place.url)
    assert shown["verdict"] == "good: Notifications get through.", shown


@pytest.mark.parametrize("proxy", [installed(name) for name in PROXIES])
async def test_clients_come_back_after_a_restart(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """To the proxy they have never left: it says for a while that nobody is there. They miss nothing."""
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(CERTIFICATE))
    with reserved_port() as port, reserved_port() as server_port:
        place = Place(f"127.0.0.1:{server_port}", port)
        how = (tmp_path / "data", "--demo", "--port", str(server_port))
        async with AsyncExitStack() as stack:
            server = stack.enter_context(serving(*how, environment=environment(port)))
            stack.enter_context(in_front_of(place.server, proxy, tmp_path / proxy, port))
            clients = [
                await stack.enter_async_context(subscriber(node, "cometd", place.url, [transport], "ada"))
                for transport in ("websocket", "long-polling")
            ]
            for client in clients:
                await client.subscribes("/v2/me/*", 0)
            for number, operation in enumerate((START, {"operationName": "Ready"}, {"operationName": "NotReady"}), 1):
                await did(place, operation)
                for client in clients:
                    await client.hears(event(number))
                server.kill()
                server = stack.enter_context(serving(*how, environment=environment(port)))


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("proxy", [installed(name) for name in PROXIES])
async def test_what_is_held_for_as_long_as_by_default_is_not_cut(node: Path, tmp_path: Path, proxy: str) -> None:
    hold_ms = Push().timeout_ms
    with (
        prepared(tmp_path / "data", hold_ms=hold_ms) as place,
        in_front_of(place.server, proxy, tmp_path / proxy, place.port),
    ):
        shown = await verdict(node, place.url)
        assert shown["verdict"] == "good: Notifications get through.", shown
        async with browser() as http:
            poller = Listener(over_http(http, place))
            await poller.shakes_hands()
            connect = {"channel": "/meta/connect", "clientId": poller.client_id, "connectionType": "long-polling"}
            [reply] = await over_http(http, place)([connect])
            assert reply["successful"], "held to its end"


def test_every_time_out_on_the_page_leaves_a_margin() -> None:
    least_s = (Push().timeout_ms + MARGIN_MS) / 1000
    found = [
        int(seconds)
        for proxy in PROXIES
        for seconds in re.findall(r"(?:_read_timeout|_send_timeout|timeout (?:client|server|tunnel)) +(\d+)s",
                                  file_of(proxy))
    ]  # fmt: skip
    assert len(found) == 5
    assert min(found) >= least_s


# --- with something wrong in it ---


NO_UPGRADE = r" +proxy_set_header (Upgrade|Connection) .*\n"


def wrong(proxy: str, *what: Any) -> Any:
    """What is replaced in the file by what, and in which steps it is found with which remedy."""
    [name] = (marked := installed(proxy)).values
    return pytest.param(name, *what, marks=marked.marks)


@pytest.mark.parametrize(
    ("proxy", "right", "by", "found", "remedy"),
    [
        wrong("nginx", NO_UPGRADE, "", {"upgrade"}, "nginx: proxy_http_version 1.1, proxy_set_header Upgrade"),
        wrong("nginx", "proxy_buffering off", "proxy_buffering on", {"stream"}, "nginx: proxy_buffering off"),
        wrong(
            "nginx", "proxy_read_timeout 75s", "proxy_read_timeout 2s", {"poll", "socket"}, "nginx: proxy_read_timeout"
        ),
        wrong("haproxy", "timeout (server|tunnel) 75s", r"timeout \1 2s", {"poll", "socket"}, "HAProxy: timeout"),
        wrong("caddy", "flush_interval -1", "", {"stream"}, "Caddy: flush_interval -1"),
    ],
)
async def test_the_self_test_finds_what_is_wrong(
    node: Path, place: Place, tmp_path: Path, proxy: str, right: str, by: str, found: set[str], remedy: str
) -> None:
    file, times = re.subn(right, by, file_of(proxy))
    assert times
    with in_front_of(place.server, proxy, tmp_path / proxy, place.port, file=file):
        shown = await verdict(node, place.url)
    assert shown.pop("verdict").startswith("bad: ")
    assert {step for step, text in shown.items() if text.startswith("bad: ")} == found, shown
    assert all(remedy in shown[step] for step in found), shown
