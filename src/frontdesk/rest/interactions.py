"""Interactions: all of the contact centre, the reader's own, one of them, and every operation on it.

Source: Interactions API Operations, and its media pages for what they add.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from frontdesk.core.errors import NotFound, ParameterMissing, PropertyReadOnly
from frontdesk.core.ids import InteractionId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Act
from frontdesk.core.references import reference
from frontdesk.kit import codec
from frontdesk.ports import Answer as Pushed
from frontdesk.rest import lists
from frontdesk.rest.answers import as_of, done, ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Route
from frontdesk.services.births import ReplyRequest, Submission
from frontdesk.services.workbins import BinOf
from frontdesk.wire import history, operations, workbins
from frontdesk.wire.interactions import PROPERTIES, shown
from frontdesk.wire.operations import ALIASES, INTERACTION, OTHERS_INTERACTION, Submit, Update
from frontdesk.wire.selection import Resource

RESOURCE = Resource(PROPERTIES, open_properties=("userData",))
EVENT = Resource(history.PROPERTIES, open_properties=("interaction",))


def interaction_id(call: Call) -> InteractionId:
    """The id in the path."""
    return InteractionId(call.params["id"])


def shown_to_caller(call: Call, one: Interaction) -> dict[str, Any]:
    """The interaction object as the caller sees it."""
    return shown(one, call.principal.user_id, call.addresses)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


async def list_all(call: Call) -> Answer:
    """Every agent sees all live interactions of the contact centre."""
    wanted = lists.asked(call, RESOURCE)
    found, total = await call.house.interactions.live(call.principal, lists.page(call, wanted))
    return lists.paged("interactions", [shown_to_caller(call, one) for one in found], wanted, total)


async def list_own(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE)
    found, number = await call.house.interactions.held_by(call.principal)
    return as_of(number, lists.answer("interactions", [shown_to_caller(call, one) for one in found], wanted))


async def get(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, pages=False)
    found, _ = await call.house.interactions.get(call.principal, interaction_id(call))
    return lists.single("interaction", shown_to_caller(call, found), wanted)


async def get_own(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, pages=False)
    found, number = await call.house.interactions.own(call.principal, interaction_id(call))
    return as_of(number, lists.single("interaction", shown_to_caller(call, found), wanted))


async def get_history(call: Call) -> Answer:
    """Objects with and without `fields`, for an event has no address of its own."""
    wanted = lists.asked(call, EVENT)
    page = lists.page(call, wanted)
    found, total = await call.house.interactions.history(call.principal, interaction_id(call), page)
    events = [history.shown(seq, event, call.addresses) for seq, event in found]
    return lists.paged("events", events, wanted, total, objects=True)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


async def submit(call: Call) -> Answer:
    body = call.body(Submit)
    if not body.mediaType:
        raise ParameterMissing("mediaType", 'For example "email", "chat" or "workitem".')
    outcome = await call.house.births.submit(
        call.caller(),
        Submission(
            media_type=body.mediaType,
            queue=body.queue,
            subject=body.subject,
            priority=body.priority,
            data=body.userData or {},
            external_id=body.externalId,
        ),
    )
    return ok(id=outcome.id, uri=call.addresses.uri(f"/interactions/{outcome.id}"), path=f"/interactions/{outcome.id}")


async def update(call: Call) -> Answer:
    """`PUT /interactions/{id}` names properties that may change; any other that would change is refused."""
    body = call.body(Update)
    given = call.body(dict[str, Any])
    others = {name: value for name, value in given.items() if name not in Update.__struct_fields__}

    def require_same(present: Interaction) -> None:
        shown_now = codec.decode(codec.encode(shown_to_caller(call, present)))
        if wrong := [name for name, value in others.items() if shown_now.get(name) != value]:
            raise PropertyReadOnly(wrong)

    if body.disposition is None and body.userData is None:
        found, _ = await call.house.interactions.get(call.principal, interaction_id(call))
        require_same(found)
        raise ParameterMissing("userData", "Give what is to change: userData or disposition.")
    outcome = await call.house.interactions.update(
        call.caller(), interaction_id(call), body.userData or {}, body.disposition, require=require_same
    )
    return done("Update", outcome)


async def operate(call: Call) -> Answer:
    """`POST /me/interactions/{id}`: one of the operations by name."""
    name, body = call.operation(INTERACTION)
    name = ALIASES.get(name, name)
    return await _OPERATIONS[name](call, name, body)


async def operate_on_others(call: Call) -> Answer:
    """`POST /interactions/{id}`: take it away from whoever works on it. Without a queue it goes back to its own."""
    name, body = call.operation(OTHERS_INTERACTION)
    return done(name, await call.house.interactions.take_away(call.caller(), interaction_id(call), body.queue))


async def operate_on_medium(call: Call, media_type: str) -> Answer:
    """The same under a medium's own path, where an interaction of another medium does not exist."""
    found, _ = await call.house.interactions.get(call.principal, interaction_id(call))
    if found.media_type != media_type:
        raise NotFound(media_type, found.id)
    return await operate(call)


async def _accept(call: Call, name: str, body: operations.Plain) -> Answer:
    return done(name, await call.house.interactions.accept(call.caller(), interaction_id(call)))


async def _reject(call: Call, name: str, body: operations.Plain) -> Answer:
    return done(name, await call.house.interactions.reject(call.caller(), interaction_id(call)))


async def _cancel(call: Call, name: str, body: operations.Plain) -> Answer:
    return done(name, await call.house.interactions.cancel(call.caller(), interaction_id(call)))


async def _complete(call: Call, name: str, body: operations.ToQueue) -> Answer:
    """With a queue it is not the end: the interaction goes on there (8.5.2)."""
    service = call.house.interactions
    if body.queue:
        return done(name, await service.place_in_queue(call.caller(), interaction_id(call), body.queue))
    return done(name, await service.complete(call.caller(), interaction_id(call)))


async def _place_in_queue(call: Call, name: str, body: operations.ToQueue) -> Answer:
    return done(name, await call.house.interactions.place_in_queue(call.caller(), interaction_id(call), body.queue))


async def _attach(call: Call, name: str, body: operations.WithUserData) -> Answer:
    return done(name, await call.house.interactions.attach_user_data(call.caller(), interaction_id(call), body.given))


async def _update(call: Call, name: str, body: operations.WithUserData) -> Answer:
    return done(name, await call.house.interactions.update_user_data(call.caller(), interaction_id(call), body.given))


async def _delete(call: Call, name: str, body: operations.WithKeys) -> Answer:
    return done(name, await call.house.interactions.delete_user_data(call.caller(), interaction_id(call), body.given))


async def _place_in_workbin(call: Call, name: str, body: operations.WithWorkbin) -> Answer:
    return done(
        name,
        await call.house.interactions.place_in_workbin(
            call.caller(), interaction_id(call), body.workbin, body.agentGroup
        ),
    )


async def _get_workbin_content(call: Call, name: str, body: operations.WithWorkbin) -> Answer:
    """The content comes as one message over push, not in this answer; the id in the path does not matter."""
    content, outcome = await call.house.workbins.content_for_message(
        call.caller(), body.workbin, BinOf(agent_group=body.agentGroup)
    )
    channel, data = workbins.content_message(
        content.workbin,
        content.items,
        total=content.total,
        reader=call.principal.user_id,
        addresses=call.addresses,
        reference_id=outcome.reference_id,
        most_bytes=call.settings.push.queue_bytes // 2,  # as much again is left for what happens meanwhile
    )
    call.house.bus.answer(Pushed(call.principal.contact_centre, call.principal.user_id, channel, data))
    return done(name, outcome)


async def _pull(call: Call, name: str, body: operations.Plain) -> Answer:
    """Out of the queue, without being asked; out of a workbin it is an operation of the bin."""
    return done(name, await call.house.routing.take(call.caller(), interaction_id(call)))


async def _transfer(call: Call, name: str, body: operations.ToReceiver) -> Answer:
    """To an agent, or to a queue, which is the same as placing it there."""
    body.require_one()
    service = call.house.interactions
    receiver, queue = body.receiver, body.queue
    if receiver and reference(receiver, parameter="targetUri").collection in ("queue", "queues"):
        receiver, queue = None, receiver
    if receiver:
        return done(name, await service.transfer(call.caller(), interaction_id(call), receiver))
    return done(name, await service.place_in_queue(call.caller(), interaction_id(call), queue))


async def _reply(call: Call, name: str, body: operations.Reply) -> Answer:
    request = ReplyRequest(
        to_all=name == "ReplyAll",
        queue=body.queue,
        html=body.body or "",
        text=body.bodyAsPlainText or "",
        data=body.userData or {},
        subject_prefix=body.subjectPrefix,
        start_line=body.replyToStartLine or "",
        quote_original=body.quoteOriginal,
        indent=body.indentCharacter or "> ",
    )
    outcome = await call.house.births.reply(call.caller(), interaction_id(call), request)
    return ok(referenceId=outcome.reference_id, id=outcome.id, uri=call.addresses.uri(f"/me/interactions/{outcome.id}"))


async def _set_disposition(call: Call, name: str, body: operations.Disposition) -> Answer:
    return done(
        name,
        await call.house.interactions.set_disposition(
            call.caller(), interaction_id(call), body.disposition, body.dispositionKey
        ),
    )


async def _set_in_focus(call: Call, name: str, body: operations.Plain) -> Answer:
    return done(name, await call.house.interactions.set_in_focus(call.caller(), interaction_id(call)))


_OPERATIONS: Mapping[str, Callable[[Call, str, Any], Awaitable[Answer]]] = MappingProxyType(
    {
        "Accept": _accept,
        "Reject": _reject,
        "Cancel": _cancel,
        "Complete": _complete,
        "PlaceInQueue": _place_in_queue,
        "AttachUserData": _attach,
        "UpdateUserData": _update,
        "DeleteUserData": _delete,
        "PlaceInWorkbin": _place_in_workbin,
        "GetWorkbinContent": _get_workbin_content,
        "Transfer": _transfer,
        "Pull": _pull,
        "Reply": _reply,
        "ReplyAll": _reply,
        "SetDisposition": _set_disposition,
        "SetInFocus": _set_in_focus,
    }
)

_TAG = "Interactions"
ROUTES = (
    Route(
        "GET", "/interactions", list_all, Act.READ_INTERACTIONS, "All live interactions of the contact centre", _TAG,
        query=COLLECTION, shows=("uris", "interactions", "totalCount"),
    ),
    Route(
        "POST", "/interactions", submit, Act.SUBMIT, "Submit an interaction", _TAG,
        body=Submit, shows=("id", "uri", "path"),
    ),
    Route(
        "GET", "/interactions/{id}", get, Act.READ_INTERACTIONS, "One interaction", _TAG,
        query=(FIELDS,), shows=("interaction",),
    ),
    Route(
        "PUT", "/interactions/{id}", update, Act.WORK, "Change user data or disposition", _TAG,
        body=Update, shows=("referenceId",),
    ),
    Route(
        "POST", "/interactions/{id}", operate_on_others, Act.TAKE_AWAY, "Take it away from whoever works on it", _TAG,
        operations=OTHERS_INTERACTION, shows=("status", "referenceId"),
    ),
    Route(
        "GET", "/interactions/{id}/events", get_history, Act.READ_INTERACTIONS, "Its history, oldest first", _TAG,
        query=COLLECTION, shows=("events", "totalCount"),
    ),
    Route(
        "GET", "/me/interactions", list_own, Act.READ_OWN, "Interactions that the agent works on or is offered", _TAG,
        query=COLLECTION, shows=("uris", "interactions", "totalCount"),
    ),
    Route(
        "GET", "/me/interactions/{id}", get_own, Act.READ_OWN, "One of one's own interactions", _TAG,
        query=(FIELDS,), shows=("interaction",),
    ),
    Route(
        "POST", "/me/interactions/{id}", operate, Act.WORK, "Operate on one's own interaction", _TAG,
        operations=INTERACTION, shows=("status", "referenceId", "id", "uri"),
    ),
)  # fmt: skip
