"""Runs the steps over the connection that `storage.migrate` hands in."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot change most of a table in place; a step then copies the table.
    render_as_batch=True,
    # Either all steps are made or none, on SQLite as well.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
