"""Request bodies of the operations on interactions, sessions and workbins, as the documentation of each generation has
them. Field names are the wire's. Where generations differ, every spelling is a field and a property picks one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from frontdesk.core.errors import ParameterMissing


class Plain(msgspec.Struct):
    """An operation without parameters of its own."""


class ToQueue(msgspec.Struct):
    """A queue by name or by URI."""

    queueName: str | None = None
    queueUri: str | None = None

    @property
    def queue(self) -> str | None:
        return self.queueName or self.queueUri


class ToReceiver(ToQueue):
    """An agent (`userId` in the older pages, `userUri` and `targetUri` in the newer), or a queue."""

    userId: str | None = None
    userUri: str | None = None
    targetUri: str | None = None
    agentId: str | None = None

    @property
    def receiver(self) -> str | None:
        return self.userId or self.userUri or self.targetUri or self.agentId

    def require_one(self) -> None:
        if not (self.receiver or self.queue):
            raise ParameterMissing(
                "userId", "Give an agent (userId, userUri, targetUri) or a queue (queueName, queueUri)."
            )


class WithUserData(msgspec.Struct):
    userData: dict[str, Any] | None = None

    @property
    def given(self) -> dict[str, Any]:
        if self.userData is None:
            raise ParameterMissing("userData", "Give an object of keys and values.")
        return self.userData


class WithKeys(msgspec.Struct):
    """Keys to delete: as an object (its values do not matter), or as a list of names."""

    userData: dict[str, Any] | list[str] | None = None
    keys: list[str] | None = None

    @property
    def given(self) -> dict[str, Any] | tuple[str, ...]:
        if isinstance(self.userData, dict):
            return self.userData
        names = self.keys if self.keys is not None else self.userData
        if names is None:
            raise ParameterMissing("userData", "Give an object with the keys to delete, or a list of them as keys.")
        return tuple(names)


class WithWorkbin(msgspec.Struct):
    workbin: Any = None
    agentGroup: str | None = None


class Reply(ToQueue):
    body: str | None = None
    bodyAsPlainText: str | None = None
    userData: dict[str, Any] | None = None
    subjectPrefix: str | None = None
    replyToStartLine: str | None = None
    quoteOriginal: bool = False
    indentCharacter: str | None = None


class Disposition(msgspec.Struct):
    disposition: str
    dispositionKey: str = "DISP_KEY"


class Create(ToQueue):
    parentId: str | None = None
    subject: str | None = None
    userData: dict[str, Any] | None = None


class WithItem(msgspec.Struct):
    """An interaction by id or by URI."""

    id: str | None = None
    uri: str | None = None
    nickname: str | None = None

    @property
    def item(self) -> str:
        found = self.id or self.uri
        if not found:
            raise ParameterMissing("id", "Give the interaction's id.")
        return found


class StartSession(msgspec.Struct):
    channels: list[str] | None = None
    place: str | None = None
    loginCode: str | None = None
    queue: str | None = None
    devicePath: str | None = None


class Submit(ToQueue):
    """`POST /interactions`."""

    mediaType: str | None = None
    subject: str = ""
    userData: dict[str, Any] | None = None
    priority: int = 0
    externalId: str | None = None


class Update(msgspec.Struct):
    """`PUT /interactions/{id}`: the properties that can be changed; the others must be as they are, or absent."""

    userData: dict[str, Any] | None = None
    disposition: str | None = None


Operations = Mapping[str, type[msgspec.Struct]]

#: On one's own interaction. The last three are names that other editions of the pages use for the same.
INTERACTION: Operations = MappingProxyType(
    {
        "Accept": Plain,
        "Reject": Plain,
        "Cancel": Plain,
        "Complete": ToQueue,
        "PlaceInQueue": ToQueue,
        "AttachUserData": WithUserData,
        "UpdateUserData": WithUserData,
        "DeleteUserData": WithKeys,
        "PlaceInWorkbin": WithWorkbin,
        "GetWorkbinContent": WithWorkbin,
        "Transfer": ToReceiver,
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
    {"StartContactCenterSession": StartSession, "EndContactCenterSession": Plain, **STATES}
)
