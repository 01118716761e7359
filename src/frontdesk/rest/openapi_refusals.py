"""The refusals in the API description: every status code there is, from the error classes, and where it can come."""

from collections.abc import Mapping
from typing import Final

from frontdesk.core import errors
from frontdesk.core.errors import FrontdeskError
from frontdesk.rest.openapi_parameters import WRITES
from frontdesk.rest.routes import Route
from frontdesk.rest.schemas import Schema

#: What the number in `statusCode` means.
STATUS_CODES: Final[Mapping[int, str]] = {
    0: "Done.",
    1: "A required parameter, or `operationName`, is missing.",
    2: "Not valid in the present state, an unknown `operationName`, or a parameter that names what is not there.",
    3: "Forbidden; also a missing CSRF token, a method that the path does not have, and too many failed sign-ins.",
    4: "An internal error (500), or not now (503): nothing was changed, try again after `Retry-After` seconds.",
    5: "You have no permission for it, or it is not yours.",
    6: "There is no such resource, or it is another contact center's, which is the same to you.",
    7: "Done in part: `succeeded` and `failed` say which.",
    8: "The password has to be changed before anything else.",
    10: "The body is no JSON, too large, too slow or of another type, or a value is of a wrong type or out of bounds.",
    11: "The property cannot be changed.",
    18: "There is one of that name already.",
    19: "It is in use.",
    20: "Nobody is signed in.",
}
SUCCESSES: Final = frozenset({0, 7})

_REASONS: Final = {
    400: "The request is wrong, or not possible in the present state.",
    403: "Nobody is signed in, or whoever is may not do this.",
    404: "There is no such thing.",
    405: "The path does not have this method; `Allow` names those it has.",
    408: "The body did not arrive.",
    409: "It would clash with something that is there.",
    413: "The body is too large.",
    415: "The body is declared to be something else than JSON.",
    429: "Too many failed sign-ins from here; `Retry-After` says when to try again.",
    500: "A bug. The server's log tells more under the reference in the message.",
    503: "Not now: nothing was changed. `Retry-After` says when to try again.",
}
_HEADERS: Final[Mapping[int, tuple[str, ...]]] = {405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}


def by_status() -> dict[int, set[int]]:
    """HTTP status → the `statusCode`s that come with it, by the error classes there are."""
    found: dict[int, set[int]] = {}
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, FrontdeskError) and kind is not FrontdeskError:
            found.setdefault(kind.http_status, set()).add(kind.status_code)
    return found


def responses() -> dict[str, Schema]:
    """Every refusal by its HTTP status."""
    codes = by_status()
    return {
        str(status): {
            "description": f"{reason} `statusCode`: {', '.join(map(str, sorted(codes[status])))}.",
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS.get(status, ())},
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Failure"},
                    "example": _example(min(codes[status])),
                }
            },
        }
        for status, reason in _REASONS.items()
    }


def refusals_of(route: Route) -> dict[str, Schema]:
    """Those that a request of this route can get."""
    statuses = {500}
    if route.act is not None:
        statuses |= {400, 403, 429, 503}
    if "{" in route.path or route.method in WRITES:
        statuses.add(404)
    if route.method in WRITES:
        statuses |= {408, 413, 415}
        if route.operations is None:
            statuses.add(409)
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def failure() -> Schema:
    """What every refusal says."""
    return {
        "title": "Failure",
        "description": "Every refusal. Nothing was changed.",
        "type": "object",
        "properties": {
            "statusCode": {"type": "integer", "enum": [code for code in STATUS_CODES if code not in SUCCESSES]},
            "statusMessage": {"type": "string", "description": "What was wrong and what would be right, for people."},
            "status": {"const": "error"},
            "errorDescription": {"type": "string", "description": "`statusMessage`, for older clients."},
        },
        "required": ["statusCode", "statusMessage", "status", "errorDescription"],
        "additionalProperties": False,
        "examples": [_example(6)],
    }


def table_of_status_codes() -> str:
    """`statusCode`, HTTP status and meaning, in Markdown."""
    statuses: dict[int, list[int]] = {code: [200] for code in SUCCESSES}
    for status, codes in sorted(by_status().items()):
        for code in codes:
            statuses.setdefault(code, []).append(status)
    rows = [f"| {code} | {', '.join(map(str, statuses[code]))} | {text} |" for code, text in STATUS_CODES.items()]
    return "\n".join(["| `statusCode` | HTTP | Meaning |", "| --- | --- | --- |", *rows])


def _example(code: int) -> Schema:
    text = STATUS_CODES[code].replace("`", "")
    return {"statusCode": code, "statusMessage": text, "status": "error", "errorDescription": text}
