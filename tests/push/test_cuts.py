"""What was written is written again to a client that reports a cut."""

from tests.push.wire import Message, Request, Socket, Wire, connect, publish, seen, subscribe

CUT: Message = {"advice": {"timeout": 0}}  # how the official client comes back after every failure


def comes_back(wire: Wire, client: str, line: str = "another connection") -> Request:
    return wire.post(connect(client, **CUT), line=line)


def lost_poll(wire: Wire, client: str, *numbers: int) -> None:
    """A poll is answered with events, and the answer does not arrive."""
    request = wire.post(connect(client))
    wire.deliver(*(("/chat/a", number) for number in numbers))
    assert seen(request.events) == list(numbers)


def test_an_answer_lost_on_the_way_comes_again_to_who_reports_it() -> None:
    """Before what was raised meanwhile."""
    wire = Wire()
    client = wire.connected("/chat/a")
    lost_poll(wire, client, 1, 2)
    wire.deliver(("/chat/a", 3))
    assert seen(comes_back(wire, client).events) == [1, 2, 3]
    assert wire.machine.counts.redelivered_events == 2


def test_the_answer_to_the_return_may_be_lost_as_well() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    lost_poll(wire, client, 1)
    for line in ("second", "third"):
        assert seen(comes_back(wire, client, line).events) == [1]


def test_a_plain_connect_shows_that_the_last_answer_arrived() -> None:
    """What it brought does not come again."""
    wire = Wire()
    client = wire.connected("/chat/a")
    lost_poll(wire, client, 1)
    wire.lose(wire.post(connect(client), line="second"))
    assert comes_back(wire, client, "third").events == []


def test_who_asks_on_the_same_connection_has_read_what_was_written_to_it() -> None:
    """One who polls without ever being held gets everything once."""
    wire = Wire()
    client = wire.connected("/chat/a")
    got = []
    for number in range(5):
        wire.deliver(("/chat/a", number))
        got += seen(wire.post(connect(client, **CUT)).events)
    assert got == list(range(5))


def test_who_comes_through_a_proxy_has_no_connection_to_be_known_by() -> None:
    """Another's requests come on the same one."""
    wire = Wire()
    client = wire.connected("/chat/a")
    request = wire.post(connect(client), line=None)
    wire.deliver(("/chat/a", 1))
    assert seen(request.events) == [1]
    assert seen(wire.post(connect(client, **CUT), line=None).events) == [1]


def test_what_a_lost_socket_carried_comes_again_on_the_new_one() -> None:
    """Whether or not the loss was noticed, with any message of the session."""
    for is_noticed in (True, False):
        wire = Wire()
        socket, client = wire.connected_socket("/chat/a")
        wire.deliver(("/chat/a", 1))
        if is_noticed:
            wire.lose(socket)
        wire.deliver(("/chat/a", 2))
        assert seen(wire.send(wire.open(), publish(client, "/chat/b", 1))) == [1, 2]


def test_what_a_lost_socket_carried_comes_again_with_a_poll() -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a")
    wire.deliver(("/chat/a", 1))
    wire.lose(socket)
    assert seen(comes_back(wire, client).events) == [1]


def test_a_connect_on_a_socket_shows_that_all_before_the_last_answer_arrived() -> None:
    """What came after that answer may still be on its way."""
    wire = Wire(timeout_ms=25_000)
    socket, client = wire.connected_socket("/chat/a")
    wire.deliver(("/chat/a", 1))
    wire.time_passes(25_100)
    wire.deliver(("/chat/a", 2))
    wire.send(socket, connect(client))
    wire.deliver(("/chat/a", 3))
    assert seen(wire.send(wire.open(), connect(client, **CUT))) == [2, 3]


def test_a_session_that_moves_to_a_socket_on_its_own_gets_nothing_twice() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    lost_poll(wire, client, 1)
    assert seen(wire.send(wire.open(), connect(client))) == []


def test_a_busy_socket_has_its_connect_answered_early_to_see_that_it_reads() -> None:
    """What is kept for it stays small, however much it is sent."""
    wire = Wire(queue_messages=100)
    socket, client = wire.connected_socket("/chat/a")
    answered = 0
    for number in range(1_000):
        wire.deliver(("/chat/a", number))
        for message in socket.taken():
            if message["channel"] == "/meta/connect":
                assert message["successful"]
                answered += 1
                assert wire.send(socket, connect(client)) == []
    assert answered >= 10
    wire.lose(socket)
    again = seen(wire.send(wire.open(), connect(client, **CUT)))
    assert again == list(range(1_000 - len(again), 1_000))
    assert len(again) <= 51
    assert wire.machine.counts.overflows == 0


def test_a_busy_socket_that_reads_costs_no_more_than_a_little_memory() -> None:
    """The bound of what may wait is not the bound of what is kept of the written."""
    wire = Wire(queue_bytes=1_000_000, unproven_bytes=2_000)
    socket, client = wire.connected_socket("/chat/a")
    most = 0
    for _ in range(200):
        wire.deliver(("/chat/a", "x" * 100))
        for message in socket.taken():
            if message["channel"] == "/meta/connect":
                assert wire.send(socket, connect(client)) == []
        (session,) = wire.machine.sessions()
        most = max(most, session.kept_bytes)
    assert 1_000 < most < 2_500


def test_more_than_is_kept_is_told_and_not_passed_over() -> None:
    """To a client that gave no sign that it reads, and then reports a cut."""
    wire = Wire(queue_messages=100)
    socket, client = wire.connected_socket("/chat/*")
    for number in range(300):
        wire.deliver((f"/chat/{number % 2}", number))
    wire.lose(socket)
    messages = wire.send(wire.open(), connect(client, **CUT))
    assert [message["channel"] for message in messages if message.get("ext") == {"resync": True}] == [
        "/chat/0",
        "/chat/1",
    ]
    assert seen(messages) == [{"resync": True}] * 2


def test_a_client_that_never_comes_back_was_kept_no_more_for_than_allowed() -> None:
    wire = Wire(queue_messages=100, queue_bytes=5_000)
    socket, client = wire.connected_socket("/chat/a")
    for number in range(500):
        wire.deliver(("/chat/a", [number, "x" * 100]))
        socket.taken()
    (session,) = wire.machine.sessions()
    assert session.kept_messages <= 100
    assert session.kept_bytes <= 5_000
    assert client.startswith(session.client)


def test_with_ack_the_batch_decides_and_nothing_else() -> None:
    wire = Wire()
    client = wire.connected("/chat/a", ext={"ack": True})
    wire.deliver(("/chat/a", 1))
    assert seen(wire.post(connect(client, ext={"ack": 1})).events) == [1]
    again = wire.post(connect(client, ext={"ack": 2}, **CUT), line="another")
    assert again.events == []


def test_a_socket_that_was_stuck_when_it_was_cut_off_loses_nothing() -> None:
    wire = Wire(timeout_ms=25_000)
    socket, client = wire.connected_socket("/chat/a")
    wire.deliver(("/chat/a", 1))
    wire.machine.blocked(socket, wire.now_ms)
    wire.deliver(("/chat/a", 2))
    wire.time_passes(25_100)
    assert not socket.is_open
    assert seen(wire.send(wire.open(), subscribe(client, "/chat/b"))) == [1, 2]


def test_a_write_that_failed_long_ago_takes_nothing_back_that_arrived() -> None:
    """The late news of a lost answer comes when its events have been written again."""
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.deliver(("/chat/a", 1))
    slow = wire.post(connect(client), is_slow=True)
    assert seen(comes_back(wire, client).events) == [1]
    wire.fail(slow)
    assert wire.post(connect(client), line="another connection").is_held


def test_a_socket_is_only_itself() -> None:
    """Two sockets never count as one connection."""
    wire = Wire()
    before, client = wire.connected_socket("/chat/a")
    wire.deliver(("/chat/a", 1))
    after: Socket = wire.open()
    assert seen(wire.send(after, connect(client, **CUT))) == [1]
    assert before.close_code == 1000


def test_a_connect_that_was_overtaken_takes_nothing_along() -> None:
    """The client gave it up and has come back meanwhile: nobody reads the answer to it."""
    wire = Wire()
    client = wire.connected("/chat/a")
    lost_poll(wire, client, 1)
    assert seen(wire.post(connect(client, id="8", **CUT), line="second").events) == [1]
    wire.deliver(("/chat/a", 2))
    overtaken = wire.post(connect(client, id="7", **CUT), line="first")
    assert overtaken.events == []
    assert not overtaken.reply["successful"]
    assert overtaken.reply["advice"]["reconnect"] == "retry"
    assert seen(wire.post(connect(client, id="9"), line="second").events) == [2]


def test_a_page_that_was_loaded_anew_may_begin_to_count_anew() -> None:
    """With the session it had: it is refused once, and tries again."""
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.lose(wire.post(connect(client, id="50")))
    wire.deliver(("/chat/a", 1))
    assert wire.post(connect(client, id="2", **CUT), line="new").events == []
    assert seen(wire.post(connect(client, id="3", **CUT), line="new").events) == [1]


def test_ids_that_do_not_count_up_say_nothing_of_the_order() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    for number, name in enumerate(["2", "2", "1", "aa", "a9", "77777777", "5000", None, 3]):
        wire.deliver(("/chat/a", number))
        assert seen(wire.post(connect(client, id=name), line=number).events) == [number], name
