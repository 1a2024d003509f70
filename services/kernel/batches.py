"""Many things a few at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Thing = TypeVar("Thing")


def batches(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """The things in their order, so many at a time; nothing is taken before it is asked for."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch
