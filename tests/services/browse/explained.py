"""How PostgreSQL carries out what a question says to it, statements inside functions too."""

from collections.abc import Awaitable, Callable

import asyncpg

from services.kernel import database
from services.kernel.database import Statement

EXPLAINED = (
    "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;"
    " SET auto_explain.log_level = 'notice'; SET client_min_messages = 'notice'; SET jit = off"
)


async def said(ask: Callable[[], Awaitable[object]]) -> list[Statement]:
    """The statements that answer it."""
    heard: list[Statement] = []
    stop = database.watch(heard.append)
    try:
        await ask()
    finally:
        stop()
    return heard


async def plans_of(owner: asyncpg.Connection, statements: list[Statement]) -> str:
    """How PostgreSQL carries these statements out."""
    told: list[str] = []
    await owner.execute(EXPLAINED)
    owner.add_log_listener(lambda _connection, message: told.append(str(message)))
    try:
        for statement in statements:
            await owner.fetch(statement.query, *statement.args)
    finally:
        await owner.execute("SET auto_explain.log_min_duration = -1")
    return "\n".join(told)
