"""Who is on the other side of an interaction, as far as its user data tells: to find the agent who had them before."""

from typing import Final

from frontdesk.core.user_data import UserData

_CHARACTERS: Final = 320  # of the longest e-mail address


def contact_of(data: UserData) -> str | None:
    """The contact's id, else its e-mail address in lower case; None for an unknown one."""
    for key in ("ContactId", "EmailAddress"):
        value = data.get(key)
        if isinstance(value, str) and 0 < len(value) <= _CHARACTERS:
            return value.casefold()
    return None
