"""What Frontdesk says over push: the one place that makes messages of (event, user), and the hub that delivers them.

A message is a function of one event and its reader, whenever it is made, so a repeated one is the same and a missed one
can be made from the event table. Within a user's stream numbers rise by one; a jump means that this node missed
something, and the missing rows are read and delivered before anything later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import msgspec

from frontdesk.core.events import AgentChanged, BinChange, Committed, InteractionChanged
from frontdesk.core.ids import ContactCentreId, OwnerId, UserId
from frontdesk.core.lifecycle import Trigger
from frontdesk.core.permissions import Act
from frontdesk.kit.codec import encode
from frontdesk.kit.log import get_logger
from frontdesk.ports import Answer, SignInEnded
from frontdesk.push.events import Encoded
from frontdesk.wire import agents, interactions, workbins
from frontdesk.wire.addresses import Addresses

log = get_logger(__name__)

#: `data` of the message that stands for events which cannot be delivered any more: read your state again.
RESYNC: Final = encode({"messageType": "ResyncMessage", "notificationType": "Resync"})
RESYNC_TOPICS: Final = (
    *(interactions.TOPIC, workbins.TOPIC, agents.TOPIC),
    *(medium.topic for medium in interactions.MEDIA),
)

_CHANGES_PROPERTIES: Final = frozenset(
    {Trigger.ATTACH_USER_DATA, Trigger.UPDATE_USER_DATA, Trigger.DELETE_USER_DATA, Trigger.SET_DISPOSITION}
)

_ROWS_AT_ONCE: Final = 100
_READ_S: Final = 10.0
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 5.0

#: Whether a user may do an act, as the user's roles are now.
May = Callable[[Act], bool]
#: Looks a user up at once, from memory; None for one who is gone or disabled.
Standing = Callable[[ContactCentreId, UserId], May | None]
#: Reads (number, event) of a user's stream: contact centre, user, above which number, at most how many.
HeardBy = Callable[[ContactCentreId, UserId, int, int], Awaitable[Sequence[tuple[int, Committed]]]]


class PushServer(Protocol):
    """What the hub needs of the Bayeux server. A principal is a user id, which is unique on the server."""

    def has_sessions(self, principal: str) -> bool: ...

    def deliver(self, principal: str, messages: Sequence[Encoded]) -> None: ...

    def end_sign_in(self, sign_in: str, reason: str) -> None: ...

    def end_principal(self, principal: str, reason: str) -> None: ...


# ── (event, user) → messages ─────────────────────────────────────────────────────────────────────


def messages_for(
    committed: Committed, user_id: UserId, number: int, addresses: Addresses, may: May
) -> tuple[Encoded, ...]:
    """The messages that tell `user_id` of an event, all with the user's `number` for it.

    None for an event that the user may no longer see, or that is nobody's to hear.
    """
    if not may(Act.HEAR):
        return ()
    event = committed.event
    if isinstance(event, InteractionChanged):
        return tuple(_of_interaction(event, user_id, number, addresses, may))
    if isinstance(event, AgentChanged) and event.agent == user_id:
        data = agents.change_message(event.channels)
        return (_message(agents.TOPIC, data, event, user_id, number),)
    return ()


def _of_interaction(
    event: InteractionChanged, user_id: UserId, number: int, addresses: Addresses, may: May
) -> list[Encoded]:
    after, change = event.after, event.bin_change
    is_held = after.is_held_by(user_id)
    is_told = is_held or user_id in event.ended
    is_told_of_bin = change is not None and user_id in change.subscribers and _may_see_bin(change, user_id, may)
    if not (is_told or is_told_of_bin):
        return []
    common = interactions.common(after, user_id, addresses, state=None if is_held else event.ended.get(user_id))
    common["userData"] = msgspec.Raw(encode(after.user_data))  # once, for it goes into each of the messages
    medium = interactions.medium_of(after.media_type)
    media = interactions.as_media(after, common, addresses)
    messages = []
    if is_told:
        kind = "PropertiesUpdated" if event.trigger in _CHANGES_PROPERTIES else "StatusChange"
        generic = {
            "messageType": "InteractionStateMessage",
            "messageTypeName": "InteractionStateMessage",  # the same key in the 8.5.0 pages
            "notificationType": kind,
            "interaction": interactions.as_interaction(after, common, addresses),
        }
        messages.append(_message(interactions.TOPIC, generic, event, user_id, number))
        own = {"messageType": medium.message_type, "notificationType": kind, medium.singular: media}
        messages.append(_message(medium.topic, own, event, user_id, number))
    if change is not None and is_told_of_bin:
        owner = None if change.agent_group or change.owner == OwnerId(user_id) else UserId(change.owner)
        told = workbins.change_message(
            change.workbin, change.action, medium, media, owner=owner, agent_group=change.agent_group
        )
        messages.append(_message(workbins.TOPIC, told, event, user_id, number))
    return messages


def _may_see_bin(change: BinChange, user_id: UserId, may: May) -> bool:
    return change.owner == OwnerId(user_id) or change.agent_group is not None or may(Act.SUPERVISE)


def _message(
    channel: str, data: dict[str, Any], event: InteractionChanged | AgentChanged, user_id: UserId, number: int
) -> Encoded:
    if event.reference_id is not None and event.actor == user_id:
        data["referenceId"] = event.reference_id
    data["replayId"] = number
    return Encoded(channel, encode(data), number)


# ── from the bus to the sessions ─────────────────────────────────────────────────────────────────


class _Stream:
    """A user's stream on this node: the last number delivered, and the highest known of while catching up."""

    __slots__ = ("highest", "last", "task")

    def __init__(self, last: int) -> None:
        self.last = last
        self.highest = last
        self.task: asyncio.Task[None] | None = None


class Notifications:
    """The hub between the bus and the push server of this node.

    A user's stream is followed from the first event that finds a session of the user here. What came before that, a
    client learns from its first GET, whose answer carries the number to go on from.
    """

    def __init__(self, server: PushServer, addresses: Addresses, *, heard_by: HeardBy, standing: Standing) -> None:
        self._server = server
        self._addresses = addresses
        self._heard_by = heard_by
        self._standing = standing
        self._streams: dict[UserId, _Stream] = {}

    def hear(self, batch: Sequence[Committed]) -> None:
        """Deliver committed events to their hearers who have sessions here. An event heard before has no effect."""
        for committed in batch:
            for user_id, number in committed.numbers:
                if self._server.has_sessions(user_id):
                    self._hear(committed, user_id, number)
                else:
                    self._forget(user_id)

    def answer(self, answer: Answer) -> None:
        """Deliver what is not an event: it has no number and is never repeated."""
        if self._server.has_sessions(answer.user_id):
            self._server.deliver(answer.user_id, (Encoded(answer.channel, encode(answer.data)),))

    def sign_in_ended(self, ended: SignInEnded) -> None:
        """End what was opened with a sign-in, or everything of a user."""
        if ended.sign_in is not None:
            self._server.end_sign_in(ended.sign_in, ended.reason)
        if ended.user_id is not None:
            self._server.end_principal(ended.user_id, ended.reason)

    async def caught_up(self) -> None:
        """Return when no row that this node missed is being read any more."""
        while tasks := self._catching_up():
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Give up what is being read."""
        tasks = self._catching_up()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._streams.clear()

    def _catching_up(self) -> list[asyncio.Task[None]]:
        return [stream.task for stream in self._streams.values() if stream.task is not None]

    def _hear(self, committed: Committed, user_id: UserId, number: int) -> None:
        stream = self._streams.get(user_id)
        if stream is None:
            stream = self._streams[user_id] = _Stream(number - 1)
        if stream.task is not None:
            # It will be read from the table after what is missing, so nothing has to be kept here.
            stream.highest = max(stream.highest, number)
        elif number == stream.last + 1:
            self._deliver(committed, user_id, number)
            stream.last = number
        elif number > stream.last:
            stream.highest = number
            stream.task = asyncio.create_task(
                self._catch_up(stream, committed.contact_centre, user_id), name=f"catching up for {user_id}"
            )

    def _deliver(self, committed: Committed, user_id: UserId, number: int) -> None:
        may = self._standing(committed.contact_centre, user_id)
        if may is None:
            return
        try:
            messages = messages_for(committed, user_id, number, self._addresses, may)
        except Exception:  # a bug must not stop the stream, nor those of others
            log.exception("no messages could be made of an event", user=user_id, seq=committed.seq)
            self._tell_to_resync(user_id)
        else:
            if messages:
                self._server.deliver(user_id, messages)

    async def _catch_up(self, stream: _Stream, contact_centre: ContactCentreId, user_id: UserId) -> None:
        """Deliver what is in the table above the last number, up to the highest that is known of."""
        pause_s = _FIRST_PAUSE_S
        try:
            while stream.last < stream.highest and self._server.has_sessions(user_id):
                try:
                    async with asyncio.timeout(_READ_S):
                        rows = await self._heard_by(contact_centre, user_id, stream.last, _ROWS_AT_ONCE)
                except Exception as error:
                    log.warning("missed events not read yet", user=user_id, error=repr(error), again_in_s=pause_s)
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                else:
                    self._deliver_read(stream, user_id, rows)
        finally:
            stream.task = None
            if not self._server.has_sessions(user_id):
                self._forget(user_id)

    def _deliver_read(self, stream: _Stream, user_id: UserId, rows: Sequence[tuple[int, Committed]]) -> None:
        if not rows or rows[0][0] != stream.last + 1:
            self._tell_to_resync(user_id)  # what is missing is kept no longer
        if not rows:
            stream.last = stream.highest
        for number, committed in rows:
            self._deliver(committed, user_id, number)
            stream.last = number

    def _forget(self, user_id: UserId) -> None:
        """Follow the stream no longer. One that is being caught up with looks itself whether anybody is left."""
        stream = self._streams.get(user_id)
        if stream is not None and stream.task is None:
            del self._streams[user_id]

    def _tell_to_resync(self, user_id: UserId) -> None:
        """Have the user's clients read their state again."""
        self._server.deliver(user_id, [Encoded(topic, RESYNC) for topic in RESYNC_TOPICS])
