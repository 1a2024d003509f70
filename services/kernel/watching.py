"""Things that somebody looks at in this process: whoever looks is told of a new version within a second, nudged or not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from contextvars import Context
from uuid import UUID

import structlog

from services.kernel import nudges
from services.kernel.database import rows

EVERY = 0.8
"""Wall seconds between two looks: one statement for all that is looked at, and none while nobody looks."""
_log = structlog.get_logger(__name__)


class Watch:
    """Versions of one kind of thing; `sql` takes ids as `$1` and answers `id` and `version`, nothing for what is gone."""

    def __init__(self, sql: str, topic: str) -> None:
        # Marked as what the house reads by itself.
        self._sql, self._topic = f"/* follower */ {sql}", topic
        self._watchers: Counter[UUID] = Counter()
        self._seen: dict[UUID, int | None] = {}
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def on(self, ids: Collection[UUID]) -> AsyncIterator[None]:
        """In this block nudges of these are heard here also where the other processes' do not come through."""
        self._watchers.update(ids)
        try:
            if any(one not in self._seen for one in ids):
                # What is read in the block is at least as new as what was seen here: nothing between the two is missed.
                await self.look()
            self._start()
            yield
        finally:
            self._leave(ids)

    async def look(self) -> None:
        """Look once at all that is watched, and wake whoever watches what is not as it was at the last look."""
        asked = list(self._watchers)
        found = {record["id"]: record["version"] for record in await rows(self._sql, asked)}
        present = {one: found.get(one) for one in asked if one in self._watchers}
        changed = [one for one, version in present.items() if self._seen.get(one, version) != version]
        self._seen.update(present)
        nudges.wake_here(f"{self._topic}{one}" for one in changed)

    def _start(self) -> None:
        looking = self._looking
        if self._watchers and (looking is None or looking.done() or looking.get_loop() is not asyncio.get_running_loop()):
            # In a context of its own: neither the deadline nor the name of whoever came first is the others'.
            self._looking = asyncio.get_running_loop().create_task(self._look_on(), context=Context())

    def _leave(self, ids: Collection[UUID]) -> None:
        self._watchers.subtract(ids)
        for one in ids:
            if self._watchers[one] <= 0:
                del self._watchers[one]
                self._seen.pop(one, None)
        if not self._watchers and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except Exception as away:  # noqa: BLE001 - a database that restarts must not end the looking
                _log.warning("not_watched", topic=self._topic, error=type(away).__name__)
