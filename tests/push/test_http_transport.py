"""Long-polling over real sockets."""

import asyncio
import json

import pytest

from frontdesk.kit.clock import ManualClock
from tests.push.serving import Serving, serving, until
from tests.push.wire import connect, disconnect, seen, shake, subscribe

pytestmark = pytest.mark.usefixtures("both_ways")


async def test_an_answer_is_json_in_utf_8_that_nobody_may_store(server: Serving) -> None:
    answer = await (await server.http()).post(shake())
    assert answer.status == 200
    assert answer.header("content-type") == "application/json;charset=UTF-8"
    assert answer.header("cache-control") == "no-store"


async def test_a_single_message_object_is_answered_with_an_array(server: Serving) -> None:
    http = await server.http()
    http.request(json.dumps(shake()).encode())
    (reply,) = (await http.answer()).messages
    assert reply["successful"]


async def test_a_handshake_sets_the_browser_cookie_once(server: Serving) -> None:
    """HttpOnly; who has one keeps it."""
    http = await server.http()
    first = await http.post(shake())
    (cookie,) = [value for name, value in first.headers if "BAYEUX_BROWSER" in value]
    assert "HttpOnly" in cookie
    assert "Path=/" in cookie
    browser = first.cookies["BAYEUX_BROWSER"]
    second = await http.post(shake(), cookie=f"a=b; BAYEUX_BROWSER={browser}")
    assert "BAYEUX_BROWSER" not in second.cookies
    third = await http.post(shake(), cookie="BAYEUX_BROWSER=<script>")
    assert third.cookies["BAYEUX_BROWSER"].isalnum()
    client = first.messages[0]["clientId"]
    assert "BAYEUX_BROWSER" not in (await http.post(connect(client))).cookies


async def test_the_cookies_of_the_sign_in_go_with_the_answer(server: Serving) -> None:
    assert (await (await server.http()).post(shake())).cookies["seen"] == "yes"


async def test_an_event_answers_the_held_poll(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/chat/a")
    http.request(json.dumps([connect(client)]).encode())
    await server.is_held()
    server.deliver(("/chat/a", "hello"), number=3)
    event, reply = (await http.answer()).messages
    assert event == {"channel": "/chat/a", "data": "hello", "ext": {"replay": 3}}
    assert reply["successful"]


async def test_a_poll_is_held_for_the_advised_time() -> None:
    clock = ManualClock()
    async with serving(clock=clock, timeout_ms=25_000) as server:
        http = await server.http()
        client = await http.session()
        http.request(json.dumps([connect(client)]).encode())
        await server.is_held()
        clock.advance(seconds=24)
        await asyncio.sleep(0)
        assert server.push.leftovers()["held"] == 1
        clock.advance(seconds=1.1)
        assert (await http.answer()).messages == [{"channel": "/meta/connect", "successful": True, "id": "c"}]


async def test_polls_reuse_one_connection(server: Serving) -> None:
    """200 events, once each, in order."""
    http = await server.http()
    client = await http.session("/chat/a")
    got: list[int] = []
    for number in range(200):
        http.request(json.dumps([connect(client)]).encode())
        await server.is_held()
        server.deliver(("/chat/a", number))
        got += seen((await http.answer()).messages)
    assert got == list(range(200))


async def test_events_after_a_cut_poll_come_with_the_next_one(server: Serving) -> None:
    """On a new connection; the server noticed that the first has gone."""
    http = await server.http()
    client = await http.session("/chat/a")
    http.request(json.dumps([connect(client)]).encode())
    await server.is_held()
    http.cut()
    await server.is_held(0)
    server.deliver(("/chat/a", 1))
    assert seen((await (await server.http()).post(connect(client))).messages) == [1]


async def test_a_second_poll_takes_over_from_the_first(server: Serving) -> None:
    first, second = await server.http(), await server.http()
    client = await first.session("/chat/a")
    first.request(json.dumps([connect(client, id="1")]).encode())
    await server.is_held()
    second.request(json.dumps([connect(client, id="2")]).encode())
    assert (await first.answer()).messages[0]["error"] == "409::connect_replaced"
    server.deliver(("/chat/a", 1))
    assert seen((await second.answer()).messages) == [1]


async def test_disconnecting_answers_the_held_poll(server: Serving) -> None:
    first, second = await server.http(), await server.http()
    client = await first.session()
    first.request(json.dumps([connect(client)]).encode())
    await server.is_held()
    assert (await second.post(disconnect(client))).messages[0]["successful"]
    assert (await first.answer()).messages[0]["advice"]["reconnect"] == "none"


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b"[1]", b"\xff", b"[" * 5_000, b'[{"ext":' + b"[" * 5_000])
async def test_a_body_that_cannot_be_read_is_answered_400(server: Serving, body: bytes) -> None:
    """And the connection goes on."""
    http = await server.http()
    http.request(body)
    answer = await http.answer()
    assert answer.status == 400
    assert json.loads(answer.body)[0]["error"].startswith("400::")
    assert (await http.post(shake())).messages[0]["successful"]


@pytest.mark.parametrize("path", ["", "/", "/handshake", "/connect", "/disconnect", "/whatever/else"])
async def test_every_path_of_the_mount_is_the_same(server: Serving, path: str) -> None:
    assert (await (await server.http()).post(shake(), path=path)).messages[0]["successful"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(server: Serving, method: str) -> None:
    http = await server.http()
    http.request(b"", method=method)
    answer = await http.answer()
    assert (answer.status, answer.header("allow")) == (405, "POST")


@pytest.mark.parametrize(
    "content_type", ["application/json;charset=UTF-8", "Application/JSON ; a=b", "text/json", "text/plain", None]
)
async def test_who_signs_in_by_header_may_declare_any_type(server: Serving, content_type: str | None) -> None:
    assert (await (await server.http()).post(shake(), content_type=content_type)).status == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("text/json;charset=UTF-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        (None, 415),
    ],
)
async def test_a_cookie_alone_needs_a_body_declared_as_json(
    server: Serving, content_type: str | None, status: int
) -> None:
    """A page of another site cannot make a browser send that."""
    http = await server.http()
    answer = await http.post(shake(), user=None, cookie="user=ada", content_type=content_type)
    assert answer.status == status


async def test_who_is_nobody_is_told_in_bayeux(server: Serving) -> None:
    """In HTTP 200, with 401 and the advice to stop; every message is answered."""
    answer = await (await server.http()).post(shake(), subscribe("x", "/chat/a"), user=None)
    first, second = answer.messages
    assert (first["error"][:5], second["error"][:5]) == ("401::", "401::")
    assert (first["id"], second["id"]) == ("1", "s")
    assert first["advice"]["reconnect"] == "none"
    assert "BAYEUX_BROWSER" not in answer.cookies


async def test_a_page_of_another_origin_is_told_in_bayeux(server: Serving) -> None:
    (reply,) = (await (await server.http()).post(shake(), origin="http://evil.example")).messages
    assert reply["error"].startswith("403::")
    assert reply["advice"]["reconnect"] == "none"
    assert (await (await server.http()).post(shake(), origin="http://desk.example")).messages[0]["successful"]


async def test_every_request_is_authenticated(server: Serving) -> None:
    """A sign-in that has ended is not let in, and its held poll is told."""
    http, other = await server.http(), await server.http()
    client = await http.session(user="ada@laptop")
    http.request(json.dumps([connect(client)]).encode(), user="ada@laptop")
    await server.is_held()
    server.doorkeeper.ended.add("ada@laptop")
    server.push.end_sign_in("ada@laptop", "signed out")
    (reply,) = (await http.answer()).messages
    assert reply["error"] == "401::signed out"
    assert reply["advice"]["reconnect"] == "none"
    (again,) = (await other.post(connect(client), user="ada@laptop")).messages
    assert again["error"].startswith("401::")


async def test_another_users_client_id_is_unknown(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/chat/a")
    (reply,) = (await http.post(connect(client), user="eve")).messages
    assert reply["error"].startswith("402:")


async def test_a_fourth_poll_of_one_browser_is_told_to_wait(server: Serving) -> None:
    """Counted by the cookie, not by the session."""
    cookie = "BAYEUX_BROWSER=0123456789abcdef0123456789abcdef"
    for held in range(1, 4):
        http = await server.http()
        client = await http.session()
        http.request(json.dumps([connect(client)]).encode(), cookie=cookie)
        await server.is_held(held)
    http = await server.http()
    client = await http.session()
    (reply,) = (await http.post(connect(client), cookie=cookie)).messages
    assert reply["advice"]["multiple-clients"] is True
    elsewhere = await server.http()
    elsewhere.request(json.dumps([connect(client)]).encode(), cookie=cookie, user_agent="Python/3.11 aiohttp/3.13")
    await server.is_held(4)


@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_body_that_is_too_large_is_answered_413(is_declared: bool) -> None:
    """And the server lives on."""
    async with serving(request_bytes=1_000) as server:
        http = await server.http()
        if is_declared:
            http.request(b" " * 1_001)
        else:
            http.writer.write(
                b"POST /api/v2/notifications HTTP/1.1\r\nhost: x\r\nauthorization: User ada\r\n"
                b"transfer-encoding: chunked\r\n\r\n"
            )
            for _ in range(20):
                http.writer.write(b"64\r\n" + b" " * 100 + b"\r\n")
            http.writer.write(b"0\r\n\r\n")
        assert (await http.answer()).status == 413
        assert (await (await server.http()).post(shake())).status == 200


async def test_too_many_messages_are_answered_413() -> None:
    async with serving(messages_per_request=5) as server:
        assert (await (await server.http()).post(*[shake()] * 6)).status == 413


async def test_a_body_that_comes_in_pieces_is_put_together(server: Serving) -> None:
    http = await server.http()
    body = json.dumps([shake(ext={"padding": "x" * 50_000})]).encode()
    http.writer.write(
        b"POST /api/v2/notifications HTTP/1.1\r\nhost: x\r\nauthorization: User ada\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    for at in range(0, len(body), 7_000):
        await http.writer.drain()
        await asyncio.sleep(0)
        http.writer.write(body[at : at + 7_000])
    assert (await http.answer()).messages[0]["successful"]


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with serving(request_ms=50) as server:
        http = await server.http()
        http.writer.write(
            b"POST /api/v2/notifications HTTP/1.1\r\nhost: x\r\nauthorization: User ada\r\ncontent-length: 10\r\n\r\n[{"
        )
        assert (await http.answer()).status == 408


async def test_a_slow_poller_loses_nothing(server: Serving) -> None:
    """500 events while it is away, one of 64 KiB among them."""
    http = await server.http()
    client = await http.session("/chat/a")
    for number in range(500):
        server.deliver(("/chat/a", number))
    server.deliver(("/chat/a", "x" * 65_536))
    assert seen((await http.post(connect(client))).messages) == [*range(500), "x" * 65_536]


async def test_a_response_larger_than_the_socket_takes_arrives_whole(server: Serving) -> None:
    """The rest of it is written as the peer reads, and the session goes on."""
    http = await server.http()
    client = await http.session("/chat/a")
    for number in range(30):
        server.deliver(("/chat/a", str(number) * 50_000))
    got = seen((await http.post(connect(client))).messages)
    assert [len(text) for text in got] == [len(str(number)) * 50_000 for number in range(30)]
    assert (await http.post(connect(client, advice={"timeout": 0}))).messages[0]["successful"]


async def test_signs_of_life_are_told(server: Serving) -> None:
    http = await server.http()
    await http.session(user="ada@laptop")
    assert set(server.activity) == {("ada", "ada@laptop")}
    assert len(server.activity) == 2


async def test_nothing_is_left_of_sessions_that_expired() -> None:
    clock = ManualClock()
    async with serving(clock=clock) as server:
        http = await server.http()
        for _ in range(300):
            await http.post(shake())
        clock.advance(seconds=60)
        await until(lambda: not any(server.push.leftovers().values()))
        assert server.push.counts.expired_sessions == 300


async def test_a_graceful_stop_answers_every_held_poll() -> None:
    async with serving() as server:
        polls = [await server.http() for _ in range(20)]
        for poll in polls:
            poll.request(json.dumps([connect(await poll.session())]).encode())
        await server.is_held(20)
        await server.push.drain()
        for poll in polls:
            (reply,) = (await poll.answer()).messages
            assert reply["advice"]["reconnect"] == "handshake"
        (refused,) = (await polls[0].post(shake())).messages
        assert refused["advice"]["reconnect"] == "handshake"
