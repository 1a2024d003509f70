"""Connections for lone statements: each is lent to one statement at a time, at less than half of what the pool's lending costs.

A connection whose statement was cut short, or that was lost, is thrown away, and another one opened when it is next needed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import asyncpg

Open: TypeAlias = Callable[[], Awaitable[asyncpg.Connection]]
# What is done with a connection: one statement.
Statement: TypeAlias = Callable[[asyncpg.Connection], Awaitable[Any]]


class LoneConnections:
    """At most so many connections, opened as they are needed and kept."""

    def __init__(self, open_one: Open, most: int) -> None:
        self._open, self._most = open_one, most
        self._idle: list[asyncpg.Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._lent = 0

    async def send(self, statement: Statement) -> Any:
        """Send one statement on a connection of its own; waits where all are lent."""
        connection = await self._borrow()
        try:
            answer = await statement(connection)
        except asyncpg.PostgresError:
            self._give_back(connection)
            raise
        except BaseException:
            # It may be in the middle of an answer that nobody waits for.
            self._give_back(None)
            connection.terminate()
            raise
        self._give_back(connection)
        return answer

    async def close(self) -> None:
        """Say good-bye on all that are idle; nothing may be sent any more."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close(timeout=1)

    async def _borrow(self) -> asyncpg.Connection:
        while self._lent >= self._most:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if not turn.cancelled():
                    self._wake()
                raise
        self._lent += 1
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await self._open()
        except BaseException:
            self._give_back(None)
            raise

    def _give_back(self, connection: Any) -> None:
        self._lent -= 1
        if connection is not None and not connection.is_closed():
            self._idle.append(connection)
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
