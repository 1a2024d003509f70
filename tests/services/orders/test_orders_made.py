"""The factory writes orders that the database accepts, at every stage."""

import pytest

from services.orders.rules import OrderStage, PurchaseStage
from tests.factories.orders import make_order, make_purchase, orders_of


@pytest.mark.parametrize("stage", list(OrderStage))
async def test_an_order_can_be_made_at_every_stage(stage: OrderStage) -> None:
    order = await make_order(stage)
    assert order.stage is stage
    assert order.total == 1_500 + 190 + 75


async def test_a_purchase_of_several_stores_is_derived_from_its_orders() -> None:
    purchase = await make_purchase(OrderStage.ACCEPTED, OrderStage.READY, OrderStage.REJECTED, tip=200)

    orders = await orders_of(purchase)

    assert purchase.stage is PurchaseStage.ACCEPTED
    assert purchase.agreed_total == sum(order.total for order in orders)
    assert purchase.total == orders[0].total + orders[1].total
    assert orders[2].given_back == orders[2].total
