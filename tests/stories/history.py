"""The event log as it lies on the disk, read from outside, and the reckoning of what was asked for against it."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from frontdesk.core.events import Committed, InteractionChanged
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.store.events import IMAGES
from frontdesk.store.ownership import STORE_FILE
from tests.clients.person import Person
from tests.properties.floor import check_numbers, followed, in_order
from tests.server import command
from tests.stories.load import Load

#: Operations whose event is called otherwise.
TRIGGERS = {"PullInteraction": "Pull", "Reply": "Create"}


def log_of(directory: Path) -> list[Committed]:
    """Every event with its hearers' numbers, in the order of the log; one moment of the store.

    Also of a server that is running, or was killed.
    """
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


def nothing_is_lost_or_halved(directory: Path, load: Load, persons: Mapping[str, Person]) -> None:
    """Everything acknowledged happened once. What got no answer happened once or not at all, and is known of else."""
    verified = command("verify", "--data", str(directory))
    assert verified.exit_code == 0, verified
    log = log_of(directory)
    check_numbers(log)
    followed(in_order(log))
    changes = [one.event for one in log if isinstance(one.event, InteractionChanged)]
    by_reference = {(str(event.actor), event.reference_id): event for event in changes if event.reference_id}
    assert len(by_reference) == sum(event.reference_id is not None for event in changes), "a reference comes twice"
    submitted = Counter(event.after.subject for event in changes if event.trigger == "Submit")
    updated = Counter(str(event.after.user_data["last"]) for event in changes if event.trigger == "UpdateUserData")

    for attempt in load.attempts:
        possible = {0, 1} if attempt.answer is None else {int(attempt.is_acknowledged)}
        if attempt.operation == "Submit":
            assert submitted[attempt.key] in possible, attempt
        elif attempt.operation == "UpdateUserData":
            assert updated[attempt.key] in possible, attempt
        if attempt.answer is not None and attempt.is_acknowledged and attempt.operation != "Submit":
            event = by_reference.pop((persons[attempt.user].id, attempt.answer.body["referenceId"]))
            assert event.trigger == TRIGGERS.get(attempt.operation, attempt.operation), attempt
    for mail in load.mails:
        assert submitted[mail.subject] in ({1} if mail.is_acknowledged else {0, 1}), mail
    assert len(by_reference) <= sum(attempt.answer is None for attempt in load.attempts), by_reference
