"""Schemas for readers: fields in a row each, types in words, links to what has a name of its own."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from frontdesk.rest.prose import inline

Schema = Mapping[str, Any]

_IF_ANY = "if any"
# Nobody minds a bound from here on.
_NO_BOUND = 1_000_000


def fields(schema: Schema, *, without: tuple[str, ...] = (), is_told: bool = False) -> str:
    """The properties of an object, each with its type, whether it has to be there, and what it says.

    Of what a request asks it is marked what is needed; of what an answer tells (`is_told`), what can be absent.
    """
    necessity = _presence if is_told else _necessity
    rows = [
        _row(name, held, necessity(name, schema))
        for name, held in schema.get("properties", {}).items()
        if name not in without
    ]
    return f'<dl class="fields">{"".join(rows)}</dl>' if rows else ""


def parameter(described: Schema) -> str:
    """A parameter of the path, the query or the header."""
    where = "required" if described.get("required") else "" if described["in"] == "query" else described["in"]
    schema = dict(described.get("schema", {}))
    schema["description"] = described.get("description", "")
    return _row(described["name"], schema, where)


def choices_of(schema: Schema) -> list[list[str]]:
    """Groups of properties of which one has to be there."""
    groups = schema.get("allOf", [schema])
    found = [[name for choice in group.get("anyOf", ()) for name in choice.get("required", ())] for group in groups]
    return [names for names in found if names]


def type_of(schema: Schema) -> str:
    """The type in words."""
    target = schema.get("$ref")
    if target is not None:
        name = str(target).rpartition("/")[2].removesuffix("Part")
        return f'<a href="#schema-{name}">{name}</a>'
    if "const" in schema:
        return f"<code>{escape(_literal(schema['const']))}</code>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(_literal(value))}</code>" for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema and "properties" not in schema:
            return " or ".join(dict.fromkeys(type_of(choice) for choice in schema[key]))
    return _plain_type(schema)


def _plain_type(schema: Schema) -> str:
    match schema.get("type"):
        case "array":
            return f"array of {type_of(schema['items'])}" if schema.get("items") else "array"
        case "object" if isinstance(schema.get("additionalProperties"), Mapping):
            return f"object of {type_of(schema['additionalProperties'])}"
        case list(kinds):
            return " or ".join(kinds)
        case None:
            return "anything"
        case "string" if "pattern" in schema:
            return f"<code>{escape(_spoken(schema['pattern']))}</code>"
        case kind:
            return str(kind)


def _row(name: str, schema: Schema, note: str) -> str:
    kind = "maybe" if note == _IF_ANY else "need"
    notes = f' <span class="{kind}">{escape(note)}</span>' if note else ""
    text = " ".join(_told(schema))
    return (
        f"<div><dt><code>{escape(name)}</code>{notes}</dt>"
        f'<dd><span class="type">{type_of(schema)}</span>{f" <p>{text}</p>" if text else ""}</dd></div>'
    )


def _told(schema: Schema) -> Iterator[str]:
    if schema.get("description"):
        yield inline(schema["description"])
    bounds = [schema.get(key) for key in ("minimum", "maximum")]
    if bounds[0] is not None and bounds[1] is not None and bounds[1] < _NO_BOUND:
        yield f"{bounds[0]} to {bounds[1]}."
    if schema.get("maxLength") is not None:
        yield f"At most {schema['maxLength']} characters."
    if schema.get("default") not in (None, ""):
        yield f"Default <code>{escape(_literal(schema['default']))}</code>."


def _presence(name: str, schema: Schema) -> str:
    return "" if name in schema.get("required", ()) else _IF_ANY


def _necessity(name: str, schema: Schema) -> str:
    if name in schema.get("required", ()):
        return "required"
    return "one of these" if any(name in names for names in choices_of(schema)) else ""


def _spoken(pattern: str) -> str:
    r"""The one kind of pattern there is, `^userData\..+$`, as one writes it in a text: `userData.…`."""
    return pattern.removeprefix("^").removesuffix("$").replace(r"\.", ".").replace(".+", "…")


def _literal(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()
