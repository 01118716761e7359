"""A driver for the protocol machine: requests and websockets as values, time turned by hand, effects done on paper."""

import json
import random
from collections.abc import Sequence
from typing import Any

import msgspec

from frontdesk.push.bayeux import Bayeux
from frontdesk.push.effects import Close, Effect, Ended, Recall, Write
from frontdesk.push.events import Encoded
from frontdesk.push.history import Page
from frontdesk.push.limits import Limits
from frontdesk.push.messages import decode
from frontdesk.push.policy import Refusal
from frontdesk.push.sessions import Carrier

Message = dict[str, Any]


class OpenPolicy:
    """Everything is allowed but `/denied/**`, publishing on `/v2/**`, and a handshake that asks to be denied."""

    def may_handshake(self, principal: str, ext: dict[str, Any]) -> Refusal | None:
        if ext.get("deny") is True:
            return Refusal("403::handshake_denied")
        if ext.get("challenge") is True:
            return Refusal("401::again", "handshake")
        return None

    def may_subscribe(self, principal: str, pattern: str) -> Refusal | None:
        return Refusal(f"403:{pattern}:subscribe_denied") if pattern.startswith("/denied/") else None

    def may_publish(self, principal: str, channel: str) -> Refusal | None:
        return Refusal(f"403:{channel}:publish_denied") if channel.startswith(("/denied/", "/v2/")) else None


class Request(Carrier):
    """An HTTP request on paper. `answer` is None while it is held."""

    def __init__(self, principal: str, sign_in: str, **more: Any) -> None:
        super().__init__("long-polling", principal, sign_in, **more)
        self.answer: list[Message] | None = None
        self.body = b""

    @property
    def reply(self) -> Message:
        """The only reply, or the last one."""
        assert self.answer is not None, "it is still held"
        return self.answer[-1]

    @property
    def events(self) -> list[Message]:
        assert self.answer is not None, "it is still held"
        return [message for message in self.answer if "data" in message]

    @property
    def is_held(self) -> bool:
        return self.answer is None


class Socket(Carrier):
    """A websocket on paper. `frames` is what was written to it, `close_code` how it was closed."""

    def __init__(self, principal: str, sign_in: str, **more: Any) -> None:
        super().__init__("websocket", principal, sign_in, line=object(), **more)
        self.frames: list[list[Message]] = []
        self.close_code: int | None = None

    @property
    def is_open(self) -> bool:
        return self.close_code is None

    def taken(self) -> list[Message]:
        """All messages since the last look."""
        messages = [message for frame in self.frames for message in frame]
        self.frames.clear()
        return messages


class Ledger:
    """A history on paper: what ada could hear, event by event. What is in `hidden` is not for her eyes any more."""

    def __init__(self) -> None:
        self.events: list[tuple[int, list[Encoded]]] = []
        self.newest = 0
        self.hidden: set[int] = set()

    def append(self, *events: tuple[str, Any]) -> list[Encoded]:
        self.newest += 1
        messages = [Encoded(channel, msgspec.json.encode(data), self.newest) for channel, data in events]
        self.events.append((self.newest, messages))
        return messages

    def keep(self, event: Encoded) -> Encoded:
        self.newest += 1
        kept = event._replace(number=self.newest)
        self.events.append((self.newest, [kept]))
        return kept

    def forget(self, up_to: int) -> None:
        self.events = [(number, messages) for number, messages in self.events if number > up_to]

    async def after(self, principal: str, number: int, most: int) -> Page:
        return self.page(number, most)

    def page(self, above: int, most: int) -> Page:
        following = [(number, messages) for number, messages in self.events if number > above]
        page = following[:most]
        is_last = len(following) <= most
        return Page(
            events=[messages for number, messages in page if number not in self.hidden],
            last=max(self.newest, above) if is_last else page[-1][0],
            is_last=is_last,
            oldest=self.events[0][0] if self.events else self.newest + 1,
            newest=self.newest,
        )


class Wire:
    """A machine, its clock, and everything that has happened to its clients."""

    def __init__(self, ledger: Ledger | None = None, **limits: Any) -> None:
        chance = random.Random(20)
        self.limits = Limits(**limits)
        self.ledger = ledger if ledger is not None else Ledger()
        self.machine = Bayeux(
            OpenPolicy(), random_bytes=chance.randbytes, limits=self.limits, history=self.ledger if ledger else None
        )
        self.recalls: list[Recall] = []
        self.now_ms = 1_000_000
        self.ended: list[str] = []
        self.broken: set[Carrier] = set()  # writes to these fail
        self.slow: dict[Carrier, list[Write]] = {}  # writes to these take until `fail`

    # --- clients ---

    def post(
        self,
        *messages: Message,
        principal: str = "ada",
        sign_in: str | None = None,
        browser: str | None = None,
        reads_seconds: bool = False,
        line: object = "kept alive",
        is_slow: bool = False,
    ) -> Request:
        """Send a request; look at its `answer`. The answer of a slow one stays on its way until `fail`."""
        request = Request(
            principal,
            sign_in or f"{principal}'s sign-in",
            browser=browser,
            reads_seconds=reads_seconds,
            line=line,
        )
        if is_slow:
            self.slow[request] = []
        self._receive(request, messages)
        return request

    def post_bytes(self, body: bytes) -> Request:
        """Send a request of ada's whose body is exactly this. Raises Malformed."""
        request = Request("ada", "ada's sign-in")
        messages = decode(body, self.limits.messages_per_request)
        self.do(self.machine.receive(request, messages, self.now_ms))
        return request

    def open(self, principal: str = "ada", *, sign_in: str | None = None, reads_seconds: bool = False) -> Socket:
        socket = Socket(principal, sign_in or f"{principal}'s sign-in", reads_seconds=reads_seconds)
        self.machine.open(socket, self.now_ms)
        return socket

    def send(self, socket: Socket, *messages: Message) -> list[Message]:
        """Send a frame, and return all that came back on the socket since the last look."""
        self._receive(socket, messages)
        return socket.taken()

    def fail(self, carrier: Carrier) -> None:
        """What was on its way to a slow peer turns out not to have arrived."""
        self.do(self.machine.failed(self.slow.pop(carrier), self.now_ms))

    def lose(self, carrier: Carrier) -> None:
        """The peer goes away."""
        self.machine.closed(carrier, self.now_ms)

    def _receive(self, carrier: Carrier, messages: Sequence[Message]) -> None:
        decoded = decode(json.dumps(messages).encode(), self.limits.messages_per_request)
        self.do(self.machine.receive(carrier, decoded, self.now_ms))

    # --- shorthands ---

    def handshake(self, carrier: Socket | None = None, *, principal: str = "ada", **fields: Any) -> str:
        """A new session's client id."""
        message = shake(**fields)
        if carrier is not None:
            reply = self.send(carrier, message)[-1]
        else:
            reply = self.post(message, principal=principal).reply
        assert reply["successful"], reply
        client_id = reply["clientId"]
        assert isinstance(client_id, str)
        return client_id

    def connected(self, *channels: str, principal: str = "ada", **fields: Any) -> str:
        """The client id of a long-polling session that is subscribed and has had its first connect answered."""
        client_id = self.handshake(principal=principal, **fields)
        self._subscribed(client_id, channels, principal)
        assert self.post(connect(client_id), principal=principal).reply["successful"]
        return client_id

    def connected_socket(
        self, *channels: str, principal: str = "ada", reads_seconds: bool = False, **fields: Any
    ) -> tuple[Socket, str]:
        """A websocket and its session, subscribed and with a connect held."""
        socket = self.open(principal, reads_seconds=reads_seconds)
        client_id = self.handshake(socket, **fields)
        if channels:
            assert self.send(socket, subscribe(client_id, list(channels)))[-1]["successful"]
        assert self.send(socket, connect(client_id, id="first"))[-1]["successful"]
        assert self.send(socket, connect(client_id, id="held")) == []
        return socket, client_id

    def _subscribed(self, client_id: str, channels: Sequence[str], principal: str) -> None:
        if channels:
            reply = self.post(subscribe(client_id, list(channels)), principal=principal).reply
            assert reply["successful"], reply

    # --- the server ---

    def deliver(self, *events: tuple[str, Any], principal: str = "ada", number: int | None = None) -> None:
        """Events for one principal, given together; written at the end of the turn."""
        self.queue(*events, principal=principal, number=number)
        self.flush()

    def queue(self, *events: tuple[str, Any], principal: str = "ada", number: int | None = None) -> None:
        """The same, within a turn that goes on."""
        encoded = [Encoded(channel, msgspec.json.encode(data), number) for channel, data in events]
        self.machine.deliver(principal, encoded, self.now_ms)

    def happens(self, *events: tuple[str, Any], is_carried: bool = True) -> list[Encoded]:
        """An event that is remembered, and told to those who are there (ada), unless that comes later."""
        messages = self.ledger.append(*events)
        if is_carried:
            self.carry(messages)
        return messages

    def carry(self, messages: list[Encoded]) -> None:
        """Tell those who are there of an event that has happened."""
        self.machine.deliver("ada", messages, self.now_ms)
        self.flush()

    def looks_up(self, pages: int = 1_000) -> int:
        """Read what the machine asked for from the ledger, at most so many pages; how many it was."""
        read = 0
        while self.recalls and read < pages:
            recall = self.recalls.pop(0)
            page = self.ledger.page(recall.above, recall.most)
            self.do(self.machine.replayed(recall, page, self.now_ms))
            read += 1
        return read

    def cannot_look_up(self) -> None:
        """What the machine asked for cannot be read."""
        while self.recalls:
            self.do(self.machine.replayed(self.recalls.pop(0), None, self.now_ms))

    def flush(self) -> None:
        self.do(self.machine.flush(self.now_ms))

    def time_passes(self, ms: int) -> None:
        """Turn the clock on, waking the machine whenever it asked to be woken."""
        until_ms = self.now_ms + ms
        while (due_ms := self.machine.next_deadline_ms()) is not None and due_ms <= until_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.do(self.machine.tick(self.now_ms))
        self.now_ms = until_ms

    def do(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self._write(effect)
            elif isinstance(effect, Close):
                assert isinstance(effect.carrier, Socket)
                assert effect.carrier.close_code is None, "closed twice"
                effect.carrier.close_code = effect.code
            elif isinstance(effect, Recall):
                self.recalls.append(effect)
            elif isinstance(effect, Ended):
                self.ended.append(effect.reason)

    def _write(self, write: Write) -> None:
        carrier = write.carrier
        if carrier in self.broken:
            self.do(self.machine.failed([write], self.now_ms))
            return
        if carrier in self.slow:
            self.slow[carrier].append(write)
            return
        messages = json.loads(write.body)
        assert isinstance(messages, list)
        assert messages, "an empty array counts as a failure with clients"
        if isinstance(carrier, Request):
            assert carrier.answer is None, "answered twice"
            carrier.answer = messages
            carrier.body = write.body
        elif isinstance(carrier, Socket):
            assert carrier.close_code is None, "written to after it was closed"
            carrier.frames.append(messages)
        for message in messages:
            _check(message)
        if write.has_connect_reply:
            self.machine.written(write, self.now_ms)


def _check(message: Message) -> None:
    """What is true of every message a server sends, whatever it is about."""
    assert ("data" in message) != ("successful" in message), message
    if "data" in message:
        assert "clientId" not in message
        assert "id" not in message
    if "advice" in message:
        assert {"reconnect", "interval", "timeout"} <= message["advice"].keys(), message


# --- messages ---


def shake(**fields: Any) -> Message:
    return {
        "channel": "/meta/handshake",
        "id": "1",
        "version": "1.0",
        "supportedConnectionTypes": ["long-polling", "websocket"],
        **fields,
    }


def connect(client_id: str, **fields: Any) -> Message:
    return {
        "channel": "/meta/connect",
        "id": "c",
        "clientId": client_id,
        "connectionType": "long-polling",
        **fields,
    }


def subscribe(client_id: str, channels: str | list[str], **fields: Any) -> Message:
    return {
        "channel": "/meta/subscribe",
        "id": "s",
        "clientId": client_id,
        "subscription": channels,
        **fields,
    }


def unsubscribe(client_id: str, channels: str | list[str]) -> Message:
    return {"channel": "/meta/unsubscribe", "id": "u", "clientId": client_id, "subscription": channels}


def disconnect(client_id: str) -> Message:
    return {"channel": "/meta/disconnect", "id": "d", "clientId": client_id}


def publish(client_id: str, channel: str, data: Any, **fields: Any) -> Message:
    return {"channel": channel, "id": "p", "clientId": client_id, "data": data, **fields}


def seen(messages: Sequence[Message]) -> list[Any]:
    """The data of the events among `messages`, in order."""
    return [message["data"] for message in messages if "data" in message]
