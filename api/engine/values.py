"""What resolvers give: plain values, values still to come, and failures."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from types import GeneratorType
from typing import Any

from graphql.pyutils import Undefined
from graphql.pyutils.is_awaitable import is_awaitable

MOST_TYPES = 4096
# Types whose values were found to be neither null, nor exceptions, nor awaitable; they are found out as they come.
PLAIN_TYPES: set[type] = {str, int, float, bool, list, tuple, dict}
_NEVER_PLAIN = (type(None), type(Undefined), Exception, GeneratorType)


def is_plain(value: object) -> bool:
    """Whether the value is ready and something: to look it up in PLAIN_TYPES first is quicker."""
    kind = type(value)
    if kind in PLAIN_TYPES:
        return True
    if isinstance(value, _NEVER_PLAIN) or is_awaitable(value):
        return False
    if len(PLAIN_TYPES) < MOST_TYPES:
        PLAIN_TYPES.add(kind)
    return True


async def together(work: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Run all of it at the same time; when one is cancelled or the caller is, so are the others."""
    if not work:
        return []
    if len(work) == 1:
        return [await work[0]]
    first, *others = work
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in others]
        found = await first  # begins before the others do, and needs no task of its own
    return [found, *(task.result() for task in tasks)]


async def settled(value: Awaitable[Any]) -> Any:
    """What comes of it, an exception included."""
    try:
        return await value
    except Exception as error:  # noqa: BLE001 - it belongs to the field, which tells it at its place
        return error
