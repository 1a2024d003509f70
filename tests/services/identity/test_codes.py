"""Signing in by a code: asked for within the budgets, sent once, good once, and silent about whose number it is."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from services.bootstrap import Ports
from services.identity.errors import NotAllowedHere, PhoneNotServed, SignInCodeNotAccepted, StoreChoiceNeeded, TooManySignInCodes
from services.identity.models import PersonRow, SessionRow
from services.identity.operations import (
    Challenge,
    SignedIn,
    ask_for_code,
    bar_person,
    forget_old_codes,
    send_due_codes,
    sign_in,
    sign_in_with_code,
)
from services.identity.ports import TextDelayed, TextRefused, TextSent, VerifiedIdentity
from services.identity.rules import DeviceDescription, Platform
from services.kernel.actors import Audience, StaffRole, System
from services.kernel.database import rows
from services.kernel.errors import BadInput
from services.kernel.ids import new_id
from services.settings import settings
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_person, make_role
from tests.facts import fingerprint

PHONE = "+358401234567"
TABLET = DeviceDescription("A phone", Platform.ANDROID)


@dataclass
class Texts:
    """A provider with a price, that remembers what it was given."""

    price: int = 7
    got: list[tuple[str, str]] = field(default_factory=list)
    outcome: TextSent | TextDelayed | TextRefused = field(default_factory=lambda: TextSent("1"))

    @property
    def texts(self) -> "Texts":
        return self

    @property
    def bill(self) -> int:
        return self.price * len(self.got)

    async def send(self, phone: str, text: str) -> TextSent | TextDelayed | TextRefused:
        self.got.append((phone, text))
        return self.outcome

    async def close(self) -> None:
        return

    def code(self) -> str:
        """The code of the last message."""
        return self.got[-1][1][:6]


@pytest.fixture
def texts() -> Texts:
    return Texts()


async def ask(
    phone: str = PHONE, audience: Audience = Audience.CONSUMER, *, device: str = "my-phone", address: str = "203.0.113.7"
) -> Challenge:
    return await ask_for_code(audience, phone, device_id=device, locale="fi", address=address)


async def asked(texts: Texts, phone: str = PHONE, audience: Audience = Audience.CONSUMER, **more: str) -> tuple[Challenge, str]:
    challenge = await ask(phone, audience, **more)
    assert await send_due_codes(texts) == 1
    return challenge, texts.code()


async def come_in(challenge: Challenge, code: str, audience: Audience = Audience.CONSUMER) -> SignedIn:
    return await sign_in_with_code(audience, challenge.id, code, device=TABLET)


async def test_a_first_sign_in_makes_the_person_known_by_the_number(texts: Texts, clock: TestClock) -> None:
    challenge, code = await asked(texts)
    signed_in = await come_in(challenge, code)
    assert (signed_in.person.phone, signed_in.person.name) == (PHONE, "")
    assert challenge.expires_at == clock.now() + timedelta(minutes=10)
    assert texts.got == [(PHONE, f"{code} on Pannier-koodisi. Älä kerro sitä kenellekään.")]
    assert (await PersonRow.get()).firebase_uid == f"code:{signed_in.person.id}"


async def test_firebase_and_a_code_know_the_same_person(texts: Texts, house: Ports) -> None:
    assert house.issuer is not None
    by_code = await come_in(*await asked(texts))
    token = house.issuer.issue(VerifiedIdentity("aino-uid", phone=PHONE, name="Aino"))
    by_firebase = await sign_in(Audience.CONSUMER, token, device=TABLET, verifier=house.id_tokens)
    again = await come_in(*await asked(texts))
    assert by_code.person.id == by_firebase.person.id == again.person.id
    assert again.person.name == "Aino"


async def test_a_code_is_good_once(texts: Texts) -> None:
    challenge, code = await asked(texts)
    outcomes = await asyncio.gather(*(come_in(challenge, code) for _ in range(10)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SignInCodeNotAccepted"] * 9 + ["SignedIn"]
    assert await SessionRow.all().count() == 1


async def test_five_wrong_tries_end_a_code_however_many_come_at_once(texts: Texts) -> None:
    challenge, code = await asked(texts)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    outcomes = await asyncio.gather(*(come_in(challenge, wrong) for _ in range(12)), return_exceptions=True)
    left = sorted(outcome.tries_left for outcome in outcomes if isinstance(outcome, SignInCodeNotAccepted))
    assert left == [0] * 8 + [1, 2, 3, 4]
    with pytest.raises(SignInCodeNotAccepted):
        await come_in(challenge, code)
    assert await SessionRow.all().count() == 0


async def test_after_ten_minutes_it_is_over(texts: Texts, clock: TestClock) -> None:
    challenge, code = await asked(texts)
    clock.move(minutes=10)
    before = await fingerprint()
    with pytest.raises(SignInCodeNotAccepted) as refused:
        await come_in(challenge, code)
    assert refused.value.tries_left == 0
    assert await fingerprint() == before


@pytest.mark.parametrize("guess", ["", "0", "000000000", "\uff11\uff12\uff13\uff14\uff15\uff16", "x" * 5_000])
async def test_what_is_no_code_is_a_wrong_one(texts: Texts, guess: str) -> None:
    challenge, _ = await asked(texts)
    with pytest.raises(SignInCodeNotAccepted) as refused:
        await come_in(challenge, guess)
    assert refused.value.tries_left == 4


async def test_another_doors_code_and_an_unknown_one_open_nothing(texts: Texts) -> None:
    challenge, code = await asked(texts)
    unknown = Challenge(new_id(), challenge.expires_at)
    for one, door in ((challenge, Audience.COURIER), (unknown, Audience.CONSUMER)):
        with pytest.raises(SignInCodeNotAccepted):
            await come_in(one, code, door)
    await come_in(challenge, code)


async def test_at_the_doors_of_staff_and_couriers_only_they_are_sent_a_code_and_nobody_is_told(
    texts: Texts, statements: Statements
) -> None:
    courier = await make_person(phone="+358401111111")
    await make_role(courier, Audience.COURIER, "APPROVED")
    costs = []
    for phone in ("+358401111111", "+358402222222"):
        statements.clear()
        answer = await ask(phone, Audience.COURIER, device=f"phone-{phone}")
        costs.append(await statements.count())
        assert isinstance(answer, Challenge)
    assert costs[0] == costs[1]
    await send_due_codes(texts)
    assert [phone for phone, _ in texts.got] == ["+358401111111"]


async def test_staff_of_two_stores_choose_and_the_code_stays_good(texts: Texts) -> None:
    person, store = await make_person(phone=PHONE), new_id()
    await make_role(person, Audience.STORE, StaffRole.OWNER, store)
    await make_role(person, Audience.STORE, StaffRole.CLERK, new_id())
    challenge, code = await asked(texts, PHONE, Audience.STORE)
    with pytest.raises(StoreChoiceNeeded):
        await come_in(challenge, code, Audience.STORE)
    chosen = await sign_in_with_code(Audience.STORE, challenge.id, code, device=TABLET, store_id=store)
    assert chosen.session.store_id == store


async def test_whoever_is_barred_is_sent_nothing_and_comes_in_by_no_way(texts: Texts, house: Ports) -> None:
    assert house.issuer is not None
    challenge, code = await asked(texts)
    person = (await come_in(challenge, code)).person
    earlier, its_code = await asked(texts)
    await bar_person(System("office"), person.id, reason="fraud")
    await ask()
    assert await send_due_codes(texts) == 0
    with pytest.raises(NotAllowedHere):
        await come_in(earlier, its_code)
    with pytest.raises(NotAllowedHere):
        token = house.issuer.issue(VerifiedIdentity(f"code:{person.id}", phone=PHONE))
        await sign_in(Audience.CONSUMER, token, device=TABLET, verifier=house.id_tokens)


@pytest.mark.parametrize("phone", ["+2348031234567", "+358600123456", "+35891234567"])
async def test_a_number_that_is_not_served_costs_nothing(phone: str) -> None:
    before = await fingerprint()
    with pytest.raises(PhoneNotServed):
        await ask(phone)
    assert await fingerprint() == before


@pytest.mark.parametrize("wrong", [{"phone": "call me"}, {"phone": "0401234567"}, {"device": "x"}])
async def test_bad_input(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await ask(**wrong)


async def test_a_refused_asking_leaves_the_budgets_as_they_were(clock: TestClock) -> None:
    for _ in range(3):
        await ask()
    before = await fingerprint()
    with pytest.raises(TooManySignInCodes) as refused:
        await ask()
    assert refused.value.retry_at == clock.now() + timedelta(hours=1)
    assert await fingerprint() == before
    clock.move(hours=1)
    await ask()


async def test_a_code_that_cannot_leave_now_leaves_later_and_never_twice(texts: Texts, clock: TestClock) -> None:
    await ask()
    texts.outcome = TextDelayed(5, "HTTP_503")
    assert await send_due_codes(texts) == 1
    assert await send_due_codes(texts) == 0
    clock.move(seconds=5)
    texts.outcome = TextSent("1")
    await asyncio.gather(*(send_due_codes(texts) for _ in range(5)))
    assert len(texts.got) == 2
    clock.move(minutes=1)
    assert await send_due_codes(texts) == 0


async def test_a_provider_that_refuses_is_logged_without_the_number(texts: Texts, caplog: pytest.LogCaptureFixture) -> None:
    texts.outcome = TextRefused("TWILIO_21610")
    await ask()
    with caplog.at_level(logging.INFO):
        assert await send_due_codes(texts) == 1
    assert "40123" not in caplog.text
    assert await send_due_codes(texts) == 0


async def test_an_attack_costs_no_more_than_the_cap_and_its_victim_comes_in(texts: Texts, clock: TestClock) -> None:
    """Every asking from another address and device, half of them for one number: the rules' tests do ten thousand of it."""
    victim = await come_in(*await asked(texts, device="the-victim-s-own"))
    clock.move(hours=1)
    texts.got.clear()
    for number in range(400):
        phone = PHONE if number % 2 else f"+35840{number:07}"
        try:
            await ask(phone, device=f"device-{number}", address=f"{number % 200 + 1}.{number // 200}.{number % 7}.9")
        except TooManySignInCodes:
            continue
    while await send_due_codes(texts):
        pass
    budget = settings().sign_in_codes
    assert texts.bill <= budget.country_cost_per_hour * (100 - budget.percent_for_known) // 100
    assert len([phone for phone, _ in texts.got if phone == PHONE]) == budget.phone_per_hour
    with pytest.raises(TooManySignInCodes):
        await ask(device="a-new-phone")
    again = await come_in(*await asked(texts, device="the-victim-s-own"))
    assert again.person.id == victim.person.id


async def test_what_is_kept_holds_no_code_and_is_forgotten(texts: Texts, clock: TestClock) -> None:
    _, code = await asked(texts)
    kept = "".join(record[0] for record in await rows("SELECT to_jsonb(c)::text FROM sign_in_codes c"))
    assert code not in kept.replace(PHONE, "")
    clock.move(days=2, minutes=11)
    assert await forget_old_codes() > 0
    assert await rows("SELECT 1 FROM sign_in_codes UNION ALL SELECT 1 FROM sign_in_code_budgets") == []


async def test_statements(texts: Texts, statements: Statements) -> None:
    challenge = await ask()
    assert await statements.count() == 4, statements.queries  # whether known, traits, costs, the code
    await send_due_codes(texts)
    statements.clear()
    await come_in(challenge, texts.code())
    # the code held, used up, the number's turn, the person, the device, the session, its event, the token
    assert await statements.count() == 8, statements.queries
