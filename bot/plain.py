"""Dataclasses as plain values for JSON. Pure."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path


def plain(value: object) -> object:
    """Dataclasses as dicts, tuples as lists, times in ISO 8601, the rest as it is or as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (Path, Exception)):
        return str(value)
    return value
