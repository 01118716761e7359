"""What resources look like on the wire, declared: the schemas of the API description are made from these.

Nothing is encoded with them: resources are shown by the functions of their own modules, which know the reader. Tests
hold the two against each other key by key, so that what is described is what is sent. A field that is `UnsetType` is
left out where there is nothing to tell.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from frontdesk.core.interactions import REVOKED, Direction
from frontdesk.core.lifecycle import State, Trigger
from frontdesk.core.permissions import Role, Scope
from frontdesk.core.workbins import WorkbinType

INTERACTION_ID: Final = "0000AB12CD34EF56"
USER_ID: Final = "3f2b8c1d4e5f60718293a4b5c6d7e8f9"
QUEUE_ID: Final = "5b0c1d2e-3f40-4a51-8b62-7c8d9e0fa1b2"
_HOST: Final = "https://desk.example.org/api/v2"


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """Closed, so that a key which is shown and not declared is found by the tests."""


Uri = Annotated[
    str, Meta(description="Absolute; opaque to clients.", examples=[f"{_HOST}/interactions/0000AB12CD34EF56"])
]
Path = Annotated[
    str, Meta(description="The same without host and /api/v2.", examples=["/interactions/0000AB12CD34EF56"])
]
UserUri = Annotated[str, Meta(examples=[f"{_HOST}/users/{USER_ID}"])]
Version = Annotated[int, Meta(description="Rises by one with each change.", ge=1, examples=[3])]
Uuid = Annotated[str, Meta(examples=[QUEUE_ID])]
UserId = Annotated[str, Meta(description="32 hexadecimal digits.", examples=[USER_ID])]
InteractionId = Annotated[str, Meta(description="16 letters and digits, sortable by time.", examples=[INTERACTION_ID])]
Date = Annotated[str, Meta(description="`YYYY-MM-DD HH:MM:SS.mmm+0000`", examples=["2031-03-14 09:26:53.589+0000"])]
Name = Annotated[str, Meta(examples=["support"])]
MediumName = Annotated[str, Meta(description="`email`, `chat`, `workitem` or an open medium.", examples=["email"])]
UserData = Annotated[
    dict[str, Any],
    Meta(description="Keys and values that travel with it; values may be objects.", examples=[{"Segment": "gold"}]),
]


# ── interactions ─────────────────────────────────────────────────────────────────────────────────


class _OfInteraction(Shape, kw_only=True):
    id: InteractionId
    uri: Uri
    path: Path
    channel: MediumName
    state: Annotated[
        str,
        Meta(
            description="For one who has just lost it: the state it ended in for that reader.",
            extra_json_schema={"enum": [*(state.value for state in State), REVOKED]},
            examples=["Processing"],
        ),
    ]
    version: Version
    interactionType: Annotated[str, Meta(extra_json_schema={"enum": [one.value for one in Direction]})]
    interactionSubType: Annotated[str, Meta(examples=["InboundNew"])]
    currentQueue: Annotated[str | None, Meta(description="Name of its queue.", examples=["support"])]
    queueUri: Annotated[str, Meta(examples=[f"{_HOST}/queues/{QUEUE_ID}"])]
    ownerUri: Annotated[UserUri, Meta(description="Who works on it.")] | UnsetType = UNSET
    workbin: Annotated[Uuid, Meta(description="Id of the workbin it is parked in.")] | UnsetType = UNSET
    parentId: Annotated[str, Meta(description="What a draft answers.", examples=[INTERACTION_ID])] | UnsetType = UNSET
    subject: Annotated[str, Meta(examples=["Refund"])]
    priority: Annotated[int, Meta(examples=[0])]
    receivedDate: Date
    userData: UserData
    capabilities: Annotated[
        list[str],
        Meta(
            description="The operations that the reader may post to it now; empty unless the reader holds it.",
            examples=[["Reply", "Transfer", "Complete"]],
        ),
    ]
    disposition: str | UnsetType = UNSET


class EmailObject(Shape, kw_only=True):
    """What the interaction object of an e-mail says besides."""

    subject: Annotated[str, Meta(examples=["Refund"])]
    interactionId: InteractionId


class Interaction(_OfInteraction, kw_only=True):
    """An interaction of any medium, as `/interactions`, `/me/interactions` and their topic show it."""

    email_object: EmailObject | UnsetType = UNSET


class Attachment(Shape, kw_only=True):
    """A file of an e-mail."""

    id: Annotated[str, Meta(examples=["1"])]
    name: Annotated[str, Meta(examples=["invoice.pdf"])]
    size: Annotated[int, Meta(description="Bytes.", ge=0, examples=[24_310])]
    mime: Annotated[str, Meta(examples=["application/pdf"])]
    uri: Annotated[str, Meta(examples=[f"{_HOST}/emails/{INTERACTION_ID}/attachments/1"])]
    contentId: Annotated[str, Meta(description="What `cid:` links of the body call it.")] | UnsetType = UNSET


Addressees = Annotated[list[str], Meta(examples=[["support@desk.example.org"]])]


class Email(_OfInteraction, kw_only=True):
    """An e-mail. The body is in the answer to a GET of one e-mail and nowhere else."""

    mediaType: Annotated[str, Meta(examples=["email"])]
    emailType: Annotated[str, Meta(examples=["Inbound"])]
    from_: Annotated[str, Meta(examples=["customer@example.com"])] | UnsetType = msgspec.field(
        name="from", default=UNSET
    )
    to: Addressees | UnsetType = UNSET
    cc: Annotated[list[str], Meta(examples=[[]])] | UnsetType = UNSET
    bcc: Annotated[list[str], Meta(examples=[[]])] | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET
    body: Annotated[str, Meta(description="HTML, made safe to show.", examples=["<p>Hello</p>"])] | UnsetType = UNSET
    bodyAsPlainText: Annotated[str, Meta(examples=["Hello"])] | UnsetType = UNSET
    mime: Annotated[str, Meta(description="Of `body`.", examples=["text/html"])] | UnsetType = UNSET


class Chat(_OfInteraction, kw_only=True):
    """A chat."""

    mediaType: Annotated[str, Meta(examples=["chat"])]
    chatType: Annotated[str, Meta(examples=["Inbound"])]
    participants: list[dict[str, Any]]


class Workitem(_OfInteraction, kw_only=True):
    """A work item."""

    mediaType: Annotated[str, Meta(examples=["workitem"])]
    workitemType: Annotated[str, Meta(examples=["Inbound"])]


class Openmedia(_OfInteraction, kw_only=True):
    """An interaction of a medium that has no resources of its own."""

    mediaType: MediumName
    openmediaType: Annotated[str, Meta(examples=["Inbound"])]


class Ended(Shape, kw_only=True):
    """How it ended for one who lost it with this event."""

    userUri: UserUri
    state: str


class HistoryEvent(Shape, kw_only=True):
    """One step of an interaction's history, with the interaction as it was after it."""

    id: Annotated[int, Meta(description="Place in the log.", examples=[1024])]
    event: Annotated[
        str,
        Meta(
            description="`Submit` or `Create` for its birth, else what happened to it.",
            extra_json_schema={"enum": ["Submit", "Create", *(trigger.value for trigger in Trigger)]},
        ),
    ]
    timestamp: Annotated[str, Meta(examples=["2031-03-14T09:26:53.589+00:00"])]
    actorUri: Annotated[UserUri, Meta(description="Absent when the server itself acted.")] | UnsetType = UNSET
    ended: list[Ended] | UnsetType = UNSET
    inviteeUris: list[UserUri] | UnsetType = UNSET
    interaction: Interaction | UnsetType = UNSET


# ── workbins ─────────────────────────────────────────────────────────────────────────────────────


class WorkbinDescription(Shape, kw_only=True):
    """A workbin as the 8.5.0 pages know it."""

    workbinId: Annotated[str, Meta(description="Base64 of the view's path.", examples=["RHJhZnRzL1ByaXZhdGVWaWV3"])]
    active: Annotated[int, Meta(examples=[1])]
    workbinName: Annotated[str, Meta(examples=["Drafts"])]
    viewName: Annotated[str, Meta(examples=["Drafts/PrivateView"])]
    workbinType: Annotated[int, Meta(examples=[1])]


class Workbin(WorkbinDescription, kw_only=True):
    """A workbin, with the keys of both generations. Its content is there where `subresources` asks for it."""

    id: Uuid
    uri: Uri
    path: Path
    name: Annotated[str, Meta(examples=["Drafts"])]
    displayName: Annotated[str, Meta(examples=["Drafts"])]
    type: Annotated[str, Meta(extra_json_schema={"enum": [one.value for one in WorkbinType]})]
    emails: list[Email] | UnsetType = UNSET
    chats: list[Chat] | UnsetType = UNSET
    workitems: list[Workitem] | UnsetType = UNSET
    openmedia: list[Openmedia] | UnsetType = UNSET


# ── agents and users ─────────────────────────────────────────────────────────────────────────────


class UserState(Shape, kw_only=True):
    """The state of an agent on a channel."""

    id: Annotated[str, Meta(description="Of the definition in `/settings/agent-states`.")]
    displayName: Annotated[str, Meta(examples=["Ready"])]
    state: Annotated[str, Meta(extra_json_schema={"enum": ["Ready", "NotReady", "LoggedOut"]})]
    workMode: str | UnsetType = UNSET
    reason: (
        Annotated[str, Meta(description="Of an added state, or `MissedOffers` for who answered none.")] | UnsetType
    ) = UNSET


class AgentState(Shape, kw_only=True):
    """The definition of an agent state; `operationName` is posted to take it."""

    id: str
    operationName: Annotated[str, Meta(examples=["OutToLunch"])]
    displayName: Annotated[str, Meta(examples=["Out to lunch"])]
    state: Annotated[str, Meta(extra_json_schema={"enum": ["Ready", "NotReady", "Logout"]})]
    workMode: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET


OnOff = Annotated[str, Meta(extra_json_schema={"enum": ["On", "Off"]}, examples=["Off"])]


class Channel(Shape, kw_only=True):
    """A medium that the agent is logged in on."""

    channel: MediumName
    userState: UserState
    doNotDisturb: OnOff
    dndState: OnOff


class Skill(Shape, kw_only=True):
    """A skill."""

    id: Uuid
    uri: Uri
    path: Path
    name: Annotated[str, Meta(examples=["German"])]
    version: Version


class SkillOfUser(Skill, kw_only=True):
    """A skill of a user."""

    level: Annotated[str, Meta(description="A number, as a string.", examples=["8"])]


class Group(Shape, kw_only=True):
    """An agent group."""

    id: Annotated[str, Meta(examples=[f"3-{QUEUE_ID}"])]
    uri: Uri
    path: Path
    name: Annotated[str, Meta(examples=["Team"])]
    version: Version
    type: Annotated[str, Meta(examples=["AgentGroup"])]
    contains: Annotated[list[str], Meta(examples=[["users"]])]
    members: Annotated[list[UserId], Meta(description="User ids.")]


class User(Shape, kw_only=True):
    """A user. Skills, groups and channels are there where `subresources` asks for them."""

    id: UserId
    uri: Uri
    path: Path
    version: Version
    userName: Annotated[str, Meta(description="What the user signs in with.", examples=["ada"])]
    firstName: Annotated[str, Meta(examples=["Ada"])]
    lastName: Annotated[str, Meta(examples=["Lovelace"])]
    emailAddress: Annotated[str, Meta(examples=["ada@example.org"])]
    roles: Annotated[list[Role], Meta(examples=[["ROLE_AGENT"]])]
    enabled: bool
    changePasswordOnFirstLogin: Annotated[bool, Meta(examples=[False])]
    contactCenterId: Uuid
    skills: list[SkillOfUser] | UnsetType = UNSET
    groups: list[Group] | UnsetType = UNSET
    channels: list[Channel] | UnsetType = UNSET
    devices: list[dict[str, Any]] | UnsetType = UNSET


class Availability(Shape, kw_only=True):
    """A user on one channel."""

    channel: MediumName
    available: Annotated[bool, Meta(description="Ready, undisturbed, and with room for more.")]
    userState: UserState


class Availabilities(Shape, kw_only=True):
    """A user on every channel that the user is logged in on."""

    channels: list[Availability]


class Contact(Shape, kw_only=True):
    """A user or a queue to turn to."""

    id: Annotated[str, Meta(description="Of the user or queue.", examples=[USER_ID])]
    uri: Uri
    path: Path
    name: Annotated[str, Meta(description="User name, or name of the queue.", examples=["grace"])]
    type: Annotated[str, Meta(extra_json_schema={"enum": ["User", "Queue", "Custom"]})]
    userName: Annotated[str, Meta(examples=["grace"])] | UnsetType = UNSET
    firstName: Annotated[str, Meta(examples=["Grace"])] | UnsetType = UNSET
    lastName: Annotated[str, Meta(examples=["Hopper"])] | UnsetType = UNSET
    emailAddress: Annotated[str, Meta(examples=["grace@example.org"])] | UnsetType = UNSET
    roles: Annotated[list[Role], Meta(examples=[["ROLE_AGENT"]])] | UnsetType = UNSET
    businessUnits: list[str] | UnsetType = UNSET
    availability: Annotated[Availabilities, Meta(description="While the user is logged in.")] | UnsetType = UNSET


class Feature(Shape, kw_only=True):
    """Something the server does."""

    id: Annotated[str, Meta(examples=["api-multimedia-email"])]
    displayName: str
    description: str
    autoAssignOnContactCenterCreate: bool
    uri: Uri
    path: Path


class Me(User, kw_only=True):
    """The signed-in user, with the sub-collections that `subresources` asks for."""

    channelStates: Annotated[list[Channel], Meta(description="`channels` again, for older clients.")] | UnsetType = (
        UNSET
    )
    calls: list[dict[str, Any]] | UnsetType = UNSET
    interactions: list[Interaction] | UnsetType = UNSET
    emails: list[Email] | UnsetType = UNSET
    chats: list[Chat] | UnsetType = UNSET
    workitems: list[Workitem] | UnsetType = UNSET
    openmedia: list[Openmedia] | UnsetType = UNSET
    features: list[Feature] | UnsetType = UNSET
    settings: dict[str, dict[str, str]] | UnsetType = UNSET


# ── the contact center ───────────────────────────────────────────────────────────────────────────


class Queue(Shape, kw_only=True):
    """A queue."""

    id: Uuid
    uri: Uri
    path: Path
    name: Name
    version: Version
    description: str
    agents: Annotated[list[UserId], Meta(description="User ids of those who serve it.")]
    groups: Annotated[list[str], Meta(description="Ids of the groups whose members serve it.")]
    emailAddresses: Annotated[
        list[str], Meta(description="Mail to these comes here.", examples=[["support@desk.example.org"]])
    ]


class ContactCenter(Shape, kw_only=True):
    """A contact center, which is a world of its own."""

    id: Uuid
    uri: Uri
    path: Path
    name: str


class Service(Shape, kw_only=True):
    """A part of the server that clients look for."""

    id: str
    uri: Uri
    path: Path
    name: str
    type: str
    state: Annotated[str, Meta(examples=["Active"])]


class SettingsGroup(Shape, kw_only=True):
    """A group of settings."""

    uri: Uri
    path: Annotated[str, Meta(examples=["/settings/dispositions"])]
    name: Annotated[str, Meta(description="The last part of its URI.", examples=["dispositions"])]
    displayName: Annotated[str, Meta(examples=["Dispositions"])]
    key: Annotated[str, Meta(description="The attribute that tells its settings apart.", examples=["name"])]


class Setting(Shape, kw_only=True):
    name: str
    value: str


class SettingsSection(Shape, kw_only=True):
    """A section of a user's settings."""

    uri: Uri
    path: Path
    name: str
    displayName: str
    key: str
    settings: list[Setting]


class Token(Shape, kw_only=True):
    """A bearer token, without its secret."""

    id: Uuid
    uri: Uri
    path: Path
    name: str
    userId: UserId
    userUri: UserUri
    scopes: Annotated[list[Scope], Meta(examples=[["submit"]])]
    createdDate: Date
