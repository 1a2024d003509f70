"""How much one asker may ask: leaky buckets of sessions and of guests' addresses, each process its own, settled in Redis.

A request never waits for Redis: it is measured by the process's own bucket, and once a second the buckets that were used are
settled with the other processes' (one round trip for five hundred). Between two settlements somebody may get as much again from
every further process; while Redis is away each process measures for itself.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.adapters.leaky_buckets import settle
from services.kernel.errors import RateLimited
from services.settings import RateLimit

MOST_KEPT = 100_000
AT_A_TIME = 500
SETTLED_EVERY = 1.0
# A session, or a guest's address.
Asker = UUID | str
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float
    # What the other processes have not heard of yet.
    unsettled: float = 0.0


class Buckets:
    """The buckets of one kind of asker."""

    def __init__(self, kind: str, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self.kind, self.limit, self._clock = kind, limit, clock
        self._kept: OrderedDict[Asker, _Bucket] = OrderedDict()
        self._used: set[Asker] = set()

    def pour(self, asker: Asker, price: float) -> float:
        """Pay for an operation; answers what is left. Raises RateLimited with the time until it would fit."""
        bucket = self._bucket(asker)
        if bucket.level > 0 and bucket.level + price > self.limit.burst:
            raise RateLimited(round(max(0.1, (bucket.level + price - self.limit.burst) / self.limit.per_second), 1))
        bucket.level += price
        bucket.unsettled += price
        self._used.add(asker)
        return self.limit.burst - bucket.level

    def _bucket(self, asker: Asker) -> _Bucket:
        now = self._clock()
        bucket = self._kept.get(asker)
        if bucket is None:
            bucket = self._kept[asker] = _Bucket(0.0, now)
            if len(self._kept) > MOST_KEPT:
                forgotten, _ = self._kept.popitem(last=False)
                self._used.discard(forgotten)
            return bucket
        self._kept.move_to_end(asker)
        bucket.level = max(0.0, bucket.level - (now - bucket.at) * self.limit.per_second)
        bucket.at = now
        return bucket

    async def settle(self, redis: Redis) -> None:
        """Tell what was used here and take over what was used everywhere. Raises RedisError; then the next turn tells it."""
        while self._used:
            askers = list(islice(self._used, AT_A_TIME))
            poured = {asker: self._kept[asker].unsettled for asker in askers}
            keys = {asker: _key(self.kind, asker) for asker in askers}
            limit = self.limit
            levels = await settle(
                redis, {keys[asker]: poured[asker] for asker in askers}, burst=limit.burst, per_second=limit.per_second
            )
            for asker in askers:
                self._take_over(asker, poured[asker], levels[keys[asker]])

    def _take_over(self, asker: Asker, told: float, level: float) -> None:
        bucket = self._kept.get(asker)
        if bucket is None:
            return
        bucket.unsettled -= told
        # What was poured in while Redis answered is on top of what it knows.
        bucket.level, bucket.at = level + bucket.unsettled, self._clock()
        if bucket.unsettled <= 0:
            self._used.discard(asker)


async def keep_settled(redis: Redis, kinds: Sequence[Buckets], every: float = SETTLED_EVERY) -> None:
    """Settle the buckets of this process with the others', for ever; a Redis that is away is tried again."""
    away = False
    while True:
        await asyncio.sleep(every)
        was_away, away = away, False
        try:
            for buckets in kinds:
                await buckets.settle(redis)
        except (RedisError, OSError) as error:
            away = True
            if not was_away:
                _log.warning("buckets_not_settled", error=type(error).__name__)


def _key(kind: str, asker: Asker) -> str:
    # Neither sessions nor addresses lie open in Redis.
    return f"pannier:bucket:{kind}:{hashlib.blake2b(str(asker).encode(), digest_size=12).hexdigest()}"
