"""Addresses of resources: written from the configured public URL, read in every form that clients send.

A URI is made from the setting alone, never from a request's Host header. What comes back is understood whether it is
absolute, behind somebody's context path, a path, or just an id.
"""

from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from frontdesk.core.errors import ParameterMissing, ValueInvalid

#: Where the API stands under the public URL.
API_PATH: Final = "/api/v2"


class Addresses:
    """The URIs of one server. `public_url` has no path of the API: `https://desk.example.org`."""

    __slots__ = ("prefix",)

    def __init__(self, public_url: str) -> None:
        self.prefix: Final = public_url.rstrip("/").removesuffix(API_PATH) + API_PATH

    def uri(self, path: str) -> str:
        """The absolute URI of a resource path such as "/interactions/ID"."""
        return self.prefix + path


class Target(msgspec.Struct, frozen=True):
    """What an address points at. `collection` is None for a plain id or name."""

    collection: str | None
    id: str


def target(value: str, *, parameter: str = "uri") -> Target:
    """What a URI, a path or a plain id points at. Raises ParameterMissing for nothing at all.

    Shape: of nested resources the innermost, so "/users/U/workbins/W" is workbin W.
    """
    segments = _segments(value)
    if not segments:
        raise ParameterMissing(parameter, "Give an id, or the URI of a resource.")
    if "/" not in value:
        return Target(None, segments[-1])
    return Target(segments[-2] if len(segments) > 1 else None, segments[-1])


def id_in(value: str, collection: str, *, parameter: str = "uri") -> str:
    """The id of a resource of `collection` ("users") in a URI, a path or a plain id.

    Errors: ParameterMissing for nothing at all, ValueInvalid for the address of something else.
    """
    found = target(value, parameter=parameter)
    if found.collection is None:
        return found.id
    segments = _segments(value)
    for name, thing_id in zip(reversed(segments[:-1]), reversed(segments[1:]), strict=True):
        if name in (collection, collection.removesuffix("s")):  # some pages write /email/ID
            return thing_id
    raise ValueInvalid(parameter, f"'{value[:200]}' is no address under /{collection}")


def _segments(value: str) -> list[str]:
    value = value.strip()
    if "/" not in value:
        return [value] if value else []
    try:
        path = urlsplit(value).path
    except ValueError:  # a host that cannot be one
        path = value
    return [unquote(segment) for segment in path.split("/") if segment]
