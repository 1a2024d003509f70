"""The table of edges, compared with the domain book's written out anew, over every pair of stages and everybody who may act."""

from itertools import product
from uuid import uuid4

import pytest

from services.kernel.actors import Actor, Consumer, Courier, StaffRole, StoreStaff, SupportAgent, SupportLevel, System
from services.orders import rules
from services.orders.rules import EDGES, FALLEN, TERMINAL, TIME_OF, OrderStage, PurchaseStage, Who, purchase_stage

BOOK = """
-                  PENDING_PAYMENT  consumer
PENDING_PAYMENT    PLACED           payment
PENDING_PAYMENT    SCHEDULED        payment
PENDING_PAYMENT    ABANDONED        timer consumer payment
SCHEDULED          PLACED           timer
PLACED             ACCEPTED         store auto-accept
PLACED             REJECTED         store
PLACED             EXPIRED          timer
SCHEDULED          CANCELLED        consumer support platform
PLACED             CANCELLED        consumer support platform
ACCEPTED           PREPARING        store
PREPARING          PREPARING        (store consumer timer)
ACCEPTED           READY            store
PREPARING          READY            store
ACCEPTED           CANCELLED        support store (consumer)
PREPARING          CANCELLED        support store (consumer)
READY              CANCELLED        support store (consumer)
READY              HANDED_OVER      courier store
PREPARING          HANDED_OVER      courier store
HANDED_OVER        DELIVERED        courier store
HANDED_OVER        UNDELIVERED      courier support store
UNDELIVERED        RETURNED         courier support store
UNDELIVERED        DISPOSED         courier support store
DELIVERED          SETTLED          timer
RETURNED           SETTLED          timer
DISPOSED           SETTLED          timer
"""


def _book() -> dict[tuple[str, str, str], bool]:
    told: dict[tuple[str, str, str], bool] = {}
    for line in BOOK.strip().splitlines():
        start, to, *who = line.split()
        is_open = True
        for word in who:
            is_open = is_open and not word.startswith("(")
            told[start, to, word.strip("()")] = is_open
            is_open = is_open or word.endswith(")")
    return told


def test_the_table_is_the_book() -> None:
    assert {(edge.start or "-", edge.to, edge.who): edge.open for edge in EDGES} == _book()
    assert len(EDGES) == len(_book())


def test_every_attempt_outside_the_book_is_refused() -> None:
    book = _book()
    starts = [None, *OrderStage]
    tried = 0
    for start, to, who in product(starts, OrderStage, Who):
        tried += 1
        assert rules.may_move(start, to, who) is book.get((start or "-", to, who), False)
        assert (rules.edge(start, to, who) is not None) is ((start or "-", to, who) in book)
    assert tried == 17 * 16 * 8


def test_every_stage_can_be_reached_and_ends() -> None:
    reached: set[OrderStage | None] = {None}
    while more := {edge.to for edge in EDGES if edge.open and edge.start in reached} - reached:
        reached |= more
    assert reached == {None, *OrderStage}

    ending: set[OrderStage | None] = set(TERMINAL)
    while more_ending := {edge.start for edge in EDGES if edge.open and edge.to in ending} - ending:
        ending |= more_ending
    assert ending == {None, *OrderStage}


def test_nothing_leaves_a_terminal_stage() -> None:
    assert {edge.start for edge in EDGES} & TERMINAL == set()
    assert FALLEN < TERMINAL


def test_hand_over_is_never_from_before_acceptance_and_delivery_never_before_pick_up() -> None:
    assert {edge.start for edge in EDGES if edge.to is OrderStage.HANDED_OVER} == {OrderStage.PREPARING, OrderStage.READY}
    assert {edge.start for edge in EDGES if edge.to is OrderStage.DELIVERED} == {OrderStage.HANDED_OVER}


def test_every_stage_behind_payment_has_a_time_of_its_own_or_shares_the_end() -> None:
    untimed = {OrderStage.PENDING_PAYMENT, OrderStage.SCHEDULED, OrderStage.RETURNED, OrderStage.DISPOSED}
    assert set(TIME_OF) == set(OrderStage) - untimed


_PERSON, _SESSION, _STORE = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize(
    ("actor", "part"),
    [
        (Consumer(_PERSON, _SESSION), Who.CONSUMER),
        (StoreStaff(_PERSON, _SESSION, _STORE, StaffRole.CLERK), Who.STORE),
        (Courier(_PERSON, _SESSION), Who.COURIER),
        (SupportAgent(_PERSON, _SESSION, SupportLevel.L1), Who.SUPPORT),
        (System("payment"), Who.PAYMENT),
        (System("timer"), Who.TIMER),
        (System("auto-accept"), Who.AUTO_ACCEPT),
        (System("anything else"), Who.PLATFORM),
    ],
)
def test_every_actor_has_one_part(actor: Actor, part: Who) -> None:
    assert rules.who(actor) is part


S, P = OrderStage, PurchaseStage


@pytest.mark.parametrize(
    ("stages", "derived"),
    [
        ([S.PENDING_PAYMENT, S.PENDING_PAYMENT], P.AWAITING_PAYMENT),
        ([S.PLACED, S.PLACED], P.PLACED),
        # One kitchen's yes is not everybody's (an old and common fault).
        ([S.ACCEPTED, S.PLACED], P.PLACED),
        ([S.ACCEPTED, S.REJECTED], P.ACCEPTED),
        ([S.SCHEDULED, S.PLACED], P.SCHEDULED),
        ([S.READY, S.PREPARING], P.PREPARING),
        ([S.HANDED_OVER, S.READY], P.READY),
        ([S.HANDED_OVER, S.CANCELLED], P.ON_THE_WAY),
        ([S.HANDED_OVER, S.DELIVERED], P.ON_THE_WAY),
        ([S.DELIVERED, S.SETTLED], P.DELIVERED),
        ([S.SETTLED, S.EXPIRED], P.DELIVERED),
        ([S.DELIVERED, S.UNDELIVERED], P.DELIVERED),
        ([S.UNDELIVERED], P.UNDELIVERED),
        ([S.RETURNED, S.CANCELLED], P.UNDELIVERED),
        ([S.REJECTED, S.EXPIRED], P.CANCELLED),
        ([S.ABANDONED, S.ABANDONED], P.ABANDONED),
        ([S.CANCELLED], P.CANCELLED),
    ],
)
def test_the_stage_of_a_purchase_is_that_of_its_least_advanced_order(stages: list[OrderStage], derived: PurchaseStage) -> None:
    assert purchase_stage(stages) is derived
    assert purchase_stage(reversed(stages)) is derived
