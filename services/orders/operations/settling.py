"""The end of an order: its money is taken when it leaves the store, and it is closed when nobody may dispute it any more."""

from uuid import UUID

from services.kernel import clock
from services.kernel.unit_of_work import UnitOfWork, unit_of_work
from services.orders.events import OrderSettled
from services.orders.operations.deadlines import sweep
from services.orders.operations.moves import facts, move
from services.orders.overdue import Overdue
from services.orders.queries import Order, lock_order, lock_purchase
from services.orders.rules import PAYMENT, OrderStage
from services.payments.operations import request_capture
from services.payments.queries import capture_of_order
from services.payments.rules import MovementState, Split, split_order

_DISPUTABLE = frozenset({OrderStage.DELIVERED, OrderStage.RETURNED, OrderStage.DISPOSED})


async def take_money(order_id: UUID, courier_id: UUID | None) -> None:
    """Decide to capture what a handed-over order is charged, with who earns what of it. Again changes nothing."""
    async with unit_of_work():
        handed_over, _ = await lock_order(PAYMENT, order_id)
        if handed_over.total:
            await request_capture(order_id, handed_over.purchase_id, handed_over.total, _split(handed_over, courier_id))


def _split(handed_over: Order, courier_id: UUID | None) -> Split:
    return split_order(
        store_id=handed_over.store_id,
        goods=handed_over.goods,
        commission_bps=handed_over.commission_bps,
        tax_bps=handed_over.fee_tax_bps,
        delivery_fee=handed_over.delivery_fee,
        service_fee=handed_over.service_fee,
        small_basket_fee=handed_over.small_basket_fee,
        tip=handed_over.tip,
        courier_id=courier_id,
    )


async def settle_finished_orders() -> int:
    """Timer: close orders whose dispute window is over and whose money stands in the ledger; answers how many."""
    return await sweep(Overdue.SETTLEMENT, _settle)


async def _settle(work: UnitOfWork, purchase_id: UUID) -> int:
    at, settled = clock.now(), 0
    for one in await lock_purchase(purchase_id):
        if one.stage in _DISPUTABLE and one.settle_after and one.settle_after <= at and await _is_in_ledger(one):
            await move(work, one, OrderStage.SETTLED, OrderSettled(**facts(one)))
            settled += 1
    return settled


async def _is_in_ledger(one: Order) -> bool:
    if one.total == 0:
        return True
    capture = await capture_of_order(one.id)
    return capture is not None and capture.state is MovementState.DONE
