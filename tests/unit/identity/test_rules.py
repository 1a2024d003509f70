"""Roles, refresh verdicts, phone numbers and names, decided without asking anybody."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.errors import NotAllowedHere, StoreChoiceNeeded
from services.identity.rules import (
    HeldRole,
    RefreshVerdict,
    actor_of,
    checked_locale,
    checked_push_token,
    e164,
    may_grant,
    plain_name,
    refresh_verdict,
    role_for,
)
from services.kernel.actors import Actor, Audience, Consumer, Courier, StaffRole, StoreStaff, SupportAgent, SupportLevel, System
from services.kernel.errors import BadInput
from tests.conftest import NOON

PERSON, SESSION, HERE, THERE = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
AT_HERE = HeldRole(Audience.STORE, "OWNER", HERE)
AT_THERE = HeldRole(Audience.STORE, "CLERK", THERE)
NO_GRACE = timedelta(0)


def test_consumers_need_no_role() -> None:
    assert role_for(Audience.CONSUMER, []) is None
    assert actor_of(Audience.CONSUMER, PERSON, SESSION, None) == Consumer(PERSON, SESSION)


def test_the_only_store_needs_no_choice_and_a_choice_picks_one() -> None:
    assert role_for(Audience.STORE, [AT_HERE]) == AT_HERE
    assert role_for(Audience.STORE, [AT_HERE, AT_THERE], THERE) == AT_THERE
    with pytest.raises(StoreChoiceNeeded) as refused:
        role_for(Audience.STORE, [AT_THERE, AT_HERE])
    assert refused.value.store_ids == [HERE, THERE]


@pytest.mark.parametrize("audience", [Audience.STORE, Audience.COURIER, Audience.SUPPORT])
def test_a_role_of_another_door_does_not_help(audience: Audience) -> None:
    others = [HeldRole(other, "OWNER", HERE) for other in Audience if other is not audience]
    with pytest.raises(NotAllowedHere):
        role_for(audience, others)
    with pytest.raises(NotAllowedHere):
        actor_of(audience, PERSON, SESSION, None)


@pytest.mark.parametrize(
    "held",
    [
        HeldRole(Audience.STORE, "OWNER"),
        HeldRole(Audience.STORE, "APPROVED", HERE),
        HeldRole(Audience.SUPPORT, "OWNER"),
        HeldRole(Audience.COURIER, "L1"),
    ],
)
def test_a_role_that_does_not_fit_its_door_is_none(held: HeldRole) -> None:
    with pytest.raises(NotAllowedHere):
        actor_of(held.audience, PERSON, SESSION, held)


def test_the_house_grants_anything_an_owner_at_their_store_only() -> None:
    owner, manager = (StoreStaff(PERSON, SESSION, HERE, role) for role in (StaffRole.OWNER, StaffRole.MANAGER))
    assert may_grant(System("seed"), Audience.SUPPORT, None)
    assert may_grant(owner, Audience.STORE, HERE)
    refused: list[tuple[Actor, Audience, UUID | None]] = [
        (owner, Audience.STORE, THERE),
        (owner, Audience.STORE, None),
        (owner, Audience.SUPPORT, None),
        (owner, Audience.COURIER, HERE),
        (manager, Audience.STORE, HERE),
        (Consumer(PERSON, SESSION), Audience.STORE, HERE),
        (Courier(PERSON, SESSION), Audience.COURIER, None),
        (SupportAgent(PERSON, SESSION, SupportLevel.FINANCE), Audience.SUPPORT, None),
    ]
    assert not any(may_grant(actor, audience, store_id) for actor, audience, store_id in refused)


@pytest.mark.parametrize(
    ("rotated", "ended", "past", "grace", "verdict"),
    [
        (None, None, -1, 0, RefreshVerdict.ROTATE),
        (None, None, 0, 0, RefreshVerdict.EXPIRED),
        (0, None, -1, 0, RefreshVerdict.REUSED),
        (1, None, -1, 0, RefreshVerdict.REUSED),
        (1, None, 1, 0, RefreshVerdict.REUSED),
        (10, None, -1, 10, RefreshVerdict.ROTATE),
        (11, None, -1, 10, RefreshVerdict.REUSED),
        (5, None, 0, 10, RefreshVerdict.EXPIRED),
        (None, 1, -1, 0, RefreshVerdict.ENDED),
        (1, 1, -1, 10, RefreshVerdict.ENDED),
    ],
)
def test_what_a_refresh_token_buys(
    rotated: int | None, ended: int | None, past: int, grace: int, verdict: RefreshVerdict
) -> None:
    """`rotated` and `ended` are seconds ago, `past` is how far beyond its end the token is."""
    found = refresh_verdict(
        expires_at=NOON - timedelta(seconds=past),
        rotated_at=None if rotated is None else NOON - timedelta(seconds=rotated),
        ended_at=None if ended is None else NOON - timedelta(seconds=ended),
        at=NOON,
        grace=timedelta(seconds=grace),
    )
    assert found is verdict


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("+358401234567", None, "+358401234567"),
        ("+358 40 123 4567", None, "+358401234567"),
        ("040 123 4567", "FI", "+358401234567"),
        ("00358401234567", "FI", "+358401234567"),
        ("+1 (650) 253-0000", None, "+16502530000"),
    ],
)
def test_a_phone_number_has_one_spelling(typed: str, region: str | None, number: str) -> None:
    assert e164(typed, region) == number


@pytest.mark.parametrize("typed", ["", "0401234567", "+", "+358", "aino", "+358" + "4" * 30, "\x00", "+358401234567" * 30])
def test_what_cannot_be_a_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        e164(typed)
    assert refused.value.field == "phone"


@given(st.text())
def test_a_name_is_one_printable_line_however_it_comes(text: str) -> None:
    name = plain_name(text)
    assert len(name) <= 80
    assert name.isprintable()
    assert name == name.strip()
    assert plain_name(name) == name


@pytest.mark.parametrize("tag", ["en", "fi", "sv-FI", "zh-Hant-TW", "es-419"])
def test_language_tags(tag: str) -> None:
    assert checked_locale(tag) == tag


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "ä", "a\x00", "x" * 4097])
def test_what_cannot_be_a_push_token_is_refused(token: str) -> None:
    with pytest.raises(BadInput):
        checked_push_token(token)


def test_refusing_without_grace_is_the_default() -> None:
    assert (
        refresh_verdict(expires_at=NOON + timedelta(days=1), rotated_at=NOON, ended_at=None, at=NOON, grace=NO_GRACE)
        is RefreshVerdict.REUSED
    )
