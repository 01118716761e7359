"""Examples of what a schema describes: short, with what is always there, and telling."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

# Optional, and yet what a reader looks for.
_TELLING: Final = frozenset({"from", "to", "attachments", "ownerUri", "emailStateResourceV2", "referenceId"})
# Resources whose schema's name does not give the path of their collection by adding an "s".
_COLLECTIONS: Final = {"Openmedia": "openmedia/form", "ContactCenter": "contact-centers", "Me": "users"}
# Of properties whose own schema gives no example.
_BY_NAME: Final = {
    "userName": "grace",
    "password": "a long pass phrase",
    "name": "support",
    "workbinName": "Drafts",
    "displayName": "Ready",
    "value": "true",
    "description": "",
    "level": 8,
}
_DEEPEST: Final = 8


def example(schema: Schema, components: Mapping[str, Schema], *, depth: int = 0) -> Any:
    """A value that the schema allows. `components` are the schemas that it may refer to, by name."""
    if "examples" in schema:
        return schema["examples"][0]
    target = schema.get("$ref")
    if target is not None:
        name = target.rpartition("/")[2].removesuffix("Part")
        return _at_its_address(name, example(components[name], components, depth=depth))
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    choices = schema.get("oneOf") or (schema.get("anyOf") if "properties" not in schema else None)
    if choices:
        return example(choices[0], components, depth=depth)
    return _by_type(schema, components, depth)


def _by_type(schema: Schema, components: Mapping[str, Schema], depth: int) -> Any:
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items")
        return [example(items, components, depth=depth + 1)] if items and depth < _DEEPEST else []
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        shown = {
            name: _of_property(name, held, components, depth + 1)
            for name, held in properties.items()
            if name in _always_there(schema) or name in _TELLING
        }
        values = schema.get("additionalProperties")
        return {"ID": example(values, components, depth=depth + 1)} if isinstance(values, Mapping) else shown
    return {"integer": 1, "number": 1.5, "boolean": True, "null": None}.get(str(kind), "string")


def _of_property(name: str, schema: Schema, components: Mapping[str, Schema], depth: int) -> Any:
    found = example(schema, components, depth=depth)
    return _BY_NAME.get(name, found) if found == "string" else found


def _always_there(schema: Schema) -> set[str]:
    """The required keys, and the first of each choice among several."""
    found = set(schema.get("required", ()))
    for group in schema.get("allOf", [schema]):
        choices = group.get("anyOf", [])
        if choices and "required" in choices[0]:
            found.update(choices[0]["required"])
    return found


def _at_its_address(name: str, value: Any) -> Any:
    """The same, with `uri` and `path` that lead to it."""
    if isinstance(value, dict) and {"uri", "path", "id"} <= value.keys():
        collection = _COLLECTIONS.get(name, f"{name.removesuffix('OfUser').lower()}s")
        value["path"] = f"/{collection}/{value['id']}"
        value["uri"] = f"https://desk.example.org/api/v2{value['path']}"
    return value
