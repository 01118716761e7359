"""How an agent's channels and states are shown, and the user resource behind `/me`.

Channels are media; voice belongs to devices, of which there are none here, so it is not among them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from frontdesk.core.agent_states import AGENT_STATES, AgentState
from frontdesk.core.agents import VOICE, Agent, Channel, Standing
from frontdesk.core.errors import FrontdeskError, ValueInvalid
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.users import User
from frontdesk.wire import users
from frontdesk.wire.addresses import Addresses

#: Changes of an agent's channels, and what else is told of the user.
TOPIC: Final = "/v2/me/channels"
TOPIC_OF_USER: Final = "/v2/me"

CHANNEL_PROPERTIES: Final = ("channel", "userState", "doNotDisturb", "dndState")
AGENT_STATE_PROPERTIES: Final = ("id", "operationName", "displayName", "state", "workMode", "reason")

#: What identifies an agent state in a change.
AGENT_STATE_KEY: Final = "id"

#: Sub-collections of a user, with the properties of their items where they can be filtered by.
USER_SUBRESOURCES: Final[Mapping[str, Sequence[str]]] = {
    **users.SUBRESOURCES,
    "channels": CHANNEL_PROPERTIES,
    "devices": (),
}
#: The same of `/me`.
SUBRESOURCES: Final[Mapping[str, Sequence[str]]] = {
    **USER_SUBRESOURCES,
    "channelStates": CHANNEL_PROPERTIES,
    "calls": (),
    "interactions": (),
    "emails": (),
    "chats": (),
    "workitems": (),
    "openmedia": (),
    "features": (),
    "settings": (),
}

# What this server does of what clients look for before they show a medium.
_FEATURES: Final = {
    "api-multimedia": "Multimedia API",
    "api-multimedia-chat": "Multimedia Chat API",
    "api-multimedia-email": "Multimedia Email API",
    "api-multimedia-workitem": "Multimedia Workitem API",
    "api-provisioning-read": "API Provisioning Read",
    "api-provisioning-write": "API Provisioning Write",
    "api-supervisor-agent-control": "API Supervisor Agent Control",
}


def user_state(standing: Standing) -> dict[str, str]:
    """The `userState` of a channel."""
    definition = standing.custom or AGENT_STATES[standing.state]
    # A definition that logs out says "Logout", the state of somebody who is logged out "LoggedOut".
    state = "LoggedOut" if definition.state == "Logout" else definition.state
    shown = {"id": definition.id, "displayName": definition.display_name, "state": state}
    if definition.work_mode is not None:
        shown["workMode"] = definition.work_mode
    if standing.reason is not None:
        shown["reason"] = standing.reason
    return shown


def channel_shown(channel: Channel) -> dict[str, Any]:
    """One channel of an agent, for `/me/channels` and its message alike."""
    do_not_disturb = "On" if channel.do_not_disturb else "Off"
    return {
        "channel": channel.channel,
        "userState": user_state(channel.standing),
        "doNotDisturb": do_not_disturb,
        "dndState": do_not_disturb,
    }


def channels_shown(channels: Iterable[Channel]) -> list[dict[str, Any]]:
    """These channels, without voice."""
    return [channel_shown(channel) for channel in channels if channel.channel != VOICE]


def agent_state_shown(definition: AgentState) -> dict[str, str]:
    """A definition of `/settings/agent-states`."""
    shown = {
        "id": definition.id,
        "operationName": definition.operation_name,
        "displayName": definition.display_name,
        "state": definition.state,
    }
    if definition.work_mode is not None:
        shown["workMode"] = definition.work_mode
    if definition.reason is not None:
        shown["reason"] = definition.reason
    return shown


def agent_states(definitions: Iterable[AgentState]) -> dict[str, Any]:
    """The answer to `GET /settings/agent-states`; `key` names what identifies a definition."""
    return {"settings": [agent_state_shown(definition) for definition in definitions], "key": AGENT_STATE_KEY}


def change_message(channels: Iterable[Channel]) -> dict[str, Any]:
    """The data of a ChannelStateChangeMessageV2. A channel that was just logged out is in it, as LoggedOut."""
    return {"messageType": "ChannelStateChangeMessageV2", "channels": channels_shown(channels)}


def password_changed() -> dict[str, Any]:
    """The data of a PasswordChangeMessage."""
    return {"messageType": "PasswordChangeMessage", "notificationType": "PasswordChangeSuccessful"}


def password_not_changed(error: FrontdeskError) -> dict[str, Any]:
    """The same for a refused change: 1 it broke a rule, 2 the old one was wrong, 3 it is the server's fault."""
    code = 1 if error.http_status < 500 else 3
    if isinstance(error, ValueInvalid) and error.parameter == "oldPassword":
        code = 2
    return {
        "messageType": "PasswordChangeMessage",
        "notificationType": "PasswordChangeError",
        "errorMessage": str(error),
        "errorCode": code,
    }


def features_shown(addresses: Addresses) -> list[dict[str, Any]]:
    """The features of every contact centre."""
    return [
        {
            "id": name,
            "displayName": display_name,
            "description": display_name,
            "autoAssignOnContactCenterCreate": True,
            "uri": addresses.uri(f"/features/{name}"),
            "path": f"/features/{name}",
        }
        for name, display_name in _FEATURES.items()
    ]


def settings_shown(user: User) -> dict[str, dict[str, str]]:
    """Sections of a user's settings; all values are strings, and clients want the sections to be there."""
    roles = ",".join(role.removeprefix("ROLE_").lower() for role in user.roles)
    return {"htcc": {"roles": roles}, "interaction-workspace": {}, "tasks": {}}


def me_shown(
    user: User,
    contact_centre: ContactCentreId,
    addresses: Addresses,
    *,
    subresources: Iterable[str] = (),
    agent: Agent | None = None,
    media: Mapping[str, Any] | None = None,
    directory: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The user of `/me` with these sub-collections.

    Shape:  `media` holds what `interactions.grouped` made and `interactions`, `directory` has `skills` and `groups`;
            what is asked for and not in them is an empty list, for clients count on its being there.
    """
    shown = users.shown(user, contact_centre, addresses)
    given = {**(media or {}), **(directory or {})}
    for name in subresources:
        if name in ("channels", "channelStates"):  # older clients read the second
            channels = channels_shown(agent.shown_channels) if agent is not None else []
            shown["channels"] = shown["channelStates"] = channels
        elif name == "settings":
            shown["settings"] = settings_shown(user)
        elif name == "features":
            shown["features"] = features_shown(addresses)
        else:
            shown[name] = given.get(name, [])
    return shown
