"""Checkout: one quote, one key, one purchase, whatever is sent twice, at once, or half."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from services.bootstrap import Ports
from services.carts.errors import ItemNotAvailable, QuoteExpired, QuoteOutdated, StoreClosed
from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.kernel import events
from services.kernel.actors import Consumer
from services.kernel.database import rows
from services.kernel.errors import BadInput, NotFound
from services.kernel.idempotency import KeyReusedWithOtherInput, OperationInProgress
from services.kernel.ids import new_id, read_spoken_number
from services.orders import queries
from services.orders.operations import checkout
from services.orders.queries import Purchase
from services.orders.rules import OrderStage, PurchaseStage
from services.payments.errors import CardMethodUnknown
from services.payments.queries import payment_of_purchase
from services.payments.rules import PaymentState
from services.stores.models import Store
from tests.conftest import Statements, TestClock
from tests.factories.carts import DOOR, make_quote
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer
from tests.factories.orders import orders_of, picture
from tests.facts import run_errands


async def buy(house: Ports, consumer: Consumer, quote_id: UUID, *, key: str = "k1", method: str = "card_ok") -> Purchase:
    return await checkout(consumer, quote_id=quote_id, key=key, method=method, cards=house.cards)


async def test_a_quote_of_two_stores_becomes_one_purchase_with_two_orders(house: Ports, clock: TestClock) -> None:
    consumer, quote = await make_quote(tip=250)

    purchase = await buy(house, consumer, quote.id)

    orders = await orders_of(purchase)
    assert purchase.stage is PurchaseStage.AWAITING_PAYMENT
    assert purchase.agreed_total == purchase.total == quote.priced.total == sum(order.total for order in orders)
    assert (purchase.goods, purchase.tip, purchase.tax) == (3_500, 250, quote.priced.tax)
    assert purchase.address == DOOR
    assert (purchase.promised_from, purchase.promised_until) == (quote.promised_from, quote.promised_until)
    assert [order.store_id for order in orders] == [basket.store_id for basket in quote.baskets]
    assert {order.stage for order in orders} == {OrderStage.PENDING_PAYMENT}
    assert all(order.commission_bps == 2_500 and order.release_at is None for order in orders)
    assert read_spoken_number("P", purchase.number) == purchase.number
    assert {read_spoken_number("R", order.number) for order in orders} == {order.number for order in orders}
    lines = await queries.lines_of_orders([order.id for order in orders])
    assert [[(line.quantity, line.unit_price, line.total, line.tax_bps) for line in lines[order.id]] for order in orders] == [
        [(1, 1_500, 1_500, 1_350)],
        [(1, 2_000, 2_000, 1_350)],
    ]
    assert (await payment_of_purchase(purchase.id)).state is PaymentState.AUTHORISED
    assert await cart_of(consumer) is None


async def test_paid_orders_are_placed_each_with_its_own_deadline_by_the_one_path(house: Ports, clock: TestClock) -> None:
    consumer, quote = await make_quote()
    purchase = await buy(house, consumer, quote.id)

    await run_errands(house)

    orders = await orders_of(purchase)
    assert [order.stage for order in orders] == [OrderStage.PLACED, OrderStage.PLACED]
    assert {order.accept_by for order in orders} == {clock.now() + timedelta(minutes=8)}
    told = [(row.sequence, row.kind, row.actor_kind) for row in await events.timeline(purchase.id)]
    assert told == [
        (1, "PurchaseCheckedOut", "consumer"),
        (2, "PaymentAuthorised", "system"),
        (3, "OrderPlaced", "system"),
        (4, "OrderPlaced", "system"),
    ]


async def test_the_same_key_gives_the_same_purchase_and_changes_nothing(house: Ports) -> None:
    consumer, quote = await make_quote()
    first = await buy(house, consumer, quote.id)
    before = await picture()

    assert await buy(house, consumer, quote.id) == first
    assert await picture() == before


async def test_the_same_key_with_other_input_is_refused(house: Ports) -> None:
    consumer, quote = await make_quote()
    await buy(house, consumer, quote.id)
    before = await picture()

    for quote_id, method in ((new_id(), "card_ok"), (quote.id, "card_slow")):
        with pytest.raises(KeyReusedWithOtherInput):
            await buy(house, consumer, quote_id, method=method)
    assert await picture() == before


async def test_a_used_quote_is_refused_under_another_key(house: Ports) -> None:
    consumer, quote = await make_quote()
    await buy(house, consumer, quote.id)
    before = await picture()

    with pytest.raises(QuoteExpired):
        await buy(house, consumer, quote.id, key="k2")
    assert await picture() == before


async def test_twenty_at_once_with_one_key_make_one_purchase(house: Ports) -> None:
    consumer, quote = await make_quote()

    answers = await asyncio.gather(*(buy(house, consumer, quote.id) for _ in range(20)), return_exceptions=True)

    made = {answer.id for answer in answers if isinstance(answer, Purchase)}
    assert len(made) == 1
    assert {type(answer) for answer in answers} <= {Purchase, OperationInProgress}
    await assert_one_purchase(house, made.pop())


async def test_twenty_at_once_with_twenty_keys_make_one_purchase(house: Ports) -> None:
    item = await make_item(stock=5)
    consumer, quote = await make_quote(item)

    answers = await asyncio.gather(
        *(buy(house, consumer, quote.id, key=f"key {number}") for number in range(20)), return_exceptions=True
    )

    assert Counter(type(answer) for answer in answers) == {Purchase: 1, QuoteExpired: 19}
    await assert_one_purchase(house, next(answer.id for answer in answers if isinstance(answer, Purchase)))
    assert [record["stock"] for record in await rows("SELECT stock FROM items WHERE id = $1", item.id)] == [4]


async def assert_one_purchase(house: Ports, purchase_id: UUID) -> None:
    assert [record["id"] for record in await rows("SELECT id FROM purchases")] == [purchase_id]
    assert [record["amount"] for record in await rows("SELECT amount FROM payments")] == [
        record["agreed_total"] for record in await rows("SELECT agreed_total FROM purchases")
    ]
    assert len(await rows("SELECT key FROM sandbox_cards_intents")) == 1


async def test_the_last_piece_is_sold_once(house: Ports) -> None:
    item = await make_item(stock=1)
    buyers = [await make_quote(item) for _ in range(6)]

    answers = await asyncio.gather(*(buy(house, consumer, quote.id) for consumer, quote in buyers), return_exceptions=True)

    assert sum(isinstance(answer, Purchase) for answer in answers) == 1
    assert [record["stock"] for record in await rows("SELECT stock FROM items WHERE id = $1", item.id)] == [0]
    assert len(await rows("SELECT id FROM purchases")) == 1
    assert len(await rows("SELECT id FROM carts WHERE state = 'OPEN'")) == 5


async def test_what_is_no_longer_true_is_refused_and_nothing_changes(house: Ports, clock: TestClock) -> None:
    item = await make_item(stock=3)
    consumer, quote = await make_quote(item)
    await Store.filter(id=item.store_id).update(opening_hours="off")
    before = await picture()
    with pytest.raises(StoreClosed):
        await buy(house, consumer, quote.id)
    assert await picture() == before

    await Store.filter(id=item.store_id).update(opening_hours="24/7")
    await add_line(consumer, item.id, 1)
    before = await picture()
    with pytest.raises(QuoteOutdated):
        await buy(house, consumer, quote.id)
    assert await picture() == before

    clock.move(minutes=10)
    with pytest.raises(QuoteExpired):
        await buy(house, consumer, quote.id)
    assert await picture() == before


async def test_goods_gone_meanwhile_are_refused_and_nothing_changes(house: Ports) -> None:
    item = await make_item(stock=1)
    (first, their_quote), (second, own_quote) = await make_quote(item), await make_quote(item)
    await buy(house, first, their_quote.id)
    before = await picture()

    with pytest.raises(ItemNotAvailable):
        await buy(house, second, own_quote.id)
    assert await picture() == before


@pytest.mark.parametrize("method", ["", "4111111111111111", "card ok", "x" * 101])
async def test_a_method_that_is_no_token_is_refused_and_nothing_changes(house: Ports, method: str) -> None:
    consumer, quote = await make_quote()
    before = await picture()

    with pytest.raises(CardMethodUnknown):
        await buy(house, consumer, quote.id, method=method)
    assert await picture() == before


@pytest.mark.parametrize("key", ["", "k" * 129])
async def test_a_key_is_compulsory(house: Ports, key: str) -> None:
    consumer, quote = await make_quote()
    before = await picture()

    with pytest.raises(BadInput):
        await buy(house, consumer, quote.id, key=key)
    assert await picture() == before


async def test_a_strangers_quote_does_not_exist(house: Ports) -> None:
    _, quote = await make_quote()
    before = await picture()

    with pytest.raises(NotFound):
        await buy(house, await make_consumer("Onni Laine"), quote.id)
    assert await picture() == before


async def test_a_declined_card_abandons_the_purchase_and_frees_the_goods(house: Ports) -> None:
    item = await make_item(stock=2)
    consumer, quote = await make_quote(item)

    purchase = await buy(house, consumer, quote.id, method="card_declined")
    await run_errands(house)

    after = await queries.purchase(consumer, purchase.id)
    assert after.stage is PurchaseStage.ABANDONED
    assert after.total == 0
    assert (await payment_of_purchase(purchase.id)).state is PaymentState.FAILED
    assert [record["stock"] for record in await rows("SELECT stock FROM items WHERE id = $1", item.id)] == [2]
    told = [row.kind for row in await events.timeline(purchase.id)]
    assert told == ["PurchaseCheckedOut", "PaymentFailed", "OrderAbandoned"]


async def test_a_call_cut_off_before_the_card_is_asked_is_finished_by_its_repeat(house: Ports) -> None:
    consumer, quote = await make_quote()

    class CutOff(Exception):
        pass

    class Broken:
        async def authorise(self, *_: object) -> object:
            raise CutOff

    with pytest.raises(CutOff):
        await checkout(consumer, quote_id=quote.id, key="k1", method="card_ok", cards=Broken())  # type: ignore[arg-type]
    purchase = await buy(house, consumer, quote.id)

    assert (await payment_of_purchase(purchase.id)).state is PaymentState.AUTHORISED
    assert len(await rows("SELECT id FROM purchases")) == 1


async def test_checkout_costs_as_many_statements_for_one_line_as_for_many(house: Ports, statements: Statements) -> None:
    counts = []
    for lines in (1, 6):
        store = await make_item()
        items = [await make_item(store.store_id) for _ in range(lines)]
        consumer, quote = await make_quote(*items)
        statements.clear()
        await buy(house, consumer, quote.id)
        counts.append(await statements.count())
    assert counts[0] == counts[1]
    assert counts[0] <= 40
