"""Fan-out: one source for all who follow the same, a fresh first answer for each, the newest for who is slow, no trace after."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

import pytest

from api.engine.fanout import Fanout, Follower


@dataclass
class Board:
    """A thing with a value that changes: each source reads it when it is opened and at each change."""

    value: int = 0
    opened: int = 0
    open_now: int = 0
    reads: int = 0
    changes: list[asyncio.Event] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.held.set()

    def change(self) -> None:
        self.value += 1
        for changed in self.changes:
            changed.set()

    async def source(self) -> AsyncGenerator[bytes, None]:
        return self._answers()

    async def _answers(self) -> AsyncGenerator[bytes, None]:
        changed = asyncio.Event()
        self.changes.append(changed)
        self.opened += 1
        self.open_now += 1
        try:
            while True:
                read = self.value
                self.reads += 1
                await self.held.wait()
                yield b"%d" % read
                await changed.wait()
                changed.clear()
        finally:
            self.open_now -= 1
            self.changes.remove(changed)


@pytest.fixture(autouse=True)
async def _nobody_left_behind() -> AsyncIterator[None]:
    """Readings that a test leaves under way end with it, and not when their garbage is collected in another test."""
    before = asyncio.all_tasks()
    yield
    left = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def rest() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def heard(follower: Follower) -> bytes:
    return await asyncio.wait_for(anext(follower), 5)


async def test_those_who_come_together_share_one_reading_and_one_answer() -> None:
    board, fanout = Board(), Fanout()
    followers = [fanout.follow("a", board.source) for _ in range(100)]
    first = [await heard(follower) for follower in followers]
    board.change()
    second = [await heard(follower) for follower in followers]
    assert (first, second) == ([b"0"] * 100, [b"1"] * 100)
    assert all(answer is second[0] for answer in second)
    assert (board.opened, board.reads) == (1, 2)


async def test_another_key_is_another_stream() -> None:
    board, other, fanout = Board(), Board(value=7), Fanout()
    mine, yours = fanout.follow("a", board.source), fanout.follow("b", other.source)
    assert [await heard(mine), await heard(yours)] == [b"0", b"7"]
    assert len(fanout) == 2


async def test_a_newcomer_hears_what_was_read_after_they_came() -> None:
    board, fanout = Board(), Fanout()
    first = fanout.follow("a", board.source)
    assert await heard(first) == b"0"
    # Nobody is told of this change: only a fresh reading finds it.
    board.value = 5
    second = fanout.follow("a", board.source)
    assert await heard(second) == b"5"
    assert await heard(first) == b"5"
    assert (board.opened, board.open_now) == (2, 1)


async def test_who_comes_during_a_reading_waits_for_the_next() -> None:
    board, fanout = Board(), Fanout()
    board.held.clear()
    first = fanout.follow("a", board.source)
    await rest()
    board.value = 1
    second = fanout.follow("a", board.source)
    await rest()
    board.held.set()
    assert [await heard(first), await heard(second)] == [b"0", b"1"]
    assert await heard(first) == b"1"


async def test_a_newcomer_alone_hears_what_the_others_know_already() -> None:
    board, fanout = Board(), Fanout()
    first = fanout.follow("a", board.source)
    await heard(first)
    second = fanout.follow("a", board.source)
    assert await heard(second) == b"0"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(first), 0.05)


async def test_who_is_slow_hears_the_newest_and_keeps_one_answer() -> None:
    board, fanout = Board(), Fanout()
    quick, slow = (fanout.follow("a", board.source) for _ in range(2))
    assert [await heard(quick), await heard(slow)] == [b"0", b"0"]
    seen = []
    for _ in range(1_000):
        board.change()
        seen.append(await heard(quick))
    assert seen == [b"%d" % number for number in range(1, 1_001)]
    assert await heard(slow) == b"1000"


async def test_the_last_to_leave_closes_the_source() -> None:
    board, fanout = Board(), Fanout()
    first, second = fanout.follow("a", board.source), fanout.follow("a", board.source)
    await heard(first)
    await first.aclose()
    await rest()
    assert board.open_now == 1
    await second.aclose()
    await rest()
    assert (board.open_now, len(fanout)) == (0, 0)
    assert await heard(fanout.follow("a", board.source)) == b"0"


async def finite() -> AsyncGenerator[bytes, None]:
    async def answers() -> AsyncGenerator[bytes, None]:
        yield b"only"

    return answers()


async def refused() -> AsyncGenerator[bytes, None]:
    raise ValueError("unfit")


async def breaking() -> AsyncGenerator[bytes, None]:
    async def answers() -> AsyncGenerator[bytes, None]:
        yield b"one"
        raise ValueError("broken")

    return answers()


async def collect(answers: AsyncIterator[bytes]) -> list[bytes]:
    return [answer async for answer in answers]


async def test_the_end_of_a_source_is_everybodys_end() -> None:
    fanout = Fanout()
    followers = [fanout.follow("a", finite) for _ in range(3)]
    assert await asyncio.gather(*map(collect, followers)) == [[b"only"]] * 3
    assert len(fanout) == 0


@pytest.mark.parametrize(("source", "before"), [(refused, []), (breaking, [b"one"])])
async def test_a_source_that_fails_fails_for_everybody_who_heard_it(source: object, before: list[bytes]) -> None:
    fanout = Fanout()
    for follower in [fanout.follow("a", source) for _ in range(3)]:  # type: ignore[arg-type]  # one of the two above
        for answer in before:
            assert await heard(follower) == answer
        with pytest.raises(ValueError, match=r"unfit|broken"):
            await heard(follower)
    assert len(fanout) == 0


async def test_a_newcomer_whose_source_fails_takes_nobody_along() -> None:
    board, fanout = Board(), Fanout()
    sources = [board.source, refused]

    async def next_source() -> AsyncGenerator[bytes, None]:
        return await sources.pop(0)()

    first = fanout.follow("a", next_source)
    assert await heard(first) == b"0"
    second = fanout.follow("a", next_source)
    with pytest.raises(ValueError, match="unfit"):
        await heard(second)
    board.change()
    assert await heard(first) == b"1"
