"""Alembic migrations of the news tables."""
