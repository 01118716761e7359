"""Bayeux messages on the wire: reading what clients send, writing what they are answered.

Reading is generous where a wrong field can be told in that message's own reply (so fields are `Any`), and strict where
there is nobody to tell: what is no JSON, no object, or too much raises `Malformed` for the whole request.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from frontdesk.push.channels import CONNECT, HANDSHAKE

#: The answer to whoever names a session that is not, or not any more, or not theirs.
UNKNOWN = "402::session_unknown"

#: What a client may send in place of a value: nothing.
ABSENT = msgspec.UNSET


class Message(msgspec.Struct):
    """One message of a client. `data` stays the bytes it came as, so that it is passed on unchanged."""

    channel: Any = None
    id: Any = None
    clientId: Any = None
    version: Any = None
    supportedConnectionTypes: Any = None
    connectionType: Any = None
    subscription: Any = None
    advice: Any = None
    ext: Any = None
    timestamp: Any = None
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET

    def extension(self, name: str) -> Any:
        """The extension's value, or None."""
        return self.ext.get(name) if type(self.ext) is dict else None


class Reply(msgspec.Struct, omit_defaults=True):
    """One answer. A field that is UNSET or None is left out; it never has `data`, by which clients know an event."""

    channel: Any
    successful: bool
    id: Any = None
    clientId: str | None = None
    version: str | None = None
    minimumVersion: str | None = None
    supportedConnectionTypes: tuple[str, ...] | None = None
    subscription: Any = msgspec.UNSET
    error: str | None = None
    advice: msgspec.Raw | None = None
    ext: dict[str, Any] | None = None


class Malformed(ValueError):
    """The request cannot be read as Bayeux messages; the text says why."""


class TooMany(Malformed):
    """More messages than one request may carry."""


_ONE = msgspec.json.Decoder(Message)
_SEVERAL = msgspec.json.Decoder(list[Message])
_ANYTHING = msgspec.json.Decoder()
encode_reply = msgspec.json.Encoder().encode


def decode(body: bytes | str, most: int) -> list[Message]:
    """The messages of a request or frame: an array, or a single object. Raises Malformed; never returns none."""
    try:
        is_array = body.lstrip()[:1] in ("[", b"[")
        messages = _SEVERAL.decode(body) if is_array else [_ONE.decode(body)]
    except msgspec.ValidationError as error:
        raise Malformed(f"not Bayeux messages: {error}") from None
    except msgspec.DecodeError as error:
        raise Malformed(f"not JSON: {error}") from None
    except UnicodeError:
        raise Malformed("not UTF-8") from None
    except RecursionError:
        raise Malformed("nested too deeply") from None
    if not messages:
        raise Malformed("an empty array")
    if len(messages) > most:
        raise TooMany(f"{len(messages)} messages in one request; {most} are allowed")
    return messages


def is_json(data: msgspec.Raw) -> bool:
    """Whether receivers can read it. Skipping over `data` while decoding its message did not look into its strings."""
    try:
        _ANYTHING.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def has_valid_id(message: Message, longest: int) -> bool:
    """Strings and numbers are echoed; anything else has no place in a reply."""
    identity = message.id
    if identity is None:
        return True
    if type(identity) is str:
        return 0 < len(identity) <= longest
    return type(identity) in (int, float)


def refusal(message: Message, error: str, advice: msgspec.Raw | None = None) -> bytes:
    """One failed reply. The advice goes out where clients act on it: with a handshake and with a connect."""
    channel = message.channel if type(message.channel) is str else None
    return encode_reply(
        Reply(
            channel if channel is not None else msgspec.UNSET,
            False,
            id=message.id if type(message.id) in (str, int, float) else None,
            error=error,
            advice=advice if channel in (HANDSHAKE, CONNECT) else None,
        )
    )


def subscription_reply(message: Message, error: str | None = None, *, ext: dict[str, Any] | None = None) -> bytes:
    """The answer to a subscribe or unsubscribe message: what was named comes back as it was named."""
    subscription = message.subscription if message.subscription is not None else ABSENT
    return encode_reply(
        Reply(message.channel, error is None, id=message.id, subscription=subscription, error=error, ext=ext)
    )


def refuse_all(messages: Sequence[Message], error: str, advice: msgspec.Raw) -> bytes:
    """The answer to a request that nobody looks into: every message refused for the same reason."""
    return array([refusal(message, error, advice) for message in messages])


def array(members: Iterable[bytes]) -> bytes:
    """Join encoded messages to what a response or frame always is."""
    return b"[" + b",".join(members) + b"]"
