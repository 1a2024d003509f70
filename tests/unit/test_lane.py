"""Steps that can wait: at once while there is room, one at a time otherwise, and those who are in first."""

import asyncio
from dataclasses import dataclass

import pytest

from api.protocols.lane import MOST_AT_A_STROKE, Clocks, Lane, Stage, Step

APART = 0.01


@dataclass
class Times:
    """A process that works for this share of the time."""

    share: float
    wall: float = 0.0
    at_work: float = 0.0

    def clocks(self) -> Clocks:
        return self.pass_on, lambda: self.at_work

    def pass_on(self) -> float:
        self.wall += 1.0
        self.at_work += self.share
        return self.wall


def busy_lane() -> Lane:
    return Lane(APART, Times(1.0).clocks())


def write(taken: list[str], name: str) -> Step:
    def step() -> bool:
        taken.append(name)
        return True

    return step


async def test_a_lone_step_is_taken_at_once() -> None:
    lane, taken = busy_lane(), list[str]()
    lane.take(Stage.HANDSHAKE, write(taken, "first"))
    assert taken == ["first"]
    lane.take(Stage.HANDSHAKE, write(taken, "second"))
    assert (taken, len(lane)) == (["first"], 1)
    await asyncio.sleep(2 * APART)
    assert (taken, len(lane)) == (["first", "second"], 0)


async def test_who_is_in_is_served_before_the_next_is_let_in() -> None:
    lane, taken = busy_lane(), list[str]()
    for name in ("first", "second", "third"):
        lane.take(Stage.HANDSHAKE, write(taken, name))
    await asyncio.gather(lane.turn(Stage.READING))
    assert taken == ["first"]
    await asyncio.sleep(4 * APART)
    assert taken == ["first", "second", "third"]


async def test_steps_are_apart() -> None:
    lane, loop = busy_lane(), asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(lane.turn(Stage.READING) for _ in range(5)))
    # The loop's clock counts milliseconds.
    assert loop.time() - began >= 4 * APART - 0.005


async def test_more_at_a_stroke_while_there_is_time_to_spare_and_fewer_when_there_is_none() -> None:
    times, taken = Times(0.1), list[int]()
    lane = Lane(APART, times.clocks())
    strokes: list[int] = []

    def step() -> bool:
        if not taken or taken[-1] != times.wall:
            strokes.append(0)
        taken.append(int(times.wall))
        strokes[-1] += 1
        if len(taken) == 50:
            times.share = 1.0
        return True

    for _ in range(70):
        lane.take(Stage.HANDSHAKE, step)
    await lane.turn(Stage.HANDSHAKE)
    assert strokes[:9] == [1, 3, 4, 5, 6, 7, 8, 8, 8]
    assert max(strokes) == MOST_AT_A_STROKE
    assert strokes[9:] == [4, 2] + [1] * 14


async def test_who_went_away_takes_nobody_s_turn() -> None:
    lane = busy_lane()
    await lane.turn(Stage.READING)
    left, stays = asyncio.create_task(lane.turn(Stage.READING)), asyncio.create_task(lane.turn(Stage.READING))
    await asyncio.sleep(0)
    left.cancel()
    began = asyncio.get_running_loop().time()
    await stays
    assert asyncio.get_running_loop().time() - began < 10 * APART
    assert len(lane) == 0


async def test_a_step_that_breaks_is_its_own_affair() -> None:
    lane, taken = busy_lane(), list[str]()

    def broken() -> bool:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        lane.take(Stage.HANDSHAKE, broken)
    lane.take(Stage.HANDSHAKE, write(taken, "next"))
    assert taken == []
    await asyncio.sleep(2 * APART)
    assert taken == ["next"]


def test_a_lane_outlives_its_loop() -> None:
    lane = Lane(30.0)

    async def once() -> None:
        async with asyncio.timeout(5):
            await lane.turn(Stage.READING)

    asyncio.run(once())
    asyncio.run(once())
    with pytest.raises(RuntimeError):
        lane.take(Stage.READING, lambda: True)
