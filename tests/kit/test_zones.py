"""Time zones by name."""

from datetime import UTC, datetime, timedelta

from frontdesk.kit.zones import zone


def test_a_zone_knows_its_summer_time() -> None:
    berlin = zone("Europe/Berlin")
    assert datetime(2026, 7, 1, tzinfo=berlin).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 12, 1, tzinfo=berlin).utcoffset() == timedelta(hours=1)
    assert zone("UTC") is UTC


def test_there_is_none_of_a_name_that_is_none() -> None:
    for name in ("Europe/Atlantis", "", "../etc/passwd", "/etc/passwd", "Europe"):
        assert zone(name) is None
