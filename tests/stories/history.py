"""The event log as it lies on the disk, read from outside: also of a server that is running, or was killed."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from frontdesk.core.events import Committed
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.store.events import IMAGES
from frontdesk.store.ownership import STORE_FILE


def log_of(directory: Path) -> list[Committed]:
    """Every event with its hearers' numbers, in the order of the log; one moment of the store."""
    uri = f"{(directory / STORE_FILE).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        numbers: dict[int, list[tuple[UserId, int]]] = defaultdict(list)
        for seq, user, number in raw.execute("SELECT seq, user_id, number FROM hearings ORDER BY seq, user_id"):
            numbers[seq].append((user, number))
        return [
            Committed(ContactCentreId(contact_centre), seq, IMAGES.read(body), tuple(numbers[seq]))
            for seq, contact_centre, body in raw.execute("SELECT seq, contact_centre, body FROM events ORDER BY seq")
        ]
