"""Business hours: when a queue is open, by the clock on its wall, with holidays and the shifts of summer time.

Hours are written as they hang on a door: `"08:00-12:00"`, up to `24:00`; hours that pass midnight are two entries that
touch. A holiday is a date (`2026-12-25`, or `12-25` for every year) with hours of its own, usually none.

When the clocks are put back an opening time that comes twice means the first, a closing time the second; a time that is
skipped comes as much later as the clocks were put forward. A zone arrives as `tzinfo`: finding it by its name reads
files, which is no business of the core.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal, NamedTuple, get_args

import msgspec

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)

_HOURS: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_DATE: Final = re.compile(r"(?:\d{4}-)?\d\d-\d\d")
_MINUTES_OF_DAY: Final = 24 * 60
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)
#: So many days are worked out at once. A queue whose hours never change is looked at again after as many.
_WINDOW_DAYS: Final = 62


class Calendar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Weekly hours and the days that differ. A weekday that is not named is closed."""

    zone: str = "UTC"  # a name of the time zone database, such as "Europe/Berlin"
    week: dict[Weekday, tuple[str, ...]] = {}
    holidays: dict[str, tuple[str, ...]] = {}


class Span(NamedTuple):
    """Open from one minute of the day until another, which may be 24:00."""

    opens: int
    closes: int


class Opening(NamedTuple):
    """What holds now, and until when at least. Units: milliseconds since the Unix epoch."""

    is_open: bool
    until_ms: int
    changes: bool  # whether it is known to be otherwise then; if not, ask again


class OpeningHours:
    """A calendar in its zone, worked out for weeks ahead, so that asking is a look-up."""

    def __init__(self, calendar: Calendar, zone: tzinfo) -> None:
        """`calendar` has no `problems`."""
        self._week = [spans(calendar.week.get(day, ())) for day in WEEKDAYS]
        self._holidays = {day: spans(hours) for day, hours in calendar.holidays.items()}
        self._zone = zone
        self._changes: list[int] = []  # closed before the first, open from the first to the second, and so on
        self._from_ms = self._until_ms = 0

    def at(self, now_ms: int) -> Opening:
        if not self._from_ms <= now_ms < self._until_ms:
            self._work_out(now_ms)
        passed = bisect_right(self._changes, now_ms)
        if passed < len(self._changes) and self._changes[passed] < self._until_ms:
            return Opening(passed % 2 == 1, self._changes[passed], changes=True)
        return Opening(passed % 2 == 1, self._until_ms, changes=False)

    def _work_out(self, now_ms: int) -> None:
        today = (_EPOCH + now_ms * _MS).astimezone(self._zone).date()
        first, last = today - _DAY, today + _WINDOW_DAYS * _DAY
        self._from_ms, self._until_ms = self._instant(today, 0), self._instant(last, 0)
        open_times: list[tuple[int, int]] = []
        day = first
        while day <= last:
            for span in self._spans_of(day):
                opens, closes = self._instant(day, span.opens), self._instant(day, span.closes, is_last=True)
                if open_times and opens <= open_times[-1][1]:
                    open_times[-1] = (open_times[-1][0], max(closes, open_times[-1][1]))
                elif opens < closes:
                    open_times.append((opens, closes))
            day += _DAY
        self._changes = [instant for both in open_times for instant in both]

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        text = day.isoformat()
        for name in (text, text[5:]):
            if name in self._holidays:
                return self._holidays[name]
        return self._week[day.weekday()]

    def _instant(self, day: date, minute: int, *, is_last: bool = False) -> int:
        if minute == _MINUTES_OF_DAY:
            day, minute = day + _DAY, 0
        wall = datetime.combine(day, time(minute // 60, minute % 60), self._zone)
        first = (wall - _EPOCH) // _MS
        return max(first, (wall.replace(fold=1) - _EPOCH) // _MS) if is_last else first


def spans(hours: tuple[str, ...]) -> tuple[Span, ...]:
    """In order of time; what is not written as hours is left out."""
    return tuple(sorted(span for text in hours if (span := _span(text)) is not None))


def problems(calendar: Calendar) -> Iterator[str]:
    """Sentences about what cannot be, each beginning with the day."""
    for day, hours in calendar.week.items():
        yield from _problems_of_day(day, hours)
    for name, hours in calendar.holidays.items():
        if not _DATE.fullmatch(name) or not _is_date(name):
            yield f"{name} is no date; write 2026-12-25, or 12-25 for every year"
        yield from _problems_of_day(name, hours)


def _problems_of_day(day: str, hours: tuple[str, ...]) -> Iterator[str]:
    for text in hours:
        if _span(text) is None:
            yield f"{day}: '{text}' are no hours; write 08:00-17:30, within one day, at most until 24:00"
    before: Span | None = None
    for span in spans(hours):
        if before is not None and span.opens < before.closes:
            yield f"{day}: {_shown(before)} and {_shown(span)} overlap"
        before = span if before is None or span.closes > before.closes else before


def _span(text: str) -> Span | None:
    match = _HOURS.fullmatch(text)
    if match is None:
        return None
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    span = Span(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    if from_minute > 59 or to_minute > 59 or not span.opens < span.closes <= _MINUTES_OF_DAY:
        return None
    return span


def _shown(span: Span) -> str:
    return f"{span.opens // 60:02}:{span.opens % 60:02}-{span.closes // 60:02}:{span.closes % 60:02}"


def _is_date(name: str) -> bool:
    try:
        date.fromisoformat(name if len(name) > 5 else f"2000-{name}")
    except ValueError:
        return False
    return True
