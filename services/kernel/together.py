"""Work that comes in together, whoever asks for it, is done as one: one statement, one commit.

The first is begun at once; what comes while it is under way waits for its end, and then goes together, in the order in which it
came. Where it is not urgent, as much as comes within a few milliseconds goes together. Nobody is answered before their own is
done, and what cannot be done does not hurt the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeAlias, TypeVar

import asyncpg

from services.kernel import deadline
from services.kernel.database import in_transaction

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Do: TypeAlias = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]
# Seconds: what waits longer than this, for a lock that one of them needs, is tried one by one.
WITHIN = 2.0
# What is refused by PostgreSQL, or cannot be said to it, was not done.
_NEVER_DONE = (asyncpg.PostgresError,)


class Together(Generic[Asked, Answer]):
    """`do` takes what was asked, at most `most` at a time, and answers each in the same order: with an exception, or all fail.

    Two turns begin `apart` seconds apart at the least; who comes after a pause of that length does not wait at all. What may
    not be done twice is not done `again` for want of time: it may have been done after all.
    """

    def __init__(self, do: Do[Asked, Answer], most: int, apart: float = 0.0, *, again: bool = True) -> None:
        self._do, self._most, self._apart = do, most, apart
        self._undone = (*_NEVER_DONE, TimeoutError) if again else _NEVER_DONE
        self._begun = float("-inf")
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._doing: asyncio.Task[None] | None = None

    async def done(self, asked: Asked) -> Answer:
        """Have it done, and answer once it is. It commits by itself: not to be asked for within a transaction."""
        if in_transaction():
            raise RuntimeError("what is done together with others' is no part of one's own transaction")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._doing is None or self._doing.get_loop() is not loop:
            # In a context of its own: neither the deadline nor the name of whoever came first is the others'.
            self._doing = loop.create_task(self._do_all(), context=Context())
        return await answer

    async def _do_all(self) -> None:
        try:
            while self._waiting:
                await self._take_turns()
                several, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                # Whoever went away before it was begun wants it no more.
                await self._answer([one for one in several if not one[1].done()])
        finally:
            self._doing = None
            for _, answer in self._waiting:
                answer.cancel()

    async def _take_turns(self) -> None:
        loop = asyncio.get_running_loop()
        # By the loop's clock, which another loop of this process shares.
        if (left := self._begun + self._apart - loop.time()) > 0:
            await asyncio.sleep(left)
        self._begun = loop.time()

    async def _answer(self, several: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        try:
            with deadline.ends_in(WITHIN):
                answers = await self._do([asked for asked, _ in several])
        except self._undone as broken:
            if len(several) > 1:
                for one in several:
                    await self._answer([one])
                return
            answers = [broken]
        except Exception as broken:  # noqa: BLE001 - everyone's
            answers = [broken] * len(several)
        except BaseException:
            for _, answer in several:
                answer.cancel()
            raise
        for (_, answer), given in zip(several, answers, strict=True):
            _give(answer, given)


def _give(answer: asyncio.Future[Answer], given: Answer | Exception) -> None:
    if answer.done():
        return
    if isinstance(given, Exception):
        answer.set_exception(given)
    else:
        answer.set_result(given)
