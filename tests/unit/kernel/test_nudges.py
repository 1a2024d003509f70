"""Nudges that Redis did not take are told once it does, and whoever cannot hear looks more often."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import pytest
from redis.exceptions import ConnectionError as RedisAway

from services.kernel import nudges


@dataclass
class FakeRedis:
    """Takes what is published once it is there."""

    away: bool = True
    told: list[str] = field(default_factory=list)

    async def publish(self, _channel: str, text: bytes) -> None:
        if self.away:
            raise RedisAway
        self.told += orjson.loads(text)["topics"]


@pytest.fixture(autouse=True)
def _a_hub_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudges, "_hub", nudges._Hub())


async def test_what_a_redis_that_is_away_did_not_take_is_told_once_it_is_back() -> None:
    redis = FakeRedis()
    spreading = asyncio.create_task(nudges.spread(cast("Any", redis)))
    await asyncio.sleep(0)
    await nudges.publish(["a"])
    await asyncio.sleep(0.05)
    await nudges.publish(["b"])
    redis.away = False
    await asyncio.sleep(0.6)
    assert sorted(redis.told) == ["a", "b"]
    await _end(spreading)


async def test_a_process_that_ends_tells_what_it_has_left() -> None:
    redis = FakeRedis()
    spreading = asyncio.create_task(nudges.spread(cast("Any", redis)))
    await asyncio.sleep(0)
    await nudges.publish(["a"])
    await asyncio.sleep(0.05)
    redis.away = False
    await _end(spreading)
    assert redis.told == ["a"]


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_who_hears_the_others_trusts_their_silence_longer() -> None:
    deaf = [nudges._hub.pause() for _ in range(100)]
    nudges._hub.deaf = False
    hearing = [nudges._hub.pause() for _ in range(100)]
    assert (min(deaf) >= 4, max(deaf) <= 6, min(hearing) >= 24, max(hearing) <= 36) == (True,) * 4
    assert len(set(hearing)) > 1
