"""What a check of the store is made of: laws, what was found against them, and where rows come from.

A law looks at rows one after the other and remembers no more than it needs for the next one, so that checking a large
store takes time, not memory.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import msgspec

from frontdesk.store.connection import NO_PARAMS, Row
from frontdesk.store.rows import Images
from frontdesk.store.statements import Statement

T = TypeVar("T")


class Law(StrEnum):
    """What must be so in every store."""

    FILE = "file"  # the file is whole, its indexes and references are
    IMAGE = "image"  # every image can be read
    COLUMNS = "columns"  # the columns that indexes need say what the image says
    ONE_PLACE = "one place"  # a live interaction is in exactly one place, and that place exists
    HISTORY = "history"  # the events of an interaction follow each other by the lifecycle, and lead to its row
    LOADS = "loads"  # an agent's load counts what the agent holds
    NUMBERS = "numbers"  # what a user heard is numbered without gaps, up to the user's counter
    LINKS = "links"  # servers, members and mail addresses are those of the images; what is named exists


class Finding(msgspec.Struct, frozen=True):
    """A law that is broken somewhere. `thing` says where, `sentence` what is wrong."""

    law: Law
    thing: str
    sentence: str
    contact_centre: str | None = None

    def __str__(self) -> str:
        where = f"contact centre {self.contact_centre}, " if self.contact_centre else ""
        return f"{self.law}: {where}{self.thing}: {self.sentence}"


class Source(Protocol):
    """One moment of a store, to be read from."""

    def walk(self, sql: Statement) -> Iterator[Row]:
        """All rows, one after the other; counts as progress."""
        ...

    def rows(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> Iterator[Row]: ...

    def one(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> Row | None: ...


def read(images: Images[T], image: str, contact_centre: str, thing: str) -> T | Finding:
    """What an image says, or that it cannot be read."""
    try:
        return images.read(image)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return Finding(Law.IMAGE, thing, f"its image cannot be read: {error}.", contact_centre)


def unlike(stored: Mapping[str, Any], said: Mapping[str, Any], contact_centre: str, thing: str) -> Iterator[Finding]:
    """Every column that is not as its image says."""
    for name, value in said.items():
        if stored[name] != value:
            sentence = f"the column '{name}' is {stored[name]!r}, and the image says {value!r}."
            yield Finding(Law.COLUMNS, thing, sentence, contact_centre)
