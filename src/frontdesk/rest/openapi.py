"""The description of the API as an OpenAPI 3.1 document, made from the route table and the structs on the wire.

Nothing in it is written twice: routes, parameters, bodies and answers come from what serves the requests, status codes
from the error classes, who may do what from the table of permissions. The prose is in the folder `description`.
"""

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any, Final

import frontdesk
from frontdesk.core.permissions import ALLOWED, COVERED
from frontdesk.rest import openapi_parameters, openapi_refusals
from frontdesk.rest.dispatch import PREFIX
from frontdesk.rest.examples import example
from frontdesk.rest.openapi_parameters import IDS, WRITES
from frontdesk.rest.routes import FIELDS, SUBRESOURCES, Route, Routes
from frontdesk.rest.schemas import Schema, Schemas
from frontdesk.wire import operations
from frontdesk.wire.answer_keys import KEYS
from frontdesk.wire.message_shapes import MESSAGES

Document = dict[str, Any]

#: Sets of operations that several routes take, and what their schemas are called.
_NAMED_OPERATIONS: Final = {
    "InteractionOperation": operations.INTERACTION,
    "CreateOperations": operations.CREATE,
    "WorkbinOperation": operations.WORKBIN,
    "WorkbinsOperation": operations.WORKBINS,
    "ChannelOperation": operations.STATES,
    "MeOperation": operations.ME,
}

_TAGS: Final = {
    "Me": "The signed-in user: profile, contact-center session, channels and their states.",
    "Interactions": "Interactions of every medium, and everything that can be done with them.",
    "Emails": "E-mails under their own paths, with bodies and attachments.",
    "Chats": "Chats under their own paths.",
    "Workitems": "Work items under their own paths.",
    "Openmedia": "Media without resources of their own, under the medium's name.",
    "Workbins": "Where interactions are parked. A bin has one id for everybody, and everybody's own content.",
    "Users": "Agents, supervisors and administrators.",
    "Contacts": "Whom an agent can turn to: users and queues, with the filters that desktops search them by.",
    "Queues": "Where interactions wait, and who serves them.",
    "Groups": "Agents that are addressed together.",
    "Skills": "What users can be good at.",
    "Tokens": "Bearer tokens, for integrations.",
    "Routing": "The policy by which interactions find agents, every version of it, and what it cannot serve.",
    "Contact center": "The contact center as a whole.",
    "Settings": "Settings as clients read them.",
    "Server": "The server itself.",
}
NOTIFICATIONS: Final = "Notifications"


def document(routes: Routes) -> Document:
    """The whole description of these routes."""
    return _Writer(routes).document()


class _Writer:
    def __init__(self, routes: Routes) -> None:
        self._routes = list(routes)
        bodies = [route.body for route in self._routes if route.body is not None]
        bodies += [kind for route in self._routes for kind in (route.operations or {}).values()]
        answers = [*KEYS.values(), *(kind for route in self._routes for kind in route.holds.values())]
        self._schemas = Schemas(bodies, [*answers, *(message.shape for message in MESSAGES.values())])

    def document(self) -> Document:
        paths: dict[str, Any] = {}
        for route in self._routes:
            paths.setdefault(route.path, {})[route.method.lower()] = self._operation(route)
        notifications = [
            {
                "topic": message.topic,
                "messageType": name,
                "description": message.shape.__doc__ or "",
                "data": {"$ref": f"#/components/schemas/{name}"},
            }
            for name, message in MESSAGES.items()
        ]
        components = {
            "schemas": {**self._schemas.used_by(paths, notifications), "Failure": openapi_refusals.failure()},
            "responses": openapi_refusals.responses(),
            "parameters": {"IdempotencyKey": openapi_parameters.IDEMPOTENCY_KEY},
            "headers": _HEADERS,
            "securitySchemes": _SECURITY_SCHEMES,
        }
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Frontdesk",
                "version": frontdesk.__version__,
                "summary": "An interactions server for contact centers",
                "description": _prose("overview.md", openapi_refusals.table_of_status_codes()),
                "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": PREFIX}],
            "tags": [
                *({"name": name, "description": text} for name, text in self._tags().items()),
                {
                    "name": NOTIFICATIONS,
                    "description": _prose("notifications.md", _table_of_messages(notifications)),
                },
            ],
            "paths": paths,
            "components": components,
            "x-notifications": notifications,
        }

    def _tags(self) -> dict[str, str]:
        """Each tag's description, in the order of the table and then of the routes."""
        return _TAGS | {route.tag: "" for route in self._routes if route.tag not in _TAGS}

    def _operation(self, route: Route) -> Schema:
        described: Schema = {
            "operationId": operation_id(route),
            "summary": route.summary,
            "description": "\n\n".join(filter(None, (_docstring(route), _who_may(route)))),
            "tags": [route.tag],
            "security": _security(route),
            "parameters": list(openapi_parameters.parameters(route, self._schemas)),
            "responses": {"200": self._success(route), **openapi_refusals.refusals_of(route)},
        }
        body = self._body(route)
        if body is not None:
            described["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": body, "example": self._example(body)}},
            }
        return described

    def _body(self, route: Route) -> Schema | None:
        if route.operations is not None:
            named = (name for name, known in _NAMED_OPERATIONS.items() if known == route.operations)
            fallback = operation_id(route)[0].upper() + operation_id(route)[1:] + "Operation"
            return self._schemas.operations(next(named, fallback), route.operations)
        return None if route.body is None else self._schemas.of(route.body)

    def _success(self, route: Route) -> Schema:
        answer: Schema = {"description": "Done.", "headers": _headers_of(route)}
        if route.content_type != "application/json":
            answer["content"] = {route.content_type: {"schema": {"type": "string", "format": "binary"}}}
            return answer
        properties: Schema = {"statusCode": {"enum": [0, 7]} if "failed" in route.shows else {"const": 0}}
        for name in route.shows:
            held = self._schemas.of(route.holds.get(name, KEYS.get(name, Any)))
            properties[name] = self._schemas.part_of(held) if FIELDS in route.query else held
        schema: Schema = {"type": "object", "properties": properties, "required": ["statusCode", *_always_shown(route)]}
        answer["content"] = {"application/json": {"schema": schema, "example": self._example_of_success(route, schema)}}
        return answer

    def _example_of_success(self, route: Route, schema: Schema) -> Any:
        """What `fields=*` is answered with, where there are fields."""
        left_out = {"statusMessage", "succeeded", "failed", "referenceIds"} if route.operations else set[str]()
        if route.operations is not None and len(route.operations) > 1:
            left_out |= {"id", "uri"}  # only some of them make something
        if "uris" in route.shows and len(route.shows) > 1:
            left_out.add("uris")
        shown = {name: held for name, held in schema["properties"].items() if name not in left_out}
        found = self._example({**schema, "properties": shown, "required": list(shown)})
        collection = route.path.strip("/")
        if collection in IDS and route.method == "POST":  # it tells of what was made there
            found |= {"id": IDS[collection], "uri": f"https://desk.example.org{PREFIX}/{collection}/{IDS[collection]}"}
        return found

    def _example(self, schema: Schema) -> Any:
        return example(schema, self._schemas.by_name)


def operation_id(route: Route) -> str:
    """A name for generated clients and for links: `GET /me/interactions/{id}` is `getMeInteractionsById`."""
    words = [f"By-{segment[1:-1]}" if segment.startswith("{") else segment for segment in route.path.split("/")]
    parts = [part for word in words for part in re.split(r"\W", word) if part]
    return route.method.lower() + "".join(part[0].upper() + part[1:] for part in parts)


def _always_shown(route: Route) -> list[str]:
    """The keys that every success has: none of a list, which has URIs or objects, nor of several operations."""
    if "uris" in route.shows or (route.operations is not None and len(route.operations) > 1):
        return []
    sometimes = {"referenceId", "status"}
    if SUBRESOURCES in route.query:
        sometimes.add("totalCount")  # of what is embedded, if anything is
    return [name for name in route.shows if name not in sometimes]


def _docstring(route: Route) -> str:
    lines = (route.handler.__doc__ or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines)


def _who_may(route: Route) -> str:
    if route.act is None:
        return "**Who:** everybody, without signing in."
    names = {"ROLE_AGENT": "Agent", "ROLE_SUPERVISOR": "Supervisor", "ROLE_ADMIN": "Contact Center Admin"}
    roles = [names[role] for role, acts in ALLOWED.items() if route.act in acts]
    scopes = [f"`{scope}`" for scope, acts in COVERED.items() if route.act in acts]
    return f"**Who:** {', '.join(roles)}. **Token scopes:** {', '.join(scopes)}."


def _security(route: Route) -> list[Schema]:
    if route.act is None:
        return []
    session: Schema = {"session": [], "csrf": []} if route.method in WRITES else {"session": []}
    return [{"basic": []}, {"bearer": []}, session]


def _headers_of(route: Route) -> Schema:
    names = ["X-CSRF-HEADER", "X-CSRF-TOKEN"] if route.act is not None and route.method == "GET" else []
    if route.path.startswith("/me") and route.method == "GET":
        names.append("X-Frontdesk-Replay")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _prose(name: str, table: str) -> str:
    """A text of the folder `description`, with the table that is made here in its place."""
    text = resources.files("frontdesk.rest").joinpath("description", name).read_text(encoding="utf-8")
    return text.strip().replace("{{table}}", table)


def _table_of_messages(notifications: Iterable[Mapping[str, Any]]) -> str:
    rows = [f"| `{one['topic']}` | `{one['messageType']}` | {one['description']} |" for one in notifications]
    return "\n".join(["| Topic | `messageType` | Tells |", "| --- | --- | --- |", *rows])


_HEADERS: Final[Schema] = {
    "X-CSRF-HEADER": {
        "description": "The name of the header that a write has to carry when a cookie is all it is signed in with.",
        "schema": {"type": "string", "examples": ["X-CSRF-TOKEN"]},
    },
    "X-CSRF-TOKEN": {"description": "What it has to say there.", "schema": {"type": "string"}},
    "X-Frontdesk-Replay": {
        "description": "The number of the reader's last event that is in this answer: of pushed messages, apply those "
        "with a higher `replayId` and ignore the rest.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
    "Allow": {"description": "The methods that there are.", "schema": {"type": "string"}},
}
_SECURITY_SCHEMES: Final[Schema] = {
    "basic": {"type": "http", "scheme": "basic", "description": "User name and password; begins a session."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token made with `POST /tokens`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "JSESSIONID", "description": "The session that Basic began."},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-TOKEN",
        "description": "What a GET gave in its header of this name; with the cookie, for writes.",
    },
}
