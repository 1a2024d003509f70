"""Nudges: "something about this topic changed, read it again".

Told in the process at once, to the others through Redis, and never relied upon alone.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from uuid import uuid4

import orjson
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

CHANNEL = "pannier:nudges"
HEARING = 30.0
"""Wall seconds after which a listener reads again although nothing was told, while Redis brings the others' nudges."""
DEAF = 5.0
"""The same while it does not."""
_SILENCE = 2.0
_MOST_UNTOLD = 10_000
_log = structlog.get_logger(__name__)


Overheard = Callable[[Iterable[str] | None], None]


class _Listener(asyncio.Event):
    """Somebody who listens, and what they were nudged about since they last looked: these topics, or who knows what."""

    def __init__(self) -> None:
        super().__init__()
        self.told: set[str] = set()
        self.in_doubt = False

    def take(self) -> frozenset[str]:
        """The topics nudged; none where it may be any of them. From now on it waits for the next."""
        told = frozenset() if self.in_doubt else frozenset(self.told)
        self.told.clear()
        self.in_doubt = False
        self.clear()
        return told


class _Hub:
    """Who listens to what in this process, and the way to the other processes."""

    def __init__(self) -> None:
        self.process = uuid4().hex
        self.listeners: dict[str, set[_Listener]] = defaultdict(set)
        self.untold: set[str] = set()
        self.to_tell: asyncio.Event | None = None
        self.deaf = True
        self.overhearing: list[Overheard] = []

    def wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in self.listeners.get(topic, ()):
                listener.told.add(topic)
                listener.set()
        for overheard in self.overhearing:
            overheard(topics)

    def wake_everybody(self) -> None:
        for listeners in self.listeners.values():
            for listener in listeners:
                listener.in_doubt = True
                listener.set()
        for overheard in self.overhearing:
            overheard(None)

    def pause(self) -> float:
        """How long to trust that no news is no change; not the same for everybody, so that thousands do not read at once."""
        return (DEAF if self.deaf else HEARING) * random.uniform(0.8, 1.2)


_hub = _Hub()


async def publish(topics: Iterable[str]) -> None:
    """Wake every listener of these topics: here at once, elsewhere in a moment. Never waits for Redis, which may be frozen."""
    told = set(topics)
    _hub.wake(told)
    if told and _hub.to_tell is not None:
        _hub.untold |= told
        _hub.to_tell.set()


def wake_here(topics: Iterable[str]) -> None:
    """Wake this process's listeners of these topics, for whoever found out without a nudge that something changed."""
    _hub.wake(set(topics))


def overhear(overheard: Overheard) -> None:
    """Call `overheard` with the topics of every nudge, and with None whenever some may have been missed."""
    _hub.overhearing.append(overheard)


def doubt() -> None:
    """Let everybody read again: nudges may have been missed."""
    _hub.wake_everybody()


async def spread(redis: Redis) -> None:
    """Bring this process's nudges to the others, for ever; what a Redis that is away does not take is told once it is back."""
    to_tell = _hub.to_tell = asyncio.Event()
    away = False
    try:
        while True:
            await to_tell.wait()
            to_tell.clear()
            told, _hub.untold = sorted(_hub.untold), set()
            was_away, away = away, not await _tell(redis, told)
            if away:
                _keep(told)
                if not was_away:
                    _log.warning("nudges_not_told", topics=len(told))
                await asyncio.sleep(0.5)
            elif was_away:
                _log.info("nudges_told_again")
    finally:
        if _hub.untold:
            await _tell(redis, sorted(_hub.untold))
        _hub.to_tell = None
        _hub.untold.clear()


def _keep(told: list[str]) -> None:
    """Tell these again; beyond ten thousand nobody is missed: who hears of no change reads again all the same, later."""
    if _hub.to_tell is not None and len(_hub.untold) + len(told) <= _MOST_UNTOLD:
        _hub.untold |= set(told)
    if _hub.to_tell is not None and _hub.untold:
        _hub.to_tell.set()


async def _tell(redis: Redis, topics: list[str]) -> bool:
    try:
        await redis.publish(CHANNEL, orjson.dumps({"from": _hub.process, "topics": topics}))
    except (RedisError, OSError):
        return False
    return True


async def listen(*topics: str, poll_every: float | None = None) -> AsyncGenerator[frozenset[str], None]:
    """Yield at once, then after every nudge of these topics, and every `poll_every` wall seconds anyhow.

    Where it is not said, that is every half a minute, and every five seconds while the others' nudges cannot be heard.
    What is yielded are the topics nudged; none where it may be any of them.
    """
    nudged = _Listener()
    for topic in topics:
        _hub.listeners[topic].add(nudged)
    try:
        yield frozenset()
        while True:
            # Not wait_for: on Python 3.11 it loses a cancellation that comes together with the nudge.
            with suppress(TimeoutError):
                async with asyncio.timeout(_hub.pause() if poll_every is None else poll_every):
                    await nudged.wait()
            yield nudged.take()
    finally:
        for topic in topics:
            _hub.listeners[topic].discard(nudged)
            if not _hub.listeners[topic]:
                del _hub.listeners[topic]


async def follow(redis: Redis) -> None:
    """Bring the other processes' nudges to this one's listeners, for ever; after a lost connection everybody reads again."""
    try:
        while True:
            try:
                async with redis.pubsub() as channel:
                    async with asyncio.timeout(2 * _SILENCE):
                        await channel.subscribe(CHANNEL)
                    await _hear(channel)
            except Exception as away:  # noqa: BLE001 - whatever it is, the next nudges must be heard
                if not _hub.deaf:
                    _log.warning("nudges_interrupted", error=type(away).__name__)
                    # They begin to look more often, at once.
                    _hub.deaf = True
                    doubt()
                await asyncio.sleep(0.5)
    finally:
        _hub.deaf = True


async def _hear(channel: PubSub) -> None:
    """Take what comes. Raises when the other side does not even answer a ping, as a frozen Redis does."""
    asked = False
    while True:
        message = await channel.get_message(timeout=_SILENCE)
        if message is not None:
            asked = False
            _take(message)
        elif asked:
            raise TimeoutError("Redis does not answer")
        else:
            await channel.ping()
            asked = True


def _take(message: dict[str, object]) -> None:
    if message["type"] == "subscribe":
        # What was told while nobody listened is lost: read again.
        _hub.deaf = False
        doubt()
    elif message["type"] == "message":
        told = orjson.loads(message["data"])  # type: ignore[arg-type]  # redis-py types messages loosely
        if told["from"] != _hub.process:
            _hub.wake(told["topics"])
