"""What a provider's word means, and how a captured order is divided."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.accounts import AccountKind, entries_of_capture, entries_of_courier_pay, entries_of_refund, sums_to_zero
from services.payments.operations.captures import Part, parts_due
from services.payments.queries import Capture, Payment
from services.payments.rules import (
    LiableParty,
    MovementState,
    PaymentState,
    ProviderStatus,
    Split,
    Step,
    included_tax,
    split_order,
    state_of,
    step_for,
)

STORE, COURIER = uuid4(), uuid4()
amounts = st.integers(0, 10_000_00)


@pytest.mark.parametrize(
    ("state", "heard", "step"),
    [
        ("NONE", "PENDING", "NOTE"),
        ("NONE", "NEEDS_CONFIRMATION", "ASK"),
        ("NONE", "AUTHORISED", "AUTHORISE"),
        ("NONE", "FAILED", "FAIL"),
        ("NONE", "VOIDED", "FAIL"),
        ("AUTHORISED", "AUTHORISED", "NOTHING"),
        ("AUTHORISED", "FAILED", "NOTHING"),
        ("AUTHORISED", "NEEDS_CONFIRMATION", "NOTHING"),
        ("AUTHORISED", "VOIDED", "LOSE"),
        ("PARTLY_CAPTURED", "VOIDED", "LOSE"),
        ("CAPTURED", "AUTHORISED", "NOTHING"),
        ("CAPTURED", "VOIDED", "NOTHING"),
        ("VOIDED", "AUTHORISED", "LET_GO"),
        ("VOIDED", "PENDING", "LET_GO"),
        ("VOIDED", "VOIDED", "NOTHING"),
        ("FAILED", "AUTHORISED", "LET_GO"),
        ("FAILED", "FAILED", "NOTHING"),
    ],
)
def test_a_providers_word_only_leads_forward(state: str, heard: str, step: str) -> None:
    assert step_for(PaymentState(state), ProviderStatus(heard)) is Step(step)


@pytest.mark.parametrize(
    ("captured", "released", "state"),
    [
        (0, 0, "AUTHORISED"),
        (0, 40, "AUTHORISED"),
        (0, 100, "VOIDED"),
        (60, 0, "PARTLY_CAPTURED"),
        (60, 40, "CAPTURED"),
        (100, 0, "CAPTURED"),
    ],
)
def test_the_state_follows_from_the_sums(captured: int, released: int, state: str) -> None:
    assert state_of(100, captured, released) is PaymentState(state)


def test_an_order_is_divided_among_store_courier_state_and_platform() -> None:
    split = split_order(
        store_id=STORE,
        goods=2_000,
        commission_bps=2_500,
        tax_bps=2_550,
        delivery_fee=502,
        service_fee=251,
        tip=300,
        courier_id=COURIER,
    )

    assert (split.total, split.store_earns, split.commission, split.commission_tax) == (3_053, 1_372, 500, 128)
    entries = {(entry.account.kind, entry.account.owner_id): entry.amount for entry in entries_of_capture(split, "EUR")}
    assert entries == {
        (AccountKind.PROVIDER_CLEARING, None): 3_053,
        (AccountKind.STORE_PAYABLE, STORE): -1_372,
        (AccountKind.COURIER_PAYABLE, COURIER): -300,
        (AccountKind.REVENUE_COMMISSION, None): -500,
        (AccountKind.REVENUE_DELIVERY, None): -400,
        (AccountKind.REVENUE_SERVICE, None): -200,
        (AccountKind.TAX_PAYABLE, None): -281,
    }


def test_the_tax_inside_a_gross_amount() -> None:
    assert [included_tax(gross, 2_550) for gross in (1_255, 0, 1, 190)] == [255, 0, 0, 39]


@given(
    goods=amounts,
    fees=st.tuples(amounts, amounts, amounts),
    tip=amounts,
    promotion=amounts,
    commission_bps=st.integers(0, 4_000),
    tax_bps=st.integers(0, 2_700),
)
def test_every_capture_sums_to_zero(
    *, goods: int, fees: tuple[int, int, int], tip: int, promotion: int, commission_bps: int, tax_bps: int
) -> None:
    split = split_order(
        store_id=STORE,
        goods=goods,
        commission_bps=commission_bps,
        tax_bps=tax_bps,
        delivery_fee=fees[0],
        service_fee=fees[1],
        small_basket_fee=fees[2],
        tip=tip,
        promotion=promotion,
    )

    assert split.total == goods + sum(fees) + tip - promotion
    assert sums_to_zero(entries_of_capture(split, "EUR"))
    assert Split.read(split.plain()) == split


@given(amount=st.integers(1, 1_000_000), party=st.sampled_from(LiableParty), known=st.booleans())
def test_every_refund_and_pay_sums_to_zero(amount: int, party: LiableParty, *, known: bool) -> None:
    assert sums_to_zero(entries_of_refund(amount, "EUR", party, STORE if known else None))
    assert sums_to_zero(entries_of_courier_pay(amount, "EUR", COURIER))


@pytest.mark.parametrize(
    ("party", "bearer"),
    [
        (LiableParty.STORE, (AccountKind.STORE_PAYABLE, STORE)),
        (LiableParty.PLATFORM, (AccountKind.LOSS_PLATFORM, None)),
        (LiableParty.COURIER, (AccountKind.LOSS_COURIER, None)),
        (LiableParty.CONSUMER, (AccountKind.LOSS_CONSUMER, None)),
    ],
)
def test_the_liable_party_bears_a_refund(party: LiableParty, bearer: tuple[AccountKind, object]) -> None:
    entries = {
        (entry.account.kind, entry.account.owner_id): entry.amount for entry in entries_of_refund(700, "EUR", party, STORE)
    }
    assert entries == {bearer: 700, (AccountKind.PROVIDER_CLEARING, None): -700}


def test_a_card_captured_in_parts_is_captured_order_by_order() -> None:
    payment = _payment(amount=100, capturing=70, many_captures=True)
    first, second = _capture(30), _capture(40)
    assert parts_due(payment, [first, second]) == [Part(first.id, (first,), final=False), Part(second.id, (second,), final=False)]


def test_a_card_captured_once_waits_until_everything_is_decided() -> None:
    first, second = _capture(30), _capture(40)
    assert parts_due(_payment(amount=100, capturing=70), [first, second]) == []
    decided = _payment(amount=100, capturing=70, released=30)
    assert parts_due(decided, [first, second]) == [Part(decided.id, (first, second), final=True)]


def _payment(*, amount: int, capturing: int = 0, released: int = 0, many_captures: bool = False) -> Payment:
    return Payment(
        id=uuid4(), purchase_id=uuid4(), consumer_id=uuid4(), amount=amount, capturing=capturing, captured=0, released=released,
        refunding=0, refunded=0, currency="EUR", state=PaymentState.AUTHORISED, method="card_ok", provider_ref="x",
        many_captures=many_captures, next_action=None, failure=None, created_at=datetime.now(UTC), asked_at=None,
        looked_up_at=None, closed_at=None,
    )  # fmt: skip


def _capture(amount: int) -> Capture:
    return Capture(
        id=uuid4(), payment_id=uuid4(), order_id=uuid4(), amount=amount, split=Split(store_id=STORE, goods=amount),
        state=MovementState.REQUESTED, provider_ref=None, failure=None, created_at=datetime.now(UTC), finished_at=None,
    )  # fmt: skip
