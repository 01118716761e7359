"""Workbins: listing, content, putting in, taking out, subscribing; mine, another user's, a group's.

Both generations of the pages: GETs with the keys of both, operations under both names.
"""

from collections.abc import Collection
from typing import Any

from frontdesk.core.errors import ParameterMissing, ResourceUnknown
from frontdesk.core.ids import UserId, WorkbinId
from frontdesk.core.permissions import Act
from frontdesk.core.workbins import Workbin
from frontdesk.kit import codec
from frontdesk.ports import Answer as Pushed
from frontdesk.ports import Outcome, Page
from frontdesk.rest import lists
from frontdesk.rest.answers import as_of, done, ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import AGENT_GROUP, COLLECTION, FIELDS, LIMIT, OFFSET, SUBRESOURCES, Parameter, Route
from frontdesk.services.workbins import BinOf, Content
from frontdesk.wire import selection, shapes, workbins
from frontdesk.wire.interactions import MEDIA_PROPERTIES, grouped, shown
from frontdesk.wire.operations import WORKBIN, WORKBIN_MEDIA, WORKBINS, WithItem
from frontdesk.wire.selection import Resource, Selection

RESOURCE = Resource(workbins.PROPERTIES, workbins.SUBRESOURCES)
ITEM = Resource(MEDIA_PROPERTIES, open_properties=("userData",))
#: Parameters that say whose content is meant. There are no places, so a group of them has none.
_WHOSE = ("agentGroup", "placeGroup")
_IDS = Parameter("workbinIds", "restrict to these ids; `workbins` is then an object keyed by id")


def _whose(call: Call) -> BinOf:
    user_id = call.params.get("userId")
    return BinOf(agent_group=call.query.get("agentGroup"), user_id=UserId(user_id) if user_id else None)


async def list_all(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, also=("workbinIds", *_WHOSE))
    found = await call.house.workbins.all(call.principal)
    ids = call.query.get("workbinIds")
    if ids is None:
        return lists.answer("workbins", await _shown(call, found, wanted), wanted)
    restricted = [one for one in found if one.id in ids.split(",")]
    shown = await _shown(call, restricted, wanted)
    return ok(workbins={one["id"]: selection.selected(one, wanted) for one in shown})


async def list_own(call: Call) -> Answer:
    """Without `fields` both generations at once: URIs, and the 8.5.0 type descriptions."""
    wanted = lists.asked(call, RESOURCE, also=("workbinIds", *_WHOSE))
    found, number = await call.house.workbins.own(call.principal)
    if not wanted.wants_objects:
        return as_of(number, Answer(codec.encode(workbins.listing(found, call.addresses))))
    return as_of(number, lists.answer("workbins", await _shown(call, found, wanted), wanted))


async def get(call: Call) -> Answer:
    """The bin; with `subresources` its content as well."""
    wanted = lists.asked(call, RESOURCE, also=_WHOSE, pages=False)
    if not wanted.subresources:
        found, number = await call.house.workbins.get(call.principal, call.params["id"], _whose(call))
        return as_of(number, lists.single("workbin", workbins.shown(found, call.addresses), wanted))
    content = await _content(call, call.params["id"], wanted)
    shown = workbins.shown(content.workbin, call.addresses) | _grouped(call, content, wanted.subresources)
    return as_of(content.number, lists.single("workbin", shown, wanted, total=content.total))


async def _shown(call: Call, found: list[Workbin], wanted: Selection) -> list[dict[str, Any]]:
    """These bins, with what is asked for of their content; of each at most as much as a list has by itself."""
    shown = [workbins.shown(one, call.addresses) for one in found]
    if names := wanted.needed_subresources:
        page = Page(call.settings.lists.default_items)
        contents = await call.house.workbins.contents(call.principal, found, _whose(call), page)
        for one, content in zip(shown, contents, strict=True):
            one |= _grouped(call, content, names)
    return shown


async def list_content(call: Call) -> Answer:
    """One medium of a bin's content; `interactions` for every medium."""
    plural = call.params["plural"]
    if plural != "interactions" and plural not in workbins.SUBRESOURCES:
        raise ResourceUnknown(call.path)
    wanted = lists.asked(call, ITEM, also=_WHOSE)
    content = await _content(call, call.params["id"], wanted)
    if plural == "interactions":
        items = [shown(one, call.principal.user_id, call.addresses) for one in content.items]
        return as_of(content.number, lists.paged(plural, items, wanted, content.total))
    lists.require_all(content.items, content.total)
    return as_of(content.number, lists.answer(plural, _grouped(call, content, (plural,))[plural], wanted))


async def operate(call: Call) -> Answer:
    """Add…, Pull…, Subscribe, Unsubscribe on one bin."""
    name, body = call.operation(WORKBIN)
    name = name.removesuffix("WorkbinEvents")
    if name in ("Subscribe", "Unsubscribe"):
        return await _subscribe(call, name, [call.params["id"]])
    assert isinstance(body, WithItem)
    if name.startswith("Pull"):
        medium = WORKBIN_MEDIA[name.removeprefix("Pull")]
        act = call.house.workbins.pull
    else:
        medium = WORKBIN_MEDIA[name.removeprefix("Add").removesuffix("ToWorkbin")]
        act = call.house.workbins.add
    outcome = await act(call.caller(), call.params["id"], _whose(call), body.item, medium)
    return done(name, outcome)


async def operate_on_many(call: Call) -> Answer:
    """`POST /me/workbins?workbinIds=…`: Subscribe and Unsubscribe in bulk."""
    name, _ = call.operation(WORKBINS)
    wanted = [one for one in call.query.get("workbinIds", "").split(",") if one]
    if not wanted:
        raise ParameterMissing("workbinIds", "Give the ids of the bins in the query, separated by commas.")
    return await _subscribe(call, name, wanted)


async def _subscribe(call: Call, name: str, ids: list[str]) -> Answer:
    whose = _whose(call)
    outcome: Outcome = await call.house.workbins.subscribe(call.caller(), ids, whose, wanted=name == "Subscribe")
    for workbin_id, reference_id in (outcome.references or {}).items():
        channel, data = workbins.subscription_message(
            WorkbinId(workbin_id),
            "Subscribed" if name == "Subscribe" else "Unsubscribed",
            reference_id=reference_id,
            owner=whose.user_id,
            agent_group=whose.agent_group,
        )
        call.house.bus.answer(Pushed(call.principal.contact_centre, call.principal.user_id, channel, data))
    is_bulk = "id" not in call.params
    return ok(
        referenceId=None if is_bulk else outcome.reference_id, referenceIds=outcome.references if is_bulk else None
    )


async def _content(call: Call, workbin: str, wanted: Selection) -> Content:
    # One medium of several is picked out of all there is, not out of one page of it.
    is_one_medium = call.params.get("plural", "interactions") != "interactions"
    page = Page(call.settings.lists.most_items) if is_one_medium else lists.page(call, wanted)
    content: Content = await call.house.workbins.content(call.principal, workbin, _whose(call), page)
    return content


def _grouped(call: Call, content: Content, names: Collection[str]) -> dict[str, Any]:
    """The media resources in a bin under those keys of their collections that are asked for."""
    found = grouped(content.items, call.principal.user_id, call.addresses)
    return {plural: items for plural, items in found.items() if plural in names}


_TAG = "Workbins"


def _of(prefix: str, what: str) -> list[Route]:
    return [
        Route(
            "GET", prefix + "/{id}", get, Act.READ_OWN, f"{what} workbin", _TAG,
            query=(FIELDS, SUBRESOURCES, LIMIT, OFFSET, AGENT_GROUP), shows=("workbin", "totalCount"),
        ),
        Route(
            "GET", prefix + "/{id}/{plural}", list_content, Act.READ_OWN, f"Content of {what.lower()} workbin", _TAG,
            query=(*COLLECTION, AGENT_GROUP),
            shows=("uris", "interactions", *workbins.SUBRESOURCES, "totalCount"),
            holds={"openmedia": list[shapes.Openmedia]},
        ),
        Route(
            "POST", prefix + "/{id}", operate, Act.WORK, f"Operate on {what.lower()} workbin", _TAG,
            operations=WORKBIN, query=(AGENT_GROUP,), shows=("referenceId",),
        ),
    ]  # fmt: skip


ROUTES = (
    Route(
        "GET", "/workbins", list_all, Act.READ_DIRECTORY, "All workbins", _TAG,
        query=(*COLLECTION, SUBRESOURCES, _IDS), shows=("uris", "workbins", "totalCount"),
        holds={"workbins": list[shapes.Workbin] | dict[str, shapes.Workbin]},
    ),
    Route(
        "GET", "/me/workbins", list_own, Act.READ_OWN, "Workbins with content of one's own", _TAG,
        query=(*COLLECTION, SUBRESOURCES), shows=("status", "uris", "workbins", "totalCount"),
    ),
    Route(
        "POST", "/me/workbins", operate_on_many, Act.WORK, "Subscribe to several at once", _TAG,
        operations=WORKBINS, query=(_IDS,), shows=("referenceIds",),
    ),
    *_of("/workbins", "One"),
    *_of("/me/workbins", "One's own"),
    *_of("/users/{userId}/workbins", "Another user's"),
)  # fmt: skip
