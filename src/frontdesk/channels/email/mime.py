"""The parts of a message: where each begins and ends, and what its header says of it.

Works on offsets into the raw bytes, so that nesting copies nothing. Parts, depth and headers are bounded; what lies
beyond is left as one part. Missing, wrong and unclosed boundaries are lived with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from frontdesk.channels.email.decoding import decoded_content
from frontdesk.channels.email.headers import Fields, parameters, read_header
from frontdesk.core.emails import Cut, MailLimits

_TYPE: Final = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,60})\s*/\s*([a-z0-9!#$&^_.+-]{1,80})", re.IGNORECASE)
_BOUNDARY: Final = re.compile(rb"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_LOOKS_LIKE_BOUNDARY: Final = re.compile(rb"^--([^\s-][^\s]{0,199})[ \t]*\r*\ncontent-", re.IGNORECASE | re.MULTILINE)
_AFTER_BOUNDARY: Final = re.compile(rb"(--)?[ \t]*(?:\r*\n|\Z)")
_SNIFFED_BYTES: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part that holds content, not parts."""

    fields: Fields
    mime: str
    parameters: dict[str, str]
    disposition: str  # "attachment", "inline" or nothing
    filename: str
    is_root: bool
    choice: tuple[int, int] | None  # (which multipart/alternative, which of its branches) it belongs to
    start: int
    end: int

    @property
    def is_text(self) -> bool:
        """True for what people read as the message itself, not as a file with it."""
        if self.mime not in {"text/plain", "text/html"} or self.disposition == "attachment":
            return False
        return self.is_root or not self.filename

    @property
    def content_id(self) -> str | None:
        return self.fields.text("content-id").strip("<> ")[:300] or None

    def content(self, raw: bytes, *, most: int | None = None) -> bytes:
        """The decoded content, or about its first `most` bytes."""
        end = self.end if most is None else min(self.end, self.start + 4 * most)
        return decoded_content(raw[self.start : end], self._transfer_encoding)[:most]

    @property
    def _transfer_encoding(self) -> str:
        return self.fields.text("content-transfer-encoding").partition(";")[0].strip().lower()


class Walk:
    """One pass over the parts of a message; `cut` tells afterwards what was not looked into."""

    def __init__(self, raw: bytes, limits: MailLimits) -> None:
        self.cut: set[Cut] = set()
        self._raw = raw
        self._limits = limits
        self._parts = 0
        self._choices = 0

    def parts(self, fields: Fields, start: int, end: int) -> Iterator[Part]:
        """The parts of the message with this header, in order."""
        return self._within(_part(fields, start, end, "text/plain", is_root=True), depth=0)

    def _within(self, whole: Part, depth: int) -> Iterator[Part]:
        self._parts += 1
        if self._parts > self._limits.parts:
            self.cut.add(Cut.PARTS)
            return
        if not whole.mime.startswith("multipart/"):
            yield whole
            return
        if depth == self._limits.depth:
            self.cut.add(Cut.DEPTH)
            yield whole
            return
        stretches = self._stretches(whole)
        if not stretches:
            yield replace(whole, mime="text/plain")  # no parts in it, so it can only be read as it is
            return
        default = "message/rfc822" if whole.mime == "multipart/digest" else "text/plain"
        chooses = whole.mime == "multipart/alternative" and whole.choice is None
        self._choices += chooses
        choice = self._choices
        for branch, (start, end) in enumerate(stretches):
            header = read_header(self._raw, start, end, self._limits)
            if header.was_cut:
                self.cut.add(Cut.HEADERS)
            part = _part(header.fields, min(header.body_start, end), end, default)
            yield from self._within(replace(part, choice=(choice, branch) if chooses else whole.choice), depth + 1)

    def _stretches(self, whole: Part) -> list[tuple[int, int]]:
        """Where the parts of a multipart lie, by its boundary or by what looks like one."""
        declared = _BOUNDARY.search(whole.fields.raw("content-type"))
        boundary = (declared[1] or declared[2]) if declared else b""
        boundary = boundary.rstrip() or whole.parameters.get("boundary", "").encode()
        if boundary and (found := self._between(boundary, whole.start, whole.end)):
            return found
        most = min(whole.end, whole.start + _SNIFFED_BYTES)
        likely = _LOOKS_LIKE_BOUNDARY.search(self._raw, whole.start, most)
        return self._between(likely[1], whole.start, whole.end) if likely else []

    def _between(self, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
        raw, mark = self._raw, b"--" + boundary
        found: list[tuple[int, int]] = []
        opened, at = -1, start
        while (at := raw.find(mark, at, end)) >= 0:
            after = _AFTER_BOUNDARY.match(raw, at + len(mark), end)
            if after is None or (at > start and raw[at - 1] != 0x0A):
                at += len(mark)
                continue
            if opened >= 0:
                found.append((opened, max(opened, _before_line_end(raw, at))))
                if len(found) > self._limits.parts:
                    return found
            opened = after.end()
            if after[1]:
                return found
            at = after.end()
        if opened >= 0:
            found.append((opened, end))  # never closed
        return found


def _part(fields: Fields, start: int, end: int, default: str, *, is_root: bool = False) -> Part:
    written = next(fields.undecoded("content-type"), "")
    named = _TYPE.match(written)
    told = parameters(written)
    disposition = next(fields.undecoded("content-disposition"), "")
    filename = parameters(disposition).get("filename") or told.get("name", "")
    return Part(
        fields=fields,
        mime=f"{named[1]}/{named[2]}".lower() if named else default,
        parameters=told,
        disposition=disposition.partition(";")[0].strip().lower(),
        filename=filename,
        is_root=is_root,
        choice=None,
        start=start,
        end=end,
    )


def _before_line_end(raw: bytes, at: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    at -= 1
    while at > 0 and raw[at - 1] == 0x0D:
        at -= 1
    return at
