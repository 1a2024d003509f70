"""Staying signed in: each refresh token works once, and its return ends the session."""

import asyncio
from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.identity import tokens
from services.identity.errors import RefreshTokenNotAccepted, RefreshTokenReused, SessionEnded, TokenFault
from services.identity.events import SessionFinished
from services.identity.models import RefreshTokenRow, SessionRow
from services.identity.operations import SignedIn, refresh, revoke_role, sign_in, sign_out
from services.identity.ports import VerifiedIdentity
from services.identity.rules import DeviceDescription, EndReason, Platform
from services.kernel.actors import Audience, Courier, StaffRole, StoreStaff, System
from services.kernel.errors import Unauthenticated
from services.kernel.ids import new_id
from services.settings import Settings
from tests.conftest import NOON, Statements, TestClock
from tests.factories.identity import make_person, make_role
from tests.facts import recorded

PHONE = DeviceDescription("A phone", Platform.ANDROID)


async def signed_in(ports: Ports, audience: Audience = Audience.CONSUMER) -> SignedIn:
    assert ports.issuer is not None
    token = ports.issuer.issue(VerifiedIdentity("aino-uid", name="Aino"))
    return await sign_in(audience, token, device=PHONE, verifier=ports.id_tokens)


async def renewed(before: SignedIn) -> SignedIn:
    return await refresh(before.refresh_token, audience=before.session.audience)


async def test_a_pair_buys_the_next_for_the_same_session(house: Ports, clock: TestClock) -> None:
    first = await signed_in(house)
    clock.move(minutes=20)
    second = await renewed(first)

    assert (second.session.id, second.person, second.actor) == (first.session.id, first.person, first.actor)
    assert tokens.read_access(second.access_token, Audience.CONSUMER) == first.actor
    assert second.refresh_token != first.refresh_token
    spent, kept = await RefreshTokenRow.all().order_by("issued_at")
    assert (spent.rotated_at, kept.rotated_at) == (clock.now(), None)
    assert kept.expires_at == clock.now() + timedelta(days=60)
    assert (await SessionRow.get()).last_seen_at == clock.now()


async def test_a_token_that_comes_back_ends_the_session(house: Ports, clock: TestClock) -> None:
    first = await signed_in(house)
    second = await renewed(first)
    clock.move(seconds=11)

    with pytest.raises(RefreshTokenReused):
        await renewed(first)

    ended = await SessionRow.get()
    assert (ended.ended_at, ended.end_reason) == (clock.now(), EndReason.REFRESH_TOKEN_REUSED)
    assert await recorded(SessionFinished) == [
        SessionFinished(
            person_id=first.person.id, session_id=first.session.id, audience="consumer", end_reason="REFRESH_TOKEN_REUSED"
        )
    ]
    with pytest.raises(Unauthenticated):
        tokens.read_access(second.access_token, Audience.CONSUMER)
    with pytest.raises(SessionEnded):
        await renewed(second)
    with pytest.raises(SessionEnded):
        await renewed(first)
    assert await RefreshTokenRow.all().count() == 2
    assert len(await recorded(SessionFinished)) == 1


async def test_of_ten_phones_with_one_token_two_are_let_in_and_then_all_are_signed_out(house: Ports) -> None:
    first = await signed_in(house)

    answers = await asyncio.gather(*(renewed(first) for _ in range(10)), return_exceptions=True)

    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["RefreshTokenReused"] + ["SessionEnded"] * 7 + ["SignedIn"] * 2
    assert (await SessionRow.get()).end_reason is EndReason.REFRESH_TOKEN_REUSED
    assert await RefreshTokenRow.all().count() == 3


async def test_two_requests_of_one_phone_at_one_moment_are_both_answered(house: Ports) -> None:
    first = await signed_in(house)

    one, other = await asyncio.gather(renewed(first), renewed(first))

    assert one.session.id == other.session.id == first.session.id
    assert one.refresh_token != other.refresh_token
    assert (await SessionRow.get()).ended_at is None


@pytest.mark.parametrize("kept", [0, 1])
async def test_whichever_pair_the_phone_keeps_goes_on(house: Ports, clock: TestClock, kept: int) -> None:
    first = await signed_in(house)
    pairs = [await renewed(first), await renewed(first)]
    clock.move(minutes=14)
    again = await renewed(await renewed(pairs[kept]))
    assert again.session.id == first.session.id


async def test_of_two_pairs_the_one_that_is_not_kept_was_stolen_if_it_comes(house: Ports, clock: TestClock) -> None:
    first = await signed_in(house)
    phones, thiefs = await renewed(first), await renewed(first)
    await renewed(phones)

    with pytest.raises(RefreshTokenReused):
        await renewed(thiefs)

    assert (await SessionRow.get()).end_reason is EndReason.REFRESH_TOKEN_REUSED


async def test_a_lost_answer_is_forgiven_for_its_time_only(house: Ports, clock: TestClock) -> None:
    first = await signed_in(house)
    lost = await renewed(first)
    clock.move(seconds=10)
    again = await renewed(first)
    assert again.session.id == lost.session.id == first.session.id
    spent = await RefreshTokenRow.filter(rotated_at__isnull=False).get()
    assert (spent.rotated_at, spent.repeated_at) == (NOON, clock.now())

    # Once: a third time is one too many, at the very same moment too.
    with pytest.raises(RefreshTokenReused):
        await renewed(first)


async def test_nothing_is_forgiven_once_the_next_pair_was_used(house: Ports) -> None:
    first = await signed_in(house)
    await renewed(await renewed(first))
    with pytest.raises(RefreshTokenReused):
        await renewed(first)


async def test_another_doors_token_is_refused_and_stays_good_at_its_own(house: Ports) -> None:
    first = await signed_in(house)

    with pytest.raises(RefreshTokenNotAccepted) as refused:
        await refresh(first.refresh_token, audience=Audience.STORE)
    assert refused.value.fault is TokenFault.AUDIENCE
    assert (await SessionRow.get()).ended_at is None
    await renewed(first)


async def test_an_access_token_refreshes_nothing(house: Ports) -> None:
    first = await signed_in(house)
    with pytest.raises(RefreshTokenNotAccepted) as refused:
        await refresh(first.access_token, audience=Audience.CONSUMER)
    assert refused.value.fault is TokenFault.TYPE


async def test_a_well_signed_token_that_we_never_kept_is_refused(house: Ports) -> None:
    first = await signed_in(house)
    never_kept = tokens.issue_refresh(first.actor).text
    with pytest.raises(RefreshTokenNotAccepted):
        await refresh(never_kept, audience=Audience.CONSUMER)
    assert await RefreshTokenRow.all().count() == 1


async def test_after_sixty_days_and_the_skew_it_has_run_out(house: Ports, clock: TestClock) -> None:
    first = await signed_in(house)
    clock.move(days=60)
    with pytest.raises(RefreshTokenNotAccepted) as refused:
        await renewed(first)
    assert refused.value.fault is TokenFault.EXPIRED
    assert (await RefreshTokenRow.get()).rotated_at is None


async def test_a_signed_out_session_buys_nothing(house: Ports) -> None:
    first = await signed_in(house)
    await sign_out(first.actor)
    with pytest.raises(SessionEnded):
        await renewed(first)
    assert await RefreshTokenRow.all().count() == 1


async def test_the_new_pair_carries_the_role_of_the_moment(house: Ports) -> None:
    person_id, store_id = await make_person(uid="aino-uid"), new_id()
    await make_role(person_id, Audience.STORE, StaffRole.MANAGER, store_id)
    await make_role(person_id, Audience.STORE, StaffRole.CLERK, new_id())
    assert house.issuer is not None
    token = house.issuer.issue(VerifiedIdentity("aino-uid"))
    first = await sign_in(Audience.STORE, token, device=PHONE, store_id=store_id, verifier=house.id_tokens)

    second = await renewed(first)

    assert second.actor == StoreStaff(person_id, first.session.id, store_id, StaffRole.MANAGER)
    assert tokens.read_access(second.access_token, Audience.STORE) == second.actor


async def test_a_courier_who_is_no_longer_approved_is_out(house: Ports) -> None:
    person_id = await make_person(uid="aino-uid")
    await make_role(person_id, Audience.COURIER, "APPROVED")
    first = await signed_in(house, Audience.COURIER)
    assert isinstance(first.actor, Courier)
    await revoke_role(System("back office"), person_id, Audience.COURIER)

    with pytest.raises(SessionEnded):
        await renewed(first)
    with pytest.raises(Unauthenticated):
        tokens.read_access(first.access_token, Audience.COURIER)


async def test_statements(house: Ports, statements: Statements) -> None:
    first = await signed_in(house)
    statements.clear()
    await renewed(first)
    assert await statements.count() == 2, statements.queries  # the locked row, the exchange


def test_ten_seconds_of_grace_are_the_default() -> None:
    assert Settings(profile="test").limits.refresh_reuse_grace == 10
