"""From the bytes of a message to bytes and characters: transfer encodings and charsets, right or wrong.

Nothing here raises. What a sender declares is believed as long as it works; otherwise the likeliest reading wins, and
what cannot be read at all becomes U+FFFD.
"""

import binascii
import codecs
import re
from encodings.aliases import aliases
from typing import Final

#: What senders write, and what they mean by it: the superset that browsers read it as, or a spelling Python lacks.
_MEANT: Final = {
    "ascii": "",
    "us_ascii": "",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "latin_1": "cp1252",
    "latin1": "cp1252",
    "iso_8859_9": "cp1254",
    "iso_8859_11": "cp874",
    "tis_620": "cp874",
    "iso_8859_8_i": "cp1255",
    "iso_8859_8_e": "cp1255",
    "iso_8859_6_i": "iso8859_6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "gb_2312_80": "gb18030",
    "euc_cn": "gb18030",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    "sjis": "cp932",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601": "cp949",
    "euc_kr": "cp949",
    "big5": "cp950",
    "x_big5": "cp950",
    "utf8mb4": "utf_8",
    "unicode_1_1_utf_8": "utf_8",
    "unicode_1_1_utf_7": "utf_7",
    "windows_874": "cp874",
    "koi8_u": "koi8_u",
    "koi8_ru": "koi8_u",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_unknown": "",
    "unknown_8bit": "",
    "8bit": "",
    "default": "",
    "iso_2022_jp": "iso2022_jp_ext",
    "x_mac_roman": "mac_roman",
    "macintosh": "mac_roman",
    "x_user_defined": "",
}
#: Codecs of Python that are no charsets, or whose cost grows with the square of the input.
_NO_CHARSETS: Final = frozenset(
    {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem"}
)
_CODECS: Final = frozenset(aliases.values()) - _NO_CHARSETS
_NOT_IN_A_LABEL: Final = re.compile(r"[^a-z0-9]+")
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def decoded_content(content: bytes, transfer_encoding: str) -> bytes:
    """The content as it was before it was encoded for the transfer."""
    if transfer_encoding == "base64":
        return from_base64(content)
    if transfer_encoding == "quoted-printable":
        return from_quoted_printable(content)
    return content


def from_base64(content: bytes) -> bytes:
    """Up to the padding; letters that do not belong, missing padding and half a last byte are passed over."""
    end = content.find(b"=")
    letters = (content if end < 0 else content[:end]).translate(None, _NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def from_quoted_printable(content: bytes) -> bytes:
    """An `=` that begins no code stands for itself."""
    return binascii.a2b_qp(content)


def characters(content: bytes, charset: str | None = None, *, otherwise: str | None = None) -> str:
    """The text that `content` is in `charset`, or in UTF-8, `otherwise` or windows-1252 if that cannot be."""
    if content.isascii() and not _has_own_ascii(charset):
        return clean(content.decode("ascii"))
    codec = _codec_of(charset)
    if codec is not None and codec.startswith(("utf_16", "utf_32")) and b"\0" not in content:
        codec = None  # said of text that is nothing of the kind
    text = _strictly(content, codec) if codec else None
    if text is None and codec != "utf_8":
        text = _strictly(content, "utf_8")
    if text is None and codec is None and (codec := _codec_of(otherwise)):
        text = _strictly(content, codec)
    if text is None:
        text = _leniently(content, codec)
    return clean(text)


def clean(text: str) -> str:
    """`text` as valid Unicode that any store can keep: without NUL, half characters and a byte order mark."""
    return _SURROGATES.sub("\ufffd", text.replace("\0", "")).removeprefix("\ufeff")


def _codec_of(charset: str | None) -> str | None:
    """Python's codec for a label, or None. Only names known beforehand reach Python's registry of codecs."""
    if not charset:
        return None
    label = _NOT_IN_A_LABEL.sub("_", charset[:100].lower()).strip("_")
    meant = _MEANT.get(label)
    if meant is None:
        meant = aliases.get(label, label)
        meant = _MEANT.get(meant, meant)
    if meant not in _CODECS and meant not in _MEANT.values():
        return None
    try:
        codecs.lookup(meant)
    except LookupError:  # a charset, but not of this Python; or the sender said that it has none
        return None
    return meant


def _has_own_ascii(charset: str | None) -> bool:
    """True if bytes below 128 may mean something else than ASCII: shifted, or two and four bytes wide."""
    codec = _codec_of(charset)
    return codec is not None and codec.startswith(("utf_7", "utf_16", "utf_32", "iso2022", "hz", "cp037", "cp500"))


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _leniently(content: bytes, codec: str | None) -> str:
    if codec not in {None, "utf_8", "cp1252"}:
        return content.decode(codec or "ascii", "replace")
    as_utf_8 = content.decode("utf_8", "replace")
    if any(letter > "\x7f" and letter != "\ufffd" for letter in as_utf_8):
        return as_utf_8  # damaged, but UTF-8: no other text has its longer letters by chance
    return content.decode("cp1252", "replace")
