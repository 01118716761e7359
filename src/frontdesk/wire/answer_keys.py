"""What each key of a successful answer holds, for the API description; the envelopes are made in `wire.answers`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from frontdesk.wire import routing_shapes, shapes
from frontdesk.wire.push_sessions import PushSession


class ChannelStarted(shapes.Shape):
    channel: shapes.MediumName
    statusCode: Literal[0]


class ChannelFailed(shapes.Shape):
    channel: shapes.MediumName
    statusCode: int
    statusMessage: str


ReferenceId = Annotated[
    int,
    Meta(description="Is in the messages that this request causes, too.", ge=1, le=2**31 - 1, examples=[17]),
]

#: What a key of a successful answer holds, wherever a route does not say otherwise. A key that is not here is described
#: as anything, so that a page is never missing because of it; the tests ask for every one.
KEYS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "status": Annotated[
            Literal["ok", 0], Meta(description="As the page of the operation shows it.", examples=["ok"])
        ],
        "statusMessage": str,
        "referenceId": ReferenceId,
        "referenceIds": Annotated[dict[str, ReferenceId], Meta(description="By workbin id.")],
        "id": Annotated[str, Meta(description="Of what was made.", examples=[shapes.INTERACTION_ID])],
        "uri": shapes.Uri,
        "path": shapes.Path,
        "uris": Annotated[
            list[shapes.Uri], Meta(description="Instead of objects, unless `fields` or `subresources` is given.")
        ],
        "totalCount": Annotated[int, Meta(description="How many there are in all.", ge=0, examples=[1])],
        "succeeded": list[ChannelStarted],
        "failed": list[ChannelFailed],
        "secret": Annotated[str, Meta(description="Shown this once.")],
        "version": Annotated[str, Meta(examples=["1.0.0"])],
        "product": Annotated[str, Meta(examples=["Frontdesk"])],
        "key": str,
        "name": str,
        "displayName": str,
        "events": list[shapes.HistoryEvent],
        "interaction": shapes.Interaction,
        "interactions": list[shapes.Interaction],
        "email": shapes.Email,
        "emails": list[shapes.Email],
        "chat": shapes.Chat,
        "chats": list[shapes.Chat],
        "workitem": shapes.Workitem,
        "workitems": list[shapes.Workitem],
        "openmedia": shapes.Openmedia,
        "workbin": shapes.Workbin,
        "workbins": list[shapes.Workbin],
        "channel": shapes.Channel,
        "channels": list[shapes.Channel],
        "devices": list[dict[str, Any]],
        "calls": list[dict[str, Any]],
        "places": list[dict[str, Any]],
        "user": shapes.User,
        "users": list[shapes.User],
        "queue": shapes.Queue,
        "queues": list[shapes.Queue],
        "group": shapes.Group,
        "groups": list[shapes.Group],
        "skill": shapes.Skill,
        "skills": list[shapes.Skill],
        "session": PushSession,
        "sessions": list[PushSession],
        "token": shapes.Token,
        "tokens": list[shapes.Token],
        "contactCenter": shapes.ContactCenter,
        "contactCenters": list[shapes.ContactCenter],
        "contact": shapes.Contact,
        "contacts": list[shapes.Contact],
        "feature": shapes.Feature,
        "features": list[shapes.Feature],
        "service": shapes.Service,
        "services": list[shapes.Service],
        "settings": list[shapes.SettingsSection],
        "policy": routing_shapes.PolicyVersion,
        "policies": list[routing_shapes.PolicyVersion],
        "stuck": list[routing_shapes.Stuck],
        "routing": routing_shapes.Routing,
    }
)
