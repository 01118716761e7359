"""The benchmarks run, from the load to the file, on figures that mean nothing. Nothing here looks at a time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import page, report
from bench.push import report as push_report

ROOT = Path(__file__).resolve().parent.parent


def found_by(command: str, directory: Path) -> Any:
    """What a quick run of the command writes."""
    output = directory / "found.json"
    ran = subprocess.run(
        [sys.executable, "-m", command, "--quick", "--output", str(output)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(output.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_benchmarks_run_and_write_what_they_found(tmp_path: Path) -> None:
    found = found_by("bench", tmp_path)
    operations = {name: row for name, row in found["figures"].items() if "messages_per_operation" in row}
    assert operations
    for name, row in operations.items():
        assert row["per_s"] > 0, name
        assert row["messages_per_operation"] > 1, f"{name}: an operation tells the generic topic and that of the medium"
    assert {aim["what"] for aim in found["aims"]}
    router = found["router"]
    assert len(router["decisions"]) == 4
    assert all(row["busy_us"] > 0 and row["free_us"] > 0 for row in router["decisions"])
    assert all(row["per_minute"] > 0 for row in router["simulated"])
    assert router["crowd"]["handled"] > 0
    assert len(router["arrivals"]["runs"]) == 2
    for run in router["arrivals"]["runs"]:
        assert run["arrivals"] > 0
        assert 0 < run["offer_p50_ms"] <= run["offer_p99_ms"]
        assert run["fsync_p99_ms"] > 0
        assert run["loop_p99_ms"] > 0
    assert found["machine"]["python"]


def test_the_page_on_performance_shows_the_latest_figures() -> None:
    shown = page.PAGE.read_text(encoding="utf-8")

    assert shown == page.updated(shown, json.loads(report.LATEST.read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_servers_of_notifications_are_measured_side_by_side(tmp_path: Path) -> None:
    found = found_by("bench.push", tmp_path)
    ours_and_theirs = {"frontdesk", "bayeux_server.py", "cometd-nodejs-server", "faye", "bare"}
    assert found["figures"]["handshakes"].keys() == ours_and_theirs
    assert found["figures"]["fan-out, long-polling"].keys() == ours_and_theirs
    assert found["figures"]["fan-out, websocket"].keys() == ours_and_theirs - {"cometd-nodejs-server"}
    for what, row in found["figures"].items():
        for server, figures in row.items():
            assert figures["per_s"] > 0, (what, server)
    assert found["memory"].keys() == {"websocket", "long-polling"}
    assert len(found["aims"]) > 10


def test_the_page_on_performance_shows_the_latest_figures_of_notifications() -> None:
    shown = page.PAGE.read_text(encoding="utf-8")

    assert shown == push_report.updated(shown, json.loads(push_report.LATEST.read_text(encoding="utf-8")))
