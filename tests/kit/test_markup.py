"""HTML as text, and text as HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kit.markup import html_of, pieces, text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>Hello <b>you</b>,</p><p>there</p>", "Hello you,\n\nthere"),
        ("one<br>two<br/><br>three", "one\ntwo\n\nthree"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>  x\n    y</pre>", "  x\n    y"),
        (" lots \n of\t&nbsp; blanks ", "lots of blanks"),
        ("a &lt; b &amp;amp; c", "a < b &amp; c"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<title>t</title><style>p{}</style><script>if (a < b) x</script>seen", "seen"),
        ("<!-- <p>hidden</p> -->seen<!doctype html>", "seen"),
        ('<a title="1 > 0" href=x>link</a>', "link"),
        ("<p title=it's>quote", "quote"),
        ("<script>never closed", ""),
        ("ends in a <ta", "ends in a <ta"),
        ("<DIV>a</DIV><dIv>b</div>", "a\nb"),
    ],
)
def test_html_is_read_as_a_person_reads_it(html: str, text: str) -> None:
    assert text_of(html) == text


@given(st.text(st.sampled_from("ab <>&\"'\n")))
def test_text_written_as_html_reads_the_same(text: str) -> None:
    lines = [" ".join(line.split()) for line in text.split("\n")]
    assert text_of(html_of(text)).split() == " ".join(lines).split()


@given(st.text(st.sampled_from("ab</>!-=\"' pbrscitdv"), max_size=200))
def test_every_letter_of_any_markup_stands_in_one_piece_at_most(html: str) -> None:
    at = 0
    for piece in pieces(html):
        at = html.index(piece.written, at) + len(piece.written)


@pytest.mark.parametrize(
    "unit", ["<", "<a ", '<a ="', "<a ='\"", "<!--", "<!", "</", "<script>", "&", "&#x", "<br> ", "<pre>", "<a x= "]
)
def test_markup_made_to_take_long_is_read_before_the_test_times_out(unit: str) -> None:
    assert isinstance(text_of(unit * 200_000), str)  # were the cost a square, this would take hours
