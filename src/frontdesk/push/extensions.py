"""Extensions of the protocol: what the `ext` of a message asks for and is answered.

`ack` is a mode of the session (see `outbox`); `timesync` lets a client estimate our clock. Unknown ones are left alone.
"""

from typing import Any

from frontdesk.push.messages import Message

_GOOD_ENOUGH_MS = 25


def wants_ack(handshake: Message) -> bool:
    """Whether the client asks for acknowledged delivery: `true`, or an object as the answer may be."""
    value = handshake.extension("ack")
    return value is True or (type(value) is dict and value.get("enabled") is True)


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
