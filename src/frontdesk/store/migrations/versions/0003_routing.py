"""Routing policies, every version, and who had a contact last."""

from frontdesk.store.migrations import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(__file__)
