"""What came to a contact centre in a period, from the history: `frontdesk export --traffic`.

Nothing is changed and nobody is stopped: it reads one moment of the file, beside a running server if there is one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from frontdesk.store import statements
from frontdesk.store.faults import StoreRefused
from frontdesk.store.ownership import STORE_FILE
from frontdesk.store.sqlite.opening import open_for_reading

SQL: Final = statements.load("traffic")
SERVER_SQL: Final = statements.load("server")

_ARRIVES: Final = "Submit"


class _Arrived(msgspec.Struct, frozen=True):
    """What is looked at of an interaction."""

    queue_name: str
    media_type: str
    priority: int = 0


class _Event(msgspec.Struct, frozen=True):
    """What is looked at of an event."""

    trigger: str
    at_ms: int
    after: _Arrived | None = None


class Recorded(NamedTuple):
    """Something came. `at_ms` counts from the begin of the period."""

    at_ms: int
    queue: str
    medium: str
    priority: int


_READER: Final = msgspec.json.Decoder(_Event)


def recorded(data: Path, *, centre: str | None, from_ms: int | None, until_ms: int | None) -> Iterator[Recorded]:
    """In order of time. Without `from_ms` the period begins with the first that came.

    `centre` is a name, and None where there is only one. Errors: StoreRefused when there is no store, or no such
    contact centre.
    """
    store = data / STORE_FILE
    if not store.is_file():
        raise StoreRefused(f"There is no store at {store}; name its directory with --data.")
    with closing(open_for_reading(store, busy_s=5)) as raw:
        raw.execute("BEGIN")
        period = {
            "contact_centre": _id_of(raw, centre),
            "from_ms": from_ms or 0,
            "until_ms": 2**62 if until_ms is None else until_ms,
        }
        last_ms = begin_ms = from_ms
        for (body,) in raw.execute(SQL.all_events.text, period):
            event = _READER.decode(body)
            if event.trigger == _ARRIVES and event.after is not None:
                begin_ms = event.at_ms if begin_ms is None else begin_ms
                last_ms = max(event.at_ms, last_ms or 0)  # neighbours may have been committed in the other order
                yield Recorded(last_ms - begin_ms, event.after.queue_name, event.after.media_type, event.after.priority)


def _id_of(raw: sqlite3.Connection, name: str | None) -> str:
    centres = {found: one for one, found in raw.execute(SERVER_SQL.contact_centres.text)}
    if name is None and len(centres) == 1:
        return str(*centres.values())
    if name not in centres:
        told = ", ".join(centres) or "none"
        what = "Say which contact centre" if name is None else f"There is no contact centre '{name}'"
        raise StoreRefused(f"{what}; there are: {told}.")
    return str(centres[name])
