"""When a sign-in, a user or the server ends."""

from tests.push.wire import Wire, connect, publish, seen, shake, subscribe


def end(wire: Wire, sign_in: str) -> None:
    wire.do(wire.machine.end_sign_in(sign_in, "signed out", wire.now_ms))


def test_a_sign_in_that_ends_ends_its_sessions() -> None:
    """401, and no coming back."""
    wire = Wire()
    client = wire.connected()
    held = wire.post(connect(client, id="5"))
    end(wire, "ada's sign-in")
    assert held.reply["id"] == "5"
    assert held.reply["error"] == "401::signed out"
    assert held.reply["advice"]["reconnect"] == "none"
    assert not wire.machine.has_sessions("ada")


def test_a_sign_in_that_ends_closes_its_websockets() -> None:
    """Those without a session too."""
    wire = Wire()
    socket, _ = wire.connected_socket()
    unused = wire.open()
    end(wire, "ada's sign-in")
    (reply,) = socket.taken()
    assert reply["error"] == "401::signed out"
    assert (socket.close_code, unused.close_code) == (1008, 1008)


def test_a_websocket_without_a_held_connect_is_told_by_a_disconnect() -> None:
    wire = Wire()
    socket = wire.open()
    wire.handshake(socket)
    end(wire, "ada's sign-in")
    (message,) = socket.taken()
    assert (message["channel"], message["successful"]) == ("/meta/disconnect", True)
    assert message["advice"]["reconnect"] == "none"
    assert socket.close_code == 1008


def test_a_session_lives_by_the_sign_in_it_was_last_used_with() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.post(subscribe(client, "/chat/b"), sign_in="another of ada's")
    end(wire, "ada's sign-in")
    request = wire.post(connect(client), sign_in="another of ada's")
    assert request.is_held
    end(wire, "another of ada's")
    assert request.reply["error"].startswith("401:")


def test_a_session_outlives_the_sign_in_of_a_websocket_it_no_longer_needs() -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    wire.post(publish(client, "/chat/b", 1), sign_in="another of ada's")
    end(wire, "ada's sign-in")
    assert socket.close_code == 1008
    wire.deliver(("/chat/a", 1))
    assert seen(wire.post(connect(client), sign_in="another of ada's").events) == [1]


def test_other_sign_ins_of_the_user_go_on() -> None:
    wire = Wire()
    client = wire.post(shake(), sign_in="another of ada's").reply["clientId"]
    wire.connected()
    end(wire, "ada's sign-in")
    assert wire.post(connect(client), sign_in="another of ada's").reply["successful"]


def test_a_user_who_is_ended_loses_every_session() -> None:
    wire = Wire()
    socket, _ = wire.connected_socket()
    held = wire.post(connect(wire.connected()))
    grace = wire.post(connect(wire.connected(principal="grace")), principal="grace")
    wire.do(wire.machine.end_principal("ada", "disabled", wire.now_ms))
    assert held.reply["error"] == "401::disabled"
    assert socket.close_code == 1008
    assert grace.is_held


def test_a_graceful_stop_answers_every_held_connect() -> None:
    """Polls are sent to handshake elsewhere, each after a moment of its own; websockets close with 1001."""
    wire = Wire(restart_spread_ms=2_000)
    polls = [wire.post(connect(wire.connected())) for _ in range(20)]
    socket, _ = wire.connected_socket()
    wire.do(wire.machine.drain(wire.now_ms))
    replies = [poll.reply for poll in polls]
    assert all(reply["error"].startswith("402:") for reply in replies)
    assert all(reply["advice"]["reconnect"] == "handshake" for reply in replies)
    intervals = [reply["advice"]["interval"] for reply in replies]
    assert len(set(intervals)) > 10
    assert 0 <= min(intervals) <= max(intervals) < 2_000
    assert socket.taken()[-1]["advice"]["reconnect"] == "handshake"
    assert socket.close_code == 1001


def test_who_reads_intervals_as_seconds_is_not_made_to_wait_for_the_restart() -> None:
    wire = Wire()
    poll = wire.post(connect(wire.connected()), reads_seconds=True)
    socket, _ = wire.connected_socket(reads_seconds=True)
    wire.do(wire.machine.drain(wire.now_ms))
    assert poll.reply["advice"]["interval"] == 0
    assert socket.taken()[-1]["advice"]["interval"] == 0


def test_no_sessions_are_made_while_the_server_stops() -> None:
    """Clients are told to try again."""
    wire = Wire()
    wire.do(wire.machine.drain(wire.now_ms))
    reply = wire.post(shake()).reply
    assert not reply["successful"]
    assert reply["advice"]["reconnect"] == "handshake"
