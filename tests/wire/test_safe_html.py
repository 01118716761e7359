"""HTML from strangers: what is left of it, and that it is never dear."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.wire.safe_html import safe

_PIECES = [
    *(
        "<b>",
        "</b>",
        "<p>",
        "</p>",
        "<table>",
        "<td>",
        "</table>",
        "<svg>",
        "<math>",
        "<style>",
        "</style>",
        "<script>",
    ),
    *("<img src=x onerror=steal()>", "<a href='javascript:steal()'>", "<iframe src=//example.com>", "<!--", "-->", "<"),
    *(
        "</",
        ">",
        '"',
        "'",
        "&lt;script&gt;",
        "<form>",
        "<template>",
        "<noscript>",
        "<title>",
        "<meta http-equiv=x>",
        "x",
    ),
    *("<mglyph>", "<mtext>", "<foreignObject>", "<textarea>", "</title>", "<pre>\n", "<li>", "<font color=red>"),
]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
        ("<script>steal()</script>Hello", "Hello"),
        ("<title>Newsletter</title><style>p{}</style>Hello", "Hello"),
        ('<p onclick="steal()">Hello</p>', "<p>Hello</p>"),
        ('<iframe src="https://example.com"></iframe>Hello', "Hello"),
        ('<img src="cid:logo">', '<img src="cid:logo">'),
        ('<a href="javascript:steal()">Hello</a>', '<a rel="noopener noreferrer">Hello</a>'),
        ('<form action="/"><input name="password"></form>', ""),
    ],
)
def test_what_acts_is_taken_out(html: str, shown: str) -> None:
    assert safe(html) == shown


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<img src="https://example.com/seen.gif" alt="logo">', '<img alt="logo">'),
        ('<img src="data:image/png;base64,AA">', '<img src="data:image/png;base64,AA">'),
        ('<img src="data:image/svg+xml,x">', "<img>"),
        ('<a href="data:text/html,x">Hello</a>', '<a rel="noopener noreferrer">Hello</a>'),
        ('<p style="color:red;position:fixed;background:url(//example.com)">x</p>', '<p style="color:red">x</p>'),
        ("<font color=red size=7>x</font>", '<span style="color:red">x</span>'),
        ('<svg><style><img src="x" onerror="steal()"></style></svg>', ""),
    ],
)
def test_what_reaches_out_or_leaves_its_place_is_taken_out(html: str, shown: str) -> None:
    assert safe(html) == shown


def test_remote_pictures_are_shown_to_who_asks_for_them() -> None:
    assert safe('<img src="https://example.com/a.png">', with_remote_pictures=True) == (
        '<img src="https://example.com/a.png">'
    )


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<p>a<div>b</p>c", "<p>a</p><div>bc</div>"),
        ("a</div>b</p>", "ab"),
        ("<b>a<i>b</b>c", "<b>a<i>b</i></b>c"),
        ("1 < 2 & 3 &amp; 4", "1 &lt; 2 &amp; 3 &amp; 4"),
        (
            "<table><tr><td>1<td>2<tr><td>3</table>",
            "<table><tbody><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></tbody></table>",
        ),
    ],
)
def test_markup_is_closed_where_a_browser_closes_it(html: str, shown: str) -> None:
    assert safe(html) == shown


@pytest.mark.parametrize("opening", ["<div>", "<DIV x>", "<td-x>", "<svg/>", "<div></b>", "<table><tr><td>"])
def test_markup_made_to_keep_the_parser_busy_keeps_its_text(opening: str) -> None:
    shown = safe(opening * 10_000 + "Hello &amp; goodbye")
    assert "Hello &amp; goodbye" in shown
    assert _nesting_of(shown) < 500


@pytest.mark.parametrize("tag", ["b", "font", "span", "a", "blockquote"])
def test_formatting_that_is_never_closed_is_not_opened_again_without_end(tag: str) -> None:
    opened = "".join(f"<{tag} title=x{number}>" for number in range(2_000))
    assert len(safe(f"<p>{opened}" + "<p>x" * 5_000)) < 200_000


def test_too_many_tags_are_shown_as_text() -> None:
    assert safe("<i>x</i>" * 110_000) == "x" * 110_000


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_nothing_that_acts_survives_in_any_combination(html: str) -> None:
    shown = safe(html).lower()
    tags = re.findall(r"<([^>]*)>", shown)
    assert not any(tag.startswith(("script", "style", "iframe", "svg", "math", "form", "meta")) for tag in tags)
    assert not any("onerror=" in tag or "javascript:" in tag for tag in tags)
    assert safe(shown) == safe(safe(shown))


def test_a_long_table_is_no_such_markup() -> None:
    rows = "<tr><td>1</td><td>2</td></tr>" * 20_000
    assert safe(f"<table><tbody>{rows}</tbody></table>").count("<td>") == 40_000


def _nesting_of(html: str) -> int:
    """The deepest nesting of well-formed markup."""
    depth = deepest = 0
    for slash in re.findall(r"<(/?)(?!br\b|img\b|hr\b)", html):
        depth += -1 if slash else 1
        deepest = max(deepest, depth)
    return deepest
