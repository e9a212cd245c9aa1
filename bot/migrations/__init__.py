"""Alembic migrations of the chat tables."""
