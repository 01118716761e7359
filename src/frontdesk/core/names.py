"""What people may call things, and themselves: bounds of names, addresses and passwords.

The bounds are generous and fixed. What they keep out is what breaks elsewhere: a colon in a user name cannot be told
from the password in HTTP Basic, a control character tears log lines and headers apart, spaces at an end look the same
and are not.
"""

import re
import unicodedata
from typing import Final

from frontdesk.core.errors import ParameterMissing, ValueInvalid

NAME_CHARACTERS: Final = 100
TEXT_CHARACTERS: Final = 1000
PASSWORD_CHARACTERS: Final = 200
ADDRESS_CHARACTERS: Final = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets

# One @, something on both sides, nothing that would end the address in a header or on an SMTP line.
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]]+")


def check_name(name: str | None, *, parameter: str = "name", most: int = NAME_CHARACTERS) -> str:
    """`name` itself. Raises ParameterMissing, ValueInvalid."""
    if name is None or name == "":
        raise ParameterMissing(parameter, f"Give 1 to {most} characters.")
    return check_text(name, parameter=parameter, most=most)


def check_user_name(name: str | None, *, parameter: str = "userName") -> str:
    """A name to sign in with. Raises ParameterMissing, ValueInvalid."""
    checked = check_name(name, parameter=parameter)
    if ":" in checked:
        raise ValueInvalid(parameter, "a colon cannot be in it, for it ends the user name in HTTP Basic")
    return checked


def check_text(text: str, *, parameter: str, most: int = TEXT_CHARACTERS) -> str:
    """A line of free text, perhaps empty. Raises ValueInvalid."""
    if len(text) > most:
        raise ValueInvalid(parameter, f"it has {len(text)} characters, more than the {most} possible")
    if text != text.strip():
        raise ValueInvalid(parameter, "it begins or ends with a space")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueInvalid(parameter, "control characters cannot be in it")
    return text


def check_address(address: str, *, parameter: str) -> str:
    """An e-mail address, perhaps empty. Raises ValueInvalid."""
    if len(address) > ADDRESS_CHARACTERS or (address and not _ADDRESS.fullmatch(address)):
        raise ValueInvalid(parameter, f"'{address[:ADDRESS_CHARACTERS]}' is no e-mail address such as desk@example.org")
    return check_text(address, parameter=parameter)


def check_password(password: str | None, *, parameter: str = "password", least: int = 1) -> str:
    """A password to be set. Raises ParameterMissing, ValueInvalid."""
    if not password:
        raise ParameterMissing(parameter)
    if not least <= len(password) <= PASSWORD_CHARACTERS:
        raise ValueInvalid(parameter, f"a password has {least} to {PASSWORD_CHARACTERS} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise ValueInvalid(parameter, "control characters cannot be in it")
    return password
