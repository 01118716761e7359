"""What collection GETs share: what the query asks for, the page it means, and the answer made of it."""

from collections.abc import Sequence
from typing import Any

from frontdesk.core.errors import LimitExceeded
from frontdesk.kit import codec
from frontdesk.ports import Page
from frontdesk.rest.call import Answer, Call
from frontdesk.wire import selection
from frontdesk.wire.selection import Resource, Selection


def asked(call: Call, resource: Resource, *, also: Sequence[str] = (), pages: bool = True) -> Selection:
    """What the query asks for. `also` names parameters that the handler reads itself."""
    return selection.read(call.query, resource, call.settings.lists, also=also, pages=pages)


def page(call: Call, wanted: Selection) -> Page:
    """What the store is to give: just the page, or everything when a filter or an order needs it all."""
    return Page(call.settings.lists.most_items) if wanted.needs_all else Page(wanted.limit, wanted.offset)


def answer(
    plural: str, items: Sequence[dict[str, Any]], wanted: Selection, *, total: int | None = None, objects: bool = False
) -> Answer:
    """The collection. `total` is given when the store has cut the page, and is not when `items` is everything."""
    return Answer(codec.encode(selection.collection(plural, items, wanted, total=total, objects=objects)))


def paged(
    plural: str, items: Sequence[dict[str, Any]], wanted: Selection, total: int, *, objects: bool = False
) -> Answer:
    """The collection that the store was asked for with `page`.

    Raises LimitExceeded rather than filter or order only a part of it.
    """
    if not wanted.needs_all:
        return answer(plural, items, wanted, total=total, objects=objects)
    require_all(items, total)
    return answer(plural, items, wanted, objects=objects)


def require_all(items: Sequence[Any], total: int) -> None:
    """Raises LimitExceeded unless `items` is all there is."""
    if len(items) < total:
        raise LimitExceeded("What a filter or an order would have to look at", total, len(items))


def single(singular: str, item: dict[str, Any], wanted: Selection, *, total: int | None = None) -> Answer:
    """One object; `total` is how much there is of what is embedded in it."""
    shown = selection.single(singular, item, wanted)
    return Answer(codec.encode(shown if total is None else {**shown, "totalCount": total}))
