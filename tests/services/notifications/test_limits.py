"""A storm of pushes on one Android device: what FCM allows a device is never passed, whoever sends and whenever."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from services.identity.rules import Platform
from services.kernel.clock import now
from services.notifications.operations import PUSHES_TOPIC, send_due_pushes
from services.notifications.ports import Outcome, PushMessage, RetryLater, Sent
from services.notifications.rules import BURST, COLLAPSE_KEYS, PER_HOUR, PER_MINUTE, REFILL
from services.worker.schedule import Timer, keep_time
from tests.conftest import TestClock
from tests.factories.identity import make_consumer, make_device
from tests.factories.notifications import PushPorts, ScriptedPush, accepted, make_told_order, states, tell
from tests.factories.orders import make_order


@dataclass
class StrictFcm:
    """Counts every breach of the limits of one device; now and then it asks for patience."""

    chance: random.Random
    times: list[datetime] = field(default_factory=list)
    collapsible: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    async def send(self, message: PushMessage) -> Outcome:
        at = now()
        self.times.append(at)
        self._check_rates(at)
        if message.collapsed:
            self.collapsible.append((at, at + message.lasts_for, message.collapse_key))
            self._check_collapsible(at)
        if self.chance.random() < 0.1:
            return RetryLater(None, "UNAVAILABLE")
        return Sent(f"strict/{len(self.times)}")

    def _check_rates(self, at: datetime) -> None:
        if sum(at - earlier < timedelta(minutes=1) for earlier in self.times) > PER_MINUTE:
            self.breaches.append("minute")
        if sum(at - earlier < timedelta(hours=1) for earlier in self.times) > PER_HOUR:
            self.breaches.append("hour")

    def _check_collapsible(self, at: datetime) -> None:
        for place, (since, _, _) in enumerate(self.collapsible):
            if len(self.collapsible) - place > BURST + (at - since) / REFILL:
                self.breaches.append("burst")
        if len({key for _, until, key in self.collapsible if until > at}) > COLLAPSE_KEYS:
            self.breaches.append("keys")

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_storm_breaks_no_limit(clock: TestClock, seed: int) -> None:
    chance = random.Random(seed)
    consumer = await make_consumer()
    await make_device(consumer, platform=Platform.ANDROID)
    orders = [await make_order(consumer=consumer) for _ in range(6)]
    fcm = StrictFcm(chance)
    for _ in range(12):
        for _ in range(chance.randint(0, 9)):
            await tell(accepted(chance.choice(orders)))
        await asyncio.gather(*(send_due_pushes(PushPorts(fcm)) for _ in range(3)))
        clock.move(seconds=chance.choice([0, 5, 30, 200, 700]))

    assert fcm.breaches == []
    assert len(fcm.times) > 20
    assert any(state == "SENT" for _, state, _ in await states())


async def test_the_worker_sends_at_the_nudge_and_not_at_its_next_turn() -> None:
    order, _ = await make_told_order()
    sent = asyncio.Event()

    class Watched(ScriptedPush):
        async def send(self, message: PushMessage) -> Outcome:
            sent.set()
            return await super().send(message)

    push = Watched()
    timer = Timer("send due pushes", 60, send_due_pushes, with_ports=True, woken_by=PUSHES_TOPIC)
    worker = asyncio.create_task(keep_time(PushPorts(push), (timer,)))  # type: ignore[arg-type]  # the one port it needs
    await asyncio.sleep(0.2)
    await tell(accepted(order))
    await asyncio.wait_for(sent.wait(), 5)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    assert len(push.got) == 1
