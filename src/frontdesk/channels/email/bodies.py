"""The text of a message: which of its parts are read as the message itself, and what they say.

Text parts that follow each other are read one after the other. Of the branches of a multipart/alternative the first
with plain text gives the text and the last with HTML the HTML. What a message says in one form only is made from it
in the other form where the two would otherwise tell different things.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from frontdesk.channels.email.decoding import characters
from frontdesk.channels.email.mime import Part
from frontdesk.core.emails import MailLimits
from frontdesk.kit import markup

_LINE_END: Final = re.compile(r"\r\n?|\n")
_CHARSET_IN_HTML: Final = re.compile(rb"<meta[^<>]{0,200}charset\s*=\s*[\"']?([a-z0-9_:.-]{1,40})", re.IGNORECASE)
_SIGNATURE: Final = "-- "


class Bodies(NamedTuple):
    """What a message says. `html` is empty if it has no HTML; `text` is not, unless it says nothing."""

    text: str
    html: str
    was_cut: bool


def read_bodies(raw: bytes, parts: Iterable[Part], limits: MailLimits) -> Bodies:
    """What the text parts among `parts` say together."""
    reader = _Reader(raw, limits.body_characters)
    told = [_Told(*_chosen(branches, reader)) for branches in _segments(parts)]
    has_html = any(segment.html is not None for segment in told)
    texts = [markup.text_of(s.html or "") if s.text is None else s.text for s in told]
    htmls = [markup.html_of(s.text or "") if s.html is None else s.html for s in told] if has_html else []
    text, html = "\n\n".join(filter(None, texts)), "\n<br>\n".join(filter(None, htmls))
    most = limits.body_characters
    was_cut = reader.was_cut or len(text) > most or len(html) > most
    return Bodies(text[:most], html[:most], was_cut)


def unflowed(text: str, *, drops_spaces: bool) -> str:
    """`text` with its paragraphs joined again (RFC 3676)."""
    out: list[str] = []
    open_depth = -1  # of the paragraph that the next line may go on with
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        is_signature = words == _SIGNATURE
        if depth == open_depth and not is_signature:
            out[-1] += words
        else:
            out.append(f"{'>' * depth} {words}" if depth else words)
        is_flowed = words.endswith(" ") and not is_signature
        if is_flowed and drops_spaces:
            out[-1] = out[-1][:-1]
        open_depth = depth if is_flowed else -1
    return "\n".join(out)


class _Told(NamedTuple):
    """One stretch of the message. None: it is not there in this form."""

    text: str | None
    html: str | None


class _Reader:
    """Turns parts into text until there is enough of it."""

    def __init__(self, raw: bytes, characters_left: int) -> None:
        self._raw = raw
        self._left = {"text/plain": characters_left, "text/html": characters_left}
        self.was_cut = False

    def text_of(self, part: Part) -> str:
        left = self._left[part.mime]
        content = part.content(self._raw, most=4 * left + 4)
        charset = part.parameters.get("charset")
        if charset is None and part.mime == "text/html":
            declared = _CHARSET_IN_HTML.search(content[:2048])
            charset = declared[1].decode("ascii") if declared else None
        text = characters(content, charset)
        if len(text) > left:
            self.was_cut = True
            text = text[:left]
        self._left[part.mime] = left - len(text)
        if part.mime == "text/html":
            return text
        text = _LINE_END.sub("\n", text)
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflowed(text, drops_spaces=part.parameters.get("delsp", "").lower() == "yes")
        return text.rstrip("\n")


def _segments(parts: Iterable[Part]) -> list[dict[int, list[Part]]]:
    """The text parts by the choice they belong to, and by its branch; a part without choice is its own only branch."""
    segments: dict[tuple[bool, int], dict[int, list[Part]]] = {}
    for position, part in enumerate(parts):
        if part.is_text:
            choice, branch = part.choice or (None, 0)
            key = (False, position) if choice is None else (True, choice)
            segments.setdefault(key, {}).setdefault(branch, []).append(part)
    return list(segments.values())


def _chosen(branches: dict[int, list[Part]], reader: _Reader) -> tuple[str | None, str | None]:
    plain = [found for branch in branches.values() if (found := _of(branch, "text/plain"))]
    html = [found for branch in branches.values() if (found := _of(branch, "text/html"))]
    return (
        "\n\n".join(map(reader.text_of, plain[0])) if plain else None,
        "\n<br>\n".join(map(reader.text_of, html[-1])) if html else None,
    )


def _of(parts: list[Part], mime: str) -> list[Part]:
    return [part for part in parts if part.mime == mime]
