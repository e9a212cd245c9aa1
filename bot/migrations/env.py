"""Run by Alembic; the connection comes from index.database."""

from index.database import run_migrations

run_migrations()
