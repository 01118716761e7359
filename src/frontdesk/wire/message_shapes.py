"""What is said over push, declared: `data` of each message, for the API description.

The messages themselves are made where they are sent; tests hold them against these.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import UNSET, Meta, UnsetType

from frontdesk.wire import agents, interactions, shapes, workbins
from frontdesk.wire.answer_keys import ReferenceId

ReplayId = Annotated[
    int, Meta(description="The reader's number of this event: one more each time.", ge=1, examples=[4711])
]
NotificationType = Annotated[str, Meta(extra_json_schema={"enum": ["StatusChange", "PropertiesUpdated"]})]


class _OfEvent(shapes.Shape, kw_only=True):
    """What a message says of the event it tells of."""

    referenceId: ReferenceId | UnsetType = UNSET
    replayId: ReplayId


class InteractionStateMessage(_OfEvent, kw_only=True):
    """An interaction of yours is new, has changed, or is yours no more."""

    messageType: Literal["InteractionStateMessage"]
    messageTypeName: Annotated[
        Literal["InteractionStateMessage"], Meta(description="`messageType`, for older clients.")
    ]
    notificationType: NotificationType
    interaction: shapes.Interaction


class EmailStateChangeMessage(_OfEvent, kw_only=True):
    """The same of an e-mail."""

    messageType: Literal["EmailStateChangeMessage"]
    notificationType: NotificationType
    email: shapes.Email


class ChatStateChangeMessage(_OfEvent, kw_only=True):
    """The same of a chat."""

    messageType: Literal["ChatStateChangeMessage"]
    notificationType: NotificationType
    chat: shapes.Chat


class WorkitemStateChangeMessage(_OfEvent, kw_only=True):
    """The same of a work item."""

    messageType: Literal["WorkitemStateChangeMessage"]
    notificationType: NotificationType
    workitem: shapes.Workitem


class OpenmediaStateChangeMessage(_OfEvent, kw_only=True):
    """The same of an open medium."""

    messageType: Literal["OpenmediaStateChangeMessage"]
    notificationType: NotificationType
    openmedia: shapes.Openmedia


class ChannelStateChangeMessageV2(_OfEvent, kw_only=True):
    """Your channels as they are now; one that you have just left is in it, as `LoggedOut`."""

    messageType: Literal["ChannelStateChangeMessageV2"]
    channels: list[shapes.Channel]


class WorkbinStateChangeMessage(_OfEvent, kw_only=True):
    """Something came into a bin that you subscribed to, or left it."""

    messageType: Literal["WorkbinStateChangeMessage"]
    action: Annotated[str, Meta(extra_json_schema={"enum": ["ItemAdded", "ItemRemoved"]})]
    id: shapes.Uuid
    workbinUserId: Annotated[shapes.UserId, Meta(description="Whose bin, if not yours.")] | UnsetType = UNSET
    agentGroup: Annotated[str, Meta(description="Which group's.")] | UnsetType = UNSET
    emailStateResourceV2: shapes.Email | UnsetType = UNSET
    chatStateResourceV2: shapes.Chat | UnsetType = UNSET
    workitemStateResourceV2: shapes.Workitem | UnsetType = UNSET
    openmediaStateResourceV2: shapes.Openmedia | UnsetType = UNSET


class WorkbinSubscriptionStateChangeMessage(shapes.Shape, kw_only=True):
    """The answer to Subscribe and Unsubscribe."""

    messageType: Literal["WorkbinSubscriptionStateChangeMessage"]
    id: shapes.Uuid
    stateResource: Annotated[str, Meta(extra_json_schema={"enum": ["Subscribed", "Unsubscribed", "RequestFailed"]})]
    workbinUserId: shapes.UserId | UnsetType = UNSET
    agentGroup: str | UnsetType = UNSET
    referenceId: ReferenceId | UnsetType = UNSET


class WorkbinOfContent(shapes.Shape, kw_only=True):
    id: shapes.Uuid
    workbinName: Annotated[str, Meta(examples=["In_Progress"])]


class WorkbinContentMessage(shapes.Shape, kw_only=True):
    """The answer to GetWorkbinContent."""

    messageType: Literal["WorkbinContentMessage"]
    workbin: WorkbinOfContent
    interactions: list[shapes.Interaction]
    totalCount: Annotated[int, Meta(description="How many there are in all.", ge=0, examples=[1])]
    referenceId: ReferenceId | UnsetType = UNSET


class PasswordChangeMessage(shapes.Shape, kw_only=True):
    """Whether your password was changed, as the answer to ChangePassword says too."""

    messageType: Literal["PasswordChangeMessage"]
    notificationType: Annotated[
        str, Meta(extra_json_schema={"enum": ["PasswordChangeSuccessful", "PasswordChangeError"]})
    ]
    errorMessage: str | UnsetType = UNSET
    errorCode: (
        Annotated[int, Meta(description="1 it broke a rule, 2 the old one was wrong, 3 it is the server's fault.")]
        | UnsetType
    ) = UNSET


class ResyncMessage(shapes.Shape, kw_only=True):
    """Messages could not be delivered any more: read your state again. It comes on every topic."""

    messageType: Literal["ResyncMessage"]
    notificationType: Literal["Resync"]


class Message(NamedTuple):
    """A kind of message and where it is published."""

    topic: str
    shape: type[shapes.Shape]


_MEDIA: tuple[type[shapes.Shape], ...] = (
    EmailStateChangeMessage,
    ChatStateChangeMessage,
    WorkitemStateChangeMessage,
    OpenmediaStateChangeMessage,
)
#: By `messageType`.
MESSAGES: Final[Mapping[str, Message]] = MappingProxyType(
    {
        message.shape.__name__: message
        for message in (
            Message(interactions.TOPIC, InteractionStateMessage),
            *(Message(medium.topic, shape) for medium, shape in zip(interactions.MEDIA, _MEDIA, strict=True)),
            Message(interactions.TOPIC, WorkbinContentMessage),
            Message(workbins.TOPIC, WorkbinStateChangeMessage),
            Message(workbins.TOPIC, WorkbinSubscriptionStateChangeMessage),
            Message(agents.TOPIC, ChannelStateChangeMessageV2),
            Message(agents.TOPIC_OF_USER, PasswordChangeMessage),
            Message("/v2/me/*", ResyncMessage),
        )
    }
)
