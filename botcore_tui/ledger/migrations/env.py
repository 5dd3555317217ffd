"""Alembic's entry: runs the versions over the connection that it is handed."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    # SQLite, too, can undo a change of tables; Alembic does not count on it by itself.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
