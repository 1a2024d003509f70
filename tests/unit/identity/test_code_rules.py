"""Sign-in codes by their rules alone: which numbers get one, how codes are made, and what an attack of ten thousand costs."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identity import code_rules
from services.identity.code_rules import Asking, Charge, Scope
from services.identity.errors import PhoneNotServed
from services.kernel.errors import BadInput
from services.settings import SignInCodes
from tests.conftest import NOON

BUDGET = SignInCodes()
CHALLENGE, SECRET = UUID(int=7), b"a secret of thirty-two bytes or so"


class Till:
    """The budgets as the database keeps them: charged all or none."""

    def __init__(self, budget: SignInCodes = BUDGET) -> None:
        self.budget = budget
        self.used: Counter[tuple[object, ...]] = Counter()
        self.paid: list[tuple[datetime, int]] = []

    def ask(self, asking: Asking, at: datetime) -> bool:
        charges = [*code_rules.traits(asking, self.budget), *code_rules.costs(asking, self.budget)]
        keys = [(charge.scope, charge.key, charge.span, charge.began_at(at)) for charge in charges]
        after = [self.used[key] + charge.amount for key, charge in zip(keys, charges, strict=True)]
        if code_rules.overdrawn(charges, after):
            return False
        self.used.update(dict(zip(keys, [charge.amount for charge in charges], strict=True)))
        self.paid.append((at, asking.price))
        return True

    def cost(self) -> int:
        return sum(price for _, price in self.paid)


def asking(phone: int = 1, *, device: str = "d", address: str = "203.0.113.7", known: bool = False) -> Asking:
    return Asking(f"+35840{phone:07}", "FI", BUDGET.prices["FI"], device, address, known)


@pytest.mark.parametrize(
    ("phone", "price"), [("+358401234567", 7), ("+46701234567", 6), ("+3725123456", 8)], ids=["Finland", "Sweden", "Estonia"]
)
def test_a_mobile_number_of_a_served_country_has_its_price(phone: str, price: int) -> None:
    assert code_rules.served(phone, BUDGET)[1] == price


@pytest.mark.parametrize(
    "phone",
    ["+2348031234567", "+35891234567", "+358600123456", "+358700123456", "+883510012345", "+80012345678", "+35840"],
    ids=["a country off the list", "a landline", "premium", "premium too", "a satellite", "freephone", "too short"],
)
def test_other_numbers_get_none(phone: str) -> None:
    with pytest.raises(PhoneNotServed):
        code_rules.served(phone, BUDGET)


def test_a_code_is_six_digits_of_its_challenge_and_its_secret() -> None:
    codes = {code_rules.code_of(UUID(int=number), SECRET) for number in range(300)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 290
    assert code_rules.code_of(CHALLENGE, SECRET) == code_rules.code_of(CHALLENGE, SECRET)
    assert code_rules.code_of(CHALLENGE, SECRET) != code_rules.code_of(CHALLENGE, b"another secret of that length....")


def test_what_is_kept_of_a_code_says_nothing_without_the_secret() -> None:
    code = code_rules.code_of(CHALLENGE, SECRET)
    kept = code_rules.hash_of(CHALLENGE, code, SECRET)
    assert code not in kept
    assert kept not in {code_rules.hash_of(CHALLENGE, f"{guess:06}", b"no secret of ours, however long") for guess in range(1000)}


@pytest.mark.parametrize("text", ["", "short", "x" * 129, "with blank space", "näkymätön", "a\nline-or-two"])
def test_a_device_id_that_is_none(text: str) -> None:
    with pytest.raises(BadInput):
        code_rules.checked_device_id(text)


@pytest.mark.parametrize(
    ("one", "other"), [("203.0.113.7", "203.0.113.250"), ("2001:db8:1:1::/64", "2001:db8:1:ffff::/64")], ids=["IPv4", "IPv6"]
)
def test_neighbours_share_a_network(one: str, other: str) -> None:
    def network(address: str) -> Charge:
        return next(charge for charge in code_rules.traits(asking(address=address), BUDGET) if charge.scope is Scope.NETWORK)

    assert network(one) == network(other)


def test_a_person_who_asks_now_and_then_is_never_refused() -> None:
    till = Till()
    assert all(
        till.ask(asking(device=f"d{hour}", address=f"198.51.{hour}.1"), NOON + timedelta(hours=4 * hour)) for hour in range(20)
    )


def test_one_attacker_is_stopped_by_where_they_ask_from() -> None:
    till = Till()
    sent = sum(till.ask(asking(number, device=f"d{number}"), NOON) for number in range(10_000))
    assert sent == BUDGET.address_per_hour


def changing(number: int, same: str) -> Asking:
    """The asking of this number, in which everything changes but one."""
    several = {
        "phone": asking(1, device=f"d{number}", address=f"10.{number // 250}.{number % 250}.1"),
        "device": asking(number, device="d", address=f"10.{number // 250}.{number % 250}.1"),
        "address": asking(number, device=f"d{number}", address="203.0.113.7"),
        "network": asking(number, device=f"d{number}", address=f"203.0.113.{number % 250}"),
    }
    return several[same]


@pytest.mark.parametrize(
    ("same", "hour", "day"),
    [
        ("phone", BUDGET.phone_per_hour, BUDGET.phone_per_day),
        ("device", BUDGET.device_per_hour, BUDGET.device_per_day),
        ("address", BUDGET.address_per_hour, None),
        ("network", BUDGET.network_per_hour, None),
    ],
)
def test_each_trait_has_a_budget_whatever_else_changes(same: str, hour: int, day: int | None) -> None:
    till, midnight = Till(SignInCodes(cost_per_hour=10**6, cost_per_day=10**6, country_cost_per_hour=10**6)), NOON.replace(hour=0)
    assert sum(till.ask(changing(number, same), midnight) for number in range(200)) == hour
    if day is not None:
        later = sum(till.ask(changing(number, same), midnight + timedelta(minutes=7 * number)) for number in range(200))
        assert hour + later == day


def test_one_country_is_stopped_while_another_still_gets_codes() -> None:
    till = Till(SignInCodes(cost_per_hour=10**6, cost_per_day=10**6))
    sent = sum(till.ask(changing_all(number), NOON) for number in range(1_000))
    open_to_all = BUDGET.country_cost_per_hour * (100 - BUDGET.percent_for_known) // 100
    assert sent == open_to_all // BUDGET.prices["FI"]
    assert till.ask(Asking("+46701234567", "SE", BUDGET.prices["SE"], "another", "198.51.100.1", known=False), NOON)


def changing_all(number: int) -> Asking:
    return asking(number, device=f"d{number}", address=f"{number % 200}.{number // 200}.{number % 251}.9")


@pytest.mark.parametrize("minutes", [1, 60])
def test_ten_thousand_askings_from_everywhere_cost_no_more_than_the_cap(minutes: int) -> None:
    till, step = Till(), timedelta(minutes=minutes) / 10_000
    for number in range(10_000):
        address = f"{number % 200}.{number // 200}.{number % 251}.9"
        till.ask(asking(number, device=f"d{number}", address=address), NOON + step * number)
    assert till.cost() <= BUDGET.cost_per_hour * (100 - BUDGET.percent_for_known) // 100
    assert till.cost() > BUDGET.cost_per_hour // 2


def test_a_day_of_it_costs_no_more_than_the_days_cap() -> None:
    till = Till()
    for number in range(10_000):
        address = f"{number % 200}.{number // 200}.{number % 251}.9"
        till.ask(asking(number, device=f"d{number}", address=address), NOON.replace(hour=0) + timedelta(seconds=8 * number))
    assert till.cost() <= BUDGET.cost_per_day


def test_a_victim_on_their_own_device_still_gets_a_code() -> None:
    till = Till()
    for number in range(10_000):
        victims = number % 5 == 0
        till.ask(asking(1 if victims else number, device=f"d{number}", address=f"{number % 200}.{number // 200}.7.9"), NOON)
    assert not till.ask(asking(1, device="another"), NOON)
    assert till.ask(asking(1, device="the victim's own", known=True), NOON)


ASKINGS = st.lists(
    st.builds(
        Asking,
        phone=st.integers(1, 50).map(lambda number: f"+35840{number:07}"),
        country=st.sampled_from(["FI", "SE", "EE"]),
        price=st.integers(1, 90),
        device_hash=st.integers(1, 30).map(str),
        address=st.integers(1, 250).map(lambda number: f"203.0.{number % 9}.{number}"),
        known=st.booleans(),
    ),
    max_size=120,
)
TIGHT = SignInCodes(cost_per_hour=500, cost_per_day=700, country_cost_per_hour=300, network_per_hour=6, address_per_hour=4)


@settings(max_examples=100, deadline=None)
@given(ASKINGS, st.lists(st.integers(0, 600), min_size=120, max_size=120))
def test_whoever_asks_for_what_in_whatever_order_no_budget_is_overdrawn(askings: list[Asking], pauses: list[int]) -> None:
    till, at = Till(TIGHT), NOON
    for one, pause in zip(askings, pauses, strict=False):
        at += timedelta(seconds=pause)
        till.ask(one, at)
    by_hour: Counter[object] = Counter()
    for when, price in till.paid:
        by_hour[when.replace(minute=0, second=0)] += price
    assert max(by_hour.values(), default=0) <= TIGHT.cost_per_hour
    assert till.cost() <= TIGHT.cost_per_day * 2  # the askings may lie in two days
