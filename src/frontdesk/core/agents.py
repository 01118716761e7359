"""Agents at work: the contact-centre session and the state of each channel.

The session belongs to the user, not to a cookie or a browser. Channels are media names; `voice` is kept as presence
only, without a device. A channel's load counts what the agent was offered or works on; it is changed by the
interactions' side of a transaction, never here.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from frontdesk.core.errors import ChannelNotLoggedIn, OperationUnknown, ValueInvalid
from frontdesk.core.ids import UserId

VOICE = "voice"
_CHANNEL_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class AgentState(NamedTuple):
    """A definition of `/settings/agent-states`. The ids are the vendor's constants; clients know them."""

    id: str
    operation_name: str
    display_name: str
    state: str
    work_mode: str | None = None


AGENT_STATES: Mapping[str, AgentState] = MappingProxyType(
    {
        definition.operation_name: definition
        for definition in (
            AgentState("900D55CC-2BB0-431F-8BF9-D3525B383BE6", "NotReady", "Not Ready", "NotReady"),
            AgentState("9430250E-0A1B-421F-B372-F29E69366DED", "Ready", "Ready", "Ready"),
            AgentState(
                "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
                "AfterCallWork",
                "AfterCallWork",
                "NotReady",
                "AfterCallWork",
            ),
            AgentState("2B36138D-C564-4562-A8CB-3C32D564F296", "AuxWork", "AuxWork", "NotReady", "AuxWork"),
            AgentState("0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "Offline", "Offline", "Logout"),
        )
    }
)
OFFLINE, READY, NOT_READY = "Offline", "Ready", "NotReady"
DO_NOT_DISTURB = MappingProxyType({"DoNotDisturbOn": True, "DoNotDisturbOff": False})
STATE_OPERATIONS = (*AGENT_STATES, *DO_NOT_DISTURB)


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One medium of one agent. `state` is the operation name of an agent state; `room` the most of it at once."""

    channel: str
    state: str = OFFLINE
    do_not_disturb: bool = False
    since_ms: int = 0
    idle_since_ms: int = 0  # the router asks the longest idle first
    load: int = 0
    room: int = 1

    @property
    def is_logged_in(self) -> bool:
        return self.state != OFFLINE


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


def check_channel_name(name: str, *, parameter: str = "channel") -> str:
    """`name` itself. Raises ValueInvalid unless it can be a channel, which is to say a medium."""
    if not _CHANNEL_NAME.fullmatch(name):
        raise ValueInvalid(
            parameter,
            f"'{name}' cannot be one; take lower-case letters, digits, '_' and '-', at most 32",
        )
    return name


def start(before: Agent, names: Iterable[str], rooms: Mapping[str, int], *, place: str, at_ms: int) -> Agent:
    """Log in on these channels, NotReady. Channels already logged in stay as they are (a browser reload)."""
    after = before
    for name in dict.fromkeys(names):
        check_channel_name(name)
        held = after.channel(name) or Channel(channel=name)
        if not held.is_logged_in:
            held = replace(held, state=NOT_READY, do_not_disturb=False, since_ms=at_ms)
        after = _with(after, replace(held, room=rooms.get(name, held.room)))
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
            after = _with(after, replace(channel, state=OFFLINE, do_not_disturb=False, since_ms=at_ms))
    return replace(after, is_in_session=False)


def set_state(before: Agent, name: str, operation: str, *, at_ms: int) -> Agent:
    """Set one channel's state. Raises ChannelNotLoggedIn, OperationUnknown."""
    if operation not in STATE_OPERATIONS:
        raise OperationUnknown(operation, STATE_OPERATIONS)
    held = before.channel(name)
    if held is None or not held.is_logged_in:
        raise ChannelNotLoggedIn(name)
    return _with(before, _set(held, operation, at_ms))


def set_state_everywhere(before: Agent, operation: str, *, at_ms: int) -> Agent:
    """Set every logged-in channel's state. Raises ChannelNotLoggedIn when there is none."""
    if operation not in STATE_OPERATIONS:
        raise OperationUnknown(operation, STATE_OPERATIONS)
    logged_in = [channel for channel in before.channels if channel.is_logged_in]
    if not logged_in:
        raise ChannelNotLoggedIn("*")
    after = before
    for channel in logged_in:
        after = _with(after, _set(channel, operation, at_ms))
    return after


def _set(channel: Channel, operation: str, at_ms: int) -> Channel:
    if operation in DO_NOT_DISTURB:
        return replace(channel, do_not_disturb=DO_NOT_DISTURB[operation])
    became_ready = operation == READY and channel.state != READY
    return replace(
        channel,
        state=operation,
        since_ms=channel.since_ms if channel.state == operation else at_ms,
        idle_since_ms=at_ms if became_ready else channel.idle_since_ms,
        do_not_disturb=channel.do_not_disturb and operation != OFFLINE,
    )


def _with(agent: Agent, channel: Channel) -> Agent:
    others = tuple(held for held in agent.channels if held.channel != channel.channel)
    return replace(agent, channels=tuple(sorted((*others, channel), key=lambda held: held.channel)))
