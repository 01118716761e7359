"""Request bodies of the operations on interactions, sessions and workbins, as the documentation of each generation has
them. Field names are the wire's. Where generations differ, every spelling is a field and a property picks one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from frontdesk.core.emails import INDENT_CHARACTERS, START_LINE_CHARACTERS, SUBJECT_PREFIX_CHARACTERS
from frontdesk.core.errors import ParameterMissing
from frontdesk.core.names import PASSWORD_CHARACTERS

Text = Annotated[str | None, Meta(examples=["Refund"])]
QueueName = Annotated[str | None, Meta(description="A queue by its name.", examples=["support"])]
QueueUri = Annotated[str | None, Meta(description="A queue by its URI or id.", examples=["/queues/ID"])]
UserId = Annotated[str | None, Meta(description="An agent by id or user name.", examples=["grace"])]
UserUri = Annotated[str | None, Meta(description="An agent by URI.", examples=["/users/ID"])]
TargetUri = Annotated[str | None, Meta(description="The URI of an agent or of a queue.", examples=["/users/ID"])]
InteractionId = Annotated[str | None, Meta(description="An interaction by id.", examples=["0000AB12CD34EF56"])]
InteractionUri = Annotated[
    str | None, Meta(description="An interaction by URI.", examples=["/interactions/0000AB12CD34EF56"])
]
AgentGroup = Annotated[str | None, Meta(description="Of a bin of agent groups: which group's.", examples=["Team"])]
UserData = Annotated[
    dict[str, Any] | None,
    Meta(description="Keys and values; objects merge key by key with what is there.", examples=[{"Segment": "gold"}]),
]
DeletedUserData = Annotated[
    dict[str, Any] | list[str] | None,
    Meta(description="An object with the keys to delete, whose values do not matter.", examples=[{"Segment": ""}]),
]
Keys = Annotated[list[str] | None, Meta(description="The names of the keys to delete.", examples=[["Segment"]])]
AnyWorkbin = Annotated[
    Any,
    Meta(
        description="A workbin by id, name, URI or 8.5.0 id, or an object with one of these.",
        examples=["In_Progress"],
        extra_json_schema={"type": ["string", "object"]},
    ),
]
Channels = Annotated[
    list[str] | None, Meta(description="The media to log in on.", examples=[["email", "chat", "workitem"]])
]

#: What a body cannot do without: of each group one. It says in the description what the code that reads a body does.
Needs = tuple[tuple[str, ...], ...]


class Plain(msgspec.Struct):
    """An operation without parameters of its own."""


class ToQueue(msgspec.Struct):
    """A queue by name or by URI."""

    queueName: QueueName = None
    queueUri: QueueUri = None

    @property
    def queue(self) -> str | None:
        return self.queueName or self.queueUri


class IntoQueue(ToQueue):
    """The same where there has to be one."""

    needs: ClassVar[Needs] = (("queueName", "queueUri"),)


class ToReceiver(ToQueue):
    """An agent (`userId` in the older pages, `userUri` and `targetUri` in the newer), or a queue."""

    needs: ClassVar[Needs] = (("userId", "userUri", "targetUri", "agentId", "queueName", "queueUri"),)

    userId: UserId = None
    userUri: UserUri = None
    targetUri: TargetUri = None
    agentId: UserId = None

    @property
    def receiver(self) -> str | None:
        return self.userId or self.userUri or self.targetUri or self.agentId

    def require_one(self) -> None:
        if not (self.receiver or self.queue):
            raise ParameterMissing(
                "userId", "Give an agent (userId, userUri, targetUri) or a queue (queueName, queueUri)."
            )


class WithUserData(msgspec.Struct):
    needs: ClassVar[Needs] = (("userData",),)

    userData: UserData = None

    @property
    def given(self) -> dict[str, Any]:
        if self.userData is None:
            raise ParameterMissing("userData", "Give an object of keys and values.")
        return self.userData


class WithKeys(msgspec.Struct):
    """Keys to delete: as an object (its values do not matter), or as a list of names."""

    needs: ClassVar[Needs] = (("userData", "keys"),)

    userData: DeletedUserData = None
    keys: Keys = None

    @property
    def given(self) -> dict[str, Any] | tuple[str, ...]:
        if isinstance(self.userData, dict):
            return self.userData
        names = self.keys if self.keys is not None else self.userData
        if names is None:
            raise ParameterMissing("userData", "Give an object with the keys to delete, or a list of them as keys.")
        return tuple(names)


class WithWorkbin(msgspec.Struct):
    needs: ClassVar[Needs] = (("workbin",),)

    workbin: AnyWorkbin = None
    agentGroup: AgentGroup = None


class Reply(ToQueue):
    body: Annotated[str | None, Meta(description="HTML.", examples=["<p>Dear customer,</p>"])] = None
    bodyAsPlainText: Annotated[str | None, Meta(examples=["Dear customer,"])] = None
    userData: UserData = None
    subjectPrefix: Annotated[
        Annotated[str, Meta(max_length=SUBJECT_PREFIX_CHARACTERS)] | None,
        Meta(description='"Re: " if absent.', examples=["Re: "]),
    ] = None
    replyToStartLine: Annotated[
        Annotated[str, Meta(max_length=START_LINE_CHARACTERS)] | None,
        Meta(description="A line before the quoted original."),
    ] = None
    quoteOriginal: bool = False
    indentCharacter: Annotated[
        Annotated[str, Meta(max_length=INDENT_CHARACTERS)] | None,
        Meta(description='Before each quoted line; "> " if absent.'),
    ] = None


class Disposition(msgspec.Struct):
    disposition: Annotated[str, Meta(description="What came of it.", examples=["Resolved"])]
    dispositionKey: Annotated[str, Meta(description="Where it is written in the user data.")] = "DISP_KEY"


class Create(ToQueue):
    needs: ClassVar[Needs] = (("queueUri", "queueName"),)

    parentId: InteractionId = None
    subject: Text = None
    userData: UserData = None


class WithItem(msgspec.Struct):
    """An interaction by id or by URI."""

    needs: ClassVar[Needs] = (("id", "uri"),)

    id: InteractionId = None
    uri: InteractionUri = None
    nickname: Annotated[str | None, Meta(description="Chats: what the customer sees.")] = None

    @property
    def item(self) -> str:
        found = self.id or self.uri
        if not found:
            raise ParameterMissing("id", "Give the interaction's id.")
        return found


class StartSession(msgspec.Struct):
    needs: ClassVar[Needs] = (("channels",),)

    channels: Channels = None
    place: str | None = None
    loginCode: Annotated[str | None, Meta(description="Understood; belongs to telephones.")] = None
    queue: Annotated[str | None, Meta(description="Understood; belongs to telephones.")] = None
    devicePath: Annotated[str | None, Meta(description="Understood; belongs to telephones.")] = None


class ChangePassword(msgspec.Struct):
    oldPassword: Annotated[str, Meta(description="The present one.", examples=["what it was"])]
    newPassword: Annotated[str, Meta(min_length=1, max_length=PASSWORD_CHARACTERS, examples=["a long pass phrase"])]


class Submit(ToQueue):
    """`POST /interactions`."""

    needs: ClassVar[Needs] = (("mediaType",), ("queueName", "queueUri"))

    mediaType: Annotated[
        str | None, Meta(description="`email`, `chat`, `workitem` or a medium of one's own.", examples=["workitem"])
    ] = None
    subject: Annotated[str, Meta(examples=["Refund"])] = ""
    userData: UserData = None
    priority: Annotated[int, Meta(description="Higher goes first.", examples=[0])] = 0
    externalId: Annotated[
        str | None,
        Meta(description="The sender's own id; the same again gives the first interaction.", examples=["order-4711"]),
    ] = None


class Update(msgspec.Struct):
    """`PUT /interactions/{id}`: the properties that can be changed; the others must be as they are, or absent."""

    needs: ClassVar[Needs] = (("userData", "disposition"),)

    userData: UserData = None
    disposition: Annotated[str | None, Meta(examples=["Resolved"])] = None


Operations = Mapping[str, type[msgspec.Struct]]

#: On one's own interaction. The last three are names that other editions of the pages use for the same.
INTERACTION: Operations = MappingProxyType(
    {
        "Accept": Plain,
        "Reject": Plain,
        "Cancel": Plain,
        "Complete": ToQueue,
        "PlaceInQueue": IntoQueue,
        "AttachUserData": WithUserData,
        "UpdateUserData": WithUserData,
        "DeleteUserData": WithKeys,
        "PlaceInWorkbin": WithWorkbin,
        "GetWorkbinContent": WithWorkbin,
        "Transfer": ToReceiver,
        "Pull": Plain,
        "Reply": Reply,
        "ReplyAll": Reply,
        "SetDisposition": Disposition,
        "SetInFocus": Plain,
        "SingleStepTransfer": ToReceiver,
        "StopProcessing": ToQueue,
        "CancelReply": Plain,
    }
)
ALIASES: Mapping[str, str] = MappingProxyType(
    {"SingleStepTransfer": "Transfer", "StopProcessing": "Complete", "CancelReply": "Cancel"}
)
#: On an interaction that another works on.
OTHERS_INTERACTION: Operations = MappingProxyType({"TakeAway": ToQueue})
#: On a collection of one medium.
CREATE: Operations = MappingProxyType({"Create": Create})

#: What follows `Add` and `Pull` in the operations of a workbin, and the medium it means.
WORKBIN_MEDIA: Mapping[str, str | None] = MappingProxyType(
    {
        "Interaction": None,
        "Email": "email",
        "Chat": "chat",
        "Workitem": "workitem",
        "Openmedia": None,
    }
)
WORKBIN: Operations = MappingProxyType(
    {
        **{f"{act}{noun}": WithItem for act in ("Add", "Pull") for noun in WORKBIN_MEDIA},
        "AddInteractionToWorkbin": WithItem,
        "Subscribe": Plain,
        "Unsubscribe": Plain,
        "SubscribeWorkbinEvents": Plain,
        "UnsubscribeWorkbinEvents": Plain,
    }
)
WORKBINS: Operations = MappingProxyType({"Subscribe": Plain, "Unsubscribe": Plain})
STATES: Operations = MappingProxyType(
    dict.fromkeys(
        ("Ready", "NotReady", "AfterCallWork", "AuxWork", "Offline", "DoNotDisturbOn", "DoNotDisturbOff"), Plain
    )
)
ME: Operations = MappingProxyType(
    {
        "StartContactCenterSession": StartSession,
        "EndContactCenterSession": Plain,
        "ChangePassword": ChangePassword,
        **STATES,
    }
)

_USER_DATA = "Objects merge key by key with what is there"
#: What each operation does, in a line or two, for whoever is to post it.
EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "Accept": "Take what is offered. It is yours to work on until you complete, transfer or park it.",
        "Reject": "Refuse what is offered. It goes to another agent, or back to its queue.",
        "Cancel": "Throw a draft away.",
        "CancelReply": "`Cancel` in older pages.",
        "Complete": "Finish it. With a queue it is not the end: it goes on there.",
        "StopProcessing": "`Complete` in older pages.",
        "PlaceInQueue": "Give it to a queue, where other agents are asked.",
        "TakeAway": "Take it from the agent who works on it, into a queue, or back into its own if none is named. It "
        "keeps its age; the agent hears that it was revoked, and is asked again only when nobody else took it.",
        "Transfer": "Hand it to a queue, or to an agent who is logged in on its medium, ready or not. An agent is "
        "asked first; if that comes to nothing it goes to its queue.",
        "SingleStepTransfer": "`Transfer` under the name of its page.",
        "Pull": "Take it out of its queue without being asked, where the routing policy of the queue allows it.",
        "AttachUserData": f"Set these keys. {_USER_DATA}.",
        "UpdateUserData": f"Overwrite these keys; the others stay. {_USER_DATA}.",
        "DeleteUserData": "Remove these keys. An object given for a key removes the keys inside only.",
        "PlaceInWorkbin": "Park it in a workbin.",
        "GetWorkbinContent": "Ask for the content of a workbin. It comes as one `WorkbinContentMessage` over push, not "
        "in this answer; the id in the path does not matter.",
        "Reply": "Open a draft that answers the e-mail's sender. Its id is in the answer.",
        "ReplyAll": "Open a draft that answers the sender and everybody who was written to.",
        "SetDisposition": "Say what came of it.",
        "SetInFocus": "Say that you look at it. Nothing changes by it.",
        "Create": "Make one. A work item is yours to work on; an e-mail is a draft.",
        **{
            f"Add{noun}": "Put what you work on into this bin."
            + ("" if medium is None else f" For the medium `{medium}`.")
            for noun, medium in WORKBIN_MEDIA.items()
        },
        "AddInteractionToWorkbin": "`AddInteraction` in older pages.",
        **{
            f"Pull{noun}": "Take it out, to work on it." + ("" if medium is None else f" For the medium `{medium}`.")
            for noun, medium in WORKBIN_MEDIA.items()
        },
        "Subscribe": "Be told over push of what comes and goes, until the contact-center session ends.",
        "Unsubscribe": "Be told no more.",
        "SubscribeWorkbinEvents": "`Subscribe` in older pages.",
        "UnsubscribeWorkbinEvents": "`Unsubscribe` in older pages.",
        "StartContactCenterSession": "Log in on channels, not ready. Once more with others adds those.",
        "EndContactCenterSession": "Log out of all channels and sign out. Open offers go back to their queues.",
        "ChangePassword": "Choose another password. You stay signed in here, and nowhere else.",
        "Ready": "Be offered interactions.",
        "NotReady": "Be offered nothing more.",
        "AfterCallWork": "Not ready, for work that is left to do.",
        "AuxWork": "Not ready, for other work.",
        "Offline": "Log out of the channel.",
        "DoNotDisturbOn": "Be offered nothing, whatever the state is.",
        "DoNotDisturbOff": "Let the state count again.",
    }
)
