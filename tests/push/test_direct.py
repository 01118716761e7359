"""Polls that do not go by ASGI: which those are, and that the others lose nothing by it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest

from frontdesk.http_server import read_head
from tests.push.serving import MOUNT, Http, Serving, Way, serving, until
from tests.push.wire import Message, connect, shake, subscribe


@pytest.fixture(autouse=True)
def direct() -> Iterator[None]:
    Way.is_direct = True
    yield
    Way.is_direct = False


@pytest.fixture
async def server(direct: None) -> AsyncIterator[Serving]:
    async with serving() as started:
        yield started


def raw(*messages: object, more: bytes = b"") -> bytes:
    body = json.dumps(messages).encode()
    return (
        b"POST %b HTTP/1.1\r\nhost: localhost\r\nauthorization: User ada\r\ncontent-type: application/json\r\n"
        b"%bcontent-length: %d\r\n\r\n%b" % (MOUNT.encode(), more, len(body), body)
    )


async def test_a_plain_poll_is_answered_from_memory(server: Serving) -> None:
    http = await server.http()
    client = (await http.post(shake())).messages[0]["clientId"]
    assert (await http.post(subscribe(client, "/a"), path="/")).messages[0]["successful"]
    assert (await http.post(connect(client), path="/connect")).messages[0]["successful"]
    assert server.doorkeeper.recalled == 3


async def arrived(server: Serving) -> None:
    """What was sent before has been read: a round of another connection comes after it."""
    assert (await (await server.http()).post(shake())).messages[0]["successful"]


async def in_pieces(server: Serving, http: Http, whole: bytes, *cuts: int) -> tuple[Message, int]:
    """The reply to a request that comes in pieces, and how often the memory was asked for it."""
    for begin, end in pairwise((0, *cuts)):
        http.writer.write(whole[begin:end])
        await http.writer.drain()
        await arrived(server)
    before = server.doorkeeper.recalled
    http.writer.write(whole[cuts[-1] :])
    (reply,) = (await http.answer()).messages
    return reply, server.doorkeeper.recalled - before


async def test_a_body_may_come_after_its_head(server: Serving) -> None:
    """Many clients send them one by one."""
    http = await server.http()
    client = (await http.post(shake())).messages[0]["clientId"]
    whole = raw(subscribe(client, "/a"))
    body_at = whole.index(b"\r\n\r\n") + 4
    for cut in (body_at, body_at + 1, len(whole) - 1):
        reply, _ = await in_pieces(server, http, whole, cut)
        assert reply["successful"]


async def test_a_request_in_more_pieces_goes_by_asgi(server: Serving) -> None:
    http = await server.http()
    client = (await http.post(shake())).messages[0]["clientId"]
    whole = raw(subscribe(client, "/a"))
    body_at = whole.index(b"\r\n\r\n") + 4
    for cuts in ((4,), (60,), (body_at - 1,), (body_at, body_at + 5), (60, body_at, body_at + 5)):
        reply, asked = await in_pieces(server, http, whole, *cuts)
        assert (reply["successful"], asked) == (True, 0), cuts
        before = server.doorkeeper.recalled
        assert (await http.post(subscribe(client, "/c"))).messages[0]["successful"]
        assert server.doorkeeper.recalled == before + 1, "the next one is direct again"


async def test_a_body_that_does_not_come_is_timed_out_as_by_asgi() -> None:
    async with serving(request_ms=50) as server:
        http = await server.http()
        http.writer.write(raw(shake())[:-1])
        assert (await http.answer()).status == 408


async def test_a_client_that_goes_away_within_its_request_leaves_nothing(server: Serving) -> None:
    http = await server.http()
    http.writer.write(raw(shake())[:-1])
    await arrived(server)
    http.cut()
    await until(lambda: len(server.connections) == 1)  # that of `arrived`
    assert server.push.leftovers()["sessions"] == 1


async def test_what_has_begun_to_come_is_served_at_a_stop(server: Serving) -> None:
    http = await server.http()
    whole = raw(shake())
    http.writer.write(whole[:-1])
    await arrived(server)
    for connection in server.connections:
        connection.shutdown()  # type: ignore[attr-defined]
    http.writer.write(whole[-1:])
    answer = await http.answer()
    assert answer.messages[0]["successful"]
    assert await http.reader.read() == b""


async def test_what_cannot_be_read_is_refused_as_by_asgi(server: Serving) -> None:
    http = await server.http()
    for body, status in ((b"[{", 400), (b"[]", 400), (b"", 400), (b"[7]", 400)):
        http.request(body)
        assert (await http.answer()).status == status, body
    http.request(json.dumps([shake()]).encode(), content_type="text/plain", user=None, cookie="user=ada")
    assert (await http.answer()).status == 415


async def test_who_is_not_known_is_refused_as_by_asgi(server: Serving) -> None:
    http = await server.http()
    client = (await http.post(shake())).messages[0]["clientId"]
    server.doorkeeper.ended.add("ada")
    (reply,) = (await http.post(connect(client))).messages
    assert reply["error"].startswith("401")
    assert reply["advice"]["reconnect"] == "none"


async def test_a_body_beyond_the_bound_is_refused() -> None:
    async with serving(request_bytes=500) as server:
        http = await server.http()
        http.request(json.dumps([shake(ext={"filler": "x" * 600})]).encode())
        assert (await http.answer()).status == 413


async def test_a_chunked_request_goes_by_asgi(server: Serving) -> None:
    http = await server.http()
    body = json.dumps([shake()]).encode()
    http.writer.write(
        b"POST %b HTTP/1.1\r\nhost: localhost\r\nauthorization: User ada\r\ncontent-type: application/json\r\n"
        b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (MOUNT.encode(), len(body), body)
    )
    assert (await http.answer()).messages[0]["successful"]
    assert server.doorkeeper.recalled == 0


async def test_requests_sent_at_once_are_answered_in_order(server: Serving) -> None:
    http = await server.http()
    client = (await http.post(shake())).messages[0]["clientId"]
    http.writer.write(b"".join(raw(subscribe(client, f"/{number}", id=str(number))) for number in range(5)))
    for number in range(5):
        (reply,) = (await http.answer()).messages
        assert (reply["id"], reply["subscription"]) == (str(number), f"/{number}")


async def test_what_follows_a_body_is_a_request_of_its_own(server: Serving) -> None:
    """Nobody can hide a request in what another one says is its body, nor the other way about."""
    http = await server.http()
    inner = raw(shake(id="inner"))
    body = json.dumps([shake(id="outer", ext={"text": inner.decode()})]).encode()
    http.request(body)
    (reply,) = (await http.answer()).messages
    assert reply["id"] == "outer"
    (reply,) = (await http.post(shake(id="next"))).messages
    assert reply["id"] == "next"


async def test_what_comes_while_a_poll_is_held_waits_behind_it(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/a")
    http.writer.write(raw(connect(client, id="held")))
    await server.is_held()
    for number in range(3):
        http.writer.write(raw(subscribe(client, f"/{number}", id=str(number))))
        await http.writer.drain()
    other = await server.http()
    await other.post(subscribe(client, "/b"))
    server.deliver(("/a", 1))
    event, held = (await http.answer()).messages
    assert (event["data"], held["id"]) == (1, "held")
    for number in range(3):
        (reply,) = (await http.answer()).messages
        assert reply["id"] == str(number)


async def test_what_comes_right_after_the_answer_stays_behind_what_has_waited(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/a")
    http.writer.write(raw(connect(client, id="held")))
    await server.is_held()
    (connection,) = server.connections
    other = await server.http()
    await other.post(shake())
    (replacing,) = {*server.connections} - {connection}
    connection.data_received(raw(subscribe(client, "/1", id="first")))
    replacing.data_received(raw(connect(client, id="newer")))  # which answers the held one in this very turn
    connection.data_received(raw(subscribe(client, "/2", id="second")))
    assert (await http.answer()).messages[0]["id"] == "held"
    for id_ in ("first", "second"):
        assert (await http.answer()).messages[0]["id"] == id_


async def test_a_client_that_sends_on_and_on_while_its_poll_is_held_is_read_no_more(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/a")
    http.writer.write(raw(connect(client, id="held")))
    await server.is_held()
    follower = raw(subscribe(client, "/b", id="b", ext={"filler": "x" * 900_000}))
    http.writer.write(follower * 3)
    server.deliver(("/a", 1))
    assert (await http.answer()).messages[1]["id"] == "held"
    for _ in range(3):
        assert (await http.answer()).messages[0]["id"] == "b"


async def test_a_client_that_goes_away_while_held_loses_nothing_that_comes_later(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/a")
    http.writer.write(raw(connect(client)))
    await server.is_held()
    http.cut()
    await server.is_held(0)
    server.deliver(("/a", "later"))
    event, _ = (await (await server.http()).post(connect(client))).messages
    assert event["data"] == "later"


async def test_a_second_connect_takes_over_from_the_first(server: Serving) -> None:
    first, second = await server.http(), await server.http()
    client = await first.session("/a")
    first.writer.write(raw(connect(client, id="first")))
    await server.is_held()
    second.writer.write(raw(connect(client, id="second")))
    (reply,) = (await first.answer()).messages
    assert (reply["id"], reply["successful"]) == ("first", False)
    server.deliver(("/a", 1))
    assert (await second.answer()).messages[0]["data"] == 1


async def test_the_browser_cookie_is_set_once(server: Serving) -> None:
    http = await server.http()
    browser = (await http.post(shake())).cookies["BAYEUX_BROWSER"]
    assert "BAYEUX_BROWSER" not in (await http.post(shake(), cookie=f"BAYEUX_BROWSER={browser}")).cookies
    assert server.doorkeeper.recalled == 2


async def test_a_connection_that_was_polled_on_can_become_a_websocket(server: Serving) -> None:
    http = await server.http()
    await http.session("/a")
    http.request(
        b"",
        method="GET",
        content_type=None,
        connection="Upgrade",
        upgrade="websocket",
        sec_websocket_version="13",
        sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
    )
    assert (await http.answer()).status == 101


async def test_an_idle_connection_is_closed_and_one_with_a_held_poll_is_not() -> None:
    async with serving(keep_alive_s=1) as server:
        idle, busy = await server.http(), await server.http()
        client = await busy.session("/a")
        busy.writer.write(raw(connect(client)))
        await server.is_held()
        await idle.post(shake())
        assert await idle.reader.read() == b""
        assert server.push.leftovers()["held"] == 1
        server.deliver(("/a", 1))
        assert (await busy.answer()).messages[0]["data"] == 1
        assert await busy.reader.read() == b""


async def test_a_stop_answers_what_is_held_and_closes(server: Serving) -> None:
    http = await server.http()
    client = await http.session("/a")
    http.writer.write(raw(connect(client)))
    await server.is_held()
    stopping = asyncio.create_task(server.stop())
    (reply,) = (await http.answer()).messages
    assert reply["error"] == "402::server_stopping"
    assert await http.reader.read() == b""
    await stopping


async def test_activity_is_told_of_polls(server: Serving) -> None:
    await (await server.http()).session("/a")
    await until(lambda: ("ada", "ada") in server.activity)


HEAD = b"POST /a HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n"


def test_a_plain_head_is_read() -> None:
    scope = read_head(HEAD.replace(b"/a", b"/a?b=c"))
    assert scope is not None
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/a", b"b=c")
    assert scope["headers"] == [(b"host", b"here"), (b"content-length", b"2")]


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"1.1", b"1.0"),
        HEAD.replace(b"HTTP", b"HTTX"),
        HEAD.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        HEAD.replace(b"Host: here", b"Expect: 100-continue"),
        HEAD.replace(b"Host: here", b"Connection: close"),
        HEAD.replace(b"Host: here", b"Content-Length: 2\r\nContent-Length: 3"),
        HEAD.replace(b"Host: here", b"Connection: upgrade\r\nUpgrade: websocket"),
        HEAD.replace(b"Host: here", b"Ho st: here"),
        HEAD.replace(b"\r\n\r\n", b"\r\n"),
        HEAD + b"{}",
    ],
)
def test_no_other_head_is_read(head: bytes) -> None:
    assert read_head(head) is None
