"""Buckets of several processes, settled in Redis; and what each does alone while Redis is away."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.rate import Buckets
from services.bootstrap import Ports
from services.kernel.errors import RateLimited
from services.kernel.ids import new_id
from services.settings import RateLimit

LIMIT = RateLimit(burst=100, per_second=0.001)


async def test_what_two_processes_took_adds_up(house: Ports) -> None:
    one, two, asker = Buckets("test", LIMIT), Buckets("test", LIMIT), str(new_id())
    one.pour(asker, 60)
    two.pour(asker, 60)
    await one.settle(house.redis.requests)
    assert one.pour(asker, 30) == pytest.approx(10, abs=0.1)
    await two.settle(house.redis.requests)
    with pytest.raises(RateLimited):
        two.pour(asker, 1)
    await one.settle(house.redis.requests)
    with pytest.raises(RateLimited):
        one.pour(asker, 1)


async def test_no_sessions_lie_open_in_redis(house: Ports) -> None:
    buckets, asker = Buckets("test", LIMIT), str(new_id())
    buckets.pour(asker, 60)
    before = set(await house.redis.requests.keys("pannier:bucket:test:*"))
    await buckets.settle(house.redis.requests)
    (made,) = set(await house.redis.requests.keys("pannier:bucket:test:*")) - before
    assert asker not in str(made)
    assert 0 < await house.redis.requests.pttl(made) <= 60 / LIMIT.per_second * 1_000 + 1_000


async def test_without_redis_the_process_measures_alone(house: Ports) -> None:
    buckets = Buckets("test", LIMIT)
    buckets.pour("a", 60)
    async with Redis(port=1) as away:
        with pytest.raises(RedisError):
            await buckets.settle(away)
    assert buckets.pour("a", 40) == pytest.approx(0, abs=0.1)
    with pytest.raises(RateLimited):
        buckets.pour("a", 1)
