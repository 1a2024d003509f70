"""Events: facts in the past, one row each, from which push, subscription, webhook and time-line all read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import TypeAdapter

from services.kernel.database import rows

_kinds: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact; its class name is its kind. Fields are plain values (UUID, str, int, bool, datetime, list, dict)."""

    kind: ClassVar[str] = "Event"

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        cls.kind = cls.__name__
        earlier = _kinds.setdefault(cls.kind, cls)
        if (earlier.__module__, earlier.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two events are called {cls.kind}")
        _kinds[cls.kind] = cls

    @property
    def stream(self) -> UUID:
        """What the event is numbered within: the purchase for all that happens in a purchase's life."""
        raise NotImplementedError

    @property
    def topics(self) -> tuple[str, ...]:
        """Who should read again once it is committed."""
        return ()

    def payload(self) -> dict[str, Any]:
        """The fields as JSON values."""
        values: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json")
        return values


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it was written: `sequence` runs without gap from 1 within its stream; times are UTC."""

    id: UUID
    stream: UUID
    sequence: int
    kind: str
    payload: Mapping[str, Any]
    actor_kind: str
    actor_id: UUID | None
    reason: str | None
    device_at: datetime | None
    recorded_at: datetime
    request_id: str | None

    def event(self) -> Event:
        """The fact itself, typed again."""
        return read(self.kind, self.payload)


COLUMNS = ", ".join(field.name for field in fields(EventRow))


def kinds() -> Mapping[str, type[Event]]:
    """Every kind of event that the imported house knows."""
    return _kinds


def read(kind: str, payload: Mapping[str, Any]) -> Event:
    """A typed event out of its row."""
    event: Event = _adapter(_kinds[kind]).validate_python(payload)
    return event


async def timeline(stream: UUID, *, after: int = 0) -> list[EventRow]:
    """What happened in a stream beyond sequence `after`, in order."""
    return (await timelines([(stream, after)]))[0]


async def timelines(asked: Sequence[tuple[UUID, int]]) -> list[list[EventRow]]:
    """For each stream and sequence what happened in it beyond, in order."""
    wanted = list(dict.fromkeys(asked))
    found = await rows(_TIMELINES, [stream for stream, _ in wanted], [after for _, after in wanted])
    events: dict[tuple[UUID, int], list[EventRow]] = {one: [] for one in wanted}
    for *record, after in found:
        event = EventRow(*record)
        events[event.stream, after].append(event)
    return [events[one] for one in asked]


_TIMELINES = f"""
SELECT {COLUMNS}, asked.after FROM unnest($1::uuid[], $2::bigint[]) AS asked (of_stream, after)
JOIN events ON stream = of_stream AND sequence > asked.after ORDER BY sequence
"""  # noqa: S608 - columns are ours
_adapters: dict[str, TypeAdapter[Any]] = {}


def _adapter(kind: type[Event]) -> TypeAdapter[Any]:
    if kind.kind not in _adapters:
        _adapters[kind.kind] = TypeAdapter(kind)
    return _adapters[kind.kind]
