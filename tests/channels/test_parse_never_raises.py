"""Whatever the bytes, `parse` finds an e-mail in them; and it needs no net for that."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.email.parse import parse
from frontdesk.core.emails import Cut, Email, MailLimits, ParsedMail, reply_to, user_data_of
from frontdesk.core.user_data import UserDataLimits, check
from frontdesk.kit import codec
from tests.channels.mails import CORPUS, SUPPORT, opened

_SMALL = MailLimits(
    message_bytes=5_000,
    header_bytes=500,
    headers=20,
    subject_characters=20,
    name_characters=20,
    addresses=3,
    references=3,
    body_characters=100,
    attachments=3,
    parts=10,
    depth=3,
)

_FRAGMENTS = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b'"',
        b"\\",
        b"<",
        b">",
        b"(",
        b"@",
        b"=",
        b"*",
        b"*0*=",
        b"'",
        b"%",
        b"--",
        b"--b",
        b"--b--",
        b"=?",
        b"?=",
        b"?q?",
        b"?b?",
        b"\0",
        b"\xff",
        b"\x1b$B",
        b"+2AA-",
        b"&#xD800;",
        b"From: ",
        b"To: a@b.c, ",
        b"Subject: ",
        b"Message-ID: <",
        b"References: <a@b> ",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/alternative; boundary=b",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html; charset=",
        b"Content-Type: text/plain; format=flowed; charset=",
        b"Content-Disposition: attachment; filename",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-uuencode",
        b"begin 644 x\r\n",
        b"utf-8",
        b"iso-2022-jp",
        b"utf-7",
        b"utf-16",
        b"gb18030",
        b"hz",
        b"cp037",
        b"<p>",
        b"</p",
        b"<!--",
        b"<script>",
        b"<pre>",
    ]
)


def _must_be_sound(mail: ParsedMail, limits: MailLimits) -> None:
    """What everybody behind the parser relies on."""
    email = mail.email
    assert Cut.UNREADABLE not in email.cut
    assert msgspec.json.decode(codec.encode(email), type=Email) == email  # it can be stored: valid Unicode, all of it
    assert b"\\u0000" not in codec.encode(email)
    assert len(email.subject) <= limits.subject_characters
    assert email.subject == " ".join(email.subject.split("\n"))
    assert len(email.text) <= limits.body_characters
    assert len(email.html) <= limits.body_characters
    assert len(email.attachments) == len(mail.contents) <= limits.attachments
    assert all(attachment.name and "/" not in attachment.name for attachment in email.attachments)
    assert max(map(len, (email.to, email.cc, email.bcc, email.reply_to))) <= limits.addresses
    check(user_data_of(email), UserDataLimits())
    answer = reply_to(email, to_all=True, from_address=SUPPORT, own_addresses=[SUPPORT], quote_original=True)
    assert SUPPORT not in (*answer.to, *answer.cc)
    assert msgspec.json.encode(answer)


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("limits", [MailLimits(), _SMALL], ids=["all of it", "within small limits"])
def test_every_message_of_the_corpus_is_read(name: str, limits: MailLimits) -> None:
    _must_be_sound(opened(CORPUS[name], limits), limits)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    _must_be_sound(opened(raw), MailLimits())


@given(st.lists(_FRAGMENTS, max_size=60).map(b"".join))
def test_any_heap_of_fragments_is_read(raw: bytes) -> None:
    _must_be_sound(opened(raw), MailLimits())
    _must_be_sound(opened(raw, _SMALL), _SMALL)


@given(
    st.sampled_from([name for name, raw in CORPUS.items() if len(raw) < 5_000]),
    st.integers(0, 2**32),
    st.integers(1, 20),
    _FRAGMENTS,
)
def test_any_damage_to_a_message_is_lived_with(name: str, seed: int, times: int, fragment: bytes) -> None:
    chance, raw = random.Random(seed), bytearray(CORPUS[name])
    for _ in range(times):
        at = chance.randint(0, len(raw))
        match chance.randrange(4):
            case 0:
                raw[at:at] = fragment
            case 1:
                del raw[at : at + chance.randint(1, 20)]
            case 2:
                raw[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                raw[at:at] = raw[at : at + chance.randint(1, 200)]
    _must_be_sound(opened(bytes(raw)), MailLimits())


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-7", "gb18030", "iso-2022-jp", "nonsense"]))
def test_any_charset_label_may_stand_on_any_text(text: str, label: str) -> None:
    raw = b"Content-Type: text/plain; charset=" + label.encode() + b"\r\n\r\n" + text.encode("utf-8", "replace")
    _must_be_sound(opened(raw), MailLimits())


@given(st.binary(max_size=300), st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_any_envelope_is_lived_with(raw: bytes, sender: str, recipients: list[str]) -> None:
    email = parse(raw, envelope_from=sender, envelope_to=recipients).email
    assert Cut.UNREADABLE not in email.cut
    assert codec.encode(email)


@given(st.binary(max_size=1_000))
def test_the_same_bytes_are_the_same_message(raw: bytes) -> None:
    assert opened(raw) == opened(raw)


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        (b"", b"\r"),
        (b"", b"A: b\n"),
        (b"Subject: x", b"\r"),
        (b"Subject: x\n", b"garbage\n"),
        (b"Subject: ", b"=?a?q?"),
        (b"To: ", b'"\\"'),
        (b"To: ", b"<"),
        (b"To: ", b"a@b.c,"),
        (b"References: ", b"<"),
        (b"Content-Type: text/plain", b';a="\\"'),
        (b"Content-Type: text/plain; ", b"a*"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--bx"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\nContent-Type: multipart/mixed; boundary=b\n\n"),
        (b"Content-Type: multipart/mixed\n\n", b"--a\n"),
        (b"Content-Type: text/html\n\n", b"<"),
        (b"Content-Type: text/html\n\n", b"<meta "),
        (b"Content-Type: text/plain; format=flowed\n\n", b"> \n"),
        (b"Content-Type: x/y\nContent-Transfer-Encoding: base64\n\n", b"\xff\n"),
    ],
)
def test_a_message_made_to_take_long_is_read_before_the_test_times_out(head: bytes, unit: bytes) -> None:
    raw = head + unit * (3_000_000 // len(unit))
    _must_be_sound(opened(raw), MailLimits())  # were the cost a square, this would take hours


def test_a_message_that_cannot_be_read_is_still_an_e_mail() -> None:
    """No message is known that needs the net, so the limits are made impossible to keep."""
    broken = msgspec.structs.replace(MailLimits(), addresses="none")
    mail = parse(b"Subject: s\r\nTo: a@b.c\r\n\r\nbody", envelope_from="a@b.c", envelope_to=[SUPPORT], limits=broken)
    assert mail.email.cut == (Cut.UNREADABLE,)
    assert "body" in mail.email.text
    assert (mail.email.from_address, mail.email.mailboxes) == ("a@b.c", (SUPPORT,))
