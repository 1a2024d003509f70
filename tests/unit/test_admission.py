"""Turns: so many at a time, the urgent first, an early no for who would wait too long, and no turn ever lost."""

import asyncio

import pytest

from api.admission import Admission
from services.kernel.errors import Overloaded

LONG = 30.0


async def queued(admission: Admission, *ranks: int) -> tuple[list[int], list[asyncio.Task[None]]]:
    """Let one of each rank wait for a turn, in this order; who got theirs is written down."""
    served: list[int] = []

    async def one(rank: int) -> None:
        await admission.enter(rank)
        served.append(rank)

    tasks = [asyncio.create_task(one(rank)) for rank in ranks]
    await asyncio.sleep(0)
    return served, tasks


async def test_as_many_as_fit_enter_at_once() -> None:
    admission = Admission(2, (LONG,) * 4)
    assert [admission.try_enter() for _ in range(3)] == [True, True, False]
    admission.leave(0.01)
    assert admission.try_enter()


async def test_the_urgent_go_first() -> None:
    admission = Admission(1, (LONG,) * 4)
    assert admission.try_enter()
    served, tasks = await queued(admission, 3, 1, 2, 0, 1)
    for _ in tasks:
        admission.leave(0.0)
        await asyncio.sleep(0)
    assert served == [0, 1, 1, 2, 3]
    assert not admission.try_enter()
    admission.leave(0.0)
    assert admission.try_enter()


async def test_who_would_wait_too_long_is_told_at_once() -> None:
    admission = Admission(1, (LONG, LONG, 0.02, 0.01))
    for _ in range(100):
        assert admission.try_enter()
        admission.leave(0.1)
    assert admission.try_enter()
    with pytest.raises(Overloaded) as refused:
        await admission.enter(2)
    assert 0.1 <= refused.value.retry_after <= 5
    with pytest.raises(Overloaded):
        admission.refuse_if_crowded(3)
    assert admission.shed == [0, 0, 1, 1]
    served, tasks = await queued(admission, 0)
    admission.leave(0.1)
    await tasks[0]
    assert served == [0]


async def test_who_waited_in_vain_leaves_no_trace() -> None:
    admission = Admission(1, (LONG, LONG, 0.01, 0.01))
    assert admission.try_enter()
    with pytest.raises(Overloaded):
        await admission.enter(2)
    admission.leave(0.0)
    assert admission.running == 0


@pytest.mark.parametrize("when", ["before its turn", "with its turn"])
async def test_who_goes_away_gives_the_turn_back(when: str) -> None:
    admission = Admission(1, (LONG,) * 4)
    assert admission.try_enter()
    served, (leaver, other) = await queued(admission, 0, 1)
    if when == "with its turn":
        admission.leave(0.0)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    if when == "before its turn":
        admission.leave(0.0)
    await other
    assert served == [1]
    admission.leave(0.0)
    assert admission.running == 0
