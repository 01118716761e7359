"""Laws of push: whatever happens in whatever order, events come in order, once, and none is lost without a word.

A client is simulated in full: what it got, what it believes, what it asks for next. Chance decides what happens to it.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from frontdesk.push.channels import is_pattern, patterns_of
from frontdesk.push.deadlines import Deadlines, Timed
from tests.push.wire import Message, Request, Socket, Wire, connect, publish, seen, subscribe, unsubscribe


class Client(RuleBasedStateMachine):
    """One client that polls, is cut, changes its transport, and comes back, while events pour in.

    `wants_ack` decides how much it may be hurt. With ack any answer may be lost. Without, also answers that the server
    does not know to be lost, if the client reports the cut: then what came over a websocket may come again, and it
    ignores that.
    """

    wants_ack = False

    def __init__(self) -> None:
        super().__init__()
        self.wire = Wire(queue_messages=10_000, timeout_ms=25_000, max_interval_ms=40_000)
        ext: dict[str, Any] = {"ext": {"ack": True}} if self.wants_ack else {}
        self.client = self.wire.connected("/chat/*", **ext)
        self.request: Request | None = None
        self.socket: Socket | None = None
        self.raised = 0
        self.got: list[int] = []
        self.batch = 1 if self.wants_ack else 0
        self.lines = 0
        self.came_over_sockets: set[int] = set()

    # --- what the client does ---

    def connecting(self, **fields: Any) -> Message:
        return connect(self.client, **fields, **({"ext": {"ack": self.batch}} if self.wants_ack else {}))

    def take(self, messages: list[Message]) -> None:
        """Handle what came: events, and the number of an answered connect."""
        for message in messages:
            if "data" in message and self.got and message["data"] <= self.got[-1]:
                assert message["data"] in self.came_over_sockets, "nobody said that it had not arrived"
            elif "data" in message:
                self.got.append(message["data"])
                if self.socket is not None:
                    self.came_over_sockets.add(message["data"])
            elif message["channel"] == "/meta/connect" and message["successful"] and self.wants_ack:
                self.batch = message["ext"]["ack"]

    def look(self) -> None:
        """Take whatever has come by now."""
        if self.request is not None and self.request.answer is not None:
            self.take(self.request.answer)
            self.request = None
        if self.socket is not None:
            self.take(self.socket.taken())

    def poll(self, *, is_slow: bool = False, **fields: Any) -> Request:
        """Connect over HTTP. A client that polls has given its socket up, and handled what came on it."""
        self.look()
        self.socket = None
        self.request = self.wire.post(self.connecting(**fields), is_slow=is_slow, line=self.lines)
        return self.request

    def come_back(self) -> None:
        """Report a cut, as the official client does: a connect on a new connection that is not to be held."""
        self.request = self.socket = None
        self.lines += 1
        self.poll(advice={"timeout": 0})
        self.look()

    def hold_a_poll(self) -> Request:
        """Poll until one is held: the first may bring something at once."""
        for _ in range(3):
            if self.poll().is_held:
                break
        assert self.request is not None
        assert self.request.is_held
        return self.request

    def sit_on_a_socket(self) -> Socket:
        """Connect on the socket there is, or on a new one."""
        self.look()
        self.request = None
        if self.socket is None or not self.socket.is_open:
            self.socket = self.wire.open()
        self.take(self.wire.send(self.socket, self.connecting()))
        return self.socket

    def raise_events(self, count: int, *, is_one_turn: bool = False) -> None:
        for _ in range(count):
            self.wire.queue((f"/chat/{self.raised % 3}", self.raised))
            self.raised += 1
            if not is_one_turn:
                self.wire.flush()
        self.wire.flush()

    # --- what happens ---

    @rule(is_held=st.booleans())
    def it_polls(self, is_held: bool) -> None:
        if is_held:
            self.poll()
        else:
            self.poll(advice={"timeout": 0})

    @rule()
    def it_connects_on_a_socket(self) -> None:
        self.sit_on_a_socket()

    @rule()
    def it_subscribes_to_something_else(self) -> None:
        self.look()
        if self.socket is not None:
            self.take(self.wire.send(self.socket, subscribe(self.client, "/other")))
        else:
            self.take(self.wire.post(subscribe(self.client, "/other")).answer or [])

    @rule(count=st.integers(1, 4), is_one_turn=st.booleans())
    def events_are_raised(self, count: int, is_one_turn: bool) -> None:
        self.raise_events(count, is_one_turn=is_one_turn)

    @rule(count=st.integers(0, 3))
    def its_held_poll_is_cut(self, count: int) -> None:
        self.wire.lose(self.hold_a_poll())
        self.request = None
        self.raise_events(count)

    @rule(count=st.integers(0, 3), later=st.integers(0, 3))
    def the_answer_to_its_poll_fails(self, count: int, later: int) -> None:
        """At once, or after more events were raised."""
        request = self.hold_a_poll()
        if later:
            self.wire.slow[request] = []
        else:
            self.wire.broken.add(request)
        self.raise_events(count)
        if later:
            self.raise_events(later)
            self.wire.fail(request)
        self.request = None
        if count == 0:
            self.wire.lose(request)

    @rule(count=st.integers(0, 3))
    def its_socket_is_cut(self, count: int) -> None:
        self.wire.lose(self.sit_on_a_socket())
        self.socket = None
        self.raise_events(count)

    @rule(count=st.integers(1, 3), later=st.integers(0, 3), is_stuck=st.booleans())
    def its_socket_fails(self, count: int, later: int, is_stuck: bool) -> None:
        """At once, or after more events were written to it, or while they waited because its peer did not read."""
        socket = self.sit_on_a_socket()
        if later:
            self.wire.slow[socket] = []
        else:
            self.wire.broken.add(socket)
        self.raise_events(count)
        if later:
            if is_stuck:
                self.wire.machine.blocked(socket, self.wire.now_ms)
            self.raise_events(later)
            self.wire.fail(socket)
        self.wire.lose(socket)
        self.socket = None

    @rule(count=st.integers(1, 3))
    def its_socket_gets_stuck_for_a_while(self, count: int) -> None:
        socket = self.sit_on_a_socket()
        self.wire.machine.blocked(socket, self.wire.now_ms)
        self.raise_events(count)
        assert socket.frames == []
        self.wire.do(self.wire.machine.writable(socket, self.wire.now_ms))

    @rule(count=st.integers(0, 3))
    def the_answer_to_its_poll_is_lost_unnoticed(self, count: int) -> None:
        self.poll(advice={"timeout": 0})
        self.raise_events(count)
        self.come_back()

    @rule(count=st.integers(0, 3), is_socket_next=st.booleans())
    def what_was_on_its_socket_is_lost_unnoticed(self, count: int, is_socket_next: bool) -> None:
        self.sit_on_a_socket()
        self.raise_events(count)
        if is_socket_next:
            self.socket = None
            self.sit_on_a_socket()
        else:
            self.come_back()

    @rule(ms=st.integers(0, 30_000))
    def time_passes(self, ms: int) -> None:
        self.poll()
        self.wire.time_passes(ms)

    @invariant()
    def it_has_got_everything_so_far_in_order_and_once(self) -> None:
        assert self.got == list(range(len(self.got)))

    def teardown(self) -> None:
        for _ in range(2):
            self.poll(advice={"timeout": 0})
        self.look()
        assert self.got == list(range(self.raised)), "some are lost"


class ClientWithAck(Client):
    """The same, and answers get lost without anybody noticing."""

    wants_ack = True

    @rule(count=st.integers(0, 3))
    def the_answer_to_its_poll_is_lost(self, count: int) -> None:
        self.poll(advice={"timeout": 0})
        self.raise_events(count)
        self.request = None

    @rule(count=st.integers(0, 3))
    def what_was_on_its_socket_is_lost_with_it(self, count: int) -> None:
        self.sit_on_a_socket()
        self.raise_events(count)
        self.socket = None

    @rule(count=st.integers(1, 3))
    def a_late_answer_arrives_after_all(self, count: int) -> None:
        """Two connects overlap: the client gave the first up, then hears both."""
        first = self.poll(advice={"timeout": 0})
        self.request = None
        self.raise_events(count)
        second = self.poll(advice={"timeout": 0})
        self.request = None
        self.take(first.answer or [])
        known = len(self.got)
        again = [message for message in second.answer or [] if "data" not in message or message["data"] >= known]
        self.take(again)


TestWithoutAck = Client.TestCase
TestWithAck = ClientWithAck.TestCase


@given(
    sizes=st.lists(st.integers(1, 400), max_size=60),
    polls=st.sets(st.integers(0, 60)),
    messages=st.integers(1, 20),
    size=st.integers(300, 3_000),
    ack=st.booleans(),
)
def test_a_gap_is_always_told_and_the_queue_stays_in_its_bounds(
    sizes: list[int], polls: set[int], messages: int, size: int, ack: bool
) -> None:
    wire = Wire(queue_messages=messages, queue_bytes=size)
    fields: dict[str, Any] = {"ext": {"ack": True}} if ack else {}
    client = wire.connected("/chat/a", **fields)
    batch = 1
    got: list[Message] = []

    def poll() -> None:
        nonlocal batch
        request = wire.post(connect(client, advice={"timeout": 0}, ext={"ack": batch}))
        got.extend(request.events)
        if ack:
            batch = request.reply["ext"]["ack"]

    for number, length in enumerate(sizes):
        wire.deliver(("/chat/a", [number, "x" * length]))
        (session,) = wire.machine.sessions()
        assert session.queued_messages <= messages or session.queued_messages == 1  # the resync itself
        assert session.queued_bytes <= max(size, 100)
        if number in polls:
            poll()
    poll()
    expected = 0
    for event in got:
        if event.get("ext") == {"resync": True}:
            expected = -1
        else:
            number = event["data"][0]
            assert expected in (-1, number), "a gap without a word"
            expected = number + 1
    assert expected in (-1, len(sizes))


SEGMENTS = st.sampled_from(["a", "b", "c"])
NAMES = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
PATTERNS = st.one_of(
    NAMES,
    st.tuples(st.lists(SEGMENTS, max_size=3), st.sampled_from(["*", "**"])).map(
        lambda parts: "/" + "/".join([*parts[0], parts[1]])
    ),
)


def matches(pattern: str, name: str) -> bool:
    """What the specification says, word for word."""
    wanted, given_ = pattern[1:].split("/"), name[1:].split("/")
    if wanted[-1] == "*":
        return len(given_) == len(wanted) and given_[:-1] == wanted[:-1]
    if wanted[-1] == "**":
        return len(given_) >= len(wanted) and given_[: len(wanted) - 1] == wanted[:-1]
    return wanted == given_


@given(pattern=PATTERNS, name=NAMES)
def test_a_pattern_matches_as_specified(pattern: str, name: str) -> None:
    assert is_pattern(pattern)
    assert (pattern in patterns_of(name)) == matches(pattern, name)


@given(
    steps=st.lists(st.tuples(st.sampled_from(["subscribe", "unsubscribe", "deliver", "broadcast"]), PATTERNS, NAMES))
)
def test_a_session_hears_what_it_is_subscribed_to_once(steps: list[tuple[str, str, str]]) -> None:
    """By delivery to its user as by broadcast."""
    wire = Wire(queue_messages=10_000)
    client, speaker = wire.connected(), wire.connected()
    wanted: set[str] = set()
    expected = []
    for number, (act, pattern, name) in enumerate(steps):
        if act == "subscribe":
            wire.post(subscribe(client, pattern))
            wanted.add(pattern)
        elif act == "unsubscribe":
            wire.post(unsubscribe(client, pattern))
            wanted.discard(pattern)
        elif act == "deliver":
            wire.deliver((name, number))
        else:
            wire.post(publish(speaker, name, number))
        if act in ("deliver", "broadcast") and any(matches(each, name) for each in wanted):
            expected.append(number)
    got = seen(wire.post(connect(client, advice={"timeout": 0})).events)
    ridden = len(expected) - len(got)  # on the replies to later subscriptions
    assert got == expected[ridden:]
    assert wire.machine.leftovers()["patterns"] == len(wanted)


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("set"), st.integers(0, 5), st.integers(0, 500)),
            st.tuples(st.just("clear"), st.integers(0, 5), st.just(0)),
            st.tuples(st.just("wait"), st.just(0), st.integers(0, 100)),
        )
    )
)
def test_a_deadline_comes_when_it_is_due(steps: list[tuple[str, int, int]]) -> None:
    """Never before, and at most one grain after."""
    grain_ms = 20
    wheel: Deadlines[Timed] = Deadlines(grain_ms)
    things = [Timed() for _ in range(6)]
    due: dict[int, int] = {}
    now_ms = 1_000
    for act, at, ms in steps:
        if act == "set":
            wheel.set(things[at], now_ms + ms)
            due[at] = now_ms + ms
        elif act == "clear":
            wheel.clear(things[at])
            due.pop(at, None)
        else:
            now_ms += ms
            fired = {things.index(thing) for thing in wheel.due(now_ms)}
            assert all(due[at] <= now_ms for at in fired)
            assert all(at in fired for at, due_ms in due.items() if due_ms + grain_ms <= now_ms)
            for each in fired:
                del due[each]
            next_ms = wheel.next_ms()
            assert next_ms is not None or not due
            assert all(next_ms is not None and next_ms < due_ms + grain_ms for due_ms in due.values())
        assert len(wheel) == len(due)
