"""What has happened to people's sessions and roles; each person is a stream of their own."""

from dataclasses import dataclass
from uuid import UUID

from services.kernel.events import Event

SESSIONS_TOPIC = "sessions"


@dataclass(frozen=True, kw_only=True)
class _OfPerson(Event):
    person_id: UUID

    @property
    def stream(self) -> UUID:
        return self.person_id


@dataclass(frozen=True, kw_only=True)
class SessionStarted(_OfPerson):
    """Somebody signed in on a device."""

    session_id: UUID
    audience: str
    platform: str
    store_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class SessionFinished(_OfPerson):
    """A session is over; its tokens open nothing any more."""

    session_id: UUID
    audience: str
    end_reason: str

    @property
    def topics(self) -> tuple[str, ...]:
        return (SESSIONS_TOPIC,)


@dataclass(frozen=True, kw_only=True)
class RoleGranted(_OfPerson):
    """A person may now act at a door."""

    audience: str
    role: str
    store_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(_OfPerson):
    """A person may no longer act at a door."""

    audience: str
    role: str
    store_id: UUID | None = None
