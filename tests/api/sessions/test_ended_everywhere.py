"""A session that ends anywhere ends everywhere within five seconds: every socket closed, every token refused, in every process.

Two gateways in processes of their own serve the doors; this process is a third one that ends sessions too.
"""

import pytest

from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.identity.operations import bar_person, grant_role, revoke_role
from services.identity.ports import VerifiedIdentity
from services.identity.tokens import read_access
from services.kernel.actors import Audience, StaffRole, System
from tests.api.sessions.gateways import Gateways
from tests.api.sessions.lines import all_held, all_shut, held
from tests.api.sessions.words import CONSUMER, COURIER, DEVICE, EVERYONE, STORE, SUPPORT, signed_in
from tests.factories.identity import make_courier, make_staff
from tests.factories.stores import make_store

OFFICE = System("office")
pytestmark = pytest.mark.usefixtures("wall_time")


@pytest.mark.parametrize("place", ["hearing", "deaf"])
async def test_signing_out_at_one_gateway_shuts_both(gateways: Gateways, place: str) -> None:
    doors = getattr(gateways, place).doors
    leaving = [await signed_in(words) for words in EVERYONE]
    staying = await signed_in(CONSUMER, leaving[0].person_id)
    async with all_held(gateways, leaving) as shut, held(gateways, staying) as kept:
        for words, actor in zip(EVERYONE, leaving, strict=True):
            assert (await doors.run(words.audience, words.sign_out, actor=actor)).errors == []
        await all_shut(shut)
        await kept.is_open()


async def test_ending_a_session_from_another_device_shuts_it_alone(gateways: Gateways) -> None:
    here = [await signed_in(words) for words in EVERYONE]
    lost = [await make_courier(person_id=actor.person_id) for actor in here if actor.audience is not Audience.COURIER]
    doors = gateways.hearing.doors
    async with all_held(gateways, lost) as shut, all_held(gateways, here) as kept:
        for words, actor in zip(EVERYONE, here, strict=True):
            listed = (await doors.run(words.audience, words.sessions, actor=actor)).result()
            for session in listed:
                if not session["current"]:
                    ending = {"input": {"sessionId": session["id"]}}
                    assert (await doors.run(words.audience, words.end_session, ending, actor=actor)).errors == []
        await all_shut(shut)
        for still in kept:
            await still.is_open()


async def test_a_refresh_token_that_comes_back_shuts_the_whole_family(gateways: Gateways, house: Ports) -> None:
    assert house.issuer is not None
    given = {"input": {"idToken": house.issuer.issue(VerifiedIdentity("aino-uid")), "device": DEVICE}}
    hearing, deaf = gateways.hearing.doors, gateways.deaf.doors
    first = (await hearing.run("consumer", "SignIn", given)).result()["tokens"]
    stolen = {"input": {"refreshToken": first["refreshToken"]}}
    second = (await deaf.run("consumer", "RefreshSession", stolen)).result()["tokens"]
    actor = read_access(first["accessToken"], Audience.CONSUMER)

    async with (
        held(gateways, actor, first["accessToken"]) as before,
        held(gateways, actor, second["accessToken"]) as after,
    ):
        # Once it is forgiven, as a phone's repetition; the thief's second visit ends the family.
        assert (await deaf.run("consumer", "RefreshSession", stolen)).result()["__typename"] == "RefreshSessionSuccess"
        assert (await deaf.run("consumer", "RefreshSession", stolen)).result()["__typename"] == "RefreshTokenReusedProblem"
        # The newest refresh token is dead at once and everywhere: PostgreSQL is asked.
        newest = {"input": {"refreshToken": second["refreshToken"]}}
        assert (await hearing.run("consumer", "RefreshSession", newest)).result()["__typename"] == "SessionEndedProblem"
        await all_shut([before, after])


async def test_whoever_is_barred_is_out_at_every_door(gateways: Gateways) -> None:
    leaving = [await signed_in(CONSUMER)]
    leaving += [await signed_in(words, leaving[0].person_id) for words in (STORE, COURIER, SUPPORT)]
    staying = await signed_in(CONSUMER)
    async with all_held(gateways, leaving) as shut, held(gateways, staying) as kept:
        await bar_person(OFFICE, leaving[0].person_id, reason="fraud")
        await all_shut(shut)
        await kept.is_open()


async def test_a_revoked_role_shuts_its_sessions_and_leaves_the_persons_others(gateways: Gateways) -> None:
    leaving = [await signed_in(words) for words in (STORE, COURIER, SUPPORT)]
    eating = await signed_in(CONSUMER, leaving[0].person_id)
    async with all_held(gateways, leaving) as shut, held(gateways, eating) as kept:
        for actor in leaving:
            store_id = actor.store_id if actor.audience is Audience.STORE else None
            await revoke_role(OFFICE, actor.person_id, actor.audience, store_id)
        await all_shut(shut)
        await kept.is_open()


async def test_who_is_let_go_at_one_gateway_is_out_at_both(gateways: Gateways) -> None:
    owner = await make_staff((await make_store()).id)
    clerk = await make_staff(owner.store_id, StaffRole.CLERK)
    leaving = {"input": {"personId": opaque("StaffMember", clerk.person_id)}}
    async with held(gateways, clerk) as shut, held(gateways, owner) as kept:
        told = (await gateways.deaf.doors.run("store", "RemoveStaff", leaving, actor=owner)).result()
        assert [member["id"] for member in told["members"]] == [opaque("StaffMember", owner.person_id)]
        await shut.is_shut()
        await kept.is_open()


async def test_a_changed_role_shuts_the_sessions_of_the_earlier_one(gateways: Gateways) -> None:
    owner = await make_staff(role=StaffRole.OWNER)
    colleague = await make_staff(owner.store_id)
    async with held(gateways, owner) as shut, held(gateways, colleague) as kept:
        await grant_role(OFFICE, owner.person_id, Audience.STORE, StaffRole.CLERK, owner.store_id)
        await shut.is_shut()
        await kept.is_open()
