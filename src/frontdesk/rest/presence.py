"""The channels of other users: read by everybody who may hand something over, set by supervisors."""

from types import MappingProxyType
from typing import Final

from frontdesk.core.errors import ChannelNotLoggedIn
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.answers import done
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Route
from frontdesk.wire import agents
from frontdesk.wire.operations import STATES, Operations, Plain
from frontdesk.wire.selection import Resource

_END: Final = "EndContactCenterSession"
#: On all channels of another user.
_EVERYWHERE: Final[Operations] = MappingProxyType({_END: Plain, **STATES})


async def list_channels(call: Call) -> Answer:
    """Objects with and without `fields`; voice belongs to devices and is not listed."""
    wanted = lists.asked(call, RESOURCE)
    agent = await call.house.agents.get_of(call.principal, _user(call))
    return lists.answer("channels", agents.channels_shown(agent.shown_channels), wanted, objects=True)


async def get_channel(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, pages=False)
    agent = await call.house.agents.get_of(call.principal, _user(call))
    channel = agent.channel(call.params["channel"])
    if channel is None or not channel.is_logged_in:
        raise ChannelNotLoggedIn(call.params["channel"])
    return lists.single("channel", agents.channel_shown(channel), wanted)


async def set_channels(call: Call) -> Answer:
    """All channels at once, or the end of the session. The agent is told over push like of the own doing."""
    name, _ = call.operation(_EVERYWHERE, Plain)
    if name == _END:
        return done(name, await call.house.agents.end_session_of(call.caller(), _user(call)))
    return done(name, await call.house.agents.set_state_of(call.caller(), _user(call), None, name))


async def set_channel(call: Call) -> Answer:
    """An agent state that an administrator added is taken by its `operationName` like the others."""
    name, _ = call.operation(STATES, Plain)
    return done(name, await call.house.agents.set_state_of(call.caller(), _user(call), call.params["channel"], name))


def _user(call: Call) -> UserId:
    return UserId(call.params["id"])


RESOURCE = Resource(agents.CHANNEL_PROPERTIES, open_properties=("userState",))
_TAG = "Users"
_ALL, _ONE = "/users/{id}/channels", "/users/{id}/channels/{channel}"
ROUTES = (
    Route(
        "GET", _ALL, list_channels, Act.READ_DIRECTORY, "A user's logged-in channels", _TAG,
        query=COLLECTION, shows=("channels", "totalCount"),
    ),
    Route(
        "POST", _ALL, set_channels, Act.SUPERVISE, "Set the state of all of an agent's channels, or end the session",
        _TAG, operations=_EVERYWHERE,
    ),
    Route(
        "GET", _ONE, get_channel, Act.READ_DIRECTORY, "One of a user's channels", _TAG,
        query=(FIELDS,), shows=("channel",),
    ),
    Route("POST", _ONE, set_channel, Act.SUPERVISE, "Set the state of an agent's channel", _TAG, operations=STATES),
)  # fmt: skip
