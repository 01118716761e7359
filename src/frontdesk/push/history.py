"""History: events that can be had again by their numbers, as whoever runs the server keeps them.

Numbers rise from event to event within what one principal can hear, whatever the channels. An event with a number is
in the history before it is delivered, so what is missed of deliveries can always be read.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from frontdesk.push.events import Encoded


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a principal could hear after a number, read at one moment.

    `events` are in order, each with all its messages, and only what the principal may see now. `last` is the number up
    to which that is all; `is_last` says that nothing newer was there. `oldest` is the number of the oldest event that
    is kept, or of the next to come if none is; `newest` that of the newest there ever was.
    """

    events: Sequence[Sequence[Encoded]]
    last: int
    is_last: bool
    oldest: int
    newest: int


class History(Protocol):
    """Where the server finds what happened."""

    def keep(self, event: Encoded) -> Encoded:
        """Take in what a client has published, before it is delivered; with its number, if it can be had again."""
        ...

    async def after(self, principal: str, number: int, most: int) -> Page:
        """The next events above `number`, about `most` of them. Asked again if it raises, for a while."""
        ...
