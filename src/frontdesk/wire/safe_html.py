"""HTML that strangers wrote, made fit to be shown in an agent's browser.

What runs, loads a page, or leaves its place is taken out. Markup that would keep the parser busy for seconds (its cost
grows with the square of the nesting) is shown as text instead.
"""

import re
from typing import Final

import nh3

from frontdesk.kit import markup

#: Beyond so many elements that can nest, a body costs more than a tenth of a second and is hardly a letter.
_MOST_NESTING: Final = 10_000
#: Elements that close their like, or hold nothing, do not nest by themselves.
_FLAT: Final = "p|br|hr|img|li|dt|dd|tr|td|th|thead|tbody|tfoot|col|colgroup|option|b|i|u|a"
_NESTING: Final = re.compile(rf"<(?!(?:{_FLAT})[\s/>])[a-z]", re.IGNORECASE)

_SCHEMES: Final = {"http", "https", "mailto", "tel", "cid"}
_LEFT_OUT_WHOLE: Final = {"script", "style", "title"}


def safe(html: str) -> str:
    """`html` without anything that acts; links open without a referrer."""
    if sum(1 for _ in _NESTING.finditer(html)) > _MOST_NESTING:
        return markup.html_of(markup.text_of(html))
    return nh3.clean(html, url_schemes=_SCHEMES, clean_content_tags=_LEFT_OUT_WHOLE)
