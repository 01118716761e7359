"""How an interaction is shown: one object for GET and notification alike, so that the two can only be equal.

A holder sees its state and the operations it may post. Anybody else sees the state and no operations; who has just
lost it sees the state it ended in for him. Everything shown is in the interaction itself; the body of an e-mail is the
one thing that lies beside it, and is shown only where it is asked for.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from frontdesk.core.emails import AttachmentInfo, Email
from frontdesk.core.ids import UserId
from frontdesk.core.interactions import Interaction
from frontdesk.kit import markup
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.safe_html import safe

#: The generic topic, which carries every medium.
TOPIC: Final = "/v2/me/interactions"


class Medium(NamedTuple):
    """What the resources and messages of a medium are called."""

    singular: str  # the key of one object
    plural: str  # the key of a collection, and its path
    type_key: str
    topic: str
    message_type: str
    bin_key: str  # of the object in a WorkbinStateChangeMessage


def _medium(singular: str, plural: str, spoken: str) -> Medium:
    return Medium(
        singular,
        plural,
        f"{singular}Type",
        f"/v2/me/{plural}",
        f"{spoken}StateChangeMessage",
        f"{singular}StateResourceV2",
    )


OPENMEDIA: Final = _medium("openmedia", "openmedia", "Openmedia")
_MEDIA: Final = {
    "email": _medium("email", "emails", "Email"),
    "chat": _medium("chat", "chats", "Chat"),
    "workitem": _medium("workitem", "workitems", "Workitem"),
}
#: Every kind of media resource, in the order in which collections show them.
MEDIA: Final = (*_MEDIA.values(), OPENMEDIA)

#: The keys of the `interaction` object; filters and sorting know these. A media resource adds its own.
PROPERTIES: Final = (
    *("id", "uri", "path", "channel", "state", "version", "interactionType", "interactionSubType", "currentQueue"),
    *("queueUri", "ownerUri", "workbin", "parentId", "subject", "priority", "receivedDate", "userData"),
    *("capabilities", "disposition", "email_object"),
)
MEDIA_PROPERTIES: Final = (
    *(name for name in PROPERTIES if name != "email_object"),
    *("mediaType", *(medium.type_key for medium in MEDIA)),
    *("from", "to", "cc", "bcc", "attachments", "body", "bodyAsPlainText", "mime", "participants"),
)


def medium_of(media_type: str) -> Medium:
    """The names of a medium; one that has none of its own is open media."""
    return _MEDIA.get(media_type, OPENMEDIA)


def shown(
    interaction: Interaction, reader: UserId | None, addresses: Addresses, *, state: str | None = None
) -> dict[str, Any]:
    """The `interaction` object. `state` is given for one who has just lost it: what it ended in for that reader."""
    return as_interaction(interaction, common(interaction, reader, addresses, state=state), addresses)


def media_shown(
    interaction: Interaction,
    reader: UserId | None,
    addresses: Addresses,
    *,
    state: str | None = None,
    email: Email | None = None,
) -> dict[str, Any]:
    """The resource of the interaction's own medium. With `email` it has the body too, which no notification has."""
    item = as_media(interaction, common(interaction, reader, addresses, state=state), addresses)
    if email is not None:
        item["body"] = safe(email.html) if email.html else markup.html_of(email.text)
        item["bodyAsPlainText"] = email.text
        item["mime"] = "text/html"  # of `body`; plain text is not among the documented ones
    return item


def grouped(interactions: Iterable[Interaction], reader: UserId | None, addresses: Addresses) -> dict[str, Any]:
    """Media resources under the keys of their collections, each of which is there even if empty."""
    found: dict[str, Any] = {medium.plural: [] for medium in MEDIA}
    for interaction in interactions:
        found[medium_of(interaction.media_type).plural].append(media_shown(interaction, reader, addresses))
    return found


def common(
    interaction: Interaction, reader: UserId | None, addresses: Addresses, *, state: str | None = None
) -> dict[str, Any]:
    """What the `interaction` object and the media resource have in common for this reader: all but their addresses."""
    prefix = addresses.prefix
    is_holder = state is None and reader is not None and interaction.is_held_by(reader)
    item: dict[str, Any] = {
        "channel": interaction.media_type,
        "state": state or interaction.state.value,
        "version": interaction.version,
        "interactionType": interaction.direction.value,
        "interactionSubType": interaction.subtype,
        "currentQueue": interaction.queue_name or None,
        "queueUri": f"{prefix}/queues/{interaction.queue}",
        "subject": interaction.subject,
        "priority": interaction.priority,
        "receivedDate": date(interaction.received_at_ms),
        "userData": interaction.user_data,
        "capabilities": interaction.capabilities if is_holder else (),
    }
    if interaction.owner is not None:
        item["ownerUri"] = f"{prefix}/users/{interaction.owner}"
    if interaction.workbin is not None:
        item["workbin"] = interaction.workbin
    if interaction.parent_id is not None:
        item["parentId"] = interaction.parent_id
    if interaction.disposition is not None:
        item["disposition"] = interaction.disposition
    return item


def as_interaction(interaction: Interaction, common_part: dict[str, Any], addresses: Addresses) -> dict[str, Any]:
    """The `interaction` object made of its `common` part."""
    path = f"/interactions/{interaction.id}"
    item = {"id": interaction.id, "uri": addresses.prefix + path, "path": path, **common_part}
    if interaction.media_type == "email":
        item["email_object"] = {"subject": interaction.subject, "interactionId": interaction.id}
    return item


def as_media(interaction: Interaction, common_part: dict[str, Any], addresses: Addresses) -> dict[str, Any]:
    """The media resource made of its `common` part."""
    media_type = interaction.media_type
    medium = medium_of(media_type)
    path = f"/{medium.plural}/{interaction.id}"
    if medium is OPENMEDIA:
        path = f"/{medium.plural}/{media_type}/{interaction.id}"
    item = {
        "id": interaction.id,
        "uri": addresses.prefix + path,
        "path": path,
        "mediaType": media_type,
        medium.type_key: interaction.direction.value,
        **common_part,
    }
    if media_type == "chat":
        item["participants"] = ()
    elif interaction.email is not None:
        email = interaction.email
        item["from"] = email.from_address
        item["to"] = email.to
        item["cc"] = email.cc
        item["bcc"] = email.bcc
        item["attachments"] = [_attachment(one, item["uri"]) for one in email.attachments]
    return item


@lru_cache(maxsize=4096)
def date(at_ms: int) -> str:
    """A moment as the media resources write it: `YYYY-MM-DD HH:MM:SS.mmm+0000`."""
    seconds, ms = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{ms:03d}+0000"


def _attachment(attachment: AttachmentInfo, email_uri: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": attachment.id,
        "name": attachment.name,
        "size": attachment.size_bytes,
        "mime": attachment.mime,
        "uri": f"{email_uri}/attachments/{attachment.id}",
    }
    if attachment.content_id is not None:
        item["contentId"] = attachment.content_id
    return item
