"""HTML taken apart in one pass, and text made from it. Linear in the length of the input, whatever the input is.

This is no HTML parser: it tells tags from text, so that a message can be read as text, and so that markup made to
choke a real parser can be put in order first. It promises nothing about safety; `wire.html` makes HTML safe to show.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final, NamedTuple

#: Their content is not for readers.
_UNSEEN: Final = frozenset(
    {"script", "style", "head", "title", "noscript", "template", "textarea", "iframe", "svg", "math"}
)
_NEW_PARAGRAPH: Final = frozenset(
    {"p", "blockquote", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr"}
)
_NEW_LINE: Final = frozenset({"div", "li", "tr", "br", "dt", "dd", "section", "article", "header", "footer", "center"})
_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]{0,40})")
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
