"""The outbox: an event is written with the errands it causes, in the transaction that made it true; the worker runs them later.

An errand is one handler's turn at one event. Errands of one lane (a domain) in one stream run in the order of their events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import Actor
from services.kernel.database import row, rows, run
from services.kernel.events import Event
from services.kernel.ids import new_id
from services.kernel.request_context import request_id
from services.settings import settings

ATTEMPTS = 8
FIRST_PAUSE = 0.5
OUTBOX_TOPIC = "outbox"


@dataclass(frozen=True, slots=True)
class Route:
    """A handler by its name and the lane that keeps its order."""

    handler: str
    lane: str


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed errand with the event it is about."""

    id: UUID
    handler: str
    attempts: int
    event_id: UUID
    stream: UUID
    sequence: int
    kind: str
    payload: Mapping[str, Any]
    request_id: str | None


_routes: dict[str, tuple[Route, ...]] = {}
_wired: list[bool] = []


class ReactionsNotWired(RuntimeError):
    """An event was recorded in a process that does not know who reacts; `services.reactions.wire()` was not called."""


def wire(routes: Mapping[str, Sequence[Route]]) -> None:
    """Learn which handlers each kind of event goes to."""
    _routes.clear()
    _routes.update({kind: tuple(several) for kind, several in routes.items()})
    _wired[:] = [True]


async def write(event: Event, actor: Actor, reason: str | None, device_at: datetime | None) -> int:
    """Write the event's row and its errands in one statement; answers the event's sequence within its stream."""
    if not _wired:
        raise ReactionsNotWired(event.kind)
    routes = _routes.get(event.kind, ())
    written = await row(
        _WRITE,
        event.stream,
        new_id(),
        event.kind,
        event.payload(),
        actor.kind,
        actor.person_id,
        reason,
        device_at,
        clock.now(),
        request_id.get(),
        clock.wall(),
        [new_id() for _ in routes],
        [route.handler for route in routes],
        [route.lane for route in routes],
        list(range(len(routes))),
    )
    assert written is not None  # noqa: S101 - INSERT … RETURNING of one row
    return int(written["sequence"])


# The stream's row is locked until commit, so sequences are gapless and commit in order.
_WRITE = """
WITH numbered AS (
    INSERT INTO streams AS s (id, last_sequence) VALUES ($1, 1)
    ON CONFLICT (id) DO UPDATE SET last_sequence = s.last_sequence + 1
    RETURNING last_sequence
), written AS (
    INSERT INTO events (id, stream, sequence, kind, payload, actor_kind, actor_id, reason, device_at, recorded_at, request_id)
    SELECT $2, $1, last_sequence, $3, $4, $5, $6, $7, $8, $9, $10 FROM numbered
    RETURNING id, stream, sequence
), errands AS (
    INSERT INTO outbox (id, event_id, stream, sequence, place, handler, lane, due_at)
    SELECT e.id, written.id, written.stream, written.sequence, e.place, e.handler, e.lane, $11
    FROM written, unnest($12::uuid[], $13::text[], $14::text[], $15::int[]) AS e (id, handler, lane, place)
)
SELECT sequence FROM written
"""


async def claim(limit: int) -> list[Errand]:
    """Lease up to `limit` due errands, the attempt counted now so that a crash counts too."""
    at = clock.wall()
    found = await rows(_CLAIM, at, at + timedelta(seconds=settings().lease), limit, ATTEMPTS)
    return [Errand(*record) for record in found]


# Only the first unfinished errand of a lane in a stream may run; a dead one does not hold up those behind it. An errand whose
# worker died at every attempt, without a word, dies here: no exception ever came to say so.
_CLAIM = """
WITH worn AS (
    UPDATE outbox SET dead_at = $1, leased_until = NULL, last_error = 'the worker died at every attempt'
    WHERE dead_at IS NULL AND attempts >= $4 AND leased_until < $1
), ready AS (
    SELECT o.id FROM outbox o
    WHERE o.dead_at IS NULL AND o.due_at <= $1 AND (o.leased_until IS NULL OR o.leased_until < $1)
      AND o.attempts < $4
      AND NOT EXISTS (
        SELECT 1 FROM outbox earlier
        WHERE earlier.stream = o.stream AND earlier.lane = o.lane AND earlier.dead_at IS NULL
          AND (earlier.sequence, earlier.place) < (o.sequence, o.place))
    ORDER BY o.due_at, o.id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE outbox SET leased_until = $2, attempts = attempts + 1 FROM ready WHERE outbox.id = ready.id
    RETURNING outbox.id, outbox.handler, outbox.attempts, outbox.event_id, outbox.stream, outbox.sequence
)
SELECT l.id, l.handler, l.attempts, l.event_id, l.stream, l.sequence, e.kind, e.payload, e.request_id
FROM leased l JOIN events e ON e.id = l.event_id
ORDER BY l.stream, l.sequence
"""


async def first_time(handler: str, event_id: UUID) -> bool:
    """Enter the handler's turn at the event into the inbox; False if it stands there already (a repeat: do nothing)."""
    return (
        await run(
            "INSERT INTO inbox (handler, event_id, handled_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            handler,
            event_id,
            clock.wall(),
        )
        == 1
    )


async def done(errand: Errand) -> None:
    """The errand has run; it leaves the outbox."""
    await run("DELETE FROM outbox WHERE id = $1", errand.id)


async def failed(errand: Errand, error: str) -> bool:
    """Put the errand off with a doubling pause, or, after the last attempt, among the dead letters; True if it died."""
    dead = errand.attempts >= ATTEMPTS
    pause = timedelta(seconds=FIRST_PAUSE * 2 ** (errand.attempts - 1))
    await run(
        "UPDATE outbox SET leased_until = NULL, due_at = $2, last_error = $3, dead_at = $4 WHERE id = $1",
        errand.id,
        clock.wall() + pause,
        error[:500],
        clock.wall() if dead else None,
    )
    return dead


async def dead_letters() -> list[Mapping[str, Any]]:
    """Errands that failed for good, oldest first, for an operator to look at."""
    return [
        dict(record)
        for record in await rows(
            "SELECT o.id, o.handler, o.stream, o.sequence, e.kind, o.attempts, o.last_error, o.dead_at "
            "FROM outbox o JOIN events e ON e.id = o.event_id WHERE o.dead_at IS NOT NULL ORDER BY o.dead_at"
        )
    ]


async def replay(errand_id: UUID) -> bool:
    """Give a dead letter new attempts; False if there is no such dead letter."""
    return (
        await run(
            "UPDATE outbox SET dead_at = NULL, attempts = 0, due_at = $2, last_error = NULL"
            " WHERE id = $1 AND dead_at IS NOT NULL",
            errand_id,
            clock.wall(),
        )
        == 1
    )


async def lag() -> tuple[int, float]:
    """How many errands wait, and for how many seconds the oldest has been due."""
    waiting = await row("SELECT count(*) AS waiting, min(due_at) AS oldest FROM outbox WHERE dead_at IS NULL")
    if waiting is None or waiting["oldest"] is None:
        return 0, 0.0
    return waiting["waiting"], max(0.0, (clock.wall() - waiting["oldest"]).total_seconds())
