"""`frontdesk simulate` tells a table and writes a report."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from frontdesk import cli

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "scenario.toml"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    file = tmp_path / "round-robin.toml"
    file.write_text('name = "<in turn>"\n[policy.default]\nchoice = "round_robin"\n', encoding="utf-8")
    return file


def test_scenarios_stand_side_by_side(other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", str(EXAMPLE), "--compare", str(other), "--seed", "3"]) == 0
    told = capsys.readouterr().out
    heading, _, interactions, *_ = told.splitlines()
    assert heading.split() == ["ten", "specialists", "<in", "turn>"]
    first, second = interactions.split()[-2:]
    assert first == second, "the same customers come"
    for name in ("service level", "average speed of answer", "abandonment", "occupancy", "Jain index", "sha256"):
        assert name in told


def test_the_report_is_one_page_with_three_plots_for_each_scenario(tmp_path: Path, other: Path) -> None:
    file = tmp_path / "report.html"
    assert cli.main(["simulate", str(EXAMPLE), "--compare", str(other), "--report", str(file)]) == 0
    page = file.read_text(encoding="utf-8")
    assert page.count("<svg") == 6
    assert "&lt;in turn&gt;" in page
    assert "<in turn>" not in page
    assert "<script" not in page
    assert "http" not in page
    for part in page.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + part.split("</svg>")[0] + "</svg>")  # noqa: S314 - we wrote it
    assert "prefers-color-scheme: dark" in page


def test_a_wrong_scenario_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("duration_s = 10\nsped = 1\n", encoding="utf-8")
    assert cli.main(["simulate", str(wrong)]) == 1
    told = capsys.readouterr().err
    assert "unknown field `sped`" in told
    assert told.count("\n") == 1
