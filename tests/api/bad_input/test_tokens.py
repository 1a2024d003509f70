"""Wrong, expired, foreign and other doors' tokens before every shipped operation: no entry, nothing read, nothing changed."""

import jwt
import pytest
from graphql import OperationType

from services.identity import revocations, tokens
from services.kernel.actors import Person
from services.kernel.clock import now
from tests.api.apps import Told, access_token, document, line_to
from tests.api.bad_input.attack import Attack
from tests.api.bad_input.questions import Question, questions
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff

FOR_GUESTS = {
    *("consumer/SignIn", "consumer/RefreshSession", "consumer/StoresNear", "consumer/Store"),
    *("consumer/StorePage", "consumer/Home", "consumer/Search", "consumer/Browse", "consumer/Ware", "consumer/MenuPreview"),
    "store/OpenStore",
    *("store/SignInStaff", "store/RefreshStaffSession", "courier/SignInCourier", "courier/RefreshCourierSession"),
    *("consumer/RequestSignInCode", "consumer/SignInWithCode", "store/RequestStaffSignInCode", "store/SignInStaffWithCode"),
    *("courier/RequestCourierSignInCode", "courier/SignInCourierWithCode"),
    *("support/SignInAgent", "support/RefreshAgentSession"),
}


async def strangers(attack: Attack) -> dict[str, str]:
    """The tokens of three people with business at the other doors."""
    people: list[Person] = [await make_consumer(), await make_staff(), await make_courier(), await make_agent()]
    return {f"of the {one.audience} app": access_token(one) for one in people if one.audience != attack.scene.audience}


async def not_ours(attack: Attack, clock: TestClock) -> dict[str, str]:
    """Tokens of this very door that are not in order."""
    actor, ended = attack.scene.usual.actor, await make_consumer()
    good = access_token(actor)
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = jwt.get_unverified_header(good)["kid"]
    header, payload, signature = good.split(".")
    clock.move(hours=-1)
    expired = access_token(actor)
    clock.move(hours=3)
    unborn = access_token(actor)
    clock.move(hours=-2)
    revocations.remember([ended.session_id], now())
    return {
        "expired": expired,
        "from the future": unborn,
        "another house's": jwt.encode(claims, "another key that is long enough to sign", "HS256", headers={"kid": kid}),
        "unsigned": jwt.encode(claims, "", "none", headers={"kid": kid}),
        "bent": f"{header}.{payload}.{signature[::-1]}",
        "a refresh token": tokens.issue_refresh(actor).text,
        "an ended session's": access_token(ended),
        "nothing": "nonsense",
        "absurdly long": good + "x" * 10_000,
    }


async def ask(attack: Attack, question: Question, token: str | None) -> Told:
    body = {"query": document(question.audience, question.operation), "variables": attack.scene.variables(question)}
    return await attack.doors.post(question.audience, body, token=token)


async def test_no_other_token_opens_any_operation(attack: Attack, clock: TestClock, statements: Statements) -> None:
    shown = await strangers(attack) | await not_ours(attack, clock)
    await attack.rewind.back()
    statements.clear()
    for question in questions(attack.scene.audience):
        for name, token in shown.items():
            answer = await ask(attack, question, token)
            assert (answer.status, answer.data, answer.codes) == (401, None, ["UNAUTHENTICATED"]), (question, name)
    assert statements.queries == []
    await attack.unchanged("a token that is not in order")


async def test_a_guest_may_look_and_sign_in_and_nothing_else(attack: Attack, statements: Statements) -> None:
    statements.clear()
    for question in questions(attack.scene.audience):
        if str(question) in FOR_GUESTS or question.asks is OperationType.SUBSCRIPTION:
            continue
        answer = await ask(attack, question, None)
        assert (answer.status, answer.codes) == (200, ["UNAUTHENTICATED"]), question
    assert statements.queries == []
    await attack.unchanged("a guest")


async def test_no_other_token_opens_a_socket(attack: Attack, clock: TestClock, address: str, statements: Statements) -> None:
    shown = await strangers(attack) | await not_ours(attack, clock)
    await attack.rewind.back()
    statements.clear()
    for token in shown.values():
        async with line_to(address, attack.scene.audience) as line:
            await line.say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
            assert await line.closed_by_server() == (4403, "Forbidden")
    assert statements.queries == []


async def test_a_guest_follows_nothing(attack: Attack, address: str) -> None:
    followed = [one for one in questions(attack.scene.audience) if one.asks is OperationType.SUBSCRIPTION]
    if not followed:
        pytest.skip("nothing can be followed at this door")
    for question in followed:
        async with line_to(address, question.audience) as line:
            await line.open()
            await line.subscribe("s", document(question.audience, question.operation), attack.scene.variables(question))
            heard = await line.hear()
            told = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
            assert [error["extensions"]["code"] for error in told] == ["UNAUTHENTICATED"], question
