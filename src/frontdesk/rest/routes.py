"""The route table: what can be asked for, who may, with which body. Dispatch and the OpenAPI document come from it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from frontdesk.core.permissions import Act
from frontdesk.rest.call import Answer, Call

Handler = Callable[[Call], Awaitable[Answer]]


class Parameter(NamedTuple):
    """A query parameter."""

    name: str
    summary: str
    kind: str = "string"


FIELDS = Parameter("fields", "`*` or a comma list: objects with these attributes instead of URIs")
SUBRESOURCES = Parameter("subresources", "`*` or a comma list: sub-collections to embed")
SORT_BY = Parameter("sortBy", "attribute to sort by")
ORDER = Parameter("order", "which way to sort")
LIMIT = Parameter("limit", "at most so many", "integer")
OFFSET = Parameter("offset", "after so many", "integer")
COLLECTION = (FIELDS, SORT_BY, ORDER, LIMIT, OFFSET)
AGENT_GROUP = Parameter("agentGroup", "name of the agent group whose bin is meant")


class Route(NamedTuple):
    """One method on one path. `act` None: no sign-in needed. `operations`: bodies by `operationName`."""

    method: str
    path: str
    handler: Handler
    act: Act | None
    summary: str
    tag: str
    body: type[msgspec.Struct] | None = None
    operations: Mapping[str, type[msgspec.Struct]] | None = None
    query: tuple[Parameter, ...] = ()
    shows: tuple[str, ...] = ()  # keys of a successful answer besides statusCode
    holds: Mapping[str, Any] = MappingProxyType({})  # types of those that are others here than in `wire.answer_keys`
    content_type: str = "application/json"


class Found(NamedTuple):
    """Where a path leads: the routes by method, and the values of its placeholders."""

    by_method: Mapping[str, Route]
    params: dict[str, str]


class Routes:
    """The table, searched by path segment."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)
        self._root = _Node()
        for route in self._routes:
            node, names = self._root, []
            for segment in route.path.strip("/").split("/"):
                if segment.startswith("{"):
                    names.append(segment[1:-1])
                    node.placeholder = node = node.placeholder or _Node()
                else:
                    node = node.literal.setdefault(segment, _Node())
            assert route.method not in node.by_method, f"two routes for {route.method} {route.path}"
            assert node.names in ([], names), f"one path, two spellings of its placeholders: {route.path}"
            node.by_method[route.method] = route
            node.names = names

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def find(self, path: str) -> Found | None:
        """The routes of a path below /api/v2. A trailing slash makes no difference."""
        node, values = self._root, []
        for segment in path.strip("/").split("/"):
            literal = node.literal.get(segment)
            if literal is not None:
                node = literal
            elif node.placeholder is not None and segment:
                values.append(segment)
                node = node.placeholder
            else:
                return None
        return Found(node.by_method, dict(zip(node.names, values, strict=True))) if node.by_method else None


class _Node:
    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.placeholder: _Node | None = None
        self.by_method: dict[str, Route] = {}
        self.names: list[str] = []
