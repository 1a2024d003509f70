"""One transaction of the pool: where the work has a deadline, PostgreSQL is told of it in the round trip that begins it."""

from typing import Any, cast

import asyncpg
from asyncpg.transaction import Transaction, TransactionState
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections

from services.kernel import deadline
from services.kernel.database import join, leave


def transaction() -> TransactionContext:
    """A transaction, or a savepoint inside the one in force; its statements end with the deadline at the latest."""
    client: Any = get_connections().get("default")
    left = deadline.statement_time()
    if isinstance(client, TransactionWrapper):
        context: TransactionContext = client._in_transaction()  # noqa: SLF001 - Tortoise's own in_transaction calls it so
        return context
    wrapper = TransactionWrapper(client) if left is None else _Bounded(client, max(1, round(left * 1_000)))
    return _Returning(wrapper, client._pool_init_lock)  # noqa: SLF001 - see above


class _Returning(TransactionContextPooled):
    """Tortoise's context, which gives its connection back also where BEGIN is cancelled or fails.

    Tortoise keeps it then: each such cancellation cost the pool a connection, and the pool waited ten seconds for it at its end.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool: Any = self.client._parent._pool  # noqa: SLF001 - as in the method replaced
        self.client._connection = await pool.acquire()  # noqa: SLF001 - see above
        try:
            await self.client.begin()
        except BaseException:
            await pool.release(self.client._connection)  # noqa: SLF001 - see above
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        self._mark = join(cast("TransactionWrapper", self.client))
        return self.client

    async def __aexit__(self, *failed: object) -> None:
        try:
            await super().__aexit__(*failed)
        finally:
            leave(self._mark)


class _Bounded(TransactionWrapper):
    """Tortoise's transaction, begun with a time-out for its statements."""

    def __init__(self, connection: Any, milliseconds: int) -> None:
        super().__init__(connection)
        self._milliseconds = milliseconds

    async def begin(self) -> None:
        self.transaction = _BoundedBegin(self._connection._con, self._milliseconds)  # noqa: SLF001 - behind the pool's proxy
        await self.transaction.start()


class _BoundedBegin(Transaction):  # type: ignore[misc]  # asyncpg ships no types
    """asyncpg's transaction, whose BEGIN carries the time-out with it; local, so that nothing of it outlives the transaction."""

    def __init__(self, connection: asyncpg.Connection, milliseconds: int) -> None:
        super().__init__(connection, isolation=None, readonly=False, deferrable=False)
        self._milliseconds = milliseconds

    async def start(self) -> None:
        connection = self._connection
        connection._top_xact = self  # noqa: SLF001 - as in the method replaced
        try:
            await connection.execute(f"BEGIN; SET LOCAL statement_timeout = {self._milliseconds}")
        except BaseException:
            self._state = TransactionState.FAILED
            raise
        self._state = TransactionState.STARTED
