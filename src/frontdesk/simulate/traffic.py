"""Traffic files: what came when, one line `at_ms,queue,medium,priority` for each, in order, counted from a start."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from frontdesk.core.agents import check_channel_name
from frontdesk.core.errors import FrontdeskError

HEADER: Final = ("at_ms", "queue", "medium", "priority")


class TrafficWrong(Exception):
    """What is wrong with a traffic file, and in which line."""


class Arrival(NamedTuple):
    """One line."""

    at_ms: int
    queue: str
    medium: str
    priority: int


def read(file: Path) -> Iterator[Arrival]:
    """The lines; a first one with the names of the columns is passed over. Raises TrafficWrong."""
    last_ms = 0
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            for number, fields in enumerate(csv.reader(lines), start=1):
                if not fields or (number == 1 and tuple(fields) == HEADER):
                    continue
                arrival = _arrival(fields, f"{file}, line {number}")
                if arrival.at_ms < last_ms:
                    raise TrafficWrong(f"{file}, line {number}: {arrival.at_ms} comes after {last_ms}; sort the lines")
                last_ms = arrival.at_ms
                yield arrival
    except OSError as error:
        raise TrafficWrong(f"{file} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise TrafficWrong(f"{file} is no traffic file: {error}") from None


def write(file: Path, arrivals: Iterable[Arrival]) -> int:
    """Into a new file; how many they were."""
    count = 0
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(HEADER)
        for arrival in arrivals:
            writer.writerow(arrival)
            count += 1
    return count


def _arrival(fields: list[str], place: str) -> Arrival:
    try:
        at_ms, queue, medium, priority = fields
        arrival = Arrival(int(at_ms), queue, check_channel_name(medium), int(priority))
    except (ValueError, FrontdeskError):
        raise TrafficWrong(f"{place}: '{','.join(fields)}' is no line of at_ms,queue,medium,priority") from None
    if arrival.at_ms < 0:
        raise TrafficWrong(f"{place}: at_ms is less than 0")
    return arrival
