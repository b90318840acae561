"""Alembic's environment: runs the migrations on the given connection, within its transaction."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["tables"],
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
