"""A real server in a process of its own, for stories that are told over sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server with the demo's people, queues and workbins; at its end it has complained of nothing."""
    with serving(tmp_path / "data", "--demo") as running:
        yield running
        log = running.log()
    assert "Traceback" not in log, log
    assert "[error" not in log, log
