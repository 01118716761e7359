"""Without what only the first router asked the store for."""

from frontdesk.store.migrations import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script(__file__)
