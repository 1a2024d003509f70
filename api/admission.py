"""Admission: so many operations at a time, the urgent first, and an early no for those whose turn would come too late."""

import asyncio
from collections import deque
from collections.abc import Sequence

from services.kernel.errors import Overloaded

# How fast the measured time of an operation follows the newest.
_FOLLOWS = 0.1
_SOONEST, _LATEST = 0.2, 5.0


class Admission:
    """Turns in `classes` queues, the first the most urgent; class n waits at most `patience[n]` seconds.

    An operation that would wait longer, judged by how long those before it took, is refused at once; one that was promised too
    much is refused when its patience ends.
    """

    def __init__(self, at_once: int, patience: Sequence[float]) -> None:
        self._at_once, self._patience = at_once, tuple(patience)
        self._queues: list[deque[asyncio.Future[None]]] = [deque() for _ in patience]
        self.running = 0
        self._usual = 0.0
        self.shed = [0] * len(self._patience)

    def try_enter(self) -> bool:
        """Take a turn if one is free and nobody waits for it; whoever got one calls `leave`."""
        if self.running < self._at_once and not any(self._queues):
            self.running += 1
            return True
        return False

    async def enter(self, rank: int) -> None:
        """Wait for a turn; whoever got one calls `leave`. Raises Overloaded."""
        self.refuse_if_crowded(rank)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._queues[rank]
        queue.append(turn)
        try:
            async with asyncio.timeout(self._patience[rank]):
                await turn
        except TimeoutError:
            if not turn.cancelled():  # the turn came in the same moment
                return
            raise Overloaded(self._shed(rank, self._patience[rank])) from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._hand_on()
            raise
        finally:
            if turn in queue:
                queue.remove(turn)

    def is_crowded(self) -> bool:
        """Whether the least urgent class is being refused: a look that costs nothing where there is room."""
        return self.running >= self._at_once and self.expected_wait(len(self._patience) - 1) > self._patience[-1]

    def come_back_after(self, rank: int) -> float | None:
        """Where `enter` would refuse this class at once, count it as refused, and say after how many seconds to ask again."""
        expected = self.expected_wait(rank)
        return self._shed(rank, expected) if expected > self._patience[rank] else None

    def refuse_if_crowded(self, rank: int) -> None:
        """Raises Overloaded where `enter` would do so at once; for what takes no turn of its own."""
        after = self.come_back_after(rank)
        if after is not None:
            raise Overloaded(after)

    def leave(self, took: float) -> None:
        """Give the turn back after so many seconds."""
        self._usual += (took - self._usual) * _FOLLOWS
        self._hand_on()

    def expected_wait(self, rank: int) -> float:
        """How long until the turn of a newcomer of this class, as things go."""
        before = sum(len(queue) for queue in self._queues[: rank + 1])
        if self.running < self._at_once and not before:
            return 0.0
        return (before + 1) * self._usual / self._at_once

    def _hand_on(self) -> None:
        for queue in self._queues:
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self.running -= 1

    def _shed(self, rank: int, expected: float) -> float:
        self.shed[rank] += 1
        return round(min(max(2 * expected, _SOONEST), _LATEST), 1)
