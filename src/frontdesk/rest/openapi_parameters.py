"""The parameters in the API description: of the path, of the query, and the header that makes a write happen once."""

import re
from collections.abc import Iterator
from typing import Any, Final

from frontdesk.core.settings import Lists
from frontdesk.rest.routes import SORT_BY, Parameter, Route
from frontdesk.rest.schemas import Schema, Schemas
from frontdesk.wire.answer_keys import KEYS

WRITES: Final = frozenset({"POST", "PUT", "DELETE"})
IDEMPOTENCY_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A name of your own for this request. Sent again with it within a day, it takes effect once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "example": "7b0f3c52-0d3e-4f5a-9a41-6f1d2c3b4a59",
}

_A_UUID: Final = "5b0c1d2e-3f40-4a51-8b62-7c8d9e0fa1b2"
_A_USER: Final = "3f2b8c1d4e5f60718293a4b5c6d7e8f9"
_AN_INTERACTION: Final = "0000AB12CD34EF56"
#: What placeholders stand for, with an example; `{id}` is of the collection before it.
_PLACEHOLDERS: Final = {
    "channel": ("The medium, or `voice`.", "email"),
    "mediaType": ("The name of the medium.", "form"),
    "userId": ("A user's id.", _A_USER),
    "attachmentId": ("The id of an attachment.", "1"),
    "plural": ("`interactions`, `emails`, `chats`, `workitems` or `openmedia`.", "interactions"),
    "group": ("The name of a group of settings.", "dispositions"),
    "setting": ("The value of the group's key.", "Resolved"),
    "version": ("The number of a version.", "1"),
    "section": ("The name of a section.", "interaction-workspace"),
}
IDS: Final = {
    "users": _A_USER,
    "groups": f"3-{_A_UUID}",
    "contacts": _A_USER,
    "agent-states": _A_UUID,
    "features": "api-multimedia-email",
    "services": "ON_PREMISE_ENVIRONMENT",
    **dict.fromkeys(("queues", "workbins", "skills", "tokens", "contact-centers"), _A_UUID),
}


def parameters(route: Route, schemas: Schemas) -> Iterator[Schema]:
    """What a request of this route can say besides its body."""
    for name in re.findall(r"{(\w+)}", route.path):
        text, value = _placeholder(route.path, name)
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": text,
            "schema": {"type": "string", "minLength": 1},
            "example": value,
        }
    plain, open_names = _properties(route, schemas)
    for parameter in route.query:
        yield {
            "name": parameter.name,
            "in": "query",
            "description": f"{parameter.summary[:1].upper()}{parameter.summary[1:]}.",
            "schema": _schema(parameter, plain, open_names),
        }
    if SORT_BY in route.query:
        yield _filter(plain, open_names)
    if route.method in WRITES:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}


def _placeholder(path: str, name: str) -> tuple[str, str]:
    if name != "id":
        return _PLACEHOLDERS.get(name, ("", "1"))
    collection = path.split("/{id}")[0].rpartition("/")[2]
    if collection in IDS:
        return f"An id of `/{collection}`.", IDS[collection]
    return "An interaction's id.", _AN_INTERACTION


def _schema(parameter: Parameter, plain: list[str], open_names: list[str]) -> Schema:
    match parameter.name:
        case "limit":
            bounds = {"minimum": 0, "maximum": Lists().most_items, "default": Lists().default_items}
            return {"type": parameter.kind, **bounds}
        case "offset":
            return {"type": parameter.kind, "minimum": 0, "maximum": 999_999_999, "default": 0}
        case "order":
            return {"type": parameter.kind, "enum": ["Ascending", "Descending"], "default": "Ascending"}
        case "fields" | "subresources":
            return {"type": parameter.kind, "examples": ["*"]}
        case "sortBy":
            names = [{"type": "string", "enum": plain}] if plain else []
            inside = [{"type": "string", "pattern": rf"^{name}\..+$"} for name in open_names]
            return {"anyOf": [*names, *inside]} if names or inside else {"type": parameter.kind}
    return {"type": parameter.kind}


def _filter(plain: list[str], open_names: list[str]) -> Schema:
    more = ", and each key of the user data: `?userData.Segment=gold`" if open_names else ""
    return {
        "name": "filter",
        "in": "query",
        "style": "form",
        "explode": True,
        "description": f"Only objects with these values. Each attribute is a parameter of its own: `?id=…`{more}.",
        "schema": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in plain},
            "patternProperties": {rf"^{name}\..+$": {"type": "string"} for name in open_names},
            "additionalProperties": False,
        },
    }


def _properties(route: Route, schemas: Schemas) -> tuple[list[str], list[str]]:
    """Of the objects that a route shows: attributes of one plain value, and those with keys of their own."""
    found: dict[str, Any] = {}
    for name in route.shows:
        held = schemas.of(route.holds.get(name, KEYS.get(name, Any)))
        for part in (held, *held.get("anyOf", ())):
            found |= schemas.resolved(part.get("items", {})).get("properties", {})
    plain = [name for name, held in found.items() if held.get("type") in ("string", "integer", "boolean")]
    return plain, [name for name in found if name == "userData"]
