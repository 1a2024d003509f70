"""A phone that several people use: its push address goes to whoever registered last, and leaves when they do."""

import pytest

from services.bootstrap import Ports
from services.identity.models import DeviceRow
from services.identity.operations import revoke_role
from services.identity.ports import VerifiedIdentity
from services.kernel.actors import Audience, Person, System
from tests.api.apps import Doors
from tests.api.sessions.words import CONSUMER, COURIER, DEVICE, STORE, Words, signed_in

ADDRESS = {"kind": "FCM_TOKEN", "token": "the-shared-phone", "platform": "ANDROID", "locale": "fi"}
in_every_app_with_pushes = pytest.mark.parametrize("words", [CONSUMER, STORE, COURIER], ids=lambda words: words.audience)


async def register(doors: Doors, words: Words, actor: Person) -> None:
    assert words.register is not None
    registered = await doors.run(words.audience, words.register, {"input": ADDRESS}, actor=actor)
    assert registered.result()["__typename"] == f"{words.register}Success"


async def reached() -> list[tuple[object, object]]:
    """Whom the phone's address reaches, and in which session."""
    return [(device.person_id, device.session_id) for device in await DeviceRow.filter(push_token=ADDRESS["token"])]


@in_every_app_with_pushes
async def test_the_address_moves_to_the_next_person(doors: Doors, words: Words) -> None:
    aino, onni = await signed_in(words), await signed_in(words)
    await register(doors, words, aino)
    await register(doors, words, onni)
    assert await reached() == [(onni.person_id, onni.session_id)]

    # Aino never signed out here; doing so later takes nothing from Onni.
    assert (await doors.run(words.audience, words.sign_out, actor=aino)).errors == []
    assert await reached() == [(onni.person_id, onni.session_id)]


@in_every_app_with_pushes
async def test_the_address_is_gone_at_sign_out_and_comes_back_with_nobody(doors: Doors, words: Words) -> None:
    aino = await signed_in(words)
    await register(doors, words, aino)
    assert (await doors.run(words.audience, words.sign_out, actor=aino)).errors == []
    assert await reached() == []

    assert words.register is not None
    refused = await doors.run(words.audience, words.register, {"input": ADDRESS}, actor=aino)
    assert refused.codes == ["UNAUTHENTICATED"]
    assert await reached() == []


@in_every_app_with_pushes
async def test_the_address_is_gone_when_the_session_is_ended_from_another_device(doors: Doors, words: Words) -> None:
    lost = await signed_in(words)
    await register(doors, words, lost)
    here = await signed_in(CONSUMER if words is not CONSUMER else COURIER, lost.person_id)
    other = CONSUMER if words is not CONSUMER else COURIER
    listed = (await doors.run(other.audience, other.sessions, actor=here)).result()
    (lost_id,) = [session["id"] for session in listed if not session["current"]]

    assert (await doors.run(other.audience, other.end_session, {"input": {"sessionId": lost_id}}, actor=here)).errors == []

    assert await reached() == []


async def test_the_address_is_gone_when_a_refresh_token_comes_back(doors: Doors, house: Ports) -> None:
    assert house.issuer is not None
    given = {"input": {"idToken": house.issuer.issue(VerifiedIdentity("aino-uid")), "device": DEVICE}}
    tokens = (await doors.run("consumer", "SignIn", given)).result()["tokens"]
    document = "mutation($input: RegisterPushDeviceInput!) { registerPushDevice(input: $input) { __typename } }"
    assert (await doors.ask("consumer", document, {"input": ADDRESS}, token=tokens["accessToken"])).errors == []
    assert len(await reached()) == 1

    renewal = {"input": {"refreshToken": tokens["refreshToken"]}}
    answers = [(await doors.run("consumer", "RefreshSession", renewal)).result()["__typename"] for _ in range(3)]

    assert answers == ["RefreshSessionSuccess"] * 2 + ["RefreshTokenReusedProblem"]
    assert await reached() == []


@pytest.mark.parametrize("words", [STORE, COURIER], ids=lambda words: words.audience)
async def test_the_address_is_gone_with_the_role(doors: Doors, words: Words) -> None:
    actor = await signed_in(words)
    await register(doors, words, actor)
    store_id = actor.store_id if words.audience is Audience.STORE else None
    await revoke_role(System("office"), actor.person_id, words.audience, store_id)
    assert await reached() == []


async def test_one_phone_with_two_apps_has_two_addresses_of_their_own(doors: Doors) -> None:
    eating = await signed_in(CONSUMER)
    riding = await signed_in(COURIER, eating.person_id)
    await register(doors, CONSUMER, eating)
    other = {**ADDRESS, "token": "the-courier-app"}
    assert (await doors.run("courier", "RegisterCourierPushDevice", {"input": other}, actor=riding)).errors == []

    assert (await doors.run("courier", "SignOutCourier", actor=riding)).errors == []

    assert [device.session_id for device in await DeviceRow.all()] == [eating.session_id]
