"""Signing in by a code with the shipped documents, at each door that has it: from the asking to a session, and every no."""

from dataclasses import dataclass
from typing import Any

import pytest

from services.bootstrap import Ports
from services.identity.operations import send_due_codes
from services.kernel.actors import Audience, StaffRole
from services.kernel.ids import new_id
from tests.api.apps import Doors
from tests.api.sessions.words import DEVICE
from tests.conftest import TestClock
from tests.factories.identity import make_person, make_role
from tests.services.identity.test_codes import Texts

PHONE = "+358401234567"


@dataclass(frozen=True, slots=True)
class Words:
    """What a door calls it."""

    audience: Audience
    ask: str
    sign_in: str
    role: str | None

    async def make(self) -> None:
        """Somebody of this audience with the number."""
        person = await make_person(phone=PHONE)
        if self.role:
            await make_role(person, self.audience, self.role, new_id() if self.audience is Audience.STORE else None)


EVERY = (
    Words(Audience.CONSUMER, "RequestSignInCode", "SignInWithCode", None),
    Words(Audience.STORE, "RequestStaffSignInCode", "SignInStaffWithCode", StaffRole.OWNER),
    Words(Audience.COURIER, "RequestCourierSignInCode", "SignInCourierWithCode", "APPROVED"),
)
at_every_door = pytest.mark.parametrize("words", EVERY, ids=lambda words: words.audience)


async def ask(doors: Doors, words: Words, phone: str = PHONE, *, device: str = "an-installation") -> Any:
    asked = {"input": {"phone": phone, "deviceId": device, "locale": "sv"}}
    return (await doors.run(words.audience, words.ask, asked)).result()


async def answer(doors: Doors, words: Words, challenge: str, code: str) -> Any:
    given = {"input": {"challengeId": challenge, "code": code, "device": DEVICE}}
    return (await doors.run(words.audience, words.sign_in, given)).result()


@at_every_door
async def test_from_the_asking_to_a_session(doors: Doors, words: Words) -> None:
    await words.make()
    texts = Texts()
    asked = await ask(doors, words)
    assert (asked["__typename"], asked["expiresAt"]) == (f"{words.ask}Success", "2026-06-10T09:10:00.000Z")
    await send_due_codes(texts)
    assert texts.got[0][1].endswith(" är din Pannier-kod. Berätta den inte för någon.")

    wrong = await answer(doors, words, asked["challengeId"], "no code")
    assert (wrong["__typename"], wrong["triesLeft"]) == ("SignInCodeNotAcceptedProblem", 4)
    signed_in = await answer(doors, words, asked["challengeId"], texts.code())
    assert signed_in["__typename"] == f"{words.sign_in}Success"

    used = await answer(doors, words, asked["challengeId"], texts.code())
    assert (used["__typename"], used["triesLeft"]) == ("SignInCodeNotAcceptedProblem", 0)
    query = "{ __typename " + {"consumer": "me", "store": "storeViewer", "courier": "courierViewer"}[words.audience] + " { id } }"
    assert (await doors.ask(words.audience, query, token=signed_in["tokens"]["accessToken"])).errors == []


@at_every_door
async def test_a_number_that_nobody_has_is_answered_alike(doors: Doors, words: Words) -> None:
    await words.make()
    known, nobodys = await ask(doors, words), await ask(doors, words, "+358407654321")
    assert {name: known[name] for name in ("__typename", "expiresAt")} == {
        name: nobodys[name] for name in ("__typename", "expiresAt")
    }


@at_every_door
async def test_too_many_and_numbers_that_are_not_served(doors: Doors, words: Words, clock: TestClock) -> None:
    for _ in range(3):
        await ask(doors, words)
    clock.move(minutes=20)
    refused = await ask(doors, words)
    assert (refused["__typename"], refused["retryAt"]) == ("TooManySignInCodesProblem", "2026-06-10T10:00:00.000Z")
    assert (await ask(doors, words, "+358600123456"))["__typename"] == "PhoneNotServedProblem"


async def test_the_address_is_the_phones_own(doors: Doors, house: Ports) -> None:
    """Ten from one address, each for another number on another device: the eleventh is refused, whatever headers it brings."""
    for number in range(10):
        assert (await ask(doors, EVERY[0], f"+35840111000{number}", device=f"installation-{number}"))["__typename"].endswith(
            "Success"
        )
    asked = {"input": {"phone": "+358401110010", "deviceId": "another-one", "locale": "fi"}}
    document = "mutation($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { __typename } }"
    told = await doors.post("consumer", {"query": document, "variables": asked}, headers={"x-forwarded-for": "198.51.100.1"})
    assert told.result() == {"__typename": "TooManySignInCodesProblem"}
