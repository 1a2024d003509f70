"""Redis (or Valkey): two clients, because a request must never wait for it and a subscription always does."""

from dataclasses import dataclass

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

OLDEST_REDIS = (7, 0)


@dataclass(frozen=True, slots=True)
class RedisPair:
    """`requests` gives up within half a second; `waiting` blocks as long as it likes (pub/sub)."""

    requests: Redis
    waiting: Redis

    async def close(self) -> None:
        await self.requests.aclose()
        await self.waiting.aclose()


def open_redis(url: str) -> RedisPair:
    """Clients for `url`; nothing is connected yet."""
    quick = BlockingConnectionPool.from_url(
        url, max_connections=20, timeout=0.5, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 1)
    )
    patient = BlockingConnectionPool.from_url(
        url,
        max_connections=4,
        timeout=5,
        socket_timeout=None,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    return RedisPair(Redis.from_pool(quick), Redis.from_pool(patient))


async def too_old(redis: Redis) -> str | None:
    """The server's version if it is older than Redis 7, else None."""
    version = str((await redis.info("server"))["redis_version"])
    return version if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS else None
