"""Agents as the router is told of them."""

import msgspec

from frontdesk.core.agents import Agent
from frontdesk.core.events import AgentChanged
from frontdesk.core.ids import UserId


class ChannelState(msgspec.Struct, frozen=True):
    """A medium on which the agent is logged in.

    `load` is only what the agent has in hand beyond the interactions that the router is told of one by one; those are
    counted by the router itself.
    """

    ready: bool
    idle_since_ms: int = 0  # when the agent became ready, or its work on this medium last changed
    load: int = 0


class AgentState(msgspec.Struct, frozen=True):
    """An agent and the media on which it is logged in; none means out of session."""

    user: UserId
    channels: dict[str, ChannelState] = {}


def state_of(told: AgentChanged | Agent) -> AgentState:
    """What an event or the agent itself says. Loads are left out: they follow the interactions."""
    user = told.agent if isinstance(told, AgentChanged) else told.user_id
    if not told.is_in_session:
        return AgentState(user)
    return AgentState(
        user,
        {
            channel.channel: ChannelState(channel.is_ready, channel.idle_since_ms)
            for channel in told.channels
            if channel.is_logged_in
        },
    )
