"""What an HTTP request says: messages out of JSON, out of a form, or out of the address that a script tag asks for.

What cannot be read raises `Malformed` for the whole request, before anybody looks who is asking.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from frontdesk.push.messages import Malformed, Message, TooMany, decode

_FORM = b"application/x-www-form-urlencoded"
_JSON = (b"application/json", b"text/json")
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,63}")


class Question(NamedTuple):
    """A request's messages, and the function that its answer is to call, if a script tag asks."""

    messages: list[Message]
    callback: bytes | None = None


def declared_type(headers: dict[bytes, bytes]) -> bytes:
    """What the body is said to be, without parameters."""
    return headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower()


def is_json(declared: bytes) -> bool:
    return declared in _JSON


def in_body(body: bytes, declared: bytes, most: int) -> Question:
    """The messages of a body: JSON, or a form whose fields `message` are JSON."""
    if declared == _FORM and body.lstrip()[:1] not in (b"[", b"{"):  # some declare a form and send JSON
        return Question(_of_fields(_fields(body, most), most))
    return Question(decode(body, most))


def in_address(query: bytes, most: int) -> Question | None:
    """The messages of an address that a script tag asks for; None if it names no function to call."""
    fields = _fields(query, most)
    names = [value for name, value in fields if name == "jsonp"]
    if not names:
        return None
    if len(names) > 1 or not _CALLBACK.fullmatch(names[0]):
        raise Malformed("jsonp does not name a function")
    return Question(_of_fields(fields, most), names[0].encode())


def _fields(text: bytes, most: int) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=most + 10)
    except UnicodeError:
        raise Malformed("not UTF-8 in percent encoding") from None
    except ValueError:
        raise TooMany("too many fields") from None


def _of_fields(fields: list[tuple[str, str]], most: int) -> list[Message]:
    messages = [message for name, value in fields if name == "message" for message in decode(value, most)]
    if not messages:
        raise Malformed("no field is called message")
    if len(messages) > most:
        raise TooMany(f"{len(messages)} messages in one request; {most} are allowed")
    return messages
