"""Fragments: answers that are the same for everybody, kept as bytes while the entities they were read from stand still.

An answer is kept with the versions of the entities it was read from, and until a moment after which it may change by itself.
Whoever keeps one says both; whoever asks says which versions are true now. A fragment that is no longer true is let go.

Pieces are kept beside them: an object inside an answer, without what differs in each answer. Their key says what they hold for.
"""

import gzip
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

# What is shorter travels in one packet either way.
WORTH_COMPRESSING = 1_024
_LEVEL = 6


@dataclass(slots=True)
class Reading:
    """What one execution says of its own answer, as it reads."""

    entities: dict[Hashable, int] = field(default_factory=dict)
    until: datetime | None = None
    roots: int = 0
    """How many root fields said that they are the same for everybody."""
    is_public: bool = True
    """False as soon as the answer may depend on who asks, or was read from two versions of one entity."""

    def root(self, entity: Hashable, version: int, until: datetime) -> None:
        """A root field's answer depends on this version of an entity alone, and holds until then."""
        self.roots += 1
        self.part(entity, version, until)

    def part(self, entity: Hashable, version: int, until: datetime) -> None:
        """A part of the answer does."""
        self.is_public &= self.entities.setdefault(entity, version) == version
        self.until = until if self.until is None else min(self.until, until)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Bytes that answer one question."""

    body: bytes
    entities: Mapping[Hashable, int]
    until: datetime
    # Something that must live as long as the fragment: what its key was made of.
    anchor: object = None
    forms: dict[str, bytes] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """The same for the same body, in whatever encoding it travels."""
        if "etag" not in self.forms:
            self.forms["etag"] = b'W/"%s"' % sha256(self.body).hexdigest()[:32].encode()
        return self.forms["etag"].decode()

    def gzipped(self) -> bytes:
        """The body as gzip, made when it is first asked for."""
        if "gzip" not in self.forms:
            self.forms["gzip"] = gzip.compress(self.body, _LEVEL, mtime=0)
        return self.forms["gzip"]

    @property
    def size(self) -> int:
        """Bytes of memory: the body, and room for its compressed form."""
        return len(self.body) + len(self.body) // 4 + 1_024


class Piece(NamedTuple):
    """The bytes of an object, cut where values that differ in each answer belong."""

    parts: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of memory: the parts, and what it takes to keep and to find them."""
        return sum(map(len, self.parts)) + 512


class Fragments:
    """Fragments and pieces by key, those not asked for longest let go first beyond so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self.size = most_bytes, 0
        self._kept: OrderedDict[Hashable, Fragment | Piece] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def piece(self, key: Hashable) -> tuple[bytes, ...] | None:
        """The parts of the piece kept."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found.parts  # type: ignore[union-attr]  # pieces have keys of their own

    def find(self, key: Hashable, at: datetime) -> Fragment | None:
        """The fragment kept, if it holds at this time; whether its versions are true is for the caller to ask."""
        found = self._kept.get(key)
        if not isinstance(found, Fragment):
            return None
        if at >= found.until:
            self.drop(key)
            return None
        self._kept.move_to_end(key)
        return found

    def keep(self, key: Hashable, fragment: Fragment | Piece) -> None:
        """Keep it in place of an older one; what is larger than a tenth of the room is not kept."""
        self.drop(key)
        if fragment.size > self._most // 10:
            return
        self._kept[key] = fragment
        self.size += fragment.size
        while self.size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self.size -= oldest.size

    def drop(self, key: Hashable, fragment: Fragment | None = None) -> None:
        """Let what is kept go; with `fragment`, only if it is that one."""
        if fragment is not None and self._kept.get(key) is not fragment:
            return
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.size -= gone.size
