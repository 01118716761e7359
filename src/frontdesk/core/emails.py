"""What an e-mail says, as values: the one that came in, and the draft that answers it.

Reading a message off the wire is the channel's work (`channels.email.parse`); here is what remains of it, bounded, and
what follows from it: the user data its interaction is born with, and whom an answer goes to.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

import msgspec

from frontdesk.kit import markup

#: The longest value that one header may put into the user data, in characters.
_USER_DATA_CHARACTERS: Final = 1_000
#: Messages of a thread that an answer names; the first and the newest are kept when there are more.
_REFERENCES: Final = 50

#: What whoever answers may put before the subject, before the quotation, and before each of its lines, of which there
#: may be a million.
SUBJECT_PREFIX_CHARACTERS: Final = 100
START_LINE_CHARACTERS: Final = 1_000
INDENT_CHARACTERS: Final = 10
_LEFT_OUT: Final = "[…]"


class MailLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a message is read and kept beside its raw bytes, which are always kept whole."""

    message_bytes: int = 100_000_000  # more than any listener should take, so that what was taken is read whole
    header_bytes: int = 256 * 1024  # of the message's own header, and of each part's
    headers: int = 1_000
    subject_characters: int = 1_000
    name_characters: int = 300  # of a person, a file or a message id
    addresses: int = 200  # per header; every event of the interaction carries them
    references: int = 100
    body_characters: int = 1_000_000  # of the plain text, and of the HTML
    attachments: int = 100
    parts: int = 1_000
    depth: int = 20  # of multiparts in multiparts


_LIMITS: Final = MailLimits()  # what a draft keeps to as well


class Cut(StrEnum):
    """What was left out of an `Email` because a limit was reached or the bytes could not be made sense of."""

    MESSAGE = "message"
    HEADERS = "headers"
    SUBJECT = "subject"
    ADDRESSES = "addresses"
    BODY = "body"
    ATTACHMENTS = "attachments"
    PARTS = "parts"
    DEPTH = "depth"
    UNREADABLE = "unreadable"  # reading failed altogether; subject and text are the best that could be had


class AttachmentInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that came with an e-mail. `id` is unique within the e-mail and the same each time it is read."""

    id: str
    name: str
    size_bytes: int
    mime: str
    content_id: str | None = None  # what `cid:` links of the HTML body call it
    is_inline: bool = False


class Email(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One e-mail. All text is valid Unicode without NUL; addresses are bare, without names, and hold no white space."""

    from_address: str = ""
    from_name: str = ""
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()  # our own addresses it was delivered to
    envelope_from: str = ""  # where failures go; empty for a bounce
    subject: str = ""
    html: str = ""  # as it came: to be sanitised whenever it is shown
    text: str = ""  # as it came, or made from the HTML when that came alone
    mime: str = "text/plain"  # of the best body there is: text/html if `html` is not empty
    message_id: str | None = None  # without angle brackets, as in the two below
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()  # oldest first
    date_header: str = ""
    headers: dict[str, str] = {}  # those that the user data shows
    is_automatic: bool = False  # a machine wrote it (list, bounce, out of office): never answer it by machine
    attachments: tuple[AttachmentInfo, ...] = ()
    cut: tuple[Cut, ...] = ()


class EmailSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an interaction carries of its e-mail: all that lists and notifications show, so without the bodies."""

    from_address: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    attachments: tuple[AttachmentInfo, ...] = ()


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was read: what it says, its files, and what it is known by when it comes a second time."""

    email: Email
    digest: str  # the same for the same message, whatever relays wrote on its envelope
    is_identified: bool  # without an id or a date of its own, the same message may mean two
    contents: tuple[tuple[AttachmentInfo, bytes], ...] = ()

    def content(self, attachment_id: str) -> tuple[AttachmentInfo, bytes] | None:
        """One file, or None if there is no such attachment."""
        return next((found for found in self.contents if found[0].id == attachment_id), None)


def summary_of(email: Email) -> EmailSummary:
    """The part of an e-mail that its interaction carries; the subject is the interaction's own."""
    return EmailSummary(
        from_address=email.from_address,
        to=email.to,
        cc=email.cc,
        bcc=email.bcc,
        attachments=email.attachments,
    )


def user_data_of(email: Email) -> dict[str, str | int]:
    """The user data an e-mail interaction is born with. What the message does not tell is left out.

    Source: the keys that Genesys routing attaches to e-mail, and those that every routed medium has of its sender.
    """
    first_name, last_name = _first_and_last(email.from_name)
    told = {
        "Subject": email.subject,
        "EmailAddress": email.from_address,
        "FirstName": first_name,
        "LastName": last_name,
        "To": ", ".join(email.to),
        "Mailbox": email.mailboxes[0] if email.mailboxes else "",
        "FromAddress": email.from_address,
        "FromPersonal": email.from_name,
        "Origination_Source": "Email",
        "_AttachmentFileNames": ", ".join(attachment.name for attachment in email.attachments),
        **{f"Header_{name}": value for name, value in email.headers.items()},
    }
    return {key: value[:_USER_DATA_CHARACTERS] for key, value in told.items() if value} | {
        "_ContainsAttachment": "true" if email.attachments else "false",
        "_AttachmentsSize": sum(attachment.size_bytes for attachment in email.attachments),
        "_AutoReplyCount": 0,
    }


def reply_to(
    original: Email,
    *,
    to_all: bool,
    from_address: str,
    own_addresses: Collection[str] = (),
    subject_prefix: str | None = None,
    html: str = "",
    text: str = "",
    quote_original: bool = False,
    start_line: str = "",
    indent: str = "> ",
) -> Email:
    """The draft of an answer: to whom the original asks (Reply-To, else From), to everybody else too if `to_all`.

    Shape:  `own_addresses` are mailboxes of ours; neither they nor `from_address` are ever written to. Without a
            `subject_prefix` it is "Re: ", unless the subject has one already. `html` and `text` are what the agent
            wrote so far; a quotation follows them, `start_line` first, every line of the original behind `indent`, as
            far as there is room for it.
    Errors: none; `to` is empty when the original has no sender but ourselves.
    Source: Reply and ReplyAll of Genesys Web Services v2; the thread's headers are RFC 5322 §3.6.4.
    """
    ours = {address.casefold() for address in (*own_addresses, *original.mailboxes, from_address)}
    to = _others(original.reply_to or (original.from_address,), but=ours)
    copied: tuple[str, ...] = ()
    if to_all:
        copied = _others((*original.cc, *original.to), but=ours | {address.casefold() for address in to})
    quoted = _quotation(original, start_line, indent) if quote_original else ""
    written = text or markup.text_of(html)
    return Email(
        from_address=from_address,
        to=to,
        cc=copied,
        subject=_answering_subject(original.subject, subject_prefix),
        html=_joined(html or markup.html_of(text), markup.html_of(quoted), "<br><br>"),
        text=_joined(written, quoted, "\n\n"),
        mime="text/html",
        in_reply_to=original.message_id,
        references=_thread_after(original),
    )


def _answering_subject(subject: str, prefix: str | None) -> str:
    if prefix is None:
        prefix = "" if subject.casefold().startswith("re:") else "Re: "
    return (prefix + subject)[: _LIMITS.subject_characters]


def _quotation(original: Email, start_line: str, indent: str) -> str:
    quoted = [start_line] if start_line else []
    room = _LIMITS.body_characters - len(start_line) - len(indent + _LEFT_OUT) - 1
    for line in original.text.rstrip("\n").split("\n"):
        room -= len(indent) + len(line) + 1
        if room < 0:
            quoted.append(indent + _LEFT_OUT)
            break
        quoted.append(indent + line)
    return "\n".join(quoted)


def _joined(written: str, quoted: str, between: str) -> str:
    return written + between + quoted if written and quoted else written or quoted


def _thread_after(original: Email) -> tuple[str, ...]:
    if original.message_id is None:
        return original.references
    thread = original.references or ((original.in_reply_to,) if original.in_reply_to else ())
    thread = (*(name for name in thread if name != original.message_id), original.message_id)
    return thread if len(thread) <= _REFERENCES else (thread[0], *thread[1 - _REFERENCES :])


def _others(addresses: Iterable[str], *, but: Collection[str]) -> tuple[str, ...]:
    """Each address once, in order, in the spelling seen first."""
    kept: dict[str, str] = {}
    for address in addresses:
        if address and address.casefold() not in but:
            kept.setdefault(address.casefold(), address)
    return tuple(kept.values())


def _first_and_last(name: str) -> tuple[str, str]:
    """("Ada", "King") of both "Ada King" and "King, Ada". A single word is a first name."""
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.strip().rpartition(" ")
        if not first:
            first, last = last, ""
    return first.strip(), last.strip()
