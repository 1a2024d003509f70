"""How a store takes orders on, and whom it brings them to, as its staff say it."""

from typing import Annotated, Self

import strawberry

from api.schema.shared.money import MoneyInput
from api.schema.shared.places import PositionInput
from api.schema.shared.problems import Problem
from api.schema.shared.week import read_days, read_window
from api.schema.store.hours import StoreProfile
from services.catalog.rules.windows import Weekday
from services.stores.errors import DeliveryAreaNotAllowed, PreparationTableNotAllowed
from services.stores.operations import OrderTaking
from services.stores.rules import AreaFault, PreparationRow

strawberry.enum(AreaFault, name="AreaFault", description="What is wrong with the ring of a delivery area.")


@strawberry.input(description="On these days, in this window, an order takes so many minutes.")
class PreparationWindowInput:
    days: list[Weekday]
    opens: str = strawberry.field(description="On the store's clock, such as 11:00.")
    closes: str = strawberry.field(description="On the store's clock; one that is not later lies on the next day.")
    minutes: int = strawberry.field(description="1 to 240.")

    def read(self) -> PreparationRow:
        return PreparationRow(read_days(self.days), read_window(self.opens, self.closes), self.minutes)


@strawberry.input(description="How orders are taken on: all of it, as it is to be from now on.")
class ChangeOrderTakingInput:
    auto_accept: bool = strawberry.field(description="Whether orders are accepted without anybody touching the tablet.")
    preparation_minutes: int = strawberry.field(description="1 to 240, in hours that no window speaks of.")
    preparation_windows: list[PreparationWindowInput] = strawberry.field(default_factory=list)
    last_order_minutes: int | None = strawberry.field(
        default=None,
        description="How long before closing the last order is taken; null: the preparation time, at least 20 minutes.",
    )
    capacity_orders: int | None = strawberry.field(default=None, description="Orders for a quarter of an hour; null: no end.")
    capacity_value: MoneyInput | None = strawberry.field(
        default=None, description="Goods for a quarter of an hour; null: no end."
    )

    def read(self, currency: str) -> OrderTaking:
        return OrderTaking(
            auto_accept=self.auto_accept,
            preparation_minutes=self.preparation_minutes,
            preparation=[window.read() for window in self.preparation_windows],
            last_order_minutes=self.last_order_minutes,
            capacity_orders=self.capacity_orders,
            capacity_value=self.capacity_value.read(currency, "capacityValue") if self.capacity_value else None,
        )


@strawberry.input(description="Whom goods are brought to, and from which amount on: all of it, as it is to be from now on.")
class ChangeDeliveryInput:
    radius_m: int = strawberry.field(description="100 to 30000 metres from the store; an area comes with a circle of its own.")
    area: list[PositionInput] | None = strawberry.field(
        default=None,
        description="A ring of at most 101 corners around or near the store, the first said again at the end; null: the circle.",
    )
    minimum_basket: MoneyInput


@strawberry.type(description="Orders are taken on like this.")
class ChangeOrderTakingSuccess:
    store: StoreProfile


@strawberry.type(description="Goods are brought like this.")
class ChangeDeliverySuccess:
    store: StoreProfile


@strawberry.type(description="Two windows speak of the same minute, or there are too many.")
class PreparationTableNotAllowedProblem(Problem):
    most_windows: int

    @classmethod
    def of(cls, refusal: PreparationTableNotAllowed) -> Self:
        return cls(message=str(refusal), most_windows=refusal.most_rows)


@strawberry.type(description="The ring cannot be used as a delivery area.")
class DeliveryAreaNotAllowedProblem(Problem):
    fault: AreaFault

    @classmethod
    def of(cls, refusal: DeliveryAreaNotAllowed) -> Self:
        return cls(message=str(refusal), fault=refusal.fault)


ChangeOrderTakingResult = Annotated[
    ChangeOrderTakingSuccess | PreparationTableNotAllowedProblem,
    strawberry.union("ChangeOrderTakingResult", description="How orders are taken on, or why not."),
]
ChangeDeliveryResult = Annotated[
    ChangeDeliverySuccess | DeliveryAreaNotAllowedProblem,
    strawberry.union("ChangeDeliveryResult", description="How goods are brought, or why not."),
]
