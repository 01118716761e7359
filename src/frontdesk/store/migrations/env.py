"""What Alembic executes to run revisions: each in a transaction of its own, together with its version number.

Foreign keys are off while a revision runs, so that it may rebuild a table, and checked before it is committed.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, event

from frontdesk.store.faults import StoreRefused

engine = create_engine("sqlite://", creator=context.config.attributes["open_connection"], poolclass=NullPool)


@event.listens_for(engine, "connect")
def _release_foreign_keys(raw: Any, _record: Any) -> None:
    raw.execute("PRAGMA foreign_keys = OFF")


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver is told to leave transactions alone


def _check_foreign_keys(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreRefused(f"Revision {step.up_revision_id} would leave {len(broken)} rows that refer to nothing.")


with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True, on_version_apply=_check_foreign_keys)
    with context.begin_transaction():
        context.run_migrations()
