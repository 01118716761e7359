"""Runs Alembic on an existing store. Imported only when there is something to run: it is the slow import."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config


def run(open_connection: Callable[[], sqlite3.Connection], environment: Path, versions: Path) -> None:
    """Bring the store behind `open_connection` to the newest revision of `versions`."""
    config = Config()
    config.set_main_option("script_location", _verbatim(environment))
    config.set_main_option("version_locations", _verbatim(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["open_connection"] = open_connection
    command.upgrade(config, "head")


def _verbatim(path: Path) -> str:
    """A path as Alembic's configuration wants it, where % begins an interpolation."""
    return str(path).replace("%", "%%")
