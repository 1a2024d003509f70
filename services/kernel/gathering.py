"""Reads by id that come in together, whoever asks, are one statement.

The first is sent at once; those that come while it is under way wait for its end, and then go together. Nobody is answered from
a statement that was sent before they asked, so that everybody sees what was committed before.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextvars import Context
from typing import Any
from uuid import UUID

from services.kernel.database import Row, in_transaction, rows

Found = dict[UUID, list[Row]]


class GatheredRead:
    """A statement that takes ids as `$1` and answers rows with the id in one column, each id's rows in the order wanted."""

    def __init__(self, sql: str, by: str, also: Callable[[], Sequence[Any]] = tuple) -> None:
        """`also` answers what the statement is given beside the ids, when it is sent."""
        self._sql, self._by, self._also = sql, by, also
        self._ids: set[UUID] = set()
        self._waiting: list[asyncio.Future[Found]] = []
        self._sending: asyncio.Task[None] | None = None

    async def rows_of(self, ids: Collection[UUID]) -> Found:
        """The rows of each of these ids; an id without rows has an empty list. In a transaction, as it sees them."""
        if not ids:
            return {}
        if in_transaction():
            return self._by_id(ids, await rows(self._sql, list(ids), *self._also()))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._ids.update(ids)
        self._waiting.append(answer)
        if self._sending is None or self._sending.get_loop() is not loop:
            # In a context of its own: neither the deadline nor the name of whoever came first is the others'.
            self._sending = loop.create_task(self._send(), context=Context())
        found = await answer
        return {one: found[one] for one in ids}

    async def _send(self) -> None:
        try:
            while self._waiting:
                ids, self._ids = self._ids, set()
                waiting, self._waiting = self._waiting, []
                await self._answer(ids, waiting)
        finally:
            self._sending = None

    async def _answer(self, ids: set[UUID], waiting: list[asyncio.Future[Found]]) -> None:
        try:
            found = self._by_id(ids, await rows(self._sql, list(ids), *self._also()))
        except BaseException as broken:
            for answer in waiting:
                if not answer.done():
                    _fail(answer, broken)
            if not isinstance(broken, Exception):
                raise
            return
        for answer in waiting:
            if not answer.done():
                answer.set_result(found)

    def _by_id(self, ids: Collection[UUID], found: list[Row]) -> Found:
        answer: Found = {one: [] for one in ids}
        for row in found:
            answer[row[self._by]].append(row)
        return answer


def _fail(answer: asyncio.Future[Found], broken: BaseException) -> None:
    if isinstance(broken, asyncio.CancelledError):
        answer.cancel()
    else:
        answer.set_exception(broken)
