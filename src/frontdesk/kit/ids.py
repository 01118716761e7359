"""Making identifiers. Chance and time come in as arguments, so that a failing run can be repeated."""

import hashlib
import secrets
import uuid
from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TIME_CHARACTERS = 9  # 36**9 ms reach to the year 5188
_CHANCE_CHARACTERS = 7

#: Gives n random bytes. `secrets.token_bytes` in the server, a seeded source in tests.
RandomBytes = Callable[[int], bytes]


class Ids:
    """The server's source of new identifiers."""

    def __init__(self, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        self._random_bytes = random_bytes

    def sortable(self, at_ms: int) -> str:
        """16 upper-case alphanumerics: nine of time, seven of chance. Sorts by time to the millisecond."""
        chance = int.from_bytes(self._random_bytes(8)) % 36**_CHANCE_CHARACTERS
        return _base36(at_ms, _TIME_CHARACTERS) + _base36(chance, _CHANCE_CHARACTERS)

    def hexadecimal(self) -> str:
        """32 lower-case hex digits: 128 random bits."""
        return self._random_bytes(16).hex()

    def uuid(self) -> str:
        """A dashed random UUID."""
        return str(uuid.UUID(bytes=self._random_bytes(16), version=4))

    def secret(self) -> str:
        """A bearer secret: 256 random bits as 64 hex digits."""
        return self._random_bytes(32).hex()


def fingerprint(secret: str | bytes) -> str:
    """What is stored in place of a random secret. Enough because the secret itself has 256 random bits."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).hexdigest()


def _base36(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 36)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
