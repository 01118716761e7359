"""Addresses out of headers and envelopes, as their senders meant them, however they wrote them.

Nothing here raises, and a pass is linear. What comes out is bare (`ada@example.org`), holds no white space, no control
characters and no separators of a header, so that it can be written into another header as it is.
"""

import re
from typing import Final, NamedTuple

from frontdesk.channels.email.headers import Fields, decoded_words, one_line
from frontdesk.core.emails import MailLimits

_TOKEN: Final = re.compile(r'\\.|["()<>,;:]|[^\\"()<>,;:]+|\\', re.DOTALL)
_BARE: Final = re.compile(
    r'(?:[^\s<>,;:"()@\\\[\]]{1,128}|"[^"\\\x00-\x1f\x7f]{1,64}")@'
    r"(?:[^\s<>,;:\"()@\\\[\]\x00-\x1f\x7f]{1,253}|\[[0-9A-Za-z.:]{2,60}\])"
)
_SOMEWHERE: Final = re.compile(r"[^\s<>,;:\"()@'\[\]\\]{1,128}@[^\s<>,;:\"()@'\[\]\\]{1,253}")
_ROUTE: Final = re.compile(r"@[^:\s]{1,253}:")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffd]")


class Address(NamedTuple):
    """A bare address and the name that stood beside it, if any."""

    address: str
    name: str


def bare(text: str) -> str:
    """The one address that `text` is, or nothing: from an envelope, or from between angle brackets."""
    text = text.strip()
    route = _ROUTE.match(text)
    if route is not None:
        text = text[route.end() :]
    if len(text) > 320 or _UNSAFE.search(text) or not _BARE.fullmatch(text):
        return ""
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def addresses(fields: Fields, name: str, limits: MailLimits) -> tuple[tuple[Address, ...], bool]:
    """The addresses of a header, each once, in order; and whether there were more than are kept."""
    found: dict[str, Address] = {}
    for value in fields.undecoded(name):
        for address in _listed(value) or _listed(decoded_words(value)) or _anywhere(decoded_words(value)):
            found.setdefault(address.address.casefold(), address)
    kept = tuple(
        address._replace(name=one_line(decoded_words(address.name))[: limits.name_characters])
        for address in list(found.values())[: limits.addresses]
    )
    return kept, len(found) > limits.addresses


def _listed(value: str) -> list[Address]:
    """The addresses of a list with names, comments and groups (RFC 5322 §3.4, and what is mistaken for it)."""
    found: list[Address] = []
    entry = _Entry()
    depth, is_quoted, is_angle = 0, False, False
    for match in _TOKEN.finditer(value):
        mark = match[0]
        place = entry.comment if depth else entry.angle if is_angle else entry.words
        if mark == '"' and not depth:
            is_quoted = not is_quoted
            place.append(mark)  # it may be part of the address
        elif is_quoted or mark[0] == "\\":
            place.append(mark[-1] if mark[0] == "\\" else mark)
        elif mark == "(":
            depth += 1
        elif depth:
            depth -= mark == ")"
            if depth or mark != ")":
                place.append(mark)
        elif mark in "<>":
            is_angle = mark == "<"
        elif mark in ",;":  # also where an angle bracket was not closed
            found += entry.taken()
            entry, is_angle = _Entry(), False
        elif mark == ":" and not is_angle:
            entry.words.clear()  # they were the name of a group
        else:
            place.append(mark)
    return found + entry.taken()


class _Entry:
    """What was seen of one address so far."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.angle: list[str] = []
        self.comment: list[str] = []

    def taken(self) -> list[Address]:
        words, angle = "".join(self.words).strip(), bare("".join(self.angle))
        alone = bare(words) or bare(words.rpartition(" ")[2])
        if angle:
            name = words.replace('"', "").strip().strip("'")
            return [Address(angle, "" if name.casefold() == angle.casefold() else name)]
        return [Address(alone, "".join(self.comment or self.angle).strip())] if alone else []


def _anywhere(value: str) -> list[Address]:
    """What looks like an address, in a value that is no list."""
    candidates = (bare(match[0].rstrip(".")) for match in _SOMEWHERE.finditer(value))
    return [Address(address, "") for address in candidates if address]
