"""The signed-in user: profile, contact-centre session, channels and their states.

Source: the Genesys Web Services v2 pages, StartContactCenterSession and the agent states.
"""

from typing import Any

from frontdesk.core.agents import VOICE
from frontdesk.core.errors import ChannelNotLoggedIn, FrontdeskError, PasswordChangeRequired
from frontdesk.core.permissions import Act
from frontdesk.kit import codec
from frontdesk.ports import Answer as Pushed
from frontdesk.rest import directory, lists
from frontdesk.rest import users as users_of_rest
from frontdesk.rest.answers import as_of, done, ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, SUBRESOURCES, Route
from frontdesk.services.users import UserWish
from frontdesk.wire import agents, interactions, selection, shapes, users
from frontdesk.wire.operations import ME, STATES, ChangePassword, Plain, StartSession


async def get(call: Call) -> Answer:
    """The user, with the sub-collections that were asked for; those without anything in them are `[]`."""
    wanted = lists.asked(call, RESOURCE, pages=False)
    user = await call.house.users.get(call.principal, call.principal.user_id)
    agent, held, number = await call.house.interactions.own_view(call.principal)
    media: dict[str, Any] = {}
    if wanted.subresources:
        reader = call.principal.user_id
        media = interactions.grouped(held, reader, call.addresses)
        media["interactions"] = [interactions.shown(one, reader, call.addresses) for one in held]
    shown = agents.me_shown(
        user,
        call.principal.contact_centre,
        call.addresses,
        subresources=wanted.subresources,
        agent=agent,
        media=media,
        directory=await directory.subresources_of(call, user, wanted.subresources),
    )
    return as_of(number, lists.single("user", shown, wanted))


async def operate(call: Call) -> Answer:
    """`POST /me`: the session, or the state of all channels.

    An agent state that an administrator added is taken by its `operationName` like the others.
    """
    name, body = call.operation(ME, Plain)
    if name == "ChangePassword":
        await _change_password(call, body)
        return ok()
    if call.principal.must_change_password and name != "EndContactCenterSession":
        raise PasswordChangeRequired
    if name == "StartContactCenterSession":
        return await _start(call, body)
    if name == "EndContactCenterSession":
        await call.house.agents.end_session(call.caller())
        await call.house.sign_ins.end(call.principal.sign_in)
        return ok()
    return done(name, await call.house.agents.set_state(call.caller(), None, name))


async def _change_password(call: Call, body: ChangePassword) -> None:
    """Whether it was changed is told over push, too."""
    who = call.principal
    wish = UserWish(password=body.newPassword, old_password=body.oldPassword)

    def tell(told: dict[str, Any]) -> None:
        call.house.bus.answer(Pushed(who.contact_centre, who.user_id, agents.TOPIC_OF_USER, told))

    try:
        await call.house.users.update(users_of_rest.without_passwords(call, Plain()), who.user_id, wish)
    except FrontdeskError as error:
        tell(agents.password_not_changed(error))
        raise
    tell(agents.password_changed())


async def _start(call: Call, body: StartSession) -> Answer:
    started = await call.house.agents.start_session(call.caller(), body.channels or [], body.place or "")
    if not started.failed:
        return ok()
    return Answer(
        codec.encode(
            {
                "statusCode": 7,
                "statusMessage": "The session was not started on every channel.",
                "succeeded": [{"channel": name, "statusCode": 0} for name in started.succeeded],
                "failed": [
                    {"channel": name, "statusCode": error.status_code, "statusMessage": str(error)}
                    for name, error in started.failed
                ],
            }
        )
    )


async def list_channels(call: Call) -> Answer:
    """Objects with and without `fields`, as the pages show it; voice belongs to devices and is not listed."""
    wanted = lists.asked(call, _CHANNEL)
    agent, number = await call.house.agents.get(call.principal)
    channels = agents.channels_shown(agent.shown_channels)
    return as_of(number, lists.answer("channels", channels, wanted, objects=True))


async def get_channel(call: Call) -> Answer:
    wanted = lists.asked(call, _CHANNEL, pages=False)
    agent, number = await call.house.agents.get(call.principal)
    channel = agent.channel(call.params["channel"])
    if channel is None or not channel.is_logged_in:
        raise ChannelNotLoggedIn(call.params["channel"])
    return as_of(number, lists.single("channel", agents.channel_shown(channel), wanted))


async def set_channel(call: Call) -> Answer:
    """An agent state that an administrator added is taken by its `operationName` like the others."""
    name, _ = call.operation(STATES, Plain)
    return done(name, await call.house.agents.set_state(call.caller(), call.params["channel"], name))


async def list_nothing(call: Call) -> Answer:
    """A collection that is part of the wire and has nothing in it here: devices and calls."""
    plural = call.path.rstrip("/").rpartition("/")[2]
    wanted = lists.asked(call, selection.Resource(()))
    return as_of(await call.house.agents.last_heard(call.principal), lists.answer(plural, [], wanted))


RESOURCE = selection.Resource(users.PROPERTIES, agents.SUBRESOURCES)
_CHANNEL = selection.Resource(agents.CHANNEL_PROPERTIES, open_properties=("userState",))
_TAG = "Me"
_VOICE_NOTE = f"State of one channel ({VOICE}: presence only)"
ROUTES = (
    Route(
        "GET", "/me", get, Act.READ_OWN, "The signed-in user", _TAG,
        query=(FIELDS, SUBRESOURCES), shows=("user",), holds={"user": shapes.Me},
    ),
    Route(
        "POST", "/me", operate, Act.READ_OWN, "Start or end the contact-centre session; state of all channels", _TAG,
        operations=ME, shows=("statusMessage", "succeeded", "failed"),
    ),
    Route(
        "GET", "/me/channels", list_channels, Act.READ_OWN, "Logged-in channels", _TAG,
        query=COLLECTION, shows=("channels", "totalCount"),
    ),
    Route(
        "GET", "/me/channels/{channel}", get_channel, Act.READ_OWN, "One channel", _TAG,
        query=(FIELDS,), shows=("channel",),
    ),
    Route("POST", "/me/channels/{channel}", set_channel, Act.WORK, _VOICE_NOTE, _TAG, operations=STATES),
    Route(
        "GET", "/me/devices", list_nothing, Act.READ_OWN, "Devices: none here", _TAG,
        query=(FIELDS,), shows=("uris", "devices", "totalCount"),
    ),
    Route(
        "GET", "/me/calls", list_nothing, Act.READ_OWN, "Calls: none here", _TAG,
        query=(FIELDS,), shows=("uris", "calls", "totalCount"),
    ),
)  # fmt: skip
