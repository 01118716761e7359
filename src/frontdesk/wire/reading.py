"""Reading a request body: generous in what is understood, exact in saying what is wrong.

A struct's fields are the documented parameters; unknown ones are ignored, as the vendor's server does. A parameter
that is `null` counts as absent.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from frontdesk.core.errors import BodyMalformed, FrontdeskError, OperationUnknown, ParameterMissing, ValueInvalid

T = TypeVar("T")

_MISSING = re.compile(r"missing required field `(?P<name>[^`]*)`")
_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}  # as many as there are kinds of bodies
_AT = re.compile(r" - at `(?P<path>[^`]*)`$")


class _Head(msgspec.Struct):
    operationName: Any = None


def read(raw: bytes, kind: type[T]) -> T:
    """The body as a `kind`. Raises BodyMalformed, ParameterMissing or ValueInvalid."""
    try:
        value: T = _decoder(kind).decode(raw)
        return value
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None
    except msgspec.DecodeError as error:
        raise BodyMalformed(f"The body is no JSON: {error}." if raw else "The body is empty; send JSON.") from None
    except RecursionError:
        raise BodyMalformed("The body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise BodyMalformed("The body is not valid UTF-8.") from None


def read_operation(
    raw: bytes, operations: Mapping[str, type[Any]], otherwise: type[Any] | None = None
) -> tuple[str, Any]:
    """(operation name, its parameters) of a body with an `operationName`. Raises OperationUnknown besides.

    `otherwise`: the kind of an operation of another name, where there are some that only the contact centre knows.
    """
    name = read(raw, _Head).operationName
    if name is None:
        raise ParameterMissing("operationName", f"Known here are: {', '.join(sorted(operations))}.")
    if not isinstance(name, str):
        raise ValueInvalid("operationName", "it must be a string")
    kind = operations.get(name, otherwise)
    if kind is None:
        raise OperationUnknown(name, operations)
    return name, read(raw, kind)


def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    return decoder


def _refusal(message: str) -> FrontdeskError:
    at = _AT.search(message)
    path = at["path"].removeprefix("$").removeprefix(".") if at else ""
    missing = _MISSING.search(message)
    if missing:
        return ParameterMissing(f"{path}.{missing['name']}" if path else missing["name"])
    problem = message[: at.start()] if at else message
    if not path:
        return BodyMalformed(f"The body must be a JSON object: {problem}.")
    return ValueInvalid(path, problem[:1].lower() + problem[1:])
