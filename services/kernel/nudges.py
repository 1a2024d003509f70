"""Nudges: "something about this topic changed, read it again".

Told in the process at once, to the others through Redis, and never relied upon.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from uuid import uuid4

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "pannier:nudges"
_log = structlog.get_logger(__name__)


class _Hub:
    """Who listens to what in this process, and the way to the other processes."""

    def __init__(self) -> None:
        self.process = uuid4().hex
        self.listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.untold: set[str] = set()
        self.to_tell: asyncio.Event | None = None

    def wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in self.listeners.get(topic, ()):
                listener.set()

    def wake_everybody(self) -> None:
        self.wake(list(self.listeners))


_hub = _Hub()


async def publish(topics: Iterable[str]) -> None:
    """Wake every listener of these topics: here at once, elsewhere in a moment. Never waits for Redis, which may be frozen."""
    told = set(topics)
    _hub.wake(told)
    if told and _hub.to_tell is not None:
        _hub.untold |= told
        _hub.to_tell.set()


async def spread(redis: Redis) -> None:
    """Bring this process's nudges to the others, for ever; what a Redis that is away does not take is lost: listeners poll."""
    to_tell = _hub.to_tell = asyncio.Event()
    away = False
    try:
        while True:
            await to_tell.wait()
            to_tell.clear()
            told, _hub.untold = sorted(_hub.untold), set()
            was_away, away = away, not await _tell(redis, told)
            if away and not was_away:
                _log.warning("nudges_not_told", topics=len(told))
            elif was_away and not away:
                _log.info("nudges_told_again")
    finally:
        _hub.to_tell = None
        _hub.untold.clear()


async def _tell(redis: Redis, topics: list[str]) -> bool:
    try:
        await redis.publish(CHANNEL, orjson.dumps({"from": _hub.process, "topics": topics}))
    except (RedisError, OSError):
        return False
    return True


async def listen(*topics: str, poll_every: float = 5.0) -> AsyncIterator[None]:
    """Yield at once, then after every nudge of these topics, and every `poll_every` wall seconds anyhow."""
    nudged = asyncio.Event()
    for topic in topics:
        _hub.listeners[topic].add(nudged)
    try:
        yield
        while True:
            # Not wait_for: on Python 3.11 it loses a cancellation that comes together with the nudge.
            with suppress(TimeoutError):
                async with asyncio.timeout(poll_every):
                    await nudged.wait()
            nudged.clear()
            yield
    finally:
        for topic in topics:
            _hub.listeners[topic].discard(nudged)
            if not _hub.listeners[topic]:
                del _hub.listeners[topic]


async def follow(redis: Redis) -> None:
    """Bring the other processes' nudges to this one's listeners, for ever; after a lost connection everybody reads again."""
    deaf = False
    while True:
        try:
            async with redis.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                async for message in channel.listen():
                    deaf = False
                    _take(message)
        except Exception as away:  # noqa: BLE001 - whatever it is, the next nudges must be heard
            if not deaf:
                _log.warning("nudges_interrupted", error=type(away).__name__)
            deaf = True
            await asyncio.sleep(0.5)


def _take(message: dict[str, object]) -> None:
    if message["type"] == "subscribe":
        # What was told while nobody listened is lost: read again.
        _hub.wake_everybody()
    elif message["type"] == "message":
        told = orjson.loads(message["data"])  # type: ignore[arg-type]  # redis-py types messages loosely
        if told["from"] != _hub.process:
            _hub.wake(told["topics"])
