"""Invented messages, from well-behaved to hostile, to be read by the tests."""

from frontdesk.channels.email.parse import read
from frontdesk.core.emails import Email, MailLimits, ParsedMail

SUPPORT = "support@desk.example"


def opened(raw: bytes, limits: MailLimits | None = None) -> ParsedMail:
    """The message, read without the net that `parse` has."""
    return read(raw, envelope_from="ada@example.org", envelope_to=[SUPPORT], limits=limits or MailLimits())


def email_of(raw: bytes, limits: MailLimits | None = None) -> Email:
    return opened(raw, limits).email


def message(body: bytes = b"Hello", **headers: str | bytes) -> bytes:
    """A message with these headers; an underscore in a name stands for a hyphen."""
    lines = [
        name.replace("_", "-").encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        for name, value in headers.items()
    ]
    return b"\r\n".join([*lines, b"", body])


def multipart(subtype: str, *parts: bytes, boundary: str = "cut-here") -> bytes:
    """A message of several parts, each with its own header."""
    mark = b"--" + boundary.encode()
    inside = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    return message(inside + mark + b"--\r\n", Content_Type=f'multipart/{subtype}; boundary="{boundary}"')


PLAIN = message(b"Where is my order?\r\n", From="Ada King <ada@example.org>", To=SUPPORT, Subject="My order")

TEXT = message(b"Hello", Content_Type="text/plain; charset=utf-8")
HTML = message(b"<p>Hello <b>you</b></p>", Content_Type="text/html; charset=utf-8")
PICTURE = message(
    b"iVBORw0KGgo=",
    Content_Type='image/png; name="cat.png"',
    Content_Transfer_Encoding="base64",
    Content_ID="<cat@example.org>",
    Content_Disposition="inline",
)
INVITATION = message(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", Content_Type="text/calendar; method=REQUEST")
WINMAIL = message(
    b"eJ8+Ig==",
    Content_Type='application/ms-tnef; name="winmail.dat"',
    Content_Disposition='attachment; filename="winmail.dat"',
    Content_Transfer_Encoding="base64",
)
FORWARDED = b"Content-Type: message/rfc822\r\n\r\n" + PLAIN


def nested(depth: int) -> bytes:
    """Multiparts in multiparts, none of them closed."""
    openings = (f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n" for level in range(depth))
    return "".join(openings).encode() + b"\r\nat the bottom"


#: What a mailbox of a contact centre sees sooner or later.
CORPUS: dict[str, bytes] = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "one letter": b"x",
    "a NUL": b"\0",
    "plain": PLAIN,
    "no header": b"just a line\r\nand one more\r\n",
    "no body": b"Subject: only a header",
    "no empty line": b"Subject: s\r\nFrom: a@example.org\r\nthis is text already",
    "colon first": b": value\r\n\r\nbody",
    "header without value": b"Subject:\r\nFrom:\r\nTo:\r\nDate:\r\n\r\n",
    "only line feeds": PLAIN.replace(b"\r\n", b"\n"),
    "only carriage returns": PLAIN.replace(b"\r\n", b"\r"),
    "too many carriage returns": PLAIN.replace(b"\r\n", b"\r\r\n"),
    "mbox line": b"From ada@example.org Mon Jan  1 10:00:00 2024\r\n" + PLAIN,
    "alternative": multipart("alternative", TEXT, HTML),
    "mixed": multipart("mixed", TEXT, PICTURE, INVITATION, WINMAIL, FORWARDED),
    "related": multipart("related", HTML, PICTURE),
    "digest": multipart("digest", b"\r\n" + PLAIN, b"\r\n" + PLAIN),
    "report": multipart("report", TEXT, b"Content-Type: message/delivery-status\r\n\r\nAction: failed"),
    "nested": nested(15),
    "nested deeply": nested(3_000),
    "forwarded in forwarded": b"Content-Type: message/rfc822\r\n\r\n" * 500 + PLAIN,
    "many headers": b"".join(b"X-%d: y\r\n" % number for number in range(5_000)) + b"\r\nbody",
    "the same header often": b"Subject: s\r\nFrom: a@example.org\r\n" * 600 + b"\r\nbody",
    "a long header": message(Subject="long " * 50_000),
    "a long folded header": b"Subject: s\r\n" + b" more\r\n" * 20_000 + b"\r\nbody",
    "boundary missing": message(
        b"--x\r\nContent-Type: text/plain\r\n\r\nfound\r\n--x--", Content_Type="multipart/mixed"
    ),
    "boundary wrong": message(b"no parts here", Content_Type="multipart/mixed; boundary=elsewhere"),
    "boundary empty": message(b"----\r\n\r\nx", Content_Type='multipart/mixed; boundary=""'),
    "boundary never closed": multipart("mixed", TEXT, PICTURE)[:-16],
    "boundary of strange letters": multipart("mixed", TEXT, boundary="(?:.*)+[\\"),
    "type is garbage": message(Content_Type=b'\xff\xfe/;;=;"', Content_Transfer_Encoding=b"\x80"),
    "charset unknown": message("grüße".encode(), Content_Type="text/plain; charset=klingon"),
    "charset no charset": message(b"eJw=", Content_Type="text/plain; charset=zlib"),
    "charset wrong": message("grüße".encode("latin-1"), Content_Type="text/plain; charset=utf-8"),
    "charset half a letter": message(b"\xe4\xbd", Content_Type="text/plain; charset=gb18030"),
    "utf-7 with half letters": message(b"+2AA-", Content_Type="text/plain; charset=utf-7"),
    "utf-16": message("héllo".encode("utf-16"), Content_Type="text/plain; charset=utf-16"),
    "base64 broken": message(b"SGV=sbG8", Content_Transfer_Encoding="base64"),
    "base64 of nothing": message(b"====", Content_Transfer_Encoding="base64"),
    "quoted-printable broken": message(b"=ZZ=4=\r\n=", Content_Transfer_Encoding="quoted-printable"),
    "uuencoded": message(b"begin 644 x\r\n%2&5L;&\\\r\n`\r\nend", Content_Transfer_Encoding="x-uuencode"),
    "raw 8-bit header": b"Subject: Gr\xfc\xdfe\r\nFrom: J\xfcrgen <j@example.org>\r\n\r\n\xfc",
    "encoded words broken": message(Subject="=?utf-8?b?####?= =?x?q?=?= =?utf-8?q?=ZZ?= =?utf-8?b?4pyT"),
    "half a letter per word": message(Subject="=?utf-8?b?4pw=?= =?utf-8?b?kw==?="),
    "addresses broken": message(From='<<>>,;:@("', To="a@,@b,\\", Cc='"never closed <x@example.org>'),
    "parameters broken": message(Content_Type="text/plain; charset*=x; name*0*=a'b; name*9*=%ZZ; =; ;;"),
    "message id broken": message(Message_ID="<<a>", In_Reply_To="b c", References="<> < > <x"),
    "html is hostile": message(b"<p" * 5_000 + b"<!--" * 100 + b"&#xD800;&#0;", Content_Type="text/html"),
}
