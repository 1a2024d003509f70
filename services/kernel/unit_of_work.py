"""The unit of work: one transaction, the events it made true, and what is done once it is committed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from services.kernel import nudges, outbox
from services.kernel.actors import Actor, System
from services.kernel.events import Event
from services.kernel.transactions import transaction

AfterCommit = Callable[[], Awaitable[None]]
_HOUSE = System("house")


@dataclass(slots=True)
class UnitOfWork:
    """What belongs together: recorded with the same actor, reason and device time, committed or forgotten as one."""

    actor: Actor
    reason: str | None
    device_at: datetime | None
    topics: set[str] = field(default_factory=set)
    callbacks: list[AfterCommit] = field(default_factory=list)

    async def record(self, event: Event) -> int:
        """Write a fact with its errands; answers its sequence within its stream."""
        self.topics.update(event.topics)
        self.topics.add(outbox.OUTBOX_TOPIC)
        return await outbox.write(event, self.actor, self.reason, self.device_at)

    def nudge(self, *topics: str) -> None:
        """Let readers of these topics read again after the commit, without a fact."""
        self.topics.update(topics)

    def after_commit(self, callback: AfterCommit) -> None:
        """Await `callback` once the outermost unit of work is committed; never if it is rolled back."""
        self.callbacks.append(callback)


_in_force: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def in_transaction_now() -> bool:
    """Whether the caller stands in a unit of work: then no stranger may be called."""
    return _in_force.get() is not None


@asynccontextmanager
async def unit_of_work(
    actor: Actor | None = None, *, reason: str | None = None, device_at: datetime | None = None
) -> AsyncIterator[UnitOfWork]:
    """One transaction; inside another one a savepoint of it, which inherits actor, reason and device time where none is given."""
    outer = _in_force.get()
    work = UnitOfWork(
        actor=actor or (outer.actor if outer else _HOUSE),
        reason=reason or (outer.reason if outer else None),
        device_at=device_at or (outer.device_at if outer else None),
    )
    mark = _in_force.set(work)
    try:
        async with transaction():
            yield work
    finally:
        _in_force.reset(mark)
    if outer:
        outer.topics |= work.topics
        outer.callbacks.extend(work.callbacks)
        return
    await nudges.publish(work.topics)
    for callback in work.callbacks:
        await callback()
