"""Finding and revealing: by number, by phone, by case; what is written down about it, and who may not."""

import pytest

from services.cases.errors import CaseAlreadyClosed
from services.cases.operations import close_case, find_orders, reveal
from services.cases.queries import actions_of_cases, masked_people
from services.cases.rules import Contact
from services.kernel.actors import SupportLevel
from services.kernel.errors import BadInput, Forbidden, NotFound
from services.kernel.ids import new_id
from services.orders.rules import OrderStage
from tests.conftest import NOON, Statements, TestClock
from tests.factories.cases import LEVELS, PHONE, looks_of, make_called_about, make_case, picture
from tests.factories.identity import make_agent
from tests.factories.orders import DOOR, consumer_of, make_purchase, orders_of

S = OrderStage


@pytest.mark.parametrize("level", LEVELS)
async def test_a_purchase_is_found_by_any_number_of_it_without_a_trace(level: SupportLevel) -> None:
    purchase, _ = await make_called_about(S.PLACED, S.READY), await make_called_about(phone=None)
    first, second = await orders_of(purchase)
    case, agent = await make_case(second), await make_agent(level)
    before = await picture()
    for number in (purchase.number, first.number, second.number, case.number):
        for typed in (number, number.lower().replace("-", " ")):
            assert [one.id for one in await find_orders(agent, typed)] == [purchase.id]
    assert await picture() == before


@pytest.mark.parametrize("typed", ["+358401234567", "040 123 4567", "00358-40-1234567", "+358 (0)40 123 4567"])
async def test_the_purchases_of_a_phone_are_found_newest_first_and_the_look_is_written_down(typed: str, clock: TestClock) -> None:
    older = await make_called_about()
    clock.move(minutes=1)
    newer = await make_purchase(S.DELIVERED, consumer=consumer_of(older))
    await make_called_about(phone="+358501111111")
    agent = await make_agent()
    assert [one.id for one in await find_orders(agent, typed)] == [newer.id, older.id]
    assert await looks_of(agent) == [("PHONE_LOOKED_UP", "+358 40 *** ** 67", older.consumer_id, None)]


async def test_looking_for_nobodys_phone_is_written_down_too() -> None:
    agent = await make_agent()
    assert await find_orders(agent, "050 999 8877") == []
    assert await looks_of(agent) == [("PHONE_LOOKED_UP", "+358 50 *** ** 77", None, None)]


@pytest.mark.parametrize("typed", ["", "Aino Virtanen", "P-000001", "112", "'; --"])
async def test_what_cannot_be_meant_is_refused_without_a_trace(typed: str) -> None:
    agent = await make_agent()
    before = await picture()
    with pytest.raises(BadInput):
        await find_orders(agent, typed)
    assert await picture() == before


async def test_finding_takes_few_statements(statements: Statements) -> None:
    purchase = await make_called_about(S.PLACED, S.PLACED)
    case, agent = await make_case(purchase), await make_agent()
    for text, most in ((purchase.number, 1), (case.number, 2), (PHONE, 4)):
        statements.clear()
        assert len(await find_orders(agent, text)) == 1
        assert await statements.count() == most


async def test_people_are_masked() -> None:
    purchase = await make_called_about()
    person = (await masked_people([purchase.consumer_id]))[purchase.consumer_id]
    assert (person.name, person.phone) == ("Aino V.", "+358 40 *** ** 67")


async def test_a_phone_and_an_address_are_shown_for_a_reason_that_stays() -> None:
    purchase, agent = await make_called_about(S.HANDED_OVER), await make_agent(SupportLevel.L2)
    phone = await reveal(agent, purchase.id, Contact.PHONE, " courier cannot find the door ")
    address = await reveal(agent, purchase.id, Contact.ADDRESS, "asked twice")
    assert (phone.phone, phone.address, (phone.expires_at - NOON).total_seconds()) == (PHONE, None, 300)
    assert (address.phone, address.address) == (None, DOOR)
    assert await looks_of(agent) == [
        ("PHONE_REVEALED", purchase.number, purchase.consumer_id, "courier cannot find the door"),
        ("ADDRESS_REVEALED", purchase.number, purchase.consumer_id, "asked twice"),
    ]


async def test_a_reveal_for_a_case_is_told_by_the_case_without_what_was_shown() -> None:
    purchase, agent = await make_called_about(), await make_agent(SupportLevel.L2)
    case = await make_case(purchase)
    await reveal(agent, purchase.id, Contact.PHONE, "calls back", case.id)
    *_, last = (await actions_of_cases([case.id]))[case.id]
    assert (last.kind, last.text, last.actor_id) == ("CONTACT_REVEALED", "PHONE: calls back", agent.person_id)


async def test_a_refused_reveal_shows_and_changes_nothing() -> None:
    purchase, other, silent = await make_called_about(), await make_called_about(phone=None), await make_called_about(phone=None)
    case, closed = await make_case(other), await make_case(purchase)
    agent = await make_agent(SupportLevel.L2)
    await close_case(agent, closed.id, "solved")
    juniors = [await make_agent(SupportLevel.L1), await make_agent(SupportLevel.FINANCE)]
    before = await picture()

    for junior in juniors:
        with pytest.raises(Forbidden):
            await reveal(junior, purchase.id, Contact.PHONE, "curious")
    for reason in ("", "  ", "x" * 201, "a\0b"):
        with pytest.raises(BadInput):
            await reveal(agent, purchase.id, Contact.PHONE, reason)
    with pytest.raises(NotFound):
        await reveal(agent, new_id(), Contact.PHONE, "no such purchase")
    with pytest.raises(NotFound):
        await reveal(agent, purchase.id, Contact.PHONE, "another's case", case.id)
    with pytest.raises(NotFound):
        await reveal(agent, silent.id, Contact.PHONE, "has no phone")
    with pytest.raises(CaseAlreadyClosed):
        await reveal(agent, purchase.id, Contact.PHONE, "rests", closed.id)
    assert await picture() == before
