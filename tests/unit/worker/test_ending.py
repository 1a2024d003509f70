"""A worker that is told to stop: what is in hand comes to its end, and nothing of it is left to run alone."""

import asyncio
from typing import Any, cast

import pytest

from services.bootstrap import Ports
from services.kernel import background
from services.worker.ending import EndedFromInside, to_its_end
from services.worker.schedule import Timer, keep_time

NOBODY = cast("Ports", None)


class Job:
    """Takes a while, and notes how far it came."""

    def __init__(self, lasts: float) -> None:
        self.lasts = lasts
        self.notes: list[str] = []

    async def __call__(self) -> int:
        self.notes.append("begun")
        try:
            await asyncio.sleep(self.lasts)
        except asyncio.CancelledError:
            self.notes.append("cut")
            raise
        self.notes.append("done")
        return 0


async def stop(task: asyncio.Task[Any], *, times: int = 1) -> None:
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0.01)
    await asyncio.wait({task})


async def test_a_job_in_hand_is_finished_however_often_one_is_told_to_stop() -> None:
    job = Job(0.1)
    working = asyncio.create_task(to_its_end(job()))
    await asyncio.sleep(0.01)

    await stop(working, times=3)

    assert job.notes == ["begun", "done"]
    assert working.cancelled()


async def test_a_job_that_takes_too_long_is_cut() -> None:
    job = Job(60)
    working = asyncio.create_task(to_its_end(job(), within=0.05))
    await asyncio.sleep(0.01)

    await stop(working)

    assert job.notes == ["begun", "cut"]
    assert working.cancelled()


async def test_a_job_cancelled_from_inside_does_not_end_who_runs_it() -> None:
    async def cancelled() -> int:
        raise asyncio.CancelledError

    with pytest.raises(EndedFromInside):
        await to_its_end(cancelled())


async def test_the_timers_end_when_the_slowest_job_has_ended() -> None:
    quick, slow = Job(0), Job(0.2)
    timers = (Timer("quick", 60, quick), Timer("slow", 60, slow))
    keeping = asyncio.create_task(keep_time(NOBODY, timers))
    await asyncio.sleep(0.05)

    await stop(keeping, times=2)

    assert quick.notes == ["begun", "done"]
    assert slow.notes == ["begun", "done"]


async def test_whoever_lost_a_cancellation_is_told_again() -> None:
    heard: list[int] = []

    async def hard_of_hearing() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard.append(1)
                if len(heard) == 2:
                    raise

    following = asyncio.create_task(hard_of_hearing())
    await asyncio.sleep(0)

    await background.end([following])

    assert following.cancelled()
    assert len(heard) == 2


async def test_whoever_waits_for_others_and_is_cancelled_waits_on_and_then_ends() -> None:
    job = Job(0.1)
    working = asyncio.create_task(to_its_end(job()))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(background.end([working]))
    await asyncio.sleep(0.01)

    await stop(waiting)

    assert waiting.cancelled()
    assert job.notes == ["begun", "done"]
