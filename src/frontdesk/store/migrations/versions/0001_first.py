"""The first schema."""

from frontdesk.store.migrations import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script(__file__)
