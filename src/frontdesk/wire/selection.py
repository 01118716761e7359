"""What a GET asked to see of a resource: attributes, sub-collections, filters, order, page.

A `Selection` is read from the query once; `collection` and `single` apply it to objects that are already shown. What
the store can do by index (a page without filter or order) it does before; the rest happens here, on a bounded list.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

import msgspec

from frontdesk.core.errors import ValueInvalid
from frontdesk.core.settings import Lists

Shown = dict[str, Any]

ASCENDING, DESCENDING = "Ascending", "Descending"
_RESERVED: Final = frozenset({"fields", "subresources", "sortBy", "order", "limit", "offset"})
_ALL: Final = "*"


class Resource(msgspec.Struct, frozen=True):
    """What can be asked of a kind of resource: its properties, and those of its sub-collections.

    `open_properties` hold objects whose keys nobody knows beforehand, such as `userData`.
    """

    properties: Sequence[str]
    subresources: Mapping[str, Sequence[str]] = {}
    open_properties: Sequence[str] = ()


class Path(msgspec.Struct, frozen=True):
    """A property, or with `sub` a property inside a sub-collection or an object."""

    name: str
    sub: str | None = None

    def __str__(self) -> str:
        return self.name if self.sub is None else f"{self.sub}.{self.name}"

    def values(self, item: Shown) -> list[Any]:
        """The values that the path leads to; none if it leads nowhere. A list counts as its elements."""
        if self.sub is None:
            return _elements(item.get(self.name))
        inner = item.get(self.sub)
        objects = [inner] if isinstance(inner, Mapping) else inner or ()
        return [value for held in objects for value in _elements(held.get(self.name))]


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. `fields` None: URIs, where the collection has them; empty: every attribute."""

    limit: int
    offset: int = 0
    fields: tuple[str, ...] | None = None
    subresources: tuple[str, ...] = ()
    filters: tuple[tuple[Path, str], ...] = ()
    sort_by: Path | None = None
    is_descending: bool = False

    @property
    def wants_objects(self) -> bool:
        return self.fields is not None or bool(self.subresources)

    @property
    def needs_all(self) -> bool:
        """True if the page depends on looking at every object, so that the store cannot cut it."""
        return bool(self.filters) or self.sort_by is not None or self.is_descending

    @property
    def needed_subresources(self) -> tuple[str, ...]:
        """The sub-collections to load: those to be shown, and those that a filter or the order looks into."""
        paths = [path for path, _ in self.filters] + ([self.sort_by] if self.sort_by else [])
        return tuple(dict.fromkeys((*self.subresources, *(path.sub for path in paths if path.sub is not None))))


def read(
    query: Mapping[str, str], resource: Resource, lists: Lists, *, also: Collection[str] = (), pages: bool = True
) -> Selection:
    """What `query` asks for. Raises ValueInvalid, which says what would have been understood.

    Shape:  `also` names the parameters that the handler reads itself; `pages` is False for a single object. Names that
            begin with `_` are ignored: browsers' libraries add such to get round caches.
    """
    filters = [
        (_path(name, resource, parameter=name), value)
        for name, value in query.items()
        if pages and name not in _RESERVED and name not in also and not name.startswith("_")
    ]
    sort_by, order = query.get("sortBy"), query.get("order")
    return Selection(
        limit=_bounded(query, "limit", lists.default_items, most=lists.most_items),
        offset=_bounded(query, "offset", 0),
        fields=_fields(query.get("fields")),
        subresources=_subresources(query.get("subresources"), resource),
        filters=tuple(filters),
        sort_by=_path(sort_by, resource, parameter="sortBy") if sort_by else None,
        is_descending=_is_descending(order) if order else False,
    )


def collection(
    plural: str, items: Sequence[Shown], selection: Selection, *, total: int | None = None, objects: bool = False
) -> dict[str, Any]:
    """The answer to a collection GET without its envelope's other keys.

    Shape:  with `total` the store has cut the page and `items` is just that; without, `items` is everything and is
            filtered, sorted and cut here. `objects`: this collection shows objects even when nobody asks for them.
    """
    if total is None:
        found = _sorted([item for item in items if _matches(item, selection.filters)], selection)
        total = len(found)
        items = found[selection.offset : selection.offset + selection.limit]
    if not (selection.wants_objects or objects):
        answer: dict[str, Any] = {"statusCode": 0, "uris": [item["uri"] for item in items]}
        return answer if len(items) == total else {**answer, "totalCount": total}
    return {"statusCode": 0, plural: [selected(item, selection) for item in items], "totalCount": total}


def single(singular: str, item: Shown, selection: Selection) -> dict[str, Any]:
    """The answer to a GET of one object."""
    return {"statusCode": 0, singular: selected(item, selection)}


def selected(item: Shown, selection: Selection) -> Shown:
    """The attributes and sub-collections of one object that were asked for."""
    hidden = [name for name in selection.needed_subresources if name not in selection.subresources]
    if hidden:
        item = {name: value for name, value in item.items() if name not in hidden}
    if not selection.fields:
        return item
    wanted = {*selection.fields, *selection.subresources}
    return {name: value for name, value in item.items() if name in wanted}


def _fields(value: str | None) -> tuple[str, ...] | None:
    if not value:
        return None
    names = _names(value)
    return () if _ALL in names else names


def _subresources(value: str | None, resource: Resource) -> tuple[str, ...]:
    names = _names(value or "")
    if _ALL in names:
        return tuple(resource.subresources)
    # A name we do not have is no error: clients of a bigger server ask for all they know.
    return tuple(name for name in names if name in resource.subresources)


def _names(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))


def _path(written: str, resource: Resource, *, parameter: str) -> Path:
    sub, dot, name = written.partition(".")
    if not dot:
        return Path(written) if written in resource.properties else _unknown(parameter, written, resource)
    known = resource.subresources.get(sub)
    if (known is not None and name in known) or (sub in resource.open_properties and name):
        return Path(name, sub)
    return _unknown(parameter, written, resource)


def _unknown(parameter: str, written: str, resource: Resource) -> NoReturn:
    known = [
        *resource.properties,
        *(f"{sub}.<property>" for sub, properties in resource.subresources.items() if properties),
        *(f"{name}.<key>" for name in resource.open_properties),
    ]
    raise ValueInvalid(parameter, f"there is no property '{written[:100]}' here; known are: {', '.join(known)}")


def _bounded(query: Mapping[str, str], name: str, otherwise: int, *, most: int | None = None) -> int:
    written = query.get(name)
    if not written:
        return otherwise
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise ValueInvalid(name, f"'{written[:100]}' is no whole number from 0 to 999999999")
    number = int(written)
    if most is not None and number > most:
        raise ValueInvalid(name, f"{number} is more than {most}; ask for the rest with offset")
    return number


def _is_descending(order: str) -> bool:
    if order.casefold() in (ASCENDING.casefold(), DESCENDING.casefold()):
        return order.casefold() == DESCENDING.casefold()
    raise ValueInvalid("order", f"'{order[:100]}' is neither {ASCENDING} nor {DESCENDING}")


def _matches(item: Shown, filters: Iterable[tuple[Path, str]]) -> bool:
    return all(any(_text(value) == wanted for value in path.values(item)) for path, wanted in filters)


def _sorted(items: list[Shown], selection: Selection) -> list[Shown]:
    """In the order asked for; those without the property come last either way."""
    path = selection.sort_by
    if path is None:
        return items[::-1] if selection.is_descending else items
    best: Callable[..., Any] = max if selection.is_descending else min
    keyed, without = [], []
    for item in items:
        ranks = [_rank(value) for value in path.values(item)]
        if ranks:
            keyed.append((best(ranks), item))
        else:
            without.append(item)
    keyed.sort(key=lambda pair: pair[0], reverse=selection.is_descending)
    return [item for _, item in keyed] + without


def _rank(value: Any) -> tuple[int, float, str]:
    """Numbers, also those written as strings, before text; text without regard to case."""
    if isinstance(value, bool | int | float):
        return 0, value, ""
    text = _text(value)
    if text.isascii() and text.isdigit() and len(text) < 16:
        return 0, int(text), ""
    return 1, 0, text.casefold()


def _elements(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
