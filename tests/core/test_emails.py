"""The user data of an e-mail, and the draft of its answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.emails import INDENT_CHARACTERS, AttachmentInfo, Email, MailLimits, reply_to, user_data_of

SUPPORT = "support@desk.example"
QUESTION = Email(
    from_address="ada@example.org",
    from_name="Ada King",
    to=(SUPPORT, "bob@example.org"),
    cc=("carol@example.org", "Support@desk.example", "sales@desk.example"),
    mailboxes=(SUPPORT,),
    subject="My order",
    text="Where is it?\n\nAda\n",
    message_id="2@example.org",
    references=("1@example.org",),
    headers={"Date": "Mon, 1 Jan 2024 10:00:00 +0000", "MIME-Version": "1.0"},
    attachments=(
        AttachmentInfo(id="1", name="a.png", size_bytes=5, mime="image/png"),
        AttachmentInfo(id="2", name="b.pdf", size_bytes=7, mime="application/pdf"),
    ),
)


def test_the_user_data_tells_what_the_message_told() -> None:
    assert user_data_of(QUESTION) == {
        "Subject": "My order",
        "EmailAddress": "ada@example.org",
        "FirstName": "Ada",
        "LastName": "King",
        "To": "support@desk.example, bob@example.org",
        "Mailbox": "support@desk.example",
        "FromAddress": "ada@example.org",
        "FromPersonal": "Ada King",
        "Origination_Source": "Email",
        "Header_Date": "Mon, 1 Jan 2024 10:00:00 +0000",
        "Header_MIME-Version": "1.0",
        "_ContainsAttachment": "true",
        "_AttachmentsSize": 12,
        "_AttachmentFileNames": "a.png, b.pdf",
        "_AutoReplyCount": 0,
    }


def test_the_user_data_leaves_out_what_the_message_did_not_tell() -> None:
    assert user_data_of(Email()) == {
        "Origination_Source": "Email",
        "_ContainsAttachment": "false",
        "_AttachmentsSize": 0,
        "_AutoReplyCount": 0,
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Ada King", ("Ada", "King")),
        ("King, Ada", ("Ada", "King")),
        ("Ada Augusta King", ("Ada Augusta", "King")),
        ("Ada", ("Ada", None)),
        ("King,", (None, "King")),
        (" ", (None, None)),
    ],
)
def test_a_name_has_a_first_and_a_last_part(name: str, told: tuple[str | None, str | None]) -> None:
    data = user_data_of(Email(from_name=name))
    assert (data.get("FirstName"), data.get("LastName")) == told


def test_a_reply_goes_to_who_wrote_and_stays_in_the_thread() -> None:
    draft = reply_to(QUESTION, to_all=False, from_address=SUPPORT)
    assert (draft.from_address, draft.to, draft.cc) == (SUPPORT, ("ada@example.org",), ())
    assert (draft.subject, draft.html, draft.text) == ("Re: My order", "", "")
    assert (draft.in_reply_to, draft.references) == ("2@example.org", ("1@example.org", "2@example.org"))
    assert (draft.message_id, draft.attachments) == (None, ())


def test_a_reply_goes_where_the_writer_asked_for_it() -> None:
    asks = Email(from_address="robot@example.org", reply_to=("ada@example.org", "ADA@example.org", "bob@example.org"))
    assert reply_to(asks, to_all=False, from_address=SUPPORT).to == ("ada@example.org", "bob@example.org")


def test_a_reply_to_all_goes_to_everybody_but_ourselves() -> None:
    draft = reply_to(QUESTION, to_all=True, from_address=SUPPORT, own_addresses=["SALES@desk.example"])
    assert draft.to == ("ada@example.org",)
    assert draft.cc == ("carol@example.org", "bob@example.org")


def test_a_reply_is_never_addressed_to_ourselves() -> None:
    loop = Email(from_address="Support@Desk.example", reply_to=("sales@desk.example",), mailboxes=(SUPPORT,))
    assert reply_to(loop, to_all=True, from_address=SUPPORT, own_addresses=["sales@desk.example"]).to == ()


@pytest.mark.parametrize(
    ("subject", "prefix", "answered"),
    [
        ("My order", None, "Re: My order"),
        ("RE: My order", None, "RE: My order"),
        ("RE: My order", "AW: ", "AW: RE: My order"),
        ("My order", "", "My order"),
        ("", None, "Re: "),
    ],
)
def test_the_subject_is_prefixed_once_or_as_asked(subject: str, prefix: str | None, answered: str) -> None:
    draft = reply_to(Email(subject=subject), to_all=False, from_address=SUPPORT, subject_prefix=prefix)
    assert draft.subject == answered


def test_the_original_is_quoted_below_the_start_line() -> None:
    draft = reply_to(
        QUESTION, to_all=False, from_address=SUPPORT, quote_original=True, start_line="Ada wrote:", indent="| "
    )
    assert draft.text == "Ada wrote:\n| Where is it?\n| \n| Ada"
    assert draft.html == "Ada wrote:<br>\n| Where is it?<br>\n| <br>\n| Ada"


def test_of_a_long_original_as_much_is_quoted_as_there_is_room_for() -> None:
    limits = MailLimits()
    longest = Email(subject="s" * limits.subject_characters, text="\n" * (limits.body_characters - 1) + "x")
    draft = reply_to(longest, to_all=False, from_address=SUPPORT, quote_original=True, indent="|" * INDENT_CHARACTERS)
    assert len(draft.text) <= limits.body_characters
    assert draft.text.endswith("\n" + "|" * INDENT_CHARACTERS + "[…]")
    assert len(draft.subject) == limits.subject_characters


def test_what_the_agent_wrote_stands_above_the_quotation() -> None:
    draft = reply_to(QUESTION, to_all=False, from_address=SUPPORT, html="<p>Here &amp; now</p>", quote_original=True)
    assert draft.text == "Here & now\n\n> Where is it?\n> \n> Ada"
    assert draft.html.startswith("<p>Here &amp; now</p><br><br>&gt; Where is it?")


def test_markup_in_the_original_is_quoted_as_text() -> None:
    hostile = Email(html="<script>steal()</script>", text="<script>steal()</script>")
    draft = reply_to(hostile, to_all=False, from_address=SUPPORT, quote_original=True)
    assert "<script>" not in draft.html


def test_a_thread_of_any_length_names_its_first_and_its_newest_messages() -> None:
    long = Email(message_id="new", references=tuple(f"{number}" for number in range(200)))
    references = reply_to(long, to_all=False, from_address=SUPPORT).references
    assert len(references) == 50
    assert (references[0], references[-2:]) == ("0", ("199", "new"))


_ADDRESSES = st.lists(st.sampled_from(["a@x.org", "A@x.org", "b@x.org", SUPPORT, SUPPORT.upper(), "s@d.e", ""])).map(
    tuple
)


@given(_ADDRESSES, _ADDRESSES, _ADDRESSES, st.booleans())
def test_nobody_is_written_to_twice_and_we_never(
    asked: tuple[str, ...], to: tuple[str, ...], cc: tuple[str, ...], to_all: bool
) -> None:
    original = Email(from_address="a@x.org", reply_to=asked, to=to, cc=cc)
    draft = reply_to(original, to_all=to_all, from_address=SUPPORT, own_addresses=["s@d.e"])
    written_to = [address.lower() for address in (*draft.to, *draft.cc)]
    assert len(written_to) == len(set(written_to))
    assert not {SUPPORT, "s@d.e", ""} & set(written_to)
