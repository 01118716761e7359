"""What a client's reference points at: a URI, a path, or just an id or a name.

It is understood whether it is absolute, behind somebody's context path, or relative; whether the thing is there is
asked elsewhere (`services.references`).
"""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from frontdesk.core.errors import ParameterMissing


class Reference(NamedTuple):
    """The id or name of a thing; `collection` is None where the client gave nothing but that."""

    collection: str | None
    id: str


def reference(value: str, *, parameter: str) -> Reference:
    """What `value` points at. Raises ParameterMissing if that is nothing at all.

    Shape: of nested resources the innermost, so "/users/U/workbins/W" is workbin W.
    """
    value = value.strip()
    segments = [value] if value and "/" not in value else _segments(value)
    if not segments:
        raise ParameterMissing(parameter, "Give an id, or the URI of a resource.")
    return Reference(segments[-2] if len(segments) > 1 else None, segments[-1])


def _segments(value: str) -> list[str]:
    try:
        path = urlsplit(value).path
    except ValueError:  # a host that cannot be one
        path = value
    return [unquote(segment) for segment in path.split("/") if segment]
