"""Agents at work: the contact-centre session and the state of each channel.

The session belongs to the user, not to a cookie or a browser. Channels are media names; `voice` is kept as presence
only, without a device. A channel's load counts what the agent was offered or works on; it is changed by the
interactions' side of a transaction, never here.

States are set by the agent, by a supervisor, and by policy: who does not answer offers becomes NotReady, and who has
completed something may get time to wrap up, after which the channel goes back to what it was.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from msgspec.structs import replace

from frontdesk.core.agent_states import (
    AFTER_CALL_WORK,
    DO_NOT_DISTURB,
    NOT_READY,
    OFFLINE,
    STATE_OPERATIONS,
    AgentState,
)
from frontdesk.core.agent_states import READY as READY  # what whoever asks about agents asks for
from frontdesk.core.errors import ChannelNotLoggedIn, LimitExceeded, OperationUnknown, ValueInvalid
from frontdesk.core.ids import UserId

VOICE: Final = "voice"
#: The most channels of one session, and of all sessions of a user; each is a row.
MOST_CHANNELS: Final = 32
MOST_CHANNELS_EVER: Final = 256
#: Why an agent is NotReady who did not answer offers.
MISSED_OFFERS: Final = "MissedOffers"
_CHANNEL_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A state as it was taken: the constant that it counts as, by operation name, and what it says besides."""

    state: str = OFFLINE
    custom: AgentState | None = None  # the definition, if it is none of the constants
    reason: str | None = None


class Channel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One medium of one agent. `state`, `custom` and `reason` are its standing."""

    channel: str
    state: str = OFFLINE
    custom: AgentState | None = None
    reason: str | None = None
    do_not_disturb: bool = False
    since_ms: int = 0
    idle_since_ms: int = 0  # the router asks the longest idle first
    load: int = 0
    cost: int = 1  # units of the agent that one interaction takes
    missed: int = 0  # offers in a row that nobody answered
    wrap_up_ends_ms: int | None = None
    resumes: Standing | None = None  # what it goes back to after the wrap-up

    @property
    def is_logged_in(self) -> bool:
        return self.state != OFFLINE

    @property
    def is_ready(self) -> bool:
        """True if something may be offered, as far as the agent has a say."""
        return self.state == READY and not self.do_not_disturb

    @property
    def units(self) -> int:
        """What the load takes of the agent's overall units."""
        return self.load * self.cost

    @property
    def standing(self) -> Standing:
        return Standing(state=self.state, custom=self.custom, reason=self.reason)


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """The contact-centre session of a user, with every channel that was ever used."""

    user_id: UserId
    is_in_session: bool = False
    started_at_ms: int = 0
    last_seen_ms: int = 0
    place: str = ""
    channels: tuple[Channel, ...] = ()

    def channel(self, name: str) -> Channel | None:
        return next((channel for channel in self.channels if channel.channel == name), None)

    def is_logged_in_on(self, name: str) -> bool:
        channel = self.channel(name)
        return channel is not None and channel.is_logged_in

    @property
    def shown_channels(self) -> tuple[Channel, ...]:
        """What `/me/channels` lists: the logged-in media, without voice, which belongs to devices."""
        return tuple(channel for channel in self.channels if channel.is_logged_in and channel.channel != VOICE)

    @property
    def units(self) -> int:
        """What everything that the agent holds takes of the overall units."""
        return sum(channel.units for channel in self.channels)


def check_channel_name(name: str, *, parameter: str = "channel") -> str:
    """`name` itself. Raises ValueInvalid unless it can be a channel, which is to say a medium."""
    if not _CHANNEL_NAME.fullmatch(name):
        raise ValueInvalid(
            parameter,
            f"'{name}' cannot be one; take lower-case letters, digits, '_' and '-', at most 32",
        )
    return name


def check_media_type(name: str) -> str:
    """`name` itself. Raises ValueInvalid unless interactions can be of it."""
    if name == VOICE:
        raise ValueInvalid(
            "mediaType",
            "'voice' is kept as presence only, for there are no telephones here; submit a call as a work item, "
            'with "mediaType": "workitem"',
        )
    return check_channel_name(name, parameter="mediaType")


# ── the session ──────────────────────────────────────────────────────────────────────────────────


def start(before: Agent, names: Iterable[str], *, place: str, at_ms: int) -> Agent:
    """Log in on these channels, NotReady. Channels already logged in stay as they are (a browser reload).

    Raises LimitExceeded for more channels than a session can have.
    """
    after = before
    for name in dict.fromkeys(names):
        check_channel_name(name)
        held = after.channel(name) or Channel(channel=name)
        if not held.is_logged_in:
            held = replace(_standing(held, Standing(state=NOT_READY), at_ms), do_not_disturb=False)
        after = _with(after, held)
    if len(after.channels) > max(MOST_CHANNELS_EVER, len(before.channels)):
        raise LimitExceeded("The channels that a user ever had", len(after.channels), MOST_CHANNELS_EVER)
    logged_in = sum(channel.is_logged_in for channel in after.channels)
    if logged_in > MOST_CHANNELS:
        raise LimitExceeded("The channels of a session", logged_in, MOST_CHANNELS)
    return replace(
        after,
        is_in_session=True,
        started_at_ms=before.started_at_ms if before.is_in_session else at_ms,
        last_seen_ms=at_ms,
        place=place or before.place,
    )


def end(before: Agent, *, at_ms: int) -> Agent:
    """Log out of everything. Ending what is not running changes nothing."""
    after = before
    for channel in before.channels:
        if channel.is_logged_in:
            after = _with(after, _standing(channel, Standing(), at_ms))
    return replace(after, is_in_session=False)


# ── states that people set ───────────────────────────────────────────────────────────────────────


def set_state(before: Agent, name: str, operation: str, *, at_ms: int, custom: AgentState | None = None) -> Agent:
    """Set one channel's state. `custom`: the definition of an operation that is none of the constants.

    Raises ChannelNotLoggedIn, OperationUnknown.
    """
    act = _act(operation, custom, at_ms)
    return _with(before, act(_logged_in(before, name)))


def set_state_everywhere(before: Agent, operation: str, *, at_ms: int, custom: AgentState | None = None) -> Agent:
    """Set every logged-in channel's state. Raises ChannelNotLoggedIn when there is none, OperationUnknown."""
    act = _act(operation, custom, at_ms)
    logged_in = [channel for channel in before.channels if channel.is_logged_in]
    if not logged_in:
        raise ChannelNotLoggedIn("*")
    after = before
    for channel in logged_in:
        after = _with(after, act(channel))
    return after


# ── states that policy sets ──────────────────────────────────────────────────────────────────────


def offer_missed(before: Agent, name: str, *, limit: int, at_ms: int) -> Agent:
    """An offer to the agent expired. After `limit` in a row (0: any number) the channel is NotReady, and says why.

    Who was not ready any more, or wraps up before being something else than ready, stays so.
    """
    held = before.channel(name)
    if held is None or not held.is_logged_in:
        return before
    missed = held.missed + 1
    waits = READY in (held.state, held.resumes.state if held.resumes else None)
    if waits and 0 < limit <= missed:
        return _with(before, _standing(held, Standing(state=NOT_READY, reason=MISSED_OFFERS), at_ms))
    return _with(before, replace(held, missed=missed))


def wrap_up(before: Agent, name: str, *, seconds: int, at_ms: int) -> Agent:
    """Give the agent time after something was completed: AfterCallWork, then back to what the channel was.

    Another one completed meanwhile prolongs it. Who has taken AfterCallWork without a deadline keeps it so.
    """
    held = before.channel(name)
    if held is None or not held.is_logged_in or seconds <= 0:
        return before
    if held.wrap_up_ends_ms is None:
        if held.state == AFTER_CALL_WORK:
            return before
        resumes = held.standing
        held = replace(_standing(held, Standing(state=AFTER_CALL_WORK), at_ms), missed=held.missed, resumes=resumes)
    return _with(before, replace(held, wrap_up_ends_ms=max(held.wrap_up_ends_ms or 0, at_ms + seconds * 1000)))


def wrap_up_over(before: Agent, name: str, *, at_ms: int) -> Agent:
    """The time to wrap up has passed. `before` itself if it has not, or the agent has ended it already."""
    held = before.channel(name)
    if held is None or held.wrap_up_ends_ms is None or held.wrap_up_ends_ms > at_ms:
        return before
    return _with(before, replace(_standing(held, held.resumes or Standing(state=NOT_READY), at_ms), missed=held.missed))


def _act(operation: str, custom: AgentState | None, at_ms: int) -> Callable[[Channel], Channel]:
    """What an operation does to a channel. Raises OperationUnknown."""
    if custom is not None:
        taken = Standing(state=custom.counts_as, custom=custom, reason=custom.reason)
    elif operation in DO_NOT_DISTURB:
        return lambda channel: replace(channel, do_not_disturb=DO_NOT_DISTURB[operation])
    elif operation in STATE_OPERATIONS:
        taken = Standing(state=operation)
    else:
        raise OperationUnknown(operation, STATE_OPERATIONS)
    return lambda channel: _standing(channel, taken, at_ms)


def _standing(channel: Channel, after: Standing, at_ms: int) -> Channel:
    """The channel with another standing, taken on purpose: nothing is missed any more, and no wrap-up runs."""
    became_ready = after.state == READY and channel.state != READY
    return replace(
        channel,
        state=after.state,
        custom=after.custom,
        reason=after.reason,
        since_ms=channel.since_ms if channel.standing == after else at_ms,
        idle_since_ms=at_ms if became_ready else channel.idle_since_ms,
        do_not_disturb=channel.do_not_disturb and after.state != OFFLINE,
        missed=0,
        wrap_up_ends_ms=None,
        resumes=None,
    )


def _logged_in(agent: Agent, name: str) -> Channel:
    held = agent.channel(name)
    if held is None or not held.is_logged_in:
        raise ChannelNotLoggedIn(name)
    return held


def _with(agent: Agent, channel: Channel) -> Agent:
    others = tuple(held for held in agent.channels if held.channel != channel.channel)
    return replace(agent, channels=tuple(sorted((*others, channel), key=lambda held: held.channel)))
