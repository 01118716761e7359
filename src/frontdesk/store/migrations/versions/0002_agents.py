"""What agents are kept ready for: states of their own, missed offers, wrap-up, and units besides counts."""

from frontdesk.store.migrations import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script(__file__)
