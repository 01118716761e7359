"""HTML taken apart in one pass, and text made from it. Linear in the length of the input, whatever the input is.

This is no HTML parser: it tells tags from text, so that a message can be read as text, and so that markup made to
choke a real parser can be put in order before one sees it. It makes nothing safe to show.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final, NamedTuple

#: What stands between their tags is not text for a reader.
_UNREAD: Final = frozenset(
    {"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "noscript", "template", "xmp"}
)
_STARTS_PARAGRAPH: Final = frozenset(
    {"p", "blockquote", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr"}
)
_STARTS_LINE: Final = frozenset(
    {"div", "li", "tr", "br", "dt", "dd", "section", "article", "header", "footer", "center", "caption"}
)
_NAME: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)")
_STOP_IN_TAG: Final = re.compile(r">|=\s*[\"']")
_BLANKS: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_END_OF: Final = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _UNREAD}


class Piece(NamedTuple):
    """A stretch of markup: text if `name` is empty, else the tag of that lower-case name, as it was written."""

    name: str
    written: str
    is_end: bool = False


def pieces(html: str) -> Iterator[Piece]:
    """Tags and the text between them, in order; comments and what no reader sees are left out."""
    seen, at, length = 0, 0, len(html)
    quotes_left = {'"': True, "'": True}
    while (start := html.find("<", at)) >= 0:
        named = _NAME.match(html, start)
        if named is None and not html.startswith(("<!", "<?", "</"), start):
            at = start + 1  # a letter like any other
            continue
        if start > seen:
            yield Piece("", html[seen:start])
        seen = start
        if named is None:
            seen = at = _end_of_comment(html, start)
            continue
        end = _end_of_tag(html, named.end(), quotes_left)
        if end < 0:
            break  # no tag after this one is finished either
        name, is_end = named[1].lower(), html[start + 1] == "/"
        yield Piece(name, html[start:end], is_end)
        seen = at = end
        if name in _UNREAD and not is_end:
            closing = _END_OF[name].search(html, at)
            seen = at = closing.start() if closing else length
    if seen < length:
        yield Piece("", html[seen:])


def text_of(html: str) -> str:
    """What a reader of `html` reads, in lines."""
    lines: list[list[str]] = [[]]
    preformatted = 0
    for piece in pieces(html):
        if not piece.name:
            _write(lines, unescape(piece.written), keeps_blanks=preformatted > 0)
            continue
        if piece.name == "pre":
            preformatted = max(0, preformatted + (-1 if piece.is_end else 1))
        if piece.name in _STARTS_PARAGRAPH:
            _new_line(lines, gap=1)
        elif piece.name in _STARTS_LINE:
            _new_line(lines, gap=0, even_if_empty=piece.name == "br")
        if piece.name == "li" and not piece.is_end:
            lines[-1].append("- ")
        elif piece.name in {"td", "th"} and lines[-1] and not piece.is_end:
            lines[-1].append(" ")
    return _tidied(["".join(line).rstrip() for line in lines])


def html_of(text: str) -> str:
    """`text` as HTML that shows the same lines."""
    return escape(text).replace("\r\n", "\n").replace("\n", "<br>\n")


def _end_of_comment(html: str, start: int) -> int:
    mark = "-->" if html.startswith("<!--", start) else ">"
    end = html.find(mark, start + 2)
    return len(html) if end < 0 else end + len(mark)


def _end_of_tag(html: str, at: int, quotes_left: dict[str, bool]) -> int:
    """Behind the tag's `>`, or -1. A quotation mark that is never closed is a letter like any other."""
    while stop := _STOP_IN_TAG.search(html, at):
        if stop[0] == ">":
            return stop.end()
        at, quote = stop.end(), stop[0][-1]
        closing = html.find(quote, at) if quotes_left[quote] else -1
        if closing < 0:
            quotes_left[quote] = False  # looked for once, not once per tag
        else:
            at = closing + 1
    return -1


def _write(lines: list[list[str]], text: str, *, keeps_blanks: bool) -> None:
    if keeps_blanks:
        first, *more = text.replace("\r\n", "\n").split("\n")
        lines[-1].append(first)
        lines.extend([line] for line in more)
        return
    text = _BLANKS.sub(" ", text)
    if not lines[-1] or lines[-1][-1].endswith(" "):
        text = text.lstrip(" ")
    if text:
        lines[-1].append(text)


def _new_line(lines: list[list[str]], *, gap: int, even_if_empty: bool = False) -> None:
    if lines[-1] or even_if_empty:
        lines.append([])
    if gap and len(lines) > 1 and lines[-2]:
        lines.append([])


def _tidied(lines: list[str]) -> str:
    """Not two empty lines in a row, none at the ends."""
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept).strip("\n")
