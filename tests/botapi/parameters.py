"""The arguments of one call, read as the official server reads them, but strictly.

The official server ignores parameters it does not know and replaces numbers it cannot
read. So does this one, and it writes down each such case, since it is always a mistake in
the client.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call in multipart form."""

    filename: str
    content: bytes
    mime_type: str


@dataclass(slots=True)
class Parameters:
    """Arguments by name, as text; ``remark`` takes a sentence on what is not proper."""

    values: dict[str, str]
    uploads: dict[str, Upload]
    remark: Callable[[str], None]
    read: set[str] = field(default_factory=set)

    def text(self, name: str, default: str = "") -> str:
        self.read.add(name)
        return self.values.get(name, default)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.text(name)
        if not value:
            return default
        try:
            return int(value)
        except ValueError:
            self.remark(f"{name} is not an integer: {value!r}")
            return default

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in ("", "true", "false", "yes", "no", "1", "0"):
            self.remark(f"{name} is not a boolean: {value!r}")
        return value in ("true", "yes", "1")

    def decoded(self, name: str, what: str) -> Any:
        """A JSON argument, None if absent; 400 "can't parse ``what`` JSON object"."""
        value = self.text(name)
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def finish(self, known: Iterable[str]) -> None:
        """Remark on every argument that the method does not know."""
        for name in (*self.values, *self.uploads):
            attached = name in self.uploads and f"attach://{name}" in self.values.values()
            if name not in known and not attached:
                self.remark(f"unknown parameter {name}")


def check_fields(
    found: Mapping[str, Any], known: Iterable[str], what: str, remark: Callable[[str], None]
) -> None:
    """Remark on every field of a JSON object that its type does not have."""
    for name in found.keys() - set(known):
        remark(f"unknown field {name} of {what}")


def from_request(
    query: Mapping[str, list[bytes]],
    body: Mapping[str, list[bytes]],
    raw: bytes,
    content_type: str,
    files: Mapping[str, list[Any]],
    remark: Callable[[str], None],
) -> Parameters:
    """Arguments out of the URL, a form, a multipart form or a JSON object."""
    values = {
        name: items[-1].decode("utf-8", "replace")
        for source in (query, body)
        for name, items in source.items()
    }
    if content_type.startswith("application/json") and raw:
        try:
            given = json.loads(raw)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(given, dict):
            raise bad_request("expected a JSON object")
        values |= as_arguments(given)
    uploads = {
        name: Upload(items[0].filename, items[0].body, items[0].content_type)
        for name, items in files.items()
    }
    return Parameters(values, uploads, remark)


def as_arguments(given: Mapping[str, Any]) -> dict[str, str]:
    """A JSON object as arguments: what is not text stays JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
        if value is not None
    }
