"""Who may come in: a token opens one audience's door, none makes a guest, a wrong one opens nothing."""

from datetime import timedelta

import jwt
import pytest

from services.identity import revocations, tokens
from services.kernel.actors import Consumer, Courier, StaffRole, StoreStaff, SupportAgent, SupportLevel
from services.kernel.clock import now
from services.kernel.ids import new_id
from services.settings import Settings
from tests.api.apps import Doors, access_token
from tests.conftest import Statements, TestClock

WHO = "{ whoAmI }"


async def test_a_token_says_who_acts(small: Doors, person: Consumer) -> None:
    answer = await small.ask("consumer", WHO, actor=person)
    assert (answer.status, answer.data) == (200, {"whoAmI": str(person.person_id)})


async def test_a_guest_may_look_but_not_act(small: Doors) -> None:
    assert (await small.ask("consumer", "{ hello }")).data == {"hello": "Hello you"}
    answer = await small.ask("consumer", WHO)
    assert (answer.status, answer.data, answer.codes) == (200, None, ["UNAUTHENTICATED"])
    assert answer.errors[0]["path"] == ["whoAmI"]


@pytest.mark.parametrize(
    ("audience", "own"),
    [
        ("store", Consumer(new_id(), new_id())),
        ("courier", Consumer(new_id(), new_id())),
        ("support", Courier(new_id(), new_id())),
        ("consumer", Courier(new_id(), new_id())),
        ("consumer", StoreStaff(new_id(), new_id(), new_id(), StaffRole.OWNER)),
        ("consumer", SupportAgent(new_id(), new_id(), SupportLevel.FINANCE)),
    ],
)
async def test_another_audiences_token_is_refused_before_anything_is_looked_up(
    small: Doors, statements: Statements, audience: str, own: Consumer | Courier | StoreStaff | SupportAgent
) -> None:
    answer = await small.ask(audience, "{ hello }", actor=own)
    assert (answer.status, answer.data, answer.codes) == (401, None, ["UNAUTHENTICATED"])
    assert answer.headers["www-authenticate"] == "Bearer"
    assert await statements.count() == 0


async def test_an_expired_token(small: Doors, person: Consumer, clock: TestClock, house_settings: Settings) -> None:
    token = access_token(person)
    clock.move(seconds=house_settings.limits.access_token_lasts - 1)
    assert (await small.ask("consumer", WHO, token=token)).status == 200
    clock.move(seconds=house_settings.limits.clock_skew + 2)
    answer = await small.ask("consumer", WHO, token=token)
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


async def test_a_foreign_token(small: Doors, person: Consumer) -> None:
    claims = jwt.decode(access_token(person), options={"verify_signature": False})
    for forged in (
        jwt.encode(claims, "another key that is long enough to sign", "HS256", headers={"kid": "development"}),
        jwt.encode(claims, "", "none", headers={"kid": "development"}),
        tokens.issue_refresh(person).text,
    ):
        answer = await small.ask("consumer", "{ hello }", token=forged)
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer a.b.c", "Bearer " + "x" * 10_000, "bearer é", "\x00"]
)
async def test_a_header_that_is_no_token(small: Doors, header: str) -> None:
    answer = await small.post("consumer", {"query": "{ hello }"}, headers={"authorization": header})
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])


async def test_an_ended_session(small: Doors, person: Consumer) -> None:
    revocations.remember([person.session_id], now() + timedelta(seconds=0))
    answer = await small.ask("consumer", WHO, actor=person)
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
