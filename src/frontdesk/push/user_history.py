"""The history of Frontdesk's users: pages of the event table as the messages that a user may see now.

What a message says is a function of one event and its reader, so it says the same as when it was new. Whether the user
sees it is asked anew: who has lost the role, or has left the group whose workbin it tells of, is not told.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from msgspec.structs import replace

from frontdesk.core.events import Committed, InteractionChanged
from frontdesk.core.ids import OwnerId, UserId
from frontdesk.core.permissions import Act
from frontdesk.kit.log import get_logger
from frontdesk.ports import Transaction
from frontdesk.push.events import Encoded
from frontdesk.push.history import Page
from frontdesk.push.notifications import RESYNC, RESYNC_TOPICS, May, messages_for
from frontdesk.wire.addresses import Addresses

log = get_logger(__name__)


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What the store knows of a user's stream at one moment.

    `rows` are (number, event) above the number that was asked for, in order; `is_last` says that there are no more.
    `oldest` is the number of the oldest that is kept, if any is, `newest` that of the newest there ever was. `groups`
    are those the user is in, as owners of workbins, if events tell of such.
    """

    rows: Sequence[tuple[int, Committed]]
    is_last: bool
    oldest: int | None
    newest: int
    groups: frozenset[OwnerId]


async def past_of(tx: Transaction, user_id: UserId, above: int, most: int) -> Past:
    """Read it in one transaction, at most `most` events."""
    rows = await tx.events.heard_by(user_id, above=above, limit=most)
    groups: frozenset[OwnerId] = frozenset()
    if any(_group_bin(committed) is not None for _, committed in rows):
        groups = frozenset(OwnerId(group.id) for group in await tx.groups.all() if user_id in group.members)
    return Past(
        rows=rows,
        is_last=len(rows) < most,
        oldest=await tx.events.oldest_of(user_id),
        newest=await tx.events.number_of(user_id),
        groups=groups,
    )


#: Reads what a user heard: user, above which number, at most how many events.
ReadPast = Callable[[UserId, int, int], Awaitable[Past]]


class UserHistory:
    """Keeps the promises of `history.History`. A principal is a user id."""

    def __init__(self, addresses: Addresses, *, read: ReadPast, standing: Callable[[UserId], May | None]) -> None:
        """`standing` looks a user up at once; None for one who is gone or disabled."""
        self._addresses = addresses
        self._read = read
        self._standing = standing

    def keep(self, event: Encoded) -> Encoded:
        """Clients publish nothing here."""
        return event

    async def after(self, principal: str, number: int, most: int) -> Page:
        user_id = UserId(principal)
        past = await self._read(user_id, number, most)
        may = self._standing(user_id)
        shown = [] if may is None else [self._messages(each, event, user_id, past, may) for each, event in past.rows]
        return Page(
            events=[messages for messages in shown if messages],
            last=max(past.newest, number) if past.is_last else past.rows[-1][0],
            is_last=past.is_last,
            oldest=past.newest + 1 if past.oldest is None else past.oldest,
            newest=past.newest,
        )

    def _messages(self, number: int, committed: Committed, user_id: UserId, past: Past, may: May) -> Sequence[Encoded]:
        try:
            return messages_for(_as_of_now(committed, past, may), user_id, number, self._addresses, may)
        except Exception:  # a bug must not keep a user from all that came after
            log.exception("no messages could be made of a past event", user=user_id, seq=committed.seq)
            return [Encoded(topic, RESYNC, number) for topic in RESYNC_TOPICS]


def _as_of_now(committed: Committed, past: Past, may: May) -> Committed:
    """The event without what it tells of a group's workbin, if the user has no access to that any more."""
    group = _group_bin(committed)
    if group is None or group in past.groups or may(Act.SUPERVISE):
        return committed
    return replace(committed, event=replace(committed.event, bin_change=None))


def _group_bin(committed: Committed) -> OwnerId | None:
    """The group whose workbin the event tells of, if it does."""
    event = committed.event
    if not isinstance(event, InteractionChanged) or event.bin_change is None:
        return None
    return event.bin_change.owner if event.bin_change.agent_group is not None else None
