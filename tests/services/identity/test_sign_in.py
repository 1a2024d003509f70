"""Signing in: who becomes known, which door opens, what a refusal leaves behind."""

import asyncio
from dataclasses import replace

import pytest

from services.bootstrap import Ports
from services.identity import tokens
from services.identity.errors import IdTokenNotAccepted, NotAllowedHere, StoreChoiceNeeded, TokenFault
from services.identity.events import SessionStarted
from services.identity.models import PersonRow, RefreshTokenRow, SessionRow
from services.identity.operations import enrol_person, sign_in
from services.identity.ports import VerifiedIdentity
from services.identity.queries import PersonCard
from services.identity.rules import DeviceDescription, Platform
from services.kernel.actors import Audience, Consumer, Courier, StaffRole, StoreStaff, SupportAgent, SupportLevel
from services.kernel.errors import BadInput
from services.kernel.ids import new_id
from tests.conftest import NOON, Statements, TestClock
from tests.factories.identity import make_person, make_role
from tests.facts import recorded

AINO = VerifiedIdentity("aino-uid", phone="+358401234567", name="Aino Virtanen")
PHONE = DeviceDescription("Aino's iPhone", Platform.IOS, "fi")


def id_token(ports: Ports, identity: VerifiedIdentity = AINO) -> str:
    assert ports.issuer is not None
    return ports.issuer.issue(identity)


async def nobody_signed_in() -> bool:
    return not await SessionRow.exists() and not await RefreshTokenRow.exists() and await recorded(SessionStarted) == []


async def test_a_first_sign_in_makes_the_consumer_known(house: Ports, clock: TestClock) -> None:
    signed_in = await sign_in(Audience.CONSUMER, id_token(house), device=PHONE, verifier=house.id_tokens)

    person = await PersonRow.get()
    assert (person.firebase_uid, person.name, person.phone, person.locale) == ("aino-uid", "Aino Virtanen", "+358401234567", "fi")
    assert signed_in.person == PersonCard(person.id, "Aino Virtanen", "+358401234567", "fi")
    assert tokens.read_access(signed_in.access_token, Audience.CONSUMER) == Consumer(person.id, signed_in.session.id)
    assert (signed_in.expires_at - NOON).total_seconds() == 900
    assert await recorded(SessionStarted) == [
        SessionStarted(person_id=person.id, session_id=signed_in.session.id, audience="consumer", platform="IOS")
    ]


async def test_only_a_hash_of_the_refresh_token_is_kept(house: Ports) -> None:
    signed_in = await sign_in(Audience.CONSUMER, id_token(house), device=PHONE, verifier=house.id_tokens)

    kept = await RefreshTokenRow.get()
    assert kept.token_hash == tokens.read_refresh(signed_in.refresh_token, Audience.CONSUMER).hash
    assert kept.token_hash not in signed_in.refresh_token
    assert (kept.expires_at - NOON).days == 60


async def test_a_second_sign_in_is_the_same_person_in_a_second_session(house: Ports) -> None:
    first = await sign_in(Audience.CONSUMER, id_token(house), device=PHONE, verifier=house.id_tokens)
    renamed = replace(AINO, name=None, phone=None)
    second = await sign_in(
        Audience.CONSUMER, id_token(house, renamed), device=replace(PHONE, locale="sv"), verifier=house.id_tokens
    )

    assert second.person == PersonCard(first.person.id, "Aino Virtanen", "+358401234567", "sv")
    assert second.session.id != first.session.id
    assert await PersonRow.all().count() == 1


async def test_a_phone_number_goes_to_whoever_proved_it_last(house: Ports) -> None:
    await sign_in(Audience.CONSUMER, id_token(house), device=PHONE, verifier=house.id_tokens)
    await sign_in(
        Audience.CONSUMER, id_token(house, replace(AINO, uid="heir", name="Onni")), device=PHONE, verifier=house.id_tokens
    )

    assert {person.firebase_uid: person.phone for person in await PersonRow.all()} == {"aino-uid": None, "heir": "+358401234567"}


async def test_ten_first_sign_ins_at_once_make_one_person_and_ten_sessions(house: Ports) -> None:
    token = id_token(house)
    await asyncio.gather(
        *(sign_in(Audience.CONSUMER, token, device=PHONE, verifier=house.id_tokens) for _ in range(10)),
    )
    assert (await PersonRow.all().count(), await SessionRow.all().count()) == (1, 10)


async def test_ten_people_who_prove_one_number_at_once_leave_it_to_one(house: Ports) -> None:
    tokens_of_ten = [id_token(house, replace(AINO, uid=f"person-{number}")) for number in range(10)]
    await asyncio.gather(*(sign_in(Audience.CONSUMER, token, device=PHONE, verifier=house.id_tokens) for token in tokens_of_ten))
    assert await PersonRow.all().count() == 10
    assert await PersonRow.filter(phone="+358401234567").count() == 1


async def test_staff_act_for_their_store_with_their_role(house: Ports) -> None:
    person = await enrol_person("aino-uid")
    store_id = new_id()
    await make_role(person.id, Audience.STORE, StaffRole.MANAGER, store_id)

    signed_in = await sign_in(Audience.STORE, id_token(house), device=PHONE, verifier=house.id_tokens)

    assert signed_in.actor == StoreStaff(person.id, signed_in.session.id, store_id, StaffRole.MANAGER)
    assert tokens.read_access(signed_in.access_token, Audience.STORE) == signed_in.actor


async def test_staff_of_two_stores_have_to_choose(house: Ports) -> None:
    person_id = await make_person(uid="aino-uid")
    stores = sorted([new_id(), new_id()])
    for store_id in stores:
        await make_role(person_id, Audience.STORE, StaffRole.CLERK, store_id)

    with pytest.raises(StoreChoiceNeeded) as refused:
        await sign_in(Audience.STORE, id_token(house), device=PHONE, verifier=house.id_tokens)
    assert refused.value.store_ids == stores
    assert await nobody_signed_in()

    chosen = await sign_in(Audience.STORE, id_token(house), device=PHONE, store_id=stores[1], verifier=house.id_tokens)
    assert chosen.session.store_id == stores[1]


async def test_couriers_and_agents_sign_in_by_their_approval(house: Ports) -> None:
    person_id = await make_person(uid="aino-uid")
    await make_role(person_id, Audience.COURIER, "APPROVED")
    await make_role(person_id, Audience.SUPPORT, SupportLevel.FINANCE)

    courier = await sign_in(Audience.COURIER, id_token(house), device=PHONE, verifier=house.id_tokens)
    agent = await sign_in(Audience.SUPPORT, id_token(house), device=PHONE, verifier=house.id_tokens)

    assert tokens.read_access(courier.access_token, Audience.COURIER) == Courier(person_id, courier.session.id)
    assert tokens.read_access(agent.access_token, Audience.SUPPORT) == SupportAgent(
        person_id, agent.session.id, SupportLevel.FINANCE
    )


@pytest.mark.parametrize("audience", [Audience.STORE, Audience.COURIER, Audience.SUPPORT])
async def test_without_the_role_the_door_stays_shut_and_nobody_becomes_known(house: Ports, audience: Audience) -> None:
    with pytest.raises(NotAllowedHere):
        await sign_in(audience, id_token(house), device=PHONE, verifier=house.id_tokens)

    assert await nobody_signed_in()
    assert not await PersonRow.exists()


async def test_staff_of_one_store_cannot_choose_another(house: Ports) -> None:
    person_id = await make_person(uid="aino-uid")
    await make_role(person_id, Audience.STORE, StaffRole.OWNER, new_id())

    with pytest.raises(NotAllowedHere):
        await sign_in(Audience.STORE, id_token(house), device=PHONE, store_id=new_id(), verifier=house.id_tokens)
    assert await nobody_signed_in()


async def test_an_id_token_past_its_hour_is_refused_as_expired(house: Ports, clock: TestClock) -> None:
    token = id_token(house)
    clock.move(hours=1, seconds=60)

    with pytest.raises(IdTokenNotAccepted) as refused:
        await sign_in(Audience.CONSUMER, token, device=PHONE, verifier=house.id_tokens)
    assert refused.value.fault is TokenFault.EXPIRED
    assert await nobody_signed_in()
    assert not await PersonRow.exists()


@pytest.mark.parametrize("locale", ["", "finnish please", "fi\x00", "FI", "fi_FI", "x" * 500])
async def test_an_impossible_language_is_refused(house: Ports, locale: str) -> None:
    with pytest.raises(BadInput):
        await sign_in(Audience.CONSUMER, id_token(house), device=replace(PHONE, locale=locale), verifier=house.id_tokens)
    assert await nobody_signed_in()


async def test_names_come_in_one_clean_line(house: Ports) -> None:
    odd = replace(AINO, name="Aino\x00\n  \u202eVirtanen" + "x" * 200)
    signed_in = await sign_in(
        Audience.CONSUMER, id_token(house, odd), device=replace(PHONE, name="\x00" * 9 + "iPhone"), verifier=house.id_tokens
    )

    assert signed_in.person.name == "Aino Virtanen" + "x" * 67
    assert signed_in.session.device_name == "iPhone"


async def test_statements(house: Ports, statements: Statements) -> None:
    await sign_in(Audience.CONSUMER, id_token(house), device=PHONE, verifier=house.id_tokens)
    assert await statements.count() == 6, statements.queries  # turn, phone freed, person, session, event, refresh token
