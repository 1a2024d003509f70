"""The deadline of what runs now: set once at the edge, heard by every statement that is sent on its behalf."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

# Whoever set a deadline ends the work itself; statements outlive it by a breath, so that it is the first to act.
BREATH = 0.05
# By the event loop's clock.
_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


def begin(seconds: float) -> Token[float | None]:
    """From now on what runs here, tasks begun included, has so many seconds, or fewer if less is left already."""
    outer, own = _ends_at.get(), asyncio.get_running_loop().time() + seconds
    return _ends_at.set(own if outer is None else min(own, outer))


def over(mark: Token[float | None]) -> None:
    """Let hold again what held before `begin`."""
    _ends_at.reset(mark)


@contextmanager
def ends_in(seconds: float) -> Iterator[None]:
    """What is done inside has so many seconds: `begin` and `over`."""
    mark = begin(seconds)
    try:
        yield
    finally:
        over(mark)


def has_passed() -> bool:
    """Whether there is a deadline and no time left: what failed then failed for want of time."""
    ends_at = _ends_at.get()
    return ends_at is not None and asyncio.get_running_loop().time() >= ends_at


def statement_time() -> float | None:
    """How long a statement sent now may take, in seconds; None where nobody set a deadline. Raises TimeoutError after it."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return None
    left = ends_at - asyncio.get_running_loop().time() + BREATH
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left
