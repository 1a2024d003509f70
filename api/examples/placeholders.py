"""Stable stand-ins: whatever differs from one play to the next, or is a secret, as a value of the same form that never does."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

# Fields whose text opens something.
SECRETS: Final = frozenset({"accessToken", "refreshToken", "idToken", "clientSecret", "previewKey"})
CODES: Final = frozenset({"dropOffPin", "pickupCode", "collectionCode", "pin", "code", "codes"})
CURSORS: Final = frozenset({"cursor", "startCursor", "endCursor", "after"})
KEYS: Final = frozenset({"key"})
BEGINNING: Final = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
APART: Final = timedelta(minutes=1)
FIRST_ID: Final = 0x0197_5890_0000_7000_8000_0000_0000_0000

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_SPOKEN = re.compile(r"\b([A-Z])-[0-9A-Z]{6}\b")
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{24,}")
_NOUN = re.compile(rb"[A-Z][A-Za-z]+:")
_UUID_BYTES = 16


class Placeholders:
    """One file's stand-ins: the same value gets the same one wherever it stands, numbered as they come."""

    def __init__(self, *values: Any) -> None:
        """Look at all that the file will hold: moments keep their order."""
        moments = sorted({_moment(found) for text in _texts(values) for found in _MOMENT.findall(text)})
        self._moments = {moment: _said(BEGINNING + place * APART) for place, moment in enumerate(moments)}
        self._numbered: dict[tuple[str, object], int] = {}

    def plain(self, value: Any, name: str = "") -> Any:
        """The value with stand-ins; `name` is the field it belongs to."""
        if isinstance(value, dict):
            return {key: self.plain(child, key) for key, child in value.items()}
        if isinstance(value, list):
            return [self.plain(child, name) for child in value]
        return self._text(value, name) if isinstance(value, str) else value

    def _text(self, text: str, name: str) -> str:
        if name in SECRETS:
            return f"example-{name}-{self._number(name, text)}"
        if name in CODES:
            return str(self._number("code", text)).zfill(len(text))
        if name in KEYS:
            return str(UUID(int=FIRST_ID + self._number("key", text)))
        if name in CURSORS:
            return _encoded(f"example cursor {self._number('cursor', text)}".encode())
        return self._opaque(text) or self._within(text)

    def _opaque(self, text: str) -> str | None:
        """An opaque id, of the same noun."""
        if not _OPAQUE.fullmatch(text):
            return None
        try:
            read = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except binascii.Error:
            return None
        noun, thing = read[:-_UUID_BYTES], read[-_UUID_BYTES:]
        return _encoded(noun + self._uuid(thing).bytes) if _NOUN.fullmatch(noun) else None

    def _uuid(self, thing: bytes) -> UUID:
        return UUID(int=FIRST_ID + self._number("id", thing))

    def _within(self, text: str) -> str:
        text = _MOMENT.sub(lambda found: self._moments[_moment(found[0])], text)
        text = _UUID.sub(lambda found: str(self._uuid(UUID(found[0]).bytes)), text)
        return _SPOKEN.sub(lambda found: f"{found[1]}-{self._number(found[1], found[0]):06}", text)

    def _number(self, kind: str, value: object) -> int:
        """Its number among its kind, from 1."""
        before = sum(1 for known, _ in self._numbered if known == kind)
        return self._numbered.setdefault((kind, value), before + 1)


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _said(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _texts(value: Any) -> Iterator[str]:
    children: Callable[[], Any] = value.values if isinstance(value, dict) else lambda: value
    if isinstance(value, dict | list | tuple):
        for child in children():
            yield from _texts(child)
    elif isinstance(value, str):
        yield value
