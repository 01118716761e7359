"""A message off the wire, read. `parse` never raises: whatever the bytes are, there is an e-mail in them.

It is pure, and the same bytes always give the same value, so that attachments need not be kept beside the raw message:
they are read out of it again when they are asked for. Its cost is linear in the size of the message; a big one takes
long enough that an event loop should leave it to a thread.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from frontdesk.channels.email.addresses import Address, addresses, bare
from frontdesk.channels.email.bodies import read_bodies
from frontdesk.channels.email.decoding import characters
from frontdesk.channels.email.headers import Fields, one_line, read_header
from frontdesk.channels.email.mime import Part, Walk
from frontdesk.core.emails import AttachmentInfo, Cut, Email, MailLimits, ParsedMail

#: Shown in the user data as Header_….
_TOLD_HEADERS: Final = ("Date", "Message-ID", "Content-Type", "MIME-Version")
#: With the body, what makes a message the same message; the rest is written by relays on the way.
_IDENTIFYING: Final = ("message-id", "date", "from", "to", "subject")
_MESSAGE_ID: Final = re.compile(r"<([^<>\s]{1,998})>")
_SEPARATORS: Final = re.compile(r"[/\\]")
_EXTENSIONS: Final = {
    "application/json": "json",
    "application/ms-tnef": "dat",
    "application/pdf": "pdf",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-mime": "p7m",
    "application/x-pkcs7-signature": "p7s",
    "application/zip": "zip",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/webp": "webp",
    "message/delivery-status": "txt",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/vcard": "vcf",
}


def parse(
    raw: bytes, *, envelope_from: str, envelope_to: Sequence[str], limits: MailLimits | None = None
) -> ParsedMail:
    """Read a message. What it leaves out, and why, stands in the e-mail's `cut`.

    Shape:  `envelope_from` is empty for a bounce; `envelope_to` are the mailboxes of ours that it was sent to.
    Errors: none, for any bytes.
    """
    limits = limits or MailLimits()
    try:
        return read(raw, envelope_from=envelope_from, envelope_to=envelope_to, limits=limits)
    except Exception:
        # A fault of ours must not keep a customer's message from an agent; the raw bytes are kept for the repair.
        return _unread(raw, envelope_from, envelope_to, limits)


def read(raw: bytes, *, envelope_from: str, envelope_to: Sequence[str], limits: MailLimits) -> ParsedMail:
    """`parse` without its net, for the tests to see that it is not needed."""
    cut: set[Cut] = set()
    if len(raw) > limits.message_bytes:
        cut.add(Cut.MESSAGE)
        raw = raw[: limits.message_bytes]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    header = read_header(raw, 0, len(raw), limits)
    fields = header.fields
    walk = Walk(raw, limits)
    parts = list(walk.parts(fields, header.body_start, len(raw)))
    charset = next((part.parameters["charset"] for part in parts if "charset" in part.parameters), None)
    fields.charset = charset
    bodies = read_bodies(raw, parts, limits)
    contents, attachments_were_cut = _attachments(raw, parts, limits)
    people = _People(fields, limits)
    sender = people.first("from") or people.first("sender")
    subject = fields.text("subject")
    email = Email(
        from_address=sender.address if sender else bare(envelope_from),
        from_name=sender.name if sender else "",
        reply_to=people.all("reply-to"),
        to=people.all("to"),
        cc=people.all("cc"),
        bcc=people.all("bcc"),
        mailboxes=_mailboxes(envelope_to),
        envelope_from=bare(envelope_from),
        subject=subject[: limits.subject_characters],
        html=bodies.html,
        text=bodies.text,
        mime="text/html" if bodies.html else "text/plain",
        message_id=next(iter(_message_ids(fields, "message-id", limits)), None),
        in_reply_to=next(iter(_message_ids(fields, "in-reply-to", limits)), None),
        references=_message_ids(fields, "references", limits),
        date_header=fields.text("date")[: limits.name_characters],
        headers={
            name: fields.text(name.lower())[: limits.subject_characters]
            for name in _TOLD_HEADERS
            if name.lower() in fields
        },
        is_automatic=_is_automatic(fields, envelope_from),
        attachments=tuple(attachment for attachment, _ in contents),
    )
    reasons = {
        Cut.HEADERS: header.was_cut,
        Cut.SUBJECT: len(subject) > limits.subject_characters,
        Cut.ADDRESSES: people.were_cut,
        Cut.BODY: bodies.was_cut,
        Cut.ATTACHMENTS: attachments_were_cut,
    }
    cut |= walk.cut | {reason for reason, holds in reasons.items() if holds}
    return ParsedMail(
        email=replace(email, cut=tuple(reason for reason in Cut if reason in cut)),
        digest=_digest(fields, raw, header.body_start),
        is_identified=bool(fields.raw("message-id").strip() or fields.raw("date").strip()),
        contents=contents,
    )


class _People:
    """Who is named in the header."""

    def __init__(self, fields: Fields, limits: MailLimits) -> None:
        self._fields = fields
        self._limits = limits
        self.were_cut = False

    def first(self, name: str) -> Address | None:
        return next(iter(self._found(name)), None)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(found.address for found in self._found(name))

    def _found(self, name: str) -> tuple[Address, ...]:
        found, was_cut = addresses(self._fields, name, self._limits)
        self.were_cut |= was_cut
        return found


def _attachments(
    raw: bytes, parts: Sequence[Part], limits: MailLimits
) -> tuple[tuple[tuple[AttachmentInfo, bytes], ...], bool]:
    """Every part that is not read as the message itself, numbered from 1; and whether there were more."""
    files = [part for part in parts if not part.is_text and part.mime != "text/x-amp-html"]
    contents: list[tuple[AttachmentInfo, bytes]] = []
    for number, part in enumerate(files[: limits.attachments], start=1):
        content = part.content(raw)
        attachment = AttachmentInfo(
            id=str(number),
            name=_file_name(part, content, number, limits),
            size_bytes=len(content),
            mime=part.mime,
            content_id=part.content_id,
            is_inline=part.disposition != "attachment" and part.content_id is not None,
        )
        contents.append((attachment, content))
    return tuple(contents), len(files) > limits.attachments


def _file_name(part: Part, content: bytes, number: int, limits: MailLimits) -> str:
    """A name without folders, never empty. A message that is attached is called by its subject."""
    name = part.filename
    if not name and part.mime == "message/rfc822":
        subject = read_header(content, 0, len(content), limits).fields.text("subject")
        name = f"{subject[: limits.name_characters - 4]}.eml" if subject else ""
        name = _SEPARATORS.sub("-", name)
    name = _SEPARATORS.split(name)[-1].strip(". ")
    if name:
        stem, dot, extension = name.rpartition(".")
        most = limits.name_characters
        return name if len(name) <= most else stem[: most - len(extension) - 1] + dot + extension[:most]
    return f"attachment-{number}.{_EXTENSIONS.get(part.mime, 'bin')}"


def _message_ids(fields: Fields, name: str, limits: MailLimits) -> tuple[str, ...]:
    """Message ids without brackets; of too many the first and the last, which are what a thread hangs on."""
    value = " ".join(fields.undecoded(name))
    found = [one_line(written)[: limits.name_characters] for written in _MESSAGE_ID.findall(value)]
    if not found and name != "references" and (bare_id := one_line(value)) and " " not in bare_id:
        found = [bare_id.strip("<>")[: limits.name_characters]]
    found = [message_id for message_id in dict.fromkeys(found) if message_id]
    if len(found) > limits.references:
        found = [found[0], *found[len(found) - limits.references + 1 :]]
    return tuple(found)


def _mailboxes(envelope_to: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for written in envelope_to if (address := bare(written))))


def _is_automatic(fields: Fields, envelope_from: str) -> bool:
    """True for what a machine sent (RFC 3834 §2): lists, bounces, reports, absence notes."""
    if "auto-submitted" in fields:
        return fields.text("auto-submitted").partition(";")[0].strip().lower() != "no"
    return (
        envelope_from.strip() in {"", "<>"}
        or "list-id" in fields
        or fields.text("precedence").lower() in {"bulk", "list", "junk", "auto_reply"}
        or fields.text("content-type").lower().startswith("multipart/report")
    )


def _digest(fields: Fields, raw: bytes, body_start: int) -> str:
    same = hashlib.sha256()
    for name in _IDENTIFYING:
        same.update(name.encode() + b":" + fields.raw(name) + b"\n")
    same.update(memoryview(raw)[body_start:])
    return same.hexdigest()


def _unread(raw: bytes, envelope_from: str, envelope_to: Sequence[str], limits: MailLimits) -> ParsedMail:
    email = Email(
        from_address=bare(envelope_from),
        mailboxes=_mailboxes(envelope_to),
        envelope_from=bare(envelope_from),
        text=characters(raw[: limits.body_characters]),
        is_automatic=True,  # nothing is known of it, so no machine should answer it
        cut=(Cut.UNREADABLE,),
    )
    return ParsedMail(email=email, digest=hashlib.sha256(raw).hexdigest(), is_identified=False)
