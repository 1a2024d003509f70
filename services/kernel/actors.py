"""Who acts: a typed caller per audience, and the house itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID


class Audience(StrEnum):
    CONSUMER = "consumer"
    STORE = "store"
    COURIER = "courier"
    SUPPORT = "support"


class StaffRole(StrEnum):
    OWNER = "OWNER"
    MANAGER = "MANAGER"
    CLERK = "CLERK"


class SupportLevel(StrEnum):
    L1 = "L1"
    L2 = "L2"
    FINANCE = "FINANCE"


@dataclass(frozen=True, slots=True)
class Consumer:
    person_id: UUID
    session_id: UUID
    audience: ClassVar[Audience] = Audience.CONSUMER
    kind: ClassVar[str] = "consumer"


@dataclass(frozen=True, slots=True)
class StoreStaff:
    person_id: UUID
    session_id: UUID
    store_id: UUID
    role: StaffRole
    audience: ClassVar[Audience] = Audience.STORE
    kind: ClassVar[str] = "store"


@dataclass(frozen=True, slots=True)
class Courier:
    person_id: UUID
    session_id: UUID
    audience: ClassVar[Audience] = Audience.COURIER
    kind: ClassVar[str] = "courier"


@dataclass(frozen=True, slots=True)
class SupportAgent:
    person_id: UUID
    session_id: UUID
    level: SupportLevel
    audience: ClassVar[Audience] = Audience.SUPPORT
    kind: ClassVar[str] = "support"


@dataclass(frozen=True, slots=True)
class System:
    """The house itself: a timer, a reaction, a provider's webhook; `name` says which."""

    name: str
    person_id: ClassVar[None] = None
    kind: ClassVar[str] = "system"


Person = Consumer | StoreStaff | Courier | SupportAgent
Actor = Person | System
