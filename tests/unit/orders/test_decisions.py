"""Deadlines, ready times and names: decisions of orders that need no database."""

from datetime import UTC, datetime, timedelta

import pytest

from services.orders import rules
from services.orders.rules import OrderStage, Who
from services.payments.rules import LiableParty

NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def test_an_order_is_acceptable_up_to_its_deadline_and_only_while_placed() -> None:
    deadline = rules.accept_deadline(NOON)
    assert deadline == NOON + timedelta(minutes=8)
    assert rules.acceptable(OrderStage.PLACED, deadline, deadline)
    assert not rules.acceptable(OrderStage.PLACED, deadline, deadline + timedelta(microseconds=1))
    assert not any(rules.acceptable(stage, deadline, NOON) for stage in set(OrderStage) - {OrderStage.PLACED})
    assert not rules.acceptable(OrderStage.PLACED, None, NOON)


def test_ready_times_lie_between_now_and_three_hours() -> None:
    assert rules.ready_time_limits(NOON) == (NOON, NOON + timedelta(hours=3))


def test_a_window_is_wanted_later_only_if_the_kitchen_and_the_way_do_not_explain_it() -> None:
    lead = timedelta(minutes=40)
    assert not rules.is_wanted_later(NOON + timedelta(minutes=45), lead, NOON)
    assert not rules.is_wanted_later(NOON + timedelta(minutes=85), lead, NOON)
    assert rules.is_wanted_later(NOON + timedelta(minutes=86), lead, NOON)
    # The kitchen gets it with time to answer, to cook and to ride.
    assert rules.release_time(NOON + timedelta(hours=3), lead) == NOON + timedelta(hours=2, minutes=12)


@pytest.mark.parametrize(
    ("by", "liable"),
    [
        (Who.CONSUMER, LiableParty.CONSUMER),
        (Who.STORE, LiableParty.STORE),
        (Who.SUPPORT, LiableParty.PLATFORM),
        (Who.PLATFORM, LiableParty.PLATFORM),
    ],
)
def test_somebody_is_always_liable(by: Who, liable: LiableParty) -> None:
    assert rules.liable_for_cancelling(by) is liable


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Aino Virtanen", "Aino V."), ("  Aino   Maria  Virtanen ", "Aino V."), ("Aino", "Aino"), ("", "")],
)
def test_a_store_sees_first_name_and_initial(name: str, shown: str) -> None:
    assert rules.first_name_and_initial(name) == shown
