"""The same interactions under their medium's own paths: e-mails, chats, work items and open media.

Source: the Genesys Web Services v2 pages, release 8.5.2.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from frontdesk.core.agents import check_channel_name
from frontdesk.core.emails import Email
from frontdesk.core.errors import NotFound
from frontdesk.core.ids import InteractionId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.answers import as_of, ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.interactions import interaction_id, operate_on_medium
from frontdesk.rest.routes import COLLECTION, FIELDS, Handler, Route
from frontdesk.wire import shapes
from frontdesk.wire.interactions import MEDIA_PROPERTIES, OPENMEDIA, media_shown, medium_of
from frontdesk.wire.operations import CREATE, INTERACTION, Create
from frontdesk.wire.selection import Resource

RESOURCE = Resource(MEDIA_PROPERTIES, open_properties=("userData",))

#: Path segment → medium.
_MEDIA = {"emails": "email", "chats": "chat", "workitems": "workitem"}


def _shown(call: Call, one: Interaction) -> dict[str, Any]:
    return media_shown(one, call.principal.user_id, call.addresses)


def _medium_of_path(call: Call) -> str:
    """Raises NotFound for a medium with a resource of its own, which is where its rules are."""
    medium = check_channel_name(call.params["mediaType"], parameter="mediaType")
    if medium_of(medium) is not OPENMEDIA:
        raise NotFound("open medium", medium)
    return medium


async def _list(call: Call, plural: str, medium: str) -> Answer:
    wanted = lists.asked(call, RESOURCE)
    held, number = await call.house.interactions.held_by(call.principal)
    own = [one for one in held if one.media_type == medium]
    said: Mapping[InteractionId, Email] = {}
    if medium == "email" and wanted.wants_objects:  # clients of the older generation read the bodies here
        said = await call.house.emails.said_by(call.principal, own)
    found = [media_shown(one, call.principal.user_id, call.addresses, email=said.get(one.id)) for one in own]
    return as_of(number, lists.answer(plural, found, wanted))


async def _get(call: Call, medium: str) -> Answer:
    found, number = await call.house.interactions.own(call.principal, interaction_id(call))
    if found.media_type != medium:
        raise NotFound(medium, found.id)
    wanted = lists.asked(call, RESOURCE, pages=False)
    return as_of(number, lists.single(medium_of(medium).singular, _shown(call, found), wanted))


async def _create(call: Call, medium: str) -> Answer:
    _, body = call.operation(CREATE)
    assert isinstance(body, Create)
    outcome = await call.house.births.create(
        call.caller(),
        medium,
        queue=body.queue,
        parent=body.parentId,
        subject=body.subject or "",
        data=body.userData or {},
    )
    uri = call.addresses.uri(f"/me/interactions/{outcome.id}")
    return ok(referenceId=outcome.reference_id, id=outcome.id, uri=uri)


def _handlers(plural: str, medium: str) -> tuple[Handler, Handler, Handler, Handler]:
    async def list_own(call: Call) -> Answer:
        return await _list(call, plural, medium)

    async def get_own(call: Call) -> Answer:
        if medium == "email":
            return await get_email(call)
        return await _get(call, medium)

    async def create(call: Call) -> Answer:
        return await _create(call, medium)

    async def operate(call: Call) -> Answer:
        return await operate_on_medium(call, medium)

    return list_own, get_own, create, operate


async def get_any(call: Call) -> Answer:
    """Any chat, work item or open medium of the contact centre, under the address that its resource shows."""
    wanted = lists.asked(call, RESOURCE, pages=False)
    plural = call.path.removeprefix("/api/v2").strip("/").partition("/")[0]
    found, _ = await call.house.interactions.get(call.principal, interaction_id(call))
    names = medium_of(found.media_type)
    if names.plural != plural or call.params.get("mediaType", found.media_type) != found.media_type:
        raise NotFound(call.params.get("mediaType", plural), found.id)
    return lists.single(names.singular, _shown(call, found), wanted)


async def list_openmedia(call: Call) -> Answer:
    return await _list(call, "openmedia", _medium_of_path(call))


async def get_openmedia(call: Call) -> Answer:
    return await _get(call, _medium_of_path(call))


async def create_openmedia(call: Call) -> Answer:
    return await _create(call, _medium_of_path(call))


async def operate_openmedia(call: Call) -> Answer:
    return await operate_on_medium(call, _medium_of_path(call))


# ── what an e-mail says ──────────────────────────────────────────────────────────────────────────


async def get_email(call: Call) -> Answer:
    """With its body, sanitised for showing; the plain text is as it came."""
    found, email, number = await call.house.emails.own(call.principal, interaction_id(call))
    wanted = lists.asked(call, RESOURCE, pages=False)
    shown = media_shown(found, call.principal.user_id, call.addresses, email=email)
    return as_of(number, lists.single("email", shown, wanted))


async def get_any_email(call: Call) -> Answer:
    """Any e-mail of the contact centre, wherever it is."""
    found, email, _ = await call.house.emails.get(call.principal, interaction_id(call))
    wanted = lists.asked(call, RESOURCE, pages=False)
    return lists.single("email", media_shown(found, call.principal.user_id, call.addresses, email=email), wanted)


async def get_attachment(call: Call) -> Answer:
    """The bytes, always as a download: what a stranger sent is never shown by the browser as a page of ours."""
    info, content = await call.house.emails.attachment(
        call.principal, interaction_id(call), call.params["attachmentId"]
    )
    headers = (
        (b"content-disposition", _as_download(info.name)),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"sandbox"),
    )
    mime = info.mime.encode("ascii", "replace") if "/" in info.mime else b"application/octet-stream"
    return Answer(content, headers=headers, content_type=mime)


async def get_raw(call: Call) -> Answer:
    """The message as it came."""
    raw = await call.house.emails.raw(call.principal, interaction_id(call))
    headers = ((b"content-disposition", b'attachment; filename="message.eml"'), (b"x-content-type-options", b"nosniff"))
    return Answer(raw, headers=headers, content_type=b"message/rfc822")


def _as_download(name: str) -> bytes:
    """The header's value for a file of this name, which a stranger chose; for old clients also in plain letters
    (RFC 6266).
    """
    harmless = "".join(character if character.isalnum() or character in " .-_" else "_" for character in name)
    plain = harmless.encode("ascii", "replace").replace(b"?", b"_")
    value = b'attachment; filename="%s"' % plain
    if harmless.isascii():
        return value
    return b"%s; filename*=UTF-8''%s" % (value, quote(harmless, safe="").encode())


def _routes() -> list[Route]:
    routes = []
    for plural, medium in _MEDIA.items():
        list_own, get_own, create, operate = _handlers(plural, medium)
        path, tag = f"/me/{plural}", plural.capitalize()
        shows = (medium_of(medium).singular,)
        routes += [
            Route(
                "GET", path, list_own, Act.READ_OWN, f"One's own {plural}", tag,
                query=COLLECTION, shows=("uris", plural, "totalCount"),
            ),
            Route(
                "GET", path + "/{id}", get_own, Act.READ_OWN, f"One of one's own {plural}", tag,
                query=(FIELDS,), shows=shows,
            ),
            Route(
                "POST", path + "/{id}", operate, Act.WORK, f"Operate on one of one's own {plural}", tag,
                operations=INTERACTION, shows=("status", "referenceId", "id", "uri"),
            ),
        ]  # fmt: skip
        if medium != "chat":  # a chat begins with its customer
            routes.append(
                Route(
                    "POST", path, create, Act.WORK, f"Create one of one's own {plural}", tag,
                    operations=CREATE, shows=("referenceId", "id", "uri"),
                )
            )  # fmt: skip
    return routes


_OPEN = "/me/openmedia/{mediaType}"
ROUTES = (
    *_routes(),
    Route(
        "GET", _OPEN, list_openmedia, Act.READ_OWN, "One's own open media of a type", "Openmedia",
        query=COLLECTION, shows=("uris", "openmedia", "totalCount"), holds={"openmedia": list[shapes.Openmedia]},
    ),
    Route(
        "POST", _OPEN, create_openmedia, Act.WORK, "Create one", "Openmedia",
        operations=CREATE, shows=("referenceId", "id", "uri"),
    ),
    Route(
        "GET", _OPEN + "/{id}", get_openmedia, Act.READ_OWN, "One of them", "Openmedia",
        query=(FIELDS,), shows=("openmedia",),
    ),
    Route(
        "POST", _OPEN + "/{id}", operate_openmedia, Act.WORK, "Operate on one of them", "Openmedia",
        operations=INTERACTION, shows=("status", "referenceId", "id", "uri"),
    ),
    Route(
        "GET", "/emails/{id}", get_any_email, Act.READ_INTERACTIONS, "An e-mail with its body", "Emails",
        query=(FIELDS,), shows=("email",),
    ),
    *(
        Route(
            "GET", path, get_any, Act.READ_INTERACTIONS, "One, wherever it is", tag, query=(FIELDS,), shows=(singular,)
        )
        for path, tag, singular in (
            ("/chats/{id}", "Chats", "chat"),
            ("/workitems/{id}", "Workitems", "workitem"),
            ("/openmedia/{mediaType}/{id}", "Openmedia", "openmedia"),
        )
    ),
    Route(
        "GET", "/emails/{id}/attachments/{attachmentId}", get_attachment, Act.READ_INTERACTIONS,
        "The bytes of an attachment", "Emails", content_type="*/*",
    ),
    Route(
        "GET", "/emails/{id}/raw", get_raw, Act.READ_INTERACTIONS, "The message as it came", "Emails",
        content_type="message/rfc822",
    ),
)  # fmt: skip
