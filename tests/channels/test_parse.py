"""What a message says is found, however it was written."""

import pytest

from frontdesk.core.emails import Cut, MailLimits
from tests.channels.mails import (
    CORPUS,
    FORWARDED,
    HTML,
    INVITATION,
    PICTURE,
    PLAIN,
    SUPPORT,
    TEXT,
    WINMAIL,
    email_of,
    message,
    multipart,
    nested,
    opened,
)


def test_a_plain_message_says_who_wrote_what_to_whom() -> None:
    email = email_of(PLAIN)
    assert (email.from_address, email.from_name) == ("ada@example.org", "Ada King")
    assert (email.to, email.mailboxes) == ((SUPPORT,), (SUPPORT,))
    assert (email.subject, email.text, email.html) == ("My order", "Where is my order?", "")
    assert email.cut == ()


@pytest.mark.parametrize("name", ["only line feeds", "only carriage returns", "too many carriage returns", "mbox line"])
def test_line_ends_do_not_matter(name: str) -> None:
    assert email_of(CORPUS[name]) == email_of(PLAIN)


def test_a_message_that_is_only_text_is_read_as_text() -> None:
    email = email_of(CORPUS["no header"])
    assert (email.subject, email.text) == ("", "just a line\nand one more")


def test_without_a_sender_the_envelope_tells_who_sent_it() -> None:
    assert email_of(b"Subject: s\r\n\r\n").from_address == "ada@example.org"


def test_a_line_that_is_no_header_hides_none_of_those_behind_it() -> None:
    email = email_of(b"Subject: s\r\nsome garbage\r\nFrom: bob@example.org\r\n\r\nbody")
    assert (email.subject, email.from_address, email.text) == ("s", "bob@example.org", "body")


def test_a_header_that_runs_into_the_text_leaves_the_text() -> None:
    assert email_of(CORPUS["no empty line"]).text == "this is text already"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?Gr=C3=BC?= =?utf-8?q?=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?4pw=?=\r\n =?utf-8?b?kw==?=", "✓"),
        ("=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=", "テスト"),
        ("=?gb2312?b?xOO6ww==?=", "你好"),
        ("=?koi8-r?b?8NLJ18XU?=", "Привет"),
        ("=?windows-1251?q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
        ("=?utf-7?q?Gr+APwA3w-e?=", "Grüße"),
        ("=?klingon?q?hello?=", "hello"),
        ("Re: =?utf-8?q?a_b?= c", "Re: a b c"),
        ("folded\r\n\tsubject", "folded subject"),
        ("tabs\tand \x07bells", "tabs and bells"),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
    ],
)
def test_a_subject_is_read_in_the_charset_it_is_written_in(written: str, meant: str) -> None:
    assert email_of(message(Subject=written)).subject == meant


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_raw_bytes_in_a_subject_are_read_too(charset: str) -> None:
    assert email_of(message(Subject="Grüße".encode(charset))).subject == "Grüße"


def test_raw_bytes_in_a_subject_are_in_the_charset_of_the_text_if_not_in_utf_8() -> None:
    raw = message("你好".encode("gb18030"), Subject="你好".encode("gb18030"), Content_Type="text/plain; charset=gb2312")
    assert (email_of(raw).subject, email_of(raw).text) == ("你好", "你好")


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "Grüße ✓"),
        ("ISO-8859-1", "Grüße"),
        ("windows-1252", "„Grüße“ €"),
        ("windows-1251", "Привет"),
        ("koi8-u", "Привіт"),
        ("gb18030", "你好 €"),
        ("big5", "你好"),
        ("shift_jis", "テスト"),
        ("iso-2022-jp", "テスト"),
        ("euc-kr", "안녕"),
        ("utf-16", "Grüße"),
        ("utf-7", "Grüße"),
        ("windows-874", "สวัสดี"),
    ],
)
def test_a_text_is_read_in_its_charset(charset: str, text: str) -> None:
    content = text.encode(charset.replace("windows-874", "cp874"))
    assert email_of(message(content, Content_Type=f"text/plain; charset={charset}")).text == text


@pytest.mark.parametrize("charset", ["us-ascii", "klingon", "", "unknown-8bit", "zlib", "punycode", "utf-16", "euc-jp"])
def test_a_text_that_is_not_in_the_charset_it_claims_is_read_as_utf_8_if_it_is(charset: str) -> None:
    raw = message("Grüße aus Köln".encode(), Content_Type=f'text/plain; charset="{charset}"')
    assert email_of(raw).text == "Grüße aus Köln"


def test_a_text_that_claims_utf_8_and_is_not_is_read_as_its_neighbour() -> None:
    assert email_of(CORPUS["charset wrong"]).text == "grüße"


def test_text_never_holds_what_a_store_cannot_keep() -> None:
    email = email_of(message(b"a\0b +2AA-", Content_Type="text/plain; charset=utf-7", Subject="nul \0 here"))
    assert email.text.startswith("ab ")
    assert "\0" not in email.subject
    assert email.text.encode()


def test_of_an_alternative_both_forms_are_kept() -> None:
    email = email_of(CORPUS["alternative"])
    assert (email.text, email.html, email.mime) == ("Hello", "<p>Hello <b>you</b></p>", "text/html")
    assert email.attachments == ()


def test_html_that_comes_alone_is_read_as_text_too() -> None:
    assert email_of(HTML).text == "Hello you"


def test_texts_that_follow_each_other_are_read_together() -> None:
    email = email_of(multipart("mixed", TEXT, PICTURE, message(b"Goodbye")))
    assert (email.text, email.html) == ("Hello\n\nGoodbye", "")


def test_a_text_after_html_is_in_both_forms() -> None:
    email = email_of(multipart("mixed", multipart("alternative", TEXT, HTML, boundary="inner"), message(b"A & B")))
    assert email.text == "Hello\n\nA & B"
    assert email.html == "<p>Hello <b>you</b></p>\n<br>\nA &amp; B"


def test_the_parts_of_one_branch_belong_together() -> None:
    branch = multipart("mixed", HTML, PICTURE, message(b"<p>more</p>", Content_Type="text/html"), boundary="inner")
    email = email_of(multipart("alternative", TEXT, branch))
    assert email.text == "Hello"
    assert email.html == "<p>Hello <b>you</b></p>\n<br>\n<p>more</p>"
    assert [attachment.name for attachment in email.attachments] == ["cat.png"]


def test_whatever_is_not_text_is_an_attachment() -> None:
    mail = opened(multipart("mixed", TEXT, PICTURE, INVITATION, WINMAIL, FORWARDED))
    found = {attachment.name: (attachment.mime, content) for attachment, content in mail.contents}
    assert found == {
        "cat.png": ("image/png", b"\x89PNG\r\n\x1a\n"),
        "attachment-2.ics": ("text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR"),
        "winmail.dat": ("application/ms-tnef", b'x\x9f>"'),
        "My order.eml": ("message/rfc822", PLAIN.rstrip(b"\r\n") + b"\r\n"),
    }
    assert mail.email.attachments == tuple(attachment for attachment, _ in mail.contents)
    assert [attachment.id for attachment in mail.email.attachments] == ["1", "2", "3", "4"]


def test_a_picture_in_the_text_is_known_by_its_content_id() -> None:
    (picture,) = email_of(CORPUS["related"]).attachments
    assert (picture.content_id, picture.is_inline, picture.size_bytes) == ("cat@example.org", True, 8)


def test_an_attachment_is_found_by_its_id() -> None:
    mail = opened(CORPUS["mixed"])
    found = mail.content("1")
    assert found is not None
    assert found[0].name == "cat.png"
    assert mail.content("5") is None


def test_a_text_file_is_no_text() -> None:
    note = message(b"notes", Content_Type="text/plain", Content_Disposition='attachment; filename="notes.txt"')
    email = email_of(multipart("mixed", TEXT, note))
    assert (email.text, [attachment.name for attachment in email.attachments]) == ("Hello", ["notes.txt"])


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=report.pdf", "report.pdf"),
        ("attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"),
        ("attachment; filename*0*=utf-8''Gr%C3%BC; filename*1=sse; filename*2*=%2Epdf", "Grüsse.pdf"),
        ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ('attachment; filename="=?utf-8?q?Gr=C3=BC=C3=9Fe=2Epdf?="', "Grüße.pdf"),
        ('attachment; filename="say \\"hi\\".pdf"', 'say "hi".pdf'),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\Users\\ada\\report.pdf"', "report.pdf"),
        ('attachment; filename="evil\u202efdp.exe"', "evil fdp.exe"),
        ('attachment; filename=".."', "attachment-1.pdf"),
        ("attachment", "attachment-1.pdf"),
    ],
)
def test_a_file_has_a_name_without_folders(disposition: str, name: str) -> None:
    raw = message(Content_Type="application/pdf", Content_Disposition=disposition)
    assert [attachment.name for attachment in email_of(raw).attachments] == [name]


def test_a_name_that_is_too_long_keeps_its_ending() -> None:
    raw = message(Content_Type="application/pdf", Content_Disposition=f"attachment; filename={'x' * 500}.pdf")
    (attachment,) = email_of(raw).attachments
    assert len(attachment.name) == 300
    assert attachment.name.endswith("x.pdf")


def test_flowed_lines_are_joined_again() -> None:
    body = b"one \r\nparagraph\r\n> quoted \r\n> too\r\n>> deeper\r\n \xe2\x9c\x93 stuffed\r\n-- \r\nAda"
    email = email_of(message(body, Content_Type="text/plain; charset=utf-8; format=flowed"))
    assert email.text == "one paragraph\n> quoted too\n>> deeper\n✓ stuffed\n-- \nAda"


@pytest.mark.parametrize("body", [b"SGVsbG8=", b"SGVs\r\nbG8=\r\n-- \r\na footer", b"SGVs bG8", b"!S!G!V!s!b!G!8!"])
def test_base64_is_read_as_far_as_it_goes(body: bytes) -> None:
    assert email_of(message(body, Content_Transfer_Encoding="Base64")).text == "Hello"


def test_quoted_printable_is_read() -> None:
    assert email_of(message(b"Gr=C3=BC=\r\n=C3=9Fe", Content_Transfer_Encoding="quoted-printable")).text == "Grüße"


def test_a_missing_boundary_is_found_and_a_wrong_one_lived_with() -> None:
    assert email_of(CORPUS["boundary missing"]).text == "found"
    assert email_of(CORPUS["boundary wrong"]).text == "no parts here"
    assert email_of(CORPUS["boundary never closed"]).text == "Hello"
    assert email_of(CORPUS["boundary of strange letters"]).text == "Hello"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ada@example.org", ("ada@example.org", "")),
        ("Ada King <ada@EXAMPLE.org>", ("ada@example.org", "Ada King")),
        ('"King, Ada" <ada@example.org>', ("ada@example.org", "King, Ada")),
        ("ada@example.org (Ada King)", ("ada@example.org", "Ada King")),
        ("=?utf-8?q?Zo=C3=AB?= <zoe@example.org>", ("zoe@example.org", "Zoë")),
        ('"=?utf-8?q?Zo=C3=AB?=" <zoe@example.org>', ("zoe@example.org", "Zoë")),
        ("=?utf-8?q?Zo=C3=AB_<zoe@example.org>?=", ("zoe@example.org", "Zoë")),
        ("ada@example.org <ada@example.org>", ("ada@example.org", "")),
        ("Ada <ada@example.org", ("ada@example.org", "Ada")),
        ("<@relay.example:ada@example.org>", ("ada@example.org", "")),
        ('"ada king"@example.org', ('"ada king"@example.org', "")),
        ("mailto:ada@example.org", ("ada@example.org", "")),
        ("Ada King ada@example.org", ("ada@example.org", "")),
        ("jürgen@müller.example", ("jürgen@müller.example", "")),
    ],
)
def test_a_sender_has_one_address_and_maybe_a_name(written: str, meant: tuple[str, str]) -> None:
    email = email_of(message(From=written))
    assert (email.from_address, email.from_name) == meant


def test_lists_groups_and_repeated_headers_give_each_address_once() -> None:
    raw = b"To: Team: a@example.org, B <b@example.org>;, c@example.org\r\nTo: A@example.org, d@example.org\r\n\r\n"
    assert email_of(raw).to == ("a@example.org", "b@example.org", "c@example.org", "d@example.org")


def test_no_address_can_smuggle_a_header_into_an_answer() -> None:
    raw = b"Reply-To: =?utf-8?q?x=0D=0ABcc:_victim@example.org?=, <a@b\r\n c>, =?utf-8?q?a=0Ab@example.org?=\r\n\r\n"
    for address in email_of(raw).reply_to:
        assert address.isprintable()
        assert not set(address) & set(' ,;:<>()"')


def test_the_thread_is_told_without_brackets() -> None:
    email = email_of(message(Message_ID="<3@x>", In_Reply_To="<2@x>", References="<1@x>\r\n <2@x> <1@x>"))
    assert (email.message_id, email.in_reply_to, email.references) == ("3@x", "2@x", ("1@x", "2@x"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.org>"},
        {"Content_Type": "multipart/report; boundary=x"},
    ],
)
def test_what_a_machine_wrote_is_marked(headers: dict[str, str]) -> None:
    assert email_of(message(b"", **headers)).is_automatic
    assert not email_of(message(b"", Auto_Submitted="no")).is_automatic


def test_the_same_message_is_known_again_whatever_relays_wrote_on_it() -> None:
    again = b"Received: from relay.example\r\nX-Spam: no\r\n" + PLAIN
    assert opened(again).digest == opened(PLAIN).digest
    assert opened(PLAIN + b"!").digest != opened(PLAIN).digest
    assert opened(PLAIN.replace(b"My order", b"Your order")).digest != opened(PLAIN).digest


def test_a_message_without_id_and_date_cannot_be_told_from_its_repetition() -> None:
    assert not opened(PLAIN).is_identified
    assert opened(message(Message_ID="<1@example.org>")).is_identified
    assert opened(message(Date="Mon, 1 Jan 2024 10:00:00 +0000")).is_identified


def test_what_is_left_out_is_said() -> None:
    small = MailLimits(
        message_bytes=2_000,
        subject_characters=10,
        addresses=2,
        body_characters=5,
        attachments=1,
        depth=2,
        parts=50,
        headers=20,
    )
    assert email_of(b"x" * 3_000, small).cut == (Cut.MESSAGE, Cut.BODY)
    assert email_of(message(b"", Subject="a subject of many letters"), small).subject == "a subject "
    assert email_of(message(b"", Subject="a subject of many letters"), small).cut == (Cut.SUBJECT,)
    assert email_of(message(b"", To="a@b.c, d@e.f, g@h.i"), small).cut == (Cut.ADDRESSES,)
    assert email_of(multipart("mixed", PICTURE, PICTURE), small).cut == (Cut.ATTACHMENTS,)
    assert email_of(nested(3), small).cut == (Cut.DEPTH,)
    assert email_of(multipart("mixed", *[b"\r\n"] * 60), small).cut == (Cut.PARTS,)
    assert email_of(b"A: b\r\n" * 30 + b"\r\n", small).cut == (Cut.HEADERS,)
