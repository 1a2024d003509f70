"""A purchase of one to three orders under anything in any order: what always holds, holds after each step, and all of it ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.bootstrap import Ports
from services.kernel import events
from services.kernel.actors import Courier, SupportAgent, SupportLevel
from services.kernel.ids import new_id
from services.orders import operations
from services.orders.errors import OrderCannotMove, OrderNotAcceptable
from services.orders.queries import Order
from services.orders.rules import EDGES, FALLEN, TERMINAL, OrderStage, RejectReason
from services.payments import ledger
from services.payments.operations import authorise
from services.payments.queries import payment_of_purchase
from tests.conftest import TestClock
from tests.factories.orders import consumer_of, make_purchase, orders_of, staff_of
from tests.facts import run_errands

S = OrderStage
COURIER = Courier(new_id(), new_id())
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L1)

ACTS: dict[str, Callable[[Order], Awaitable[object]]] = {
    "accept": lambda order: operations.accept_order(staff_of(order), order.id),
    "reject": lambda order: operations.reject_order(staff_of(order), order.id, reason=RejectReason.TOO_BUSY),
    "prepare": lambda order: operations.start_preparing(staff_of(order), order.id),
    "make ready": lambda order: operations.mark_order_ready(staff_of(order), order.id),
    "hand over": lambda order: operations.hand_over(COURIER, [order.id]),
    "deliver": lambda order: operations.complete_order(COURIER, order.id),
    "nobody there": lambda order: operations.order_undeliverable(COURIER, order.id, reason="nobody there"),
    "return": lambda order: operations.return_order(COURIER, order.id),
    "dispose": lambda order: operations.dispose_order(AGENT, order.id, reason="melted"),
    "consumer cancels": lambda order: operations.cancel_order(consumer_of(order), order.id, reason="no"),
    "store cancels": lambda order: operations.cancel_order(staff_of(order), order.id, reason="no"),
    "support cancels": lambda order: operations.cancel_order(AGENT, order.id, reason="no"),
}
# What leads on from each stage, so that whatever was begun can be brought to its end.
ONWARD = {
    S.PLACED: "accept",
    S.ACCEPTED: "make ready",
    S.PREPARING: "make ready",
    S.READY: "hand over",
    S.HANDED_OVER: "deliver",
    S.UNDELIVERED: "return",
}
STAGE_OF = {f"Order{stage.title().replace('_', '')}": stage for stage in S}

steps = st.one_of(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 2)),
    st.tuples(st.sampled_from(["accept", "make ready", "hand over", "deliver"]), st.integers(0, 2)),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 9])),
    st.tuples(st.just("errands"), st.just(0)),
)


@dataclass
class Machine:
    """One purchase, and everybody who may act on it."""

    purchase_id: UUID
    clock: TestClock
    house: Ports

    async def take(self, what: str, number: int) -> None:
        if what == "wait":
            self.clock.move(minutes=number)
            await operations.expire_overdue_orders()
            await operations.settle_finished_orders()
        elif what == "errands":
            await run_errands(self.house)
        else:
            orders = await orders_of(self.purchase_id)
            await self.act(what, orders[number % len(orders)])

    async def act(self, what: str, order: Order) -> None:
        before = await orders_of(self.purchase_id)
        refused = await _refusal(ACTS[what](order))
        if refused:
            assert refused.stage is order.stage
            assert await orders_of(self.purchase_id) == before

    async def bring_to_an_end(self) -> None:
        for _ in range(len(ONWARD)):
            for order in await orders_of(self.purchase_id):
                if order.stage in ONWARD:
                    await self.act(ONWARD[order.stage], order)
        self.clock.move(minutes=9)
        await operations.expire_overdue_orders()
        await run_errands(self.house)
        self.clock.move(days=1)
        await operations.settle_finished_orders()


async def _refusal(attempt: Awaitable[object]) -> OrderCannotMove | OrderNotAcceptable | None:
    try:
        await attempt
    except (OrderCannotMove, OrderNotAcceptable) as refused:
        return refused
    return None


async def _always_holds(machine: Machine) -> None:
    orders, payment = await orders_of(machine.purchase_id), await payment_of_purchase(machine.purchase_id)
    going_on = [order for order in orders if order.stage not in FALLEN]
    given_back = sum(order.given_back for order in orders)
    assert sum(order.total for order in going_on) + given_back == payment.amount
    assert payment.released == given_back
    assert all(order.tax == order.charges.tax for order in orders)
    await _every_step_was_an_edge(machine.purchase_id)


async def _every_step_was_an_edge(purchase_id: UUID) -> None:
    told = await events.timeline(purchase_id)
    assert [row.sequence for row in told] == list(range(1, len(told) + 1))
    stage_of: dict[str, OrderStage] = {}
    open_edges = {(edge.start, edge.to) for edge in EDGES if edge.open}
    for row in told:
        to = STAGE_OF.get(row.kind)
        if to is None:
            continue
        order_id = row.payload["order_id"]
        assert (stage_of.get(order_id, S.PENDING_PAYMENT), to) in open_edges
        stage_of[order_id] = to
    orders = await orders_of(purchase_id)
    assert stage_of == {str(order.id): order.stage for order in orders}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(count=st.integers(1, 3), tip=st.sampled_from([0, 101]), told=st.lists(steps, min_size=4, max_size=16))
async def test_every_purchase_ends_and_no_cent_is_made_or_lost(
    house: Ports, clock: TestClock, count: int, tip: int, told: list[tuple[str, int]]
) -> None:
    purchase = await make_purchase(*[S.PENDING_PAYMENT] * count, tip=tip)
    await authorise((await payment_of_purchase(purchase.id)).id, house.cards)
    await run_errands(house)
    machine = Machine(purchase.id, clock, house)

    for what, number in told:
        await machine.take(what, number)
        await _always_holds(machine)
    await machine.bring_to_an_end()

    await _always_holds(machine)
    assert {order.stage for order in await orders_of(purchase.id)} <= TERMINAL
    payment = await payment_of_purchase(purchase.id)
    assert payment.captured + payment.released == payment.amount == purchase.agreed_total
    assert set((await ledger.sum_of_everything()).values()) <= {0}
