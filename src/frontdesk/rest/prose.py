"""Our own texts as HTML: the few constructs of Markdown that they use, and JSON in colours.

Everything is escaped first; what is not understood stands there as it was written.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`([^`]+)`")
_STRONG: Final = re.compile(r"\*\*([^*]+)\*\*")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_JSON: Final = re.compile(
    r"(?P<key>\"(?:[^\"\\]|\\.)*\")(?=:)|(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<plain>\b(?:-?\d[\d.]*|true|false|null)\b)"
)


def html_of(text: str, *, heading: int = 2, anchors: str = "") -> str:
    """Blocks of HTML. `heading` is the level of a "##"; with `anchors` headings can be linked to, under that prefix."""
    return "\n".join(_blocks(text, heading, anchors))


def inline(text: str) -> str:
    """One line: code, emphasis and links."""
    pieces = _CODE.split(text)  # every second one is code, in which nothing else is looked for
    return "".join(
        f"<code>{escape(piece)}</code>" if index % 2 else _emphasised(escape(piece))
        for index, piece in enumerate(pieces)
    )


def slug(title: str) -> str:
    """What a heading is linked to by."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def json_of(value: Any) -> str:
    """A value as indented JSON, its parts told apart."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    found, at = [], 0
    for match in _JSON.finditer(text):
        found.append(escape(text[at : match.start()], quote=False))
        found.append(f'<span class="{match.lastgroup}">{escape(match.group(), quote=False)}</span>')
        at = match.end()
    return "".join((*found, escape(text[at:], quote=False)))


def _blocks(text: str, heading: int, anchors: str) -> Iterator[str]:
    at = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(text[at : fence.start()], heading, anchors)
        yield f'<pre class="{fence[1] or "text"}"><code>{escape(fence[2].rstrip(), quote=False)}</code></pre>'
        at = fence.end()
    yield from _paragraphs(text[at:], heading, anchors)


def _paragraphs(text: str, heading: int, anchors: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        if not lines:
            continue
        if lines[0].startswith("## "):
            title = lines[0].removeprefix("## ")
            name = f' id="{anchors}{slug(title)}"' if anchors else ""
            yield f"<h{heading}{name}>{inline(title)}</h{heading}>"
            yield from _paragraphs("\n".join(lines[1:]), heading, anchors)
        elif lines[0].startswith("- "):
            items = re.split(r"^- ", block, flags=re.MULTILINE)[1:]
            yield "<ul>" + "".join(f"<li>{inline(' '.join(item.split()))}</li>" for item in items) + "</ul>"
        elif lines[0].startswith("|"):
            yield _table(lines)
        else:
            yield f"<p>{inline(' '.join(lines))}</p>"


def _table(lines: list[str]) -> str:
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    cells = "".join(f"<th>{inline(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def _emphasised(text: str) -> str:
    text = _STRONG.sub(r"<strong>\1</strong>", text)
    return _LINK.sub(r'<a href="\2">\1</a>', text)
