"""How much of a medium an agent may have is what the policy says."""

from frontdesk.store.migrations import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(__file__)
