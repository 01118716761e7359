"""What every noun of the store is made of: one contact centre's rows, seen through one transaction.

A row of a thing is its JSON image and the columns that indexes need; the image is the truth, `verify` compares. An
image is text, so that any engine can hold it and a person can read it.
"""

from typing import Any, Generic, TypeVar

import msgspec

from frontdesk.core.ids import ContactCentreId
from frontdesk.kit import codec
from frontdesk.store.connection import Connection

T = TypeVar("T")


class Rows:
    """A noun's rows. The contact centre is given once, here, and is in every statement."""

    __slots__ = ("_connection", "_contact_centre")

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        self._connection = connection
        self._contact_centre = contact_centre


class Images(Generic[T]):
    """How one kind of thing is written down and read again."""

    def __init__(self, kind: Any) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    def write(self, thing: T) -> str:
        return codec.encode(thing).decode()

    def read(self, image: str) -> T:
        """The thing. Raises msgspec.ValidationError or DecodeError for what was never written by us."""
        return self._decoder.decode(image)
