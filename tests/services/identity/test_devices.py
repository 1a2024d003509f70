"""Push addresses belong to one session: they leave with it, and move with the phone."""

import asyncio

import pytest

from services.identity.errors import SessionEnded
from services.identity.models import DeviceRow
from services.identity.operations import forget_unseen_devices, register_push, sign_out
from services.identity.queries import devices_of_people
from services.identity.rules import Platform, PushKind
from services.kernel.actors import Audience, Person
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_consumer, make_courier, make_device, make_person


async def register(actor: Person, address: str = "token-1", kind: PushKind = PushKind.FCM_TOKEN, locale: str = "fi") -> None:
    await register_push(actor, kind, address, Platform.IOS, locale)


async def registered() -> set[tuple[object, ...]]:
    return {(device.session_id, device.push_kind.value, device.push_token, device.locale) for device in await DeviceRow.all()}


async def test_a_device_is_reached_by_its_address() -> None:
    actor = await make_consumer()
    await register(actor)

    (device,) = await devices_of_people([actor.person_id])
    assert (device.person_id, device.session_id, device.audience) == (actor.person_id, actor.session_id, Audience.CONSUMER)
    assert (device.push_kind, device.push_token, device.platform, device.locale) == ("FCM_TOKEN", "token-1", "IOS", "fi")


async def test_the_same_address_again_is_only_seen_again(clock: TestClock) -> None:
    actor = await make_consumer()
    await register(actor)
    before = await DeviceRow.get()
    clock.move(days=1)
    await register(actor, locale="sv")

    after = await DeviceRow.get()
    assert (after.id, after.seen_at, after.locale) == (before.id, clock.now(), "sv")


async def test_a_new_address_replaces_the_sessions_earlier_one() -> None:
    actor = await make_consumer()
    await register(actor, "old")
    await register(actor, "new", PushKind.FCM_FID)
    assert await registered() == {(actor.session_id, "FCM_FID", "new", "fi")}


async def test_on_a_shared_phone_the_address_moves_to_who_signed_in_last() -> None:
    aino, onni = await make_consumer("Aino"), await make_consumer("Onni")
    await register(aino)
    ainos = (await DeviceRow.get()).id
    await register(onni)

    assert await registered() == {(onni.session_id, "FCM_TOKEN", "token-1", "fi")}
    assert (await DeviceRow.get()).id != ainos
    assert await devices_of_people([aino.person_id]) == []


async def test_the_same_text_of_another_kind_is_another_address() -> None:
    aino, onni = await make_consumer("Aino"), await make_consumer("Onni")
    await register(aino)
    await register(onni, kind=PushKind.LIVE_ACTIVITY)
    assert len(await registered()) == 2


async def test_after_signing_out_nothing_can_be_registered() -> None:
    actor = await make_consumer()
    await register(actor)
    await sign_out(actor)
    with pytest.raises(SessionEnded):
        await register(actor)
    assert await registered() == set()


@pytest.mark.parametrize(
    ("token", "locale"), [("", "fi"), ("a b", "fi"), ("x" * 4097, "fi"), ("nul\x00", "fi"), ("token", "xx_YY")]
)
async def test_an_impossible_registration_is_refused(token: str, locale: str) -> None:
    actor = await make_consumer()
    with pytest.raises(BadInput):
        await register(actor, token, locale=locale)
    assert await registered() == set()


async def test_a_session_that_never_was_registers_nothing() -> None:
    actor = await make_consumer()
    with pytest.raises(NotFound):
        await register(type(actor)(actor.person_id, new_id()))
    assert await registered() == set()


async def test_twenty_claims_on_one_address_leave_it_to_exactly_one() -> None:
    actors = [await make_consumer(f"Person {number}") for number in range(20)]
    await asyncio.gather(*(register(actor) for actor in actors), *(register(actor, "own") for actor in actors[:3]))
    assert await DeviceRow.filter(push_token="token-1").count() <= 1
    assert await DeviceRow.filter(push_token="own").count() == 1


async def test_each_app_of_a_person_is_reached_by_its_own_audience() -> None:
    person_id = await make_person()
    eating, riding = await make_consumer(person_id=person_id), await make_courier(person_id=person_id)
    await make_device(eating, "eating")
    await make_device(riding, "riding")

    assert [device.push_token for device in await devices_of_people([person_id], Audience.COURIER)] == ["riding"]
    assert {device.push_token for device in await devices_of_people([person_id])} == {"eating", "riding"}


async def test_an_address_unseen_for_270_days_is_forgotten(clock: TestClock) -> None:
    actor = await make_consumer()
    await register(actor)
    clock.move(days=270)
    assert await forget_unseen_devices() == 0
    clock.move(seconds=1)
    assert await forget_unseen_devices() == 1


async def test_statements(statements: Statements) -> None:
    actor = await make_consumer()
    statements.clear()
    await register(actor)
    assert await statements.count() == 4, statements.queries  # session, turn, what it replaces, itself
    statements.clear()
    await devices_of_people([actor.person_id])
    assert await statements.count() == 1
