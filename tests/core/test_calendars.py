"""Business hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.calendars import WEEKDAYS, Calendar, OpeningHours, problems

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar(
    zone="Europe/Berlin",
    week={
        **dict.fromkeys(WEEKDAYS[:4], ("08:00-12:00", "13:00-17:30")),
        "friday": ("08:00-12:00",),
    },
    holidays={"12-25": (), "2026-12-24": ("09:00-11:00",), "2026-12-27": ("10:00-11:00",)},
)


def ms(text: str, zone: ZoneInfo = BERLIN, *, fold: int = 0) -> int:
    at = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return int(at.timestamp() * 1000)


def is_open(text: str, calendar: Calendar = OFFICE) -> bool:
    return OpeningHours(calendar, BERLIN).at(ms(text)).is_open


@pytest.mark.parametrize(
    "open_at",
    [
        "2026-11-23T08:00",
        "2026-11-23T11:59:59.999",
        "2026-11-23T13:00",
        "2026-11-27T08:30",
        "2026-12-24T10:00",
        "2026-12-27T10:30",  # a Sunday
    ],
)
def test_it_is_open_then(open_at: str) -> None:
    assert is_open(open_at)


@pytest.mark.parametrize(
    "closed_at",
    [
        "2026-11-23T07:59:59.999",
        "2026-11-23T12:00",
        "2026-11-23T17:30",
        "2026-11-27T14:00",
        "2026-11-28T10:00",
        "2026-12-24T08:30",
        "2026-12-25T10:00",
        "2028-12-25T10:00",  # every year; a Monday
    ],
)
def test_it_is_closed_then(closed_at: str) -> None:
    assert not is_open(closed_at)


def test_it_tells_when_it_will_be_otherwise() -> None:
    hours = OpeningHours(OFFICE, BERLIN)
    assert hours.at(ms("2026-11-23T09:00")) == (True, ms("2026-11-23T12:00"), True)
    assert hours.at(ms("2026-11-23T12:30")) == (False, ms("2026-11-23T13:00"), True)
    assert hours.at(ms("2026-11-27T15:00")) == (False, ms("2026-11-30T08:00"), True)


def test_hours_that_touch_at_midnight_are_one_opening() -> None:
    night = Calendar(week={"monday": ("22:00-24:00",), "tuesday": ("00:00-06:00",)})
    opening = OpeningHours(night, UTC).at(ms("2026-11-23T23:00", ZoneInfo("UTC")))
    assert opening == (True, ms("2026-11-24T06:00", ZoneInfo("UTC")), True)


def test_what_never_changes_says_so_and_is_asked_again_some_day() -> None:
    always, never = Calendar(week=dict.fromkeys(WEEKDAYS, ("00:00-24:00",))), Calendar()
    for calendar, expected in ((always, True), (never, False)):
        opening = OpeningHours(calendar, UTC).at(ms("2026-11-23T23:00"))
        assert (opening.is_open, opening.changes) == (expected, False)
        assert opening.until_ms > ms("2026-12-23T23:00")


def test_in_spring_a_time_that_is_skipped_comes_as_much_later() -> None:
    """At 02:00 it is 03:00."""
    sunday = Calendar(week={"sunday": ("02:30-04:00",)})
    hours = OpeningHours(sunday, BERLIN)
    assert not hours.at(ms("2026-03-29T01:59")).is_open
    assert not hours.at(ms("2026-03-29T03:29")).is_open
    assert hours.at(ms("2026-03-29T03:30")) == (True, ms("2026-03-29T04:00"), True)


def test_in_autumn_it_opens_at_the_first_and_closes_at_the_second_of_two_equal_times() -> None:
    """At 03:00 it is 02:00 again."""
    opens = OpeningHours(Calendar(week={"sunday": ("02:30-04:00",)}), BERLIN)
    assert opens.at(ms("2026-10-25T02:30", fold=0)).is_open
    closes = OpeningHours(Calendar(week={"sunday": ("01:00-02:30",)}), BERLIN)
    assert closes.at(ms("2026-10-25T02:29", fold=1)).is_open
    assert not closes.at(ms("2026-10-25T02:30", fold=1)).is_open


def test_a_day_of_23_or_25_hours_closes_by_the_clock_on_the_wall() -> None:
    always = Calendar(week=dict.fromkeys(WEEKDAYS, ("08:00-17:00",)))
    hours = OpeningHours(always, BERLIN)
    for day in ("2026-03-29", "2026-10-25"):
        assert hours.at(ms(f"{day}T08:00")) == (True, ms(f"{day}T17:00"), True)
        assert not hours.at(ms(f"{day}T17:00")).is_open


minutes = st.integers(0, 24 * 60)


@st.composite
def weeks(draw: st.DrawFn) -> Calendar:
    week = {}
    for day in WEEKDAYS:
        edges = sorted(draw(st.lists(minutes, max_size=4, unique=True)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        week[day] = tuple(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in pairs)
    return Calendar(week=week)


@given(weeks(), st.integers(0, 14 * 24 * 60))
def test_it_is_open_exactly_when_the_door_says_so(calendar: Calendar, minute: int) -> None:
    """On days on which the clocks are left alone."""
    assert not list(problems(calendar))
    at = datetime(2026, 11, 2, tzinfo=BERLIN) + timedelta(minutes=minute)
    of_day = at.hour * 60 + at.minute
    expected = any(
        int(text[:2]) * 60 + int(text[3:5]) <= of_day < int(text[6:8]) * 60 + int(text[9:])
        for text in calendar.week[WEEKDAYS[at.weekday()]]
    )
    hours, now_ms = OpeningHours(calendar, BERLIN), int(at.timestamp() * 1000)
    opening = hours.at(now_ms)
    assert opening.is_open == expected
    assert opening.until_ms > now_ms
    if opening.changes:
        assert hours.at(opening.until_ms).is_open != expected
        assert OpeningHours(calendar, BERLIN).at(opening.until_ms - 1).is_open == expected


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=5))
def test_it_answers_the_same_in_whatever_order_it_is_asked(days: list[int]) -> None:
    hours = OpeningHours(OFFICE, BERLIN)
    for day in days:
        now_ms = ms("2026-11-23T09:00") + day * 86_400_000
        assert hours.at(now_ms).is_open == OpeningHours(OFFICE, BERLIN).at(now_ms).is_open


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        (("08:00-07:00",), "no hours"),
        (("8-17",), "no hours"),
        (("08:00-24:01",), "no hours"),
        (("08:60-09:00",), "no hours"),
        (("08:00-08:00",), "no hours"),
        (("08:00-12:00", "11:00-13:00"), "08:00-12:00 and 11:00-13:00 overlap"),
        (("08:00-18:00", "09:00-10:00", "17:00-19:00"), "overlap"),
    ],
)
def test_hours_that_cannot_be_are_told(hours: tuple[str, ...], fault: str) -> None:
    found = list(problems(Calendar(week={"monday": hours})))
    assert found
    assert all(sentence.startswith("monday: ") for sentence in found)
    assert fault in found[0]


@pytest.mark.parametrize("name", ["christmas", "2026-13-01", "02-30", "2026-02-29", "1-1"])
def test_a_holiday_is_a_date(name: str) -> None:
    (problem,) = problems(Calendar(holidays={name: ()}))
    assert problem.startswith(f"{name} is no date")


def test_a_holiday_of_every_leap_year_can_be() -> None:
    assert not list(problems(Calendar(holidays={"02-29": ()})))
