"""At the counter codes cannot be guessed; at the door each attempt to reach the consumer is written down."""

from datetime import timedelta

import pytest

from services.dispatch.errors import PickupCodeWrong
from services.dispatch.events import ContactAttempted, OrdersPickedUp
from services.dispatch.operations import collect, note_contact_attempt
from services.dispatch.rules import DeliveryState
from services.kernel import events
from tests.conftest import TestClock
from tests.factories.dispatch import make_delivery, picture
from tests.facts import recorded

D = DeliveryState


async def test_codes_cannot_be_guessed_at_a_counter(clock: TestClock) -> None:
    job = await make_delivery(D.AT_PICKUP)
    stop = job.stops[0].id
    locked = clock.now() + timedelta(minutes=5)
    for left, until in ((4, None), (3, None), (2, None), (1, None), (0, locked)):
        with pytest.raises(PickupCodeWrong) as refused:
            await collect(job.rider, stop, ["0000"])
        assert (refused.value.tries_left, refused.value.locked_until) == (left, until)

    before = await picture()
    clock.move(minutes=4, seconds=59)
    for code in ("4711", "0000"):
        with pytest.raises(PickupCodeWrong) as refused:
            await collect(job.rider, stop, [code])
        assert (refused.value.tries_left, refused.value.locked_until) == (0, locked)
    assert await picture() == before
    assert await recorded(OrdersPickedUp) == []

    clock.move(seconds=1)
    with pytest.raises(PickupCodeWrong) as refused:
        await collect(job.rider, stop, ["0001"])
    assert (refused.value.tries_left, refused.value.locked_until) == (4, None)
    assert (await collect(job.rider, stop, ["4711"])).state is D.PICKED_UP


async def test_an_attempt_is_told_with_the_phones_time(clock: TestClock) -> None:
    job = await make_delivery(D.AT_DROPOFF)
    pressed = clock.now() - timedelta(seconds=70)
    await note_contact_attempt(job.rider, job.door.id, device_at=pressed)
    told = (await events.timeline(job.purchase.id))[-1]
    assert (told.kind, told.device_at, told.recorded_at) == ("ContactAttempted", pressed, clock.now())
    assert [(event.stop_id, event.attempt) for event in await recorded(ContactAttempted)] == [(job.door.id, 1)]
