"""Time zones by their name in the time zone database of the machine, or of the `tzdata` package where it has none."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str) -> tzinfo | None:
    """The zone, such as of "Europe/Berlin"; None if there is none of that name. Reads a file the first time."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
