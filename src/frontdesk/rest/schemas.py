"""JSON Schemas of what requests and answers hold, made from the structs that read the ones and declare the others.

Requests are read generously and described strictly: a parameter that may be `null` is described without it, and what a
body cannot do without is demanded. Answers are described openly: a client must bear keys that it does not know.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from frontdesk.wire.administration import ReadOnly
from frontdesk.wire.operations import EFFECTS, Needs, Operations

Schema = dict[str, Any]

#: Where a schema of the document stands.
REFERENCE: Final = "#/components/schemas/{name}"
_PREFIX: Final = REFERENCE.removesuffix("{name}")
_PART: Final = "Part"
# What everything shows and nobody changes may be sent back as it was; only `version` has a meaning then.
_SENT_BACK: Final = frozenset(ReadOnly.__struct_fields__) - {"version"}
# Where the class says more about the house than about the wire.
_DESCRIPTIONS: Final = {"Role": "What a user is.", "Scope": "What a bearer token may be used for."}


class Schemas:
    """The schemas of these types, under the names of their classes."""

    def __init__(self, requests: Iterable[type[msgspec.Struct]], answers: Iterable[Any]) -> None:
        asked, told = list(dict.fromkeys(requests)), list(answers)
        _, components = msgspec.json.schema_components((*asked, *told), ref_template=REFERENCE)
        self._components: dict[str, Schema] = components
        self.by_name: Mapping[str, Schema] = MappingProxyType(components)
        of_requests = self._reachable([{"$ref": reference(kind.__name__)} for kind in asked])
        for name, schema in components.items():
            schema.pop("additionalProperties", None)  # closed for our own tests, not for clients
            schema["description"] = _DESCRIPTIONS.get(name, schema.get("description", ""))
            if not schema["description"]:
                del schema["description"]
            if name in of_requests:
                _describe_strictly(schema)
        for kind in asked:
            _demand(components[kind.__name__], _needs_of(kind))
            if issubclass(kind, ReadOnly):
                for name in _SENT_BACK:
                    components[kind.__name__]["properties"].pop(_camel(name), None)

    def of(self, kind: Any) -> Schema:
        """The schema of a type that was given when this was made; a reference where it has a name."""
        [schema], _ = msgspec.json.schema_components((kind,), ref_template=REFERENCE)
        return dict(schema)

    def part_of(self, schema: Schema) -> Schema:
        """The same, where each object may be without some of its attributes, because only some were asked for."""
        match schema:
            case {"$ref": str(target)} if target.startswith(_PREFIX):
                name = target.removeprefix(_PREFIX)
                whole = self._components[name]
                part = {**whole, "title": f"{name}{_PART}", "required": []}
                part["description"] = (
                    f"`{name}` with the attributes that `fields` names: all of them, unless it is given."
                )
                self._components.setdefault(f"{name}{_PART}", part)
                return {"$ref": reference(f"{name}{_PART}")}
            case {"type": "array", "items": dict(items)}:
                return {**schema, "items": self.part_of(items)}
            case {"type": "object", "additionalProperties": dict(values)}:
                return {**schema, "additionalProperties": self.part_of(values)}
            case {"anyOf": list(choices)}:
                return {**schema, "anyOf": [self.part_of(choice) for choice in choices]}
            case _:
                return schema

    def operations(self, name: str, operations: Operations) -> Schema:
        """One of several bodies, told apart by `operationName`; each has a name of its own."""
        mapping = {}
        for operation, kind in operations.items():
            component = f"{operation}Operation"
            mapping[operation] = reference(component)
            self._components.setdefault(component, self._operation(operation, kind))
        self._components[name] = {
            "title": name,
            "type": "object",
            "required": ["operationName"],
            "oneOf": [{"$ref": target} for target in mapping.values()],
            "discriminator": {"propertyName": "operationName", "mapping": mapping},
        }
        return {"$ref": reference(name)}

    def used_by(self, *parts: Any) -> dict[str, Schema]:
        """The named schemas that these parts of the document refer to, by name."""
        used = self._reachable(parts)
        return {name: schema for name, schema in sorted(self._components.items()) if name in used}

    def resolved(self, schema: Schema) -> Schema:
        """The schema behind a reference, or the same."""
        target = schema.get("$ref")
        return schema if target is None else self._components[target.removeprefix(_PREFIX)]

    def _operation(self, operation: str, kind: type[msgspec.Struct]) -> Schema:
        parameters = self._components[kind.__name__]
        return {
            **parameters,
            "title": f"{operation}Operation",
            "description": EFFECTS.get(operation, ""),
            "properties": {"operationName": {"const": operation}, **parameters["properties"]},
            "required": ["operationName", *parameters["required"]],
        }

    def _reachable(self, parts: Iterable[Any]) -> set[str]:
        found: set[str] = set()
        waiting = [name for part in parts for name in _references(part)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                whole = name.removesuffix(_PART)  # is what clients write their types after
                waiting += [*_references(self._components[name]), *([whole] if whole in self._components else [])]
        return found


def reference(name: str) -> str:
    """What refers to the schema of this name."""
    return REFERENCE.format(name=name)


def _references(part: Any) -> list[str]:
    if isinstance(part, Mapping):
        return [
            *([part["$ref"].removeprefix(_PREFIX)] if str(part.get("$ref", "")).startswith(_PREFIX) else []),
            *(name for value in part.values() for name in _references(value)),
        ]
    if isinstance(part, list | tuple):
        return [name for value in part for name in _references(value)]
    return []


def _describe_strictly(schema: Schema) -> None:
    for name, held in schema.get("properties", {}).items():
        schema["properties"][name] = _without_null(held)


def _without_null(schema: Schema) -> Schema:
    schema = dict(schema)
    if schema.get("default", 0) is None:
        del schema["default"]
    if "anyOf" in schema:
        choices = [choice for choice in schema.pop("anyOf") if choice != {"type": "null"}]
        schema |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    return schema


def _needs_of(kind: type[msgspec.Struct]) -> Needs:
    needs: Needs = getattr(kind, "needs", ())
    return needs


def _demand(schema: Schema, needs: Needs) -> None:
    """Of each group one has to be there."""
    schema["required"] = [*schema.get("required", ()), *(group[0] for group in needs if len(group) == 1)]
    choices = [{"anyOf": [{"required": [name]} for name in group]} for group in needs if len(group) > 1]
    if len(choices) == 1:
        schema |= choices[0]
    elif choices:
        schema["allOf"] = choices


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
