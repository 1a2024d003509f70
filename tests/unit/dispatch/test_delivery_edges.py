"""The table of a delivery's edges, compared with the domain book's written out anew, over every pair of states and everybody."""

from itertools import product

from services.dispatch.rules import (
    BEFORE_PICKUP,
    EDGES,
    ON_THE_MAP,
    UNASSIGNED,
    WITH_COURIER,
    DeliveryState,
    Who,
    may_move,
)

S = DeliveryState
# A word in brackets is an edge that the book knows and that is not open yet.
BOOK = """
PLANNED        SEARCHING      house
SEARCHING      OFFERED        house
OFFERED        SEARCHING      house courier
SEARCHING      FAILED         house
FAILED         SEARCHING      support
OFFERED        ASSIGNED       courier
ASSIGNED       SEARCHING      courier support house
TO_PICKUP      SEARCHING      courier support house
AT_PICKUP      SEARCHING      courier support house
ASSIGNED       TO_PICKUP      courier
TO_PICKUP      AT_PICKUP      courier
AT_PICKUP      PICKED_UP      courier
PICKED_UP      TO_PICKUP      courier
PICKED_UP      TO_DROPOFF     courier
TO_PICKUP      ASSIGNED       house
AT_PICKUP      ASSIGNED       house
TO_PICKUP      PICKED_UP      house
AT_PICKUP      PICKED_UP      house
TO_DROPOFF     AT_DROPOFF     courier
AT_DROPOFF     DELIVERED      courier
AT_DROPOFF     UNDELIVERABLE  courier
UNDELIVERABLE  RETURNING      (courier)
RETURNING      RETURNED       (courier)
PLANNED        CANCELLED      house
SEARCHING      CANCELLED      house
OFFERED        CANCELLED      house
FAILED         CANCELLED      house
ASSIGNED       CANCELLED      house
TO_PICKUP      CANCELLED      house
AT_PICKUP      CANCELLED      house
"""


def book() -> dict[tuple[str, str, str], bool]:
    lines = [line.split() for line in BOOK.strip().splitlines()]
    return {(start, to, word.strip("()")): not word.startswith("(") for start, to, *who in lines for word in who}


def test_the_table_is_the_book() -> None:
    assert {(edge.start, edge.to, edge.who): edge.open for edge in EDGES} == book()
    assert len(EDGES) == len(book())


def test_only_the_open_edges_of_the_book_may_be_taken() -> None:
    told = book()
    for start, to, who in product(S, S, Who):
        assert may_move(start, to, who) is told.get((start, to, who), False), (start, to, who)


def test_nothing_is_delivered_but_at_the_door_and_nothing_taken_back_after_a_pick_up() -> None:
    assert {edge.start for edge in EDGES if edge.to is S.DELIVERED} == {S.AT_DROPOFF}
    after_pickup = {S.PICKED_UP, S.TO_DROPOFF, S.AT_DROPOFF, S.DELIVERED, S.UNDELIVERABLE}
    assert not {edge.start for edge in EDGES if edge.to in {S.SEARCHING, S.CANCELLED}} & after_pickup


def test_every_state_is_reached_and_every_end_is_an_end() -> None:
    reached = {S.PLANNED}
    while more := {edge.to for edge in EDGES if edge.start in reached} - reached:
        reached |= more
    assert reached == set(S)
    assert set(S) - {edge.start for edge in EDGES} == {S.DELIVERED, S.RETURNED, S.CANCELLED}


def test_the_families_of_states() -> None:
    assert {S.PLANNED, S.SEARCHING, S.OFFERED, S.FAILED} == UNASSIGNED
    assert BEFORE_PICKUP < WITH_COURIER
    assert {S.RETURNING} == WITH_COURIER - ON_THE_MAP
    assert not UNASSIGNED & WITH_COURIER
    # Once it is over nobody is seen any more.
    assert not ON_THE_MAP & {S.DELIVERED, S.UNDELIVERABLE, S.RETURNING, S.RETURNED, S.FAILED, S.CANCELLED}
