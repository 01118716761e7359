"""Extensions of the protocol: what the `ext` of a message asks for and is answered.

`ack` is a mode of the session (see `outbox`); `replay` gives the past again (see `replays`); `timesync` lets a client
estimate our clock; a client that stamps its messages gets stamps too. Unknown ones are left alone.
"""

from collections.abc import Collection
from typing import Any

from frontdesk.push.channels import trimmed
from frontdesk.push.messages import Message
from frontdesk.push.replay import ALL, NEW

_GOOD_ENOUGH_MS = 25
_BEYOND_ALL = 2**62  # no number is so large, and whoever keeps the history can still count to it


def wants_ack(handshake: Message) -> bool:
    """Whether the client asks for acknowledged delivery: `true`, or an object as the answer may be."""
    value = handshake.extension("ack")
    return value is True or (type(value) is dict and value.get("enabled") is True)


def wants_replay(handshake: Message) -> bool:
    """Whether the client wants to be told if events can be had again."""
    return handshake.extension("replay") is True


def wants_stamps(handshake: Message) -> bool:
    """Whether the client wants the time on all messages: it asks for it, or begins with it itself."""
    return handshake.extension("timestamp") is True or handshake.timestamp is not None


def positions_of(subscribe: Message, patterns: Collection[str]) -> dict[str, int] | None:
    """From which number on the client wants what matches which of the patterns, or None if that makes no sense.

    Those that only want what is new are not in it.
    """
    asked = subscribe.extension("replay")
    if type(asked) is not dict:
        return {} if asked is None else None
    found: dict[str, int] = {}
    for name, number in asked.items():
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if type(number) is not int or number < ALL:
            return None
        pattern = trimmed(name)
        if pattern in patterns and number != NEW:
            found[pattern] = min(number, _BEYOND_ALL)
    return found


def timesync(asked: Any, received_ms: int, now_ms: int) -> dict[str, int] | None:
    """Answer `{tc, l, o}` with `{tc, ts, p, a}`: our clock at receipt, how long the request stayed here (`p`), and how
    wrong the client's estimate is (`a`). A client that does not know the lag yet is always answered; None when its
    estimate is good enough to leave alone.
    """
    if type(asked) is not dict or not _is_number(asked.get("tc")):
        return None
    answer = {"tc": asked["tc"], "ts": received_ms, "p": now_ms - received_ms}
    lag, offset = asked.get("l"), asked.get("o")
    if not _is_number(lag):
        return answer
    accuracy = asked["tc"] + (offset if _is_number(offset) else 0) + lag - received_ms
    if lag != 0 and abs(accuracy) < _GOOD_ENOUGH_MS:
        return None
    return answer | {"a": accuracy}


def _is_number(value: object) -> bool:
    return type(value) in (int, float)
