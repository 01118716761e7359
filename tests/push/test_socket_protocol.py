"""Sessions over websockets, as the machine sees them."""

from tests.push.wire import Wire, connect, disconnect, publish, seen, shake, subscribe


def test_the_first_connect_on_a_socket_is_answered_at_once() -> None:
    wire = Wire()
    socket = wire.open()
    (reply,) = wire.send(socket, connect(wire.handshake(socket), id="2"))
    assert (reply["successful"], reply["id"]) == (True, "2")


def test_an_idle_connect_on_a_socket_is_held_and_then_answered() -> None:
    wire = Wire(timeout_ms=25_000)
    socket, _ = wire.connected_socket()
    wire.time_passes(24_900)
    assert socket.taken() == []
    wire.time_passes(200)
    assert socket.taken() == [{"channel": "/meta/connect", "successful": True, "id": "held"}]


def test_an_event_is_pushed_while_the_connect_stays_held() -> None:
    wire = Wire()
    socket, _ = wire.connected_socket("/chat/a")
    wire.deliver(("/chat/a", 1))
    assert socket.taken() == [{"channel": "/chat/a", "data": 1}]
    assert wire.machine.leftovers()["held"] == 1


def test_events_of_one_turn_leave_in_one_frame() -> None:
    wire = Wire()
    socket, _ = wire.connected_socket("/chat/*")
    wire.queue(("/chat/a", 1), ("/chat/b", 2), number=5)
    wire.queue(("/chat/a", 3), number=6)
    wire.flush()
    assert [[message["data"] for message in frame] for frame in socket.frames] == [[1, 2, 3]]


def test_many_large_events_leave_in_several_frames_none_of_them_split() -> None:
    """What was given together stays together."""
    wire = Wire(frame_bytes=1_000)
    socket, _ = wire.connected_socket("/chat/*")
    for number in range(6):
        wire.queue(("/chat/a", "x" * 300), ("/chat/b", number), number=number)
    wire.flush()
    assert [[message["ext"]["replay"] for message in frame] for frame in socket.frames] == [
        [0, 0, 1, 1],
        [2, 2, 3, 3],
        [4, 4, 5, 5],
    ]


def test_an_event_larger_than_a_frame_leaves_whole() -> None:
    wire = Wire(frame_bytes=1_000)
    socket, _ = wire.connected_socket("/chat/a")
    wire.deliver(("/chat/a", "x" * 262_144))
    assert [len(data) for data in seen(socket.taken())] == [262_144]


def test_other_requests_are_answered_while_a_connect_is_held() -> None:
    wire = Wire()
    socket, client = wire.connected_socket()
    replies = wire.send(socket, subscribe(client, "/chat/a"), publish(client, "/chat/a", 1))
    assert [reply["channel"] for reply in replies if "successful" in reply] == ["/meta/subscribe", "/chat/a"]
    assert seen(replies) == [1]
    assert wire.machine.leftovers()["held"] == 1


def test_a_connect_in_a_batch_on_a_socket_is_not_held() -> None:
    wire = Wire()
    socket, client = wire.connected_socket()
    replies = wire.send(socket, connect(client, id="7"), subscribe(client, "/chat/a"))
    assert [reply.get("id") for reply in replies] == ["held", "7", "s"]


def test_a_second_connect_on_a_socket_ends_the_first() -> None:
    """The newer one is held."""
    wire = Wire()
    socket, client = wire.connected_socket()
    (first,) = wire.send(socket, connect(client, id="newer"))
    assert first["id"] == "held"
    wire.time_passes(wire.limits.timeout_ms + 20)
    assert [reply["id"] for reply in socket.taken()] == ["newer"]


def test_disconnecting_answers_the_held_connect_too() -> None:
    """Clients wait for both before they close."""
    wire = Wire()
    socket, client = wire.connected_socket()
    replies = wire.send(socket, disconnect(client))
    assert {reply["channel"] for reply in replies} == {"/meta/connect", "/meta/disconnect"}
    assert next(reply for reply in replies if reply["id"] == "held")["advice"]["reconnect"] == "none"


def test_a_session_resumes_on_a_new_socket_with_all_it_missed() -> None:
    """Without a handshake; subscriptions stay."""
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    wire.lose(socket)
    wire.deliver(("/chat/a", "meanwhile"))
    again = wire.open()
    messages = wire.send(again, connect(client, advice={"timeout": 0}))
    assert seen(messages) == ["meanwhile"]
    assert messages[-1]["successful"]
    wire.deliver(("/chat/a", "live"))
    assert seen(again.taken()) == ["live"]


def test_a_session_resumed_by_a_held_connect_gets_what_it_missed_at_once() -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    wire.lose(socket)
    wire.deliver(("/chat/a", "meanwhile"))
    assert seen(wire.send(wire.open(), connect(client))) == ["meanwhile"]
    assert wire.machine.leftovers()["held"] == 1


def test_the_newest_socket_has_the_session() -> None:
    """The one before is closed and gets nothing more."""
    wire = Wire()
    before, client = wire.connected_socket("/chat/a")
    after = wire.open()
    wire.send(after, connect(client))
    assert before.close_code == 1000
    assert [reply["error"] for reply in before.taken()] == ["409::connect_replaced"]
    wire.deliver(("/chat/a", 1))
    assert seen(after.taken()) == [1]


def test_an_unknown_client_id_on_a_socket_is_told_to_handshake() -> None:
    wire = Wire()
    (reply,) = wire.send(wire.open(), connect("0123456789abcdef0123"))
    assert reply["error"].startswith("402:")
    assert reply["advice"]["reconnect"] == "handshake"


def test_a_session_expires_after_its_socket_has_gone() -> None:
    wire = Wire(max_interval_ms=40_000)
    socket, client = wire.connected_socket()
    wire.lose(socket)
    wire.time_passes(39_900)
    assert wire.machine.has_sessions("ada")
    wire.time_passes(200)
    assert wire.send(wire.open(), connect(client))[0]["error"].startswith("402:")


def test_a_session_opened_by_long_polling_goes_on_over_a_websocket() -> None:
    """Subscriptions and queue come along."""
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.deliver(("/chat/a", 1))
    socket = wire.open()
    assert seen(wire.send(socket, connect(client))) == [1]
    wire.deliver(("/chat/a", 2))
    assert seen(socket.taken()) == [2]


def test_a_session_opened_on_a_websocket_goes_on_by_long_polling() -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    request = wire.post(connect(client))
    assert socket.close_code == 1000
    assert request.is_held
    wire.deliver(("/chat/a", 1))
    assert seen(request.events) == [1]


def test_a_held_poll_is_ended_when_its_session_moves_to_a_websocket() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    held = wire.post(connect(client))
    wire.send(wire.open(), subscribe(client, "/chat/b"))
    assert held.reply["error"] == "409::connect_replaced"


def test_advice_is_given_again_when_a_session_changes_its_transport() -> None:
    wire = Wire()
    client = wire.connected()
    reply = wire.send(wire.open(), connect(client, connectionType="websocket"), subscribe(client, "/chat/a"))[0]
    assert reply["advice"]["reconnect"] == "retry"


def test_a_request_over_http_leaves_the_socket_of_its_session_alone() -> None:
    """Events have gone out on the socket and do not ride on its reply."""
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    request = wire.post(publish(client, "/chat/a", 1))
    assert request.events == []
    assert seen(socket.taken()) == [1]
    assert socket.is_open


def test_another_sessions_client_id_is_refused_on_a_socket() -> None:
    wire = Wire()
    socket, _ = wire.connected_socket()
    other = wire.connected("/chat/a")
    (reply,) = wire.send(socket, connect(other))
    assert reply["error"].startswith("402:")


def test_the_session_of_another_user_cannot_be_taken_over() -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    (reply,) = wire.send(wire.open("eve"), connect(client))
    assert reply["error"].startswith("402:")
    assert socket.is_open


def test_1000_events_reach_a_socket_once_each_in_order() -> None:
    wire = Wire()
    socket, _ = wire.connected_socket("/chat/a")
    for number in range(1000):
        wire.queue(("/chat/a", number))
        if number % 7 == 0:
            wire.flush()
    wire.flush()
    assert seen(socket.taken()) == list(range(1000))


def test_a_socket_that_names_no_session_is_closed() -> None:
    wire = Wire()
    silent, guessing = wire.open(), wire.open()
    wire.time_passes(wire.limits.max_interval_ms // 2)
    wire.send(guessing, connect("0123456789abcdef0123"))
    wire.time_passes(wire.limits.max_interval_ms // 2 + 20)
    assert (silent.close_code, guessing.close_code) == (1008, 1008)
    assert not any(wire.machine.leftovers().values())


def test_a_socket_may_be_used_again_after_its_session_disconnected() -> None:
    wire = Wire()
    socket, client = wire.connected_socket()
    wire.send(socket, disconnect(client))
    reply = wire.send(socket, shake())[-1]
    assert reply["successful"]
    wire.time_passes(wire.limits.max_interval_ms // 2)
    assert socket.is_open


def test_a_frame_that_could_not_be_written_gives_its_events_back() -> None:
    """They come first on the next socket."""
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    wire.broken.add(socket)
    wire.deliver(("/chat/a", 1), ("/chat/a", 2))
    wire.deliver(("/chat/a", 3))
    assert seen(wire.send(wire.open(), connect(client))) == [1, 2, 3]


# --- a peer that does not read ---


def test_events_wait_while_the_peer_does_not_read() -> None:
    wire = Wire()
    socket, _ = wire.connected_socket("/chat/a")
    wire.machine.blocked(socket, wire.now_ms)
    for number in range(5):
        wire.deliver(("/chat/a", number))
    assert socket.taken() == []
    wire.do(wire.machine.writable(socket, wire.now_ms))
    assert seen(socket.taken()) == [0, 1, 2, 3, 4]


def test_a_peer_that_goes_on_not_reading_is_closed_and_its_session_kept() -> None:
    wire = Wire(timeout_ms=25_000)
    socket, client = wire.connected_socket("/chat/a")
    wire.time_passes(10_000)
    wire.machine.blocked(socket, wire.now_ms)
    wire.deliver(("/chat/a", 1))
    wire.time_passes(24_900)
    assert socket.is_open
    wire.time_passes(200)
    assert socket.close_code == 1011
    assert seen(wire.send(wire.open(), connect(client))) == [1]


def test_a_peer_that_reads_again_in_time_is_not_closed() -> None:
    wire = Wire(timeout_ms=25_000)
    socket, _ = wire.connected_socket("/chat/a")
    wire.machine.blocked(socket, wire.now_ms)
    wire.time_passes(24_000)
    wire.do(wire.machine.writable(socket, wire.now_ms))
    wire.time_passes(20_000)
    assert socket.is_open
