"""Laws of replay: whatever is missed, cut or forgotten, a client that names its last number ends up with everything.

Events happen, are carried to the server and are read from the history at moments that chance picks.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from frontdesk.push.events import Encoded
from tests.push.wire import Ledger, Message, Request, Socket, Wire, connect, subscribe, unsubscribe

ME, ONE, OTHER = "/v2/me/*", "/v2/me/interactions", "/v2/me/emails"
CHANNELS = st.sampled_from([(ONE,), (OTHER,), (ONE, OTHER)])


class Past(RuleBasedStateMachine):
    """A server whose events are remembered at once and delivered later, in order."""

    queue_messages = 20

    def __init__(self) -> None:
        super().__init__()
        self.wire = Wire(Ledger(), queue_messages=self.queue_messages, replay_events=3)
        self.happened: dict[int, tuple[str, ...]] = {}
        self.uncarried: list[list[Encoded]] = []

    @property
    def ledger(self) -> Ledger:
        return self.wire.ledger

    @rule(kinds=st.lists(CHANNELS, min_size=1, max_size=8))
    def events_happen(self, kinds: list[tuple[str, ...]]) -> None:
        for channels in kinds:
            number = self.ledger.newest + 1
            self.happened[number] = channels
            self.uncarried.append(self.wire.happens(*((channel, number) for channel in channels), is_carried=False))

    @rule(count=st.integers(1, 10))
    def they_are_carried(self, count: int) -> None:
        for messages in self.uncarried[:count]:
            self.wire.carry(messages)
        del self.uncarried[:count]

    @rule(pages=st.integers(1, 3))
    def pages_are_read(self, pages: int) -> None:
        self.wire.looks_up(pages)


class Follower(Past):
    """A client that applies what has a number above the last one, and begins anew with that number when it must.

    It has neither ack nor more memory than that number.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last = 0
        self.lines = 0
        self.request: Request | None = None
        self.socket: Socket | None = None
        self.client = ""
        self.subscribing: Request | None = None
        self.handshakes()

    # --- what it does ---

    def handshakes(self) -> None:
        self.socket = self.request = None
        self.client = self.wire.handshake()
        self.subscribes()

    def subscribes(self) -> None:
        self.hears_answer()
        self.subscribing = self.wire.post(subscribe(self.client, ME, ext={"replay": {ME: self.last}}), line=self.lines)
        self.hears_answer()

    def hears_answer(self) -> None:
        """To its subscription: a gap means to read the state again, with all that is in it."""
        if self.subscribing is not None and self.subscribing.answer is not None:
            reply = self.subscribing.reply
            self.subscribing = None
            if reply.get("ext", {}).get("replay", {}).get("gap"):
                self.last = max(self.last, self.ledger.newest)

    def takes(self, messages: list[Message]) -> None:
        """Apply one frame or response: events as a whole, each once, in order."""
        self.hears_answer()
        at = 0
        while at < len(messages):
            message = messages[at]
            if "data" not in message:
                at += 1
                if message.get("error", "").startswith("402:"):
                    self.client = ""
                continue
            if message.get("ext") == {"resync": True}:
                self.last = max(self.last, self.ledger.newest)
                at += 1
                continue
            number = message["ext"]["replay"]
            if number > self.last:
                assert number == self.last + 1, "some before it are missing"
                together = self.happened[number]
                found = [(one["channel"], one["data"]) for one in messages[at : at + len(together)]]
                assert found == [(channel, number) for channel in together], "not all of it came together"
                self.last = number
            at += 1

    def looks(self) -> None:
        if self.request is not None and self.request.answer is not None:
            answer, self.request = self.request.answer, None
            self.takes(answer)
        if self.socket is not None:
            for frame in self.socket.frames:
                self.takes(frame)
            self.socket.frames.clear()
        if not self.client:
            self.handshakes()

    # --- what happens to it ---

    @rule(is_held=st.booleans())
    def it_polls(self, is_held: bool) -> None:
        self.looks()
        fields: dict[str, Any] = {} if is_held else {"advice": {"timeout": 0}}
        self.socket = None
        self.request = self.wire.post(connect(self.client, **fields), line=self.lines)
        self.looks()

    @rule()
    def it_sits_on_a_socket(self) -> None:
        self.looks()
        self.request = None
        if self.socket is None or not self.socket.is_open:
            self.socket = self.wire.open()
        self.takes(self.wire.send(self.socket, connect(self.client)))
        self.looks()

    @rule(is_noticed=st.booleans())
    def it_is_cut_off_and_reports_it(self, is_noticed: bool) -> None:
        if is_noticed and self.socket is not None and self.socket.is_open:
            self.wire.lose(self.socket)
        self.socket = None
        self.lines += 1
        self.request = self.wire.post(connect(self.client, advice={"timeout": 0}), line=self.lines)
        self.looks()

    @rule()
    def it_loses_its_session(self) -> None:
        self.socket = self.request = self.subscribing = None
        self.wire.time_passes(200_000)
        self.handshakes()

    @rule()
    def it_asks_again(self) -> None:
        self.looks()
        self.subscribes()

    @rule(kept=st.integers(0, 12))
    def older_ones_are_forgotten(self, kept: int) -> None:
        self.ledger.forget(self.ledger.newest - kept)

    @precondition(lambda self: self.wire.recalls)
    @rule()
    def the_history_cannot_be_read(self) -> None:
        self.wire.cannot_look_up()
        self.looks()

    def teardown(self) -> None:
        self.they_are_carried(len(self.uncarried))
        for _ in range(3 + self.ledger.newest):
            self.wire.looks_up()
            self.it_polls(is_held=False)
        assert self.last == self.ledger.newest, "some never came"


class Mixture(Past):
    """A client that wants the past of one channel and only what is new of the other, and changes its mind.

    It is never cut off, so every message comes to it exactly once.
    """

    queue_messages = 10_000

    def __init__(self) -> None:
        super().__init__()
        self.client = self.wire.connected()
        self.got: list[tuple[str, int]] = []
        self.due: set[tuple[str, int]] = set()
        self.hears_new = False
        self.wanted: int | None = None
        self.gone: set[tuple[str, int]] = set()

    def polls(self) -> None:
        request = self.wire.post(connect(self.client, advice={"timeout": 0}))
        if request.is_held:
            self.wire.time_passes(self.wire.limits.brief_hold_ms + 20)
        for message in request.events:
            self.got.append((message["channel"], message["data"]))

    @rule()
    def it_polls(self) -> None:
        self.polls()

    @precondition(lambda self: self.wanted is None)
    @rule(number=st.integers(0, 40))
    def it_asks_for_the_past_of_one(self, number: int) -> None:
        number = min(number, self.ledger.newest)
        self.wire.post(subscribe(self.client, ONE, ext={"replay": {ONE: number}}))
        self.wanted = number

    @precondition(lambda self: not self.hears_new)
    @rule()
    def it_subscribes_to_the_other(self) -> None:
        self.they_are_carried(len(self.uncarried))
        self.wire.post(subscribe(self.client, OTHER))
        self.hears_new = True
        self.since = self.ledger.newest

    @precondition(lambda self: self.hears_new)
    @rule()
    def it_has_enough_of_the_other(self) -> None:
        """When it has heard all of it."""
        self.they_are_carried(len(self.uncarried))
        self.wire.looks_up()
        self.polls()
        self.due |= {(OTHER, number) for number in self.numbers(OTHER) if number > self.since}
        self.wire.post(unsubscribe(self.client, OTHER))
        self.hears_new = False

    def numbers(self, channel: str) -> list[int]:
        return [
            number for number, messages in self.ledger.events if any(message.channel == channel for message in messages)
        ]

    @invariant()
    def nothing_comes_twice(self) -> None:
        assert len(self.got) == len(set(self.got))

    def teardown(self) -> None:
        self.they_are_carried(len(self.uncarried))
        for _ in range(3 + self.ledger.newest):
            self.wire.looks_up()
            self.polls()
        if self.hears_new:
            self.due |= {(OTHER, number) for number in self.numbers(OTHER) if number > self.since}
        if self.wanted is not None:
            self.due |= {(ONE, number) for number in self.numbers(ONE) if number > self.wanted}
        assert set(self.got) == self.due
        for channel in (ONE, OTHER):
            numbers = [number for name, number in self.got if name == channel]
            assert numbers == sorted(numbers)


TestFollower = Follower.TestCase
TestMixture = Mixture.TestCase
