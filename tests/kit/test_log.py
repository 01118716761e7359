"""Log lines are events with fields, and no secret is ever in them."""

import subprocess
import sys

import pytest

#: What fails with a secret in a local variable, as a handler does that was given a request.
FAILS = """
from frontdesk.kit import log

log.configure({form!r}, "info")

def handle(authorization):
    raise ValueError("no such thing")

try:
    handle("Basic YWRhOnNlY3JldA==")
except ValueError:
    log.get_logger("desk").exception("request failed", path="/api/v2/me")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_logged_failure_tells_where_and_why_but_not_what_variables_held(form: str) -> None:
    logged = subprocess.run(
        [sys.executable, "-c", FAILS.format(form=form)], capture_output=True, text=True, check=True, timeout=30
    ).stderr
    assert "request failed" in logged
    assert "no such thing" in logged
    assert "in handle" in logged
    assert "YWRhOnNlY3JldA" not in logged
