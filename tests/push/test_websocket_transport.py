"""Websockets over real sockets."""

import asyncio
import json

import pytest

from frontdesk.kit.clock import ManualClock
from tests.push.serving import Serving, serving, until
from tests.push.wire import connect, disconnect, publish, seen, shake, subscribe

pytestmark = pytest.mark.usefixtures("both_ways")


@pytest.mark.parametrize("path", ["", "/", "/handshake"])
async def test_a_handshake_works_over_a_websocket(server: Serving, path: str) -> None:
    socket = await server.websocket(path=path)
    (reply,) = await socket.ask(shake(id="5"))
    assert (reply["successful"], reply["id"]) == (True, "5")


async def test_an_offered_subprotocol_is_not_selected(server: Serving) -> None:
    _, answer = await server.upgrade(sec_websocket_protocol="cometd, bayeux")
    assert answer.status == 101
    assert answer.header("sec-websocket-protocol") is None
    assert answer.cookies["seen"] == "yes"


@pytest.mark.parametrize(
    ("user", "headers"), [(None, {}), ("ada", {"origin": "http://evil.example"}), (None, {"cookie": "user="})]
)
async def test_who_may_not_upgrade_is_answered_403(server: Serving, user: str | None, headers: dict[str, str]) -> None:
    _, answer = await server.upgrade(user=user, **headers)
    assert answer.status == 403


async def test_events_are_pushed_while_the_connect_is_held(server: Serving) -> None:
    socket = await server.websocket()
    client = await socket.session("/chat/a")
    await server.is_held()
    server.deliver(("/chat/a", 1), number=4)
    assert await socket.messages() == [{"channel": "/chat/a", "data": 1, "ext": {"replay": 4}}]
    (reply,) = await socket.ask(subscribe(client, "/chat/b"))
    assert reply["successful"]
    assert server.push.leftovers()["held"] == 1


async def test_an_idle_connect_is_answered_after_the_hold() -> None:
    clock = ManualClock()
    async with serving(clock=clock, timeout_ms=25_000) as server:
        socket = await server.websocket()
        await socket.session()
        await server.is_held()
        clock.advance(seconds=25.1)
        assert await socket.messages() == [{"channel": "/meta/connect", "successful": True, "id": "held"}]


async def test_all_that_happens_in_a_turn_comes_in_one_frame(server: Serving) -> None:
    socket = await server.websocket()
    await socket.session("/chat/a")
    await server.is_held()
    for number in range(10):
        server.deliver(("/chat/a", number))
    assert seen(await socket.messages()) == list(range(10))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"{", 1007),
        (b"", 1007),
        (b"[]", 1007),
        (b"[1]", 1007),
        (b"hello", 1007),
        (b"\xff", 1007),
        (b"[" * 5_000, 1007),
    ],
)
async def test_a_frame_that_cannot_be_read_closes_the_socket(server: Serving, frame: bytes, code: int) -> None:
    """And only that one."""
    bystander = await server.websocket()
    socket = await server.websocket()
    socket.frame(1, frame)
    assert await socket.close_code() == code
    assert (await bystander.ask(shake()))[0]["successful"]
    await until(lambda: server.push.leftovers()["sockets"] == 1)


async def test_a_binary_frame_closes_the_socket(server: Serving) -> None:
    socket = await server.websocket()
    socket.frame(2, json.dumps([shake()]).encode())
    assert await socket.close_code() == 1003


async def test_a_frame_that_is_too_large_closes_the_socket() -> None:
    async with serving(request_bytes=1_000) as server:
        socket = await server.websocket()
        socket.frame(1, b" " * 1_001)
        assert await socket.close_code() == 1009


async def test_too_many_messages_close_the_socket() -> None:
    async with serving(messages_per_request=5) as server:
        socket = await server.websocket()
        socket.send(*[shake()] * 6)
        assert await socket.close_code() == 1008


async def test_a_single_message_object_is_accepted(server: Serving) -> None:
    socket = await server.websocket()
    socket.frame(1, json.dumps(shake()).encode())
    assert (await socket.messages())[0]["successful"]


async def test_a_ping_is_answered(server: Serving) -> None:
    socket = await server.websocket()
    socket.frame(9, b"are you there")
    assert await socket.read() == (10, b"are you there")


async def test_a_batch_is_answered_for_each_message(server: Serving) -> None:
    socket = await server.websocket()
    client = await socket.session()
    replies = await socket.ask(subscribe(client, "/chat/a", id="x"), publish(client, "/chat/b", 1, id="y"))
    assert [reply["id"] for reply in replies] == ["x", "y"]


async def test_disconnecting_answers_both(server: Serving) -> None:
    socket = await server.websocket()
    client = await socket.session()
    await server.is_held()
    socket.send(disconnect(client))
    replies = [*await socket.messages(), *await socket.messages()]
    assert {reply["channel"] for reply in replies} == {"/meta/connect", "/meta/disconnect"}


async def test_a_session_goes_on_over_a_new_socket(server: Serving) -> None:
    """What was raised meanwhile comes."""
    socket = await server.websocket()
    client = await socket.session("/chat/a")
    await server.is_held()
    socket.cut()
    await server.is_held(0)
    server.deliver(("/chat/a", 1))
    again = await server.websocket()
    messages = await again.ask(connect(client, advice={"timeout": 0}))
    assert seen(messages) == [1]
    server.deliver(("/chat/a", 2))
    assert seen(await again.messages()) == [2]


async def test_a_session_moves_between_transports(server: Serving) -> None:
    """And back."""
    http = await server.http()
    client = await http.session("/chat/a")
    socket = await server.websocket()
    socket.send(connect(client))
    await server.is_held()
    server.deliver(("/chat/a", 1))
    assert seen(await socket.messages()) == [1]
    http.request(json.dumps([connect(client)]).encode())
    assert await socket.close_code() == 1000
    server.deliver(("/chat/a", 2))
    assert seen((await http.answer()).messages) == [2]


async def test_an_unknown_client_id_is_told_to_handshake(server: Serving) -> None:
    (reply,) = await (await server.websocket()).ask(connect("0123456789abcdef0123"))
    assert reply["advice"]["reconnect"] == "handshake"


async def test_1000_events_and_large_ones_arrive_in_order(server: Serving) -> None:
    socket = await server.websocket()
    await socket.session("/chat/a")
    got: list[object] = []
    for number in range(1000):
        server.deliver(("/chat/a", number))
        if number % 10 == 0:
            await asyncio.sleep(0)
    server.deliver(("/chat/a", "x" * 262_144))
    while len(got) < 1001:
        got += seen(await socket.messages())
    assert got == [*range(1000), "x" * 262_144]


async def test_sockets_cut_without_a_closing_frame_disturb_nobody(server: Serving) -> None:
    live = await server.websocket()
    await live.session("/chat/a")
    for _ in range(50):
        socket = await server.websocket()
        await socket.session("/chat/a")
        socket.cut()
    await until(lambda: server.push.leftovers()["sockets"] == 1)
    server.deliver(("/chat/a", 1))
    assert seen(await live.messages()) == [1]


async def test_a_peer_that_does_not_read_delays_nobody() -> None:
    """What waits for it is bounded, and what it lost is told to it when it reads again."""
    async with serving(queue_messages=50, queue_bytes=1_000_000) as server:
        lazy, live = await server.websocket(), await server.websocket()
        await lazy.session("/chat/a")
        client = await live.session("/chat/a")
        await server.is_held(2)
        last = 0
        while not server.push.counts.overflows:
            server.deliver(("/chat/a", [last, "x" * 50_000]))
            messages = await live.messages()
            while not seen(messages):  # now and then its connect is answered, to see whether it reads
                live.send(connect(client))
                messages = await live.messages()
            assert [data[0] for data in seen(messages)] == [last]
            last += 1
        assert all(session.queued_bytes <= 1_000_000 for session in server.push.sessions())
        messages = [*await lazy.messages()]
        while "ext" not in messages[-1]:
            messages += await lazy.messages()
        assert messages[-1]["ext"] == {"resync": True}
        numbers = [data[0] for data in seen(messages[:-1])]
        assert numbers == list(range(len(numbers)))


async def test_a_peer_that_never_reads_is_cut_off_and_its_session_kept() -> None:
    clock = ManualClock()
    async with serving(clock=clock, timeout_ms=25_000) as server:
        lazy = await server.websocket()
        client = await lazy.session("/chat/a")
        await server.is_held()
        sent = 0
        while not any(session.queued_messages for session in server.push.sessions()):
            server.deliver(("/chat/a", "x" * 50_000))
            sent += 1
            await asyncio.sleep(0)
        clock.advance(seconds=25.1)
        await until(lambda: server.push.leftovers()["sockets"] == 0)
        again = await server.websocket()
        again.send(connect(client, advice={"timeout": 0}))
        messages = await again.messages()
        while "successful" not in messages[-1]:
            messages += await again.messages()
        assert 0 < len(seen(messages)) < sent


async def test_who_signs_out_loses_the_socket(server: Serving) -> None:
    socket = await server.websocket(user="ada@laptop")
    await socket.session()
    await server.is_held()
    server.doorkeeper.ended.add("ada@laptop")
    server.push.end_sign_in("ada@laptop", "signed out")
    (reply,) = await socket.messages()
    assert (reply["error"], reply["advice"]["reconnect"]) == ("401::signed out", "none")
    assert await socket.close_code() == 1008
    _, answer = await server.upgrade(user="ada@laptop")
    assert answer.status == 403


async def test_a_user_who_is_ended_loses_everything(server: Serving) -> None:
    socket = await server.websocket()
    await socket.session()
    server.push.end_principal("ada", "disabled")
    assert await socket.close_code() == 1008
    assert not server.push.has_sessions("ada")


async def test_a_graceful_stop_answers_and_closes() -> None:
    async with serving() as server:
        socket = await server.websocket()
        await socket.session()
        await server.is_held()
        await server.push.drain()
        (reply,) = await socket.messages()
        assert reply["advice"]["reconnect"] == "handshake"
        assert await socket.close_code() == 1001


async def test_who_reads_intervals_as_seconds_is_not_made_to_wait_for_a_restart() -> None:
    """Known by the HTTP library."""
    async with serving(restart_spread_ms=2**31) as server:
        socket = await server.websocket(user_agent="Python/3.11 aiohttp/3.13")
        await socket.session()
        await server.is_held()
        await server.push.drain()
        assert (await socket.messages())[0]["advice"]["interval"] == 0
