"""What support decides without a database: powers, searches, masks, and the facts of a time-line."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases import events as cases
from services.cases.rules import (
    AMOUNTS,
    POWERS,
    SHOWN_FACTS,
    MaskedAddress,
    Power,
    Search,
    Sought,
    check_power,
    checked_text,
    facts_of,
    mask_address,
    mask_method,
    mask_name,
    mask_phone,
    read_search,
)
from services.dispatch import events as dispatch
from services.kernel.actors import SupportLevel
from services.kernel.errors import BadInput, Forbidden
from services.kernel.events import Event
from services.kernel.ids import spoken_number
from services.kernel.places import Address
from services.orders import events as orders
from services.payments import events as payments


def test_levels_are_parts() -> None:
    assert {level: sorted(powers) for level, powers in POWERS.items()} == {
        "L1": ["LOOK", "WORK_ON_CASES"],
        "L2": ["CANCEL_ORDERS", "LOOK", "RELEASE_COURIERS", "REVEAL", "WORK_ON_CASES"],
        "FINANCE": ["LOOK", "WORK_ON_CASES"],
    }
    check_power(SupportLevel.L2, Power.REVEAL)
    for level in (SupportLevel.L1, SupportLevel.FINANCE):
        with pytest.raises(Forbidden):
            check_power(level, Power.REVEAL)


@pytest.mark.parametrize(
    "typed", ["+358401234567", "040 123 4567", "040-1234567", "00358 40 123 4567", "+358 (0)40 123 4567", " 0401234567 "]
)
def test_a_phone_number_is_read_however_it_is_typed(typed: str) -> None:
    assert read_search(typed) == Search(Sought.PHONE, "+358401234567")


@pytest.mark.parametrize(("prefix", "sought"), [("P", Sought.PURCHASE), ("R", Sought.ORDER), ("C", Sought.CASE)])
@given(count=st.integers(1, 10**8))
def test_a_spoken_number_is_read_however_it_is_typed(prefix: str, sought: Sought, count: int) -> None:
    number = spoken_number(prefix, count)
    for typed in (number, number.lower(), number.replace("-", ""), f" {number[:4]} {number[4:]} ", number.replace("0", "o")):
        assert read_search(typed) == Search(sought, number)


@pytest.mark.parametrize(
    "typed", ["", "Aino", "P-", "P-000001", "R-7K4M2", "112", "+0000000", "1" * 40, "0401234567; DROP", "C\0", "%"]
)
def test_anything_else_is_bad_input(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_search(typed)
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+358401234567", "+358 40 *** ** 67"),
        ("+46701234567", "+46 70 *** ** 67"),
        ("+12025550143", "+1 20 *** ** 43"),
        ("+3589123456", "+358 *** ** 56"),
        ("+35812", "+358 *** ** 12"),
        ("nonsense", "***"),
    ],
)
def test_a_masked_phone_keeps_country_two_digits_and_the_last_two(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@given(st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True))
def test_a_masked_phone_never_tells_more_than_four_digits_nor_its_length(number: str) -> None:
    masked = mask_phone(number)
    assert number not in masked
    if masked != "***":
        _, *national = masked.split(" ")
        assert sum(symbol.isdigit() for symbol in "".join(national)) <= 4
        assert national[-3:-1] == ["***", "**"]


@pytest.mark.parametrize(
    ("street", "masked"),
    [
        ("Aleksanterinkatu 52", "Aleksanterinkatu **"),
        ("Mannerheimintie 12 A 5", "Mannerheimintie **"),
        ("Pohjoinen Rautatiekatu 21B", "Pohjoinen Rautatiekatu **"),
        ("52 Baker Street", "**"),
        ("Flat 3, 52 Baker Street", "Flat **"),
        ("Villa Kallio", "Villa Kallio **"),
        ("", "**"),
    ],
)
def test_a_masked_address_tells_the_street_and_not_the_door(street: str, masked: str) -> None:
    address = Address(60.1675, 24.9427, street, "Helsinki", "00100", "Ring twice, code 4242")
    assert mask_address(address) == MaskedAddress(masked, "00***", "Helsinki")


@given(st.text(), st.text(min_size=4))
def test_no_digit_of_a_street_or_note_gets_through(street: str, note: str) -> None:
    masked = mask_address(Address(0, 0, street, "Helsinki", "00100", note))
    assert not any(symbol.isdecimal() for symbol in masked.street)


def test_names_and_ways_to_pay_are_masked() -> None:
    assert (mask_name("Aino Maria Virtanen"), mask_name("Aino"), mask_name("")) == ("Aino V.", "Aino", "")
    assert (mask_method("pm_1NXyzAbc"), mask_method("card_ok"), mask_method("token")) == ("pm_***", "card_***", "***")


def test_text_is_stripped_and_bounded() -> None:
    assert checked_text("  late  ", "reason", 4) == "late"
    for wrong in ("", "   ", "later", "a\0b"):
        with pytest.raises(BadInput) as refused:
            checked_text(wrong, "reason", 4)
        assert refused.value.field == "reason"


def test_a_time_line_tells_facts_and_neither_ids_nor_anything_unlisted() -> None:
    payload = {
        "order_id": "0197",
        "total": 2_050,
        "currency": "EUR",
        "liable_party": "STORE",
        "ready_at": "2026-06-10T09:30:00Z",
        "phone": "+358401234567",
        "by": None,
        "order_ids": ["0197"],
    }
    assert facts_of(payload) == [("total", "20.50 EUR"), ("liable_party", "STORE"), ("ready_at", "2026-06-10T09:30:00Z")]
    assert facts_of({"amount": 5}) == []
    assert AMOUNTS.isdisjoint(SHOWN_FACTS)


def test_of_every_event_of_a_purchase_it_is_decided_what_agents_read() -> None:
    # Shown, an id, or the currency that its amount is told with: a new fact is put in a list, or kept back here by name.
    kept_back: set[str] = {"currency"}
    undecided = {
        f"{kind.kind}.{field.name}"
        for module in (cases, dispatch, orders, payments)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event and not issubclass(kind, dispatch.ShiftEvent)
        for field in fields(kind)
        if field.name not in SHOWN_FACTS | AMOUNTS | kept_back and not field.name.endswith(("_id", "_ids"))
    }
    assert undecided == set()
