"""Lists in every form in which a resolver may answer one, and values that come later."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from typing import Any

from tests.unit.engine.differential.shapes import Dice


class Later:
    """An awaitable that nobody misses when it is not awaited."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


class Begun:
    """An awaitable that begins when it is awaited, and that nobody misses either."""

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, None, Any]:
        return self._begin().__await__()


def listed(items: list[Any], dice: Dice, *, odd: bool, lasting: bool) -> Any:
    """The items in one of the forms that GraphQL takes for a list; a `lasting` one may be read again."""
    if not odd:
        return tuple(items) if dice.one_in(6) else items
    forms: tuple[Any, ...] = (
        deque(items),
        _Again(items) if lasting else _one_by_one(items),
        _Streamed(items),
        items or {}.keys(),
    )
    return dice.pick(forms)


def broken_list(items: list[Any], dice: Dice, *, lasting: bool) -> Any:
    """What is no list, or breaks while it is read."""
    return dice.pick(
        (
            7,
            "text",
            {"a": 1},
            _Again(items, breaks=True) if lasting else _breaking(items),
            _Streamed(items, breaks=True),
            b"bytes",
            True,
        )
    )


def _one_by_one(items: list[Any]) -> Iterator[Any]:
    yield from items


def _breaking(items: list[Any]) -> Iterator[Any]:
    yield from items
    raise ValueError("the list broke")


class _Again:
    """An iterable that is no list."""

    def __init__(self, items: list[Any], *, breaks: bool = False) -> None:
        self._items, self._breaks = items, breaks

    def __iter__(self) -> Iterator[Any]:
        return _breaking(self._items) if self._breaks else _one_by_one(self._items)


class _Streamed:
    """An asynchronous iterable."""

    def __init__(self, items: list[Any], *, breaks: bool = False) -> None:
        self._items, self._breaks = items, breaks

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self._items:
            await asyncio.sleep(0)
            yield item
        if self._breaks:
            raise ValueError("the stream broke")
