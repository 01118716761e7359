"""The header of a message or of a part: its fields, and what their values say.

Nothing here raises, and every pass is linear. A line that is no field is passed over as long as a well-known field
follows; otherwise the header ends there, so that a message without an empty line keeps its text.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from frontdesk.channels.email.decoding import characters, from_base64, from_quoted_printable
from frontdesk.core.emails import MailLimits

_EMPTY_LINE: Final = re.compile(rb"\n\r*\n")
_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")
_WELL_KNOWN: Final = re.compile(
    rb"^(?:received|return-path|from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{1,40})[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s=]{1,100})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_NOT_PRINTED: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_PARAMETER: Final = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_PIECE: Final = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?", re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_VALUE_CHARACTERS: Final = 64 * 1024


class Fields:
    """The fields of one header, in order, by lower-case name. Values are unfolded, but not decoded."""

    def __init__(self, fields: Iterable[tuple[str, bytes]] = (), *, charset: str | None = None) -> None:
        self._values: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._values.setdefault(name, []).append(value)
        self.charset = charset  # of bytes that have no business in a header

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> bytes:
        """The first value, or nothing."""
        return self._values.get(name, (b"",))[0]

    def undecoded(self, name: str) -> Iterator[str]:
        """Every value as characters, encoded words left as they are."""
        for value in self._values.get(name, ()):
            yield characters(value[:_VALUE_CHARACTERS], otherwise=self.charset)

    def text(self, name: str) -> str:
        """The first value as one line for people to read, or nothing."""
        return one_line(decoded_words(next(self.undecoded(name), "")))


class Header(NamedTuple):
    """A header, where what it heads begins, and whether some of it was left out."""

    fields: Fields
    body_start: int
    was_cut: bool


def read_header(raw: bytes, start: int, end: int, limits: MailLimits) -> Header:
    """Read the header that begins at `start`; what it heads goes to `end`."""
    header_end, body_start = _stretch(raw, start, end)
    most = min(header_end, start + limits.header_bytes)
    was_cut = most < header_end
    well_known = [found.start() for found in _WELL_KNOWN.finditer(raw, start, most)]
    last_well_known = well_known[-1] if well_known else -1
    fields: list[tuple[str, list[bytes]]] = []
    at = start
    while at < most:
        line, after = _line(raw, at, most)
        field = _FIELD.match(line)
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        elif field is not None:
            if len(fields) == limits.headers:
                was_cut = True
                break
            fields.append((field[1].decode("ascii").lower(), [line[field.end() :]]))
        elif at >= last_well_known and not line.startswith((b"From ", b">From ")):
            body_start, was_cut = at, False
            break
        at = after
    return Header(Fields((name, b"".join(lines)) for name, lines in fields), body_start, was_cut)


def decoded_words(text: str) -> str:
    """`text` with its encoded words read (RFC 2047), also where they should not stand.

    Neighbours in the same charset are joined before they are read: senders split letters between them.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    waiting, waiting_charset, at = b"", "", 0
    for word in _ENCODED_WORD.finditer(text):
        between = text[at : word.start()]
        charset, coding, content = word[1].partition("*")[0].lower(), word[2].lower(), word[3]
        is_neighbour = at > 0 and (not between or between.isspace())
        if not is_neighbour or charset != waiting_charset:
            out.append(characters(waiting, waiting_charset))
            waiting = b""
        if not is_neighbour:
            out.append(between)
        coded = content.encode("utf-8", "replace")
        waiting += from_base64(coded) if coding == "b" else from_quoted_printable(coded.replace(b"_", b"=20"))
        waiting_charset, at = charset, word.end()
    out.append(characters(waiting, waiting_charset))
    out.append(text[at:])
    return "".join(out)


def one_line(text: str) -> str:
    """`text` without line ends, control characters and marks that turn the direction of what follows."""
    return _NOT_PRINTED.sub(" ", text).strip()


def parameters(value: str) -> dict[str, str]:
    """What follows the first `;`, by lower-case name: plain, encoded or in pieces (RFC 2231), as one line each."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for found in _PARAMETER.finditer(value):
        name, written = found[1].lower(), found[2].strip()
        if len(written) > 1 and written[0] == written[-1] == '"':
            written = _ESCAPED.sub(r"\1", written[1:-1])
        piece = _PIECE.fullmatch(name)
        assert piece is not None, "the pattern matches any name"
        if piece[2] is None and piece[3] is None:
            plain.setdefault(name, one_line(decoded_words(written)))
        else:
            pieces.setdefault(piece[1], []).append((int(piece[2] or 0), piece[3] is not None, written))
    return plain | {name: one_line(_assembled(found)) for name, found in pieces.items()}


def _stretch(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header ends and where its body starts."""
    first, after = _line(raw, start, end)
    if not first and after > start:
        return start, after
    empty = _EMPTY_LINE.search(raw, start, end)
    return (end, end) if empty is None else (empty.start(), empty.end())


def _line(raw: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The line that begins at `at`, without its end, and where the next one begins."""
    newline = raw.find(b"\n", at, end)
    return (raw[at:end], end) if newline < 0 else (raw[at:newline].rstrip(b"\r"), newline + 1)


def _assembled(found: list[tuple[int, bool, str]]) -> str:
    found.sort(key=lambda piece: piece[0])
    charset: str | None = None
    if found[0][1] and found[0][2].count("'") >= 2:
        charset, _, rest = found[0][2].split("'", 2)
        found[0] = (0, True, rest)
    content = b"".join(
        unquote_to_bytes(written) if is_encoded else written.encode("utf-8", "replace")
        for _, is_encoded, written in found
    )
    return characters(content, charset)
