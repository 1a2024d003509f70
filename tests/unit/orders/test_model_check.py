"""Every stage, every target, everybody: the one way to move lets through what the table opens, and nothing else."""

from dataclasses import fields
from itertools import product
from types import SimpleNamespace
from uuid import UUID, uuid4

from services.kernel.actors import Actor, Consumer, Courier, StaffRole, StoreStaff, SupportAgent, SupportLevel, System
from services.kernel.unit_of_work import UnitOfWork
from services.orders import rules
from services.orders.errors import OrderCannotMove
from services.orders.operations.moves import check_move
from services.orders.queries import Order
from services.orders.rules import OrderStage

ID = UUID(int=1)
ACTORS: tuple[Actor, ...] = (
    Consumer(uuid4(), uuid4()),
    StoreStaff(uuid4(), uuid4(), uuid4(), StaffRole.OWNER),
    Courier(uuid4(), uuid4()),
    SupportAgent(uuid4(), uuid4(), SupportLevel.FINANCE),
    rules.PAYMENT,
    rules.TIMER,
    rules.AUTO_ACCEPT,
    System("anything else"),
)


def order_at(stage: OrderStage) -> Order:
    values = {field.name: None for field in fields(Order)}
    return Order(**values | {"id": ID, "stage": stage})  # type: ignore[arg-type]  # only stage and id are looked at


def attempt(actor: Actor, stage: OrderStage, to: OrderStage) -> OrderCannotMove | None:
    try:
        check_move(UnitOfWork(actor, None, None), order_at(stage), to)
    except OrderCannotMove as refused:
        return refused
    return None


def test_all_stages_targets_and_actors() -> None:
    counted = SimpleNamespace(open=0, shut=0, none=0)
    for actor, stage, to in product(ACTORS, OrderStage, OrderStage):
        refused = attempt(actor, stage, to)
        edge = rules.edge(stage, to, rules.who(actor))
        if refused is None:
            assert edge is not None
            assert edge.open
            counted.open += 1
            continue
        assert (refused.order_id, refused.stage, refused.to) == (ID, stage, to)
        assert refused.not_yet_open is (edge is not None)
        counted.shut += refused.not_yet_open
        counted.none += not refused.not_yet_open
    # The creation of an order is the table's only row without a stage before it.
    assert (counted.open, counted.shut) == (43, 6)
    assert counted.open + counted.shut + counted.none == 8 * 16 * 16
