"""Steps that can wait: at once while there is room, one at a time otherwise, and those who are in first."""

import asyncio

import pytest

from api.protocols.lane import Lane, Stage, Step

APART = 0.01


def write(taken: list[str], name: str) -> Step:
    def step() -> bool:
        taken.append(name)
        return True

    return step


async def test_a_lone_step_is_taken_at_once() -> None:
    lane, taken = Lane(APART), list[str]()
    lane.take(Stage.HANDSHAKE, write(taken, "first"))
    assert taken == ["first"]
    lane.take(Stage.HANDSHAKE, write(taken, "second"))
    assert (taken, len(lane)) == (["first"], 1)
    await asyncio.sleep(2 * APART)
    assert (taken, len(lane)) == (["first", "second"], 0)


async def test_who_is_in_is_served_before_the_next_is_let_in() -> None:
    lane, taken = Lane(APART), list[str]()
    for name in ("first", "second", "third"):
        lane.take(Stage.HANDSHAKE, write(taken, name))
    await asyncio.gather(lane.turn(Stage.READING))
    assert taken == ["first"]
    await asyncio.sleep(4 * APART)
    assert taken == ["first", "second", "third"]


async def test_steps_are_apart() -> None:
    lane, loop = Lane(APART), asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(lane.turn(Stage.READING) for _ in range(5)))
    # The loop's clock counts milliseconds.
    assert loop.time() - began >= 4 * APART - 0.005


async def test_who_went_away_takes_nobody_s_turn() -> None:
    lane = Lane(APART)
    await lane.turn(Stage.READING)
    left, stays = asyncio.create_task(lane.turn(Stage.READING)), asyncio.create_task(lane.turn(Stage.READING))
    await asyncio.sleep(0)
    left.cancel()
    began = asyncio.get_running_loop().time()
    await stays
    assert asyncio.get_running_loop().time() - began < 10 * APART
    assert len(lane) == 0


async def test_a_step_that_breaks_is_its_own_affair() -> None:
    lane, taken = Lane(APART), list[str]()

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
