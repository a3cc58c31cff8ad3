"""Alembic's entry; it runs on the connection that `Database` hands over."""

from typing import Any, Literal

from alembic import context

from autograder.serve.database import UtcDateTime
from autograder.serve.tables import Base


def _rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations must stay readable when our own types have moved on."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_item=_rendered, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
