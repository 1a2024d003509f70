"""A cart as it is shown and priced: frozen, at present prices, store by store."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel.places import Address
from services.pricing.rules import ChosenOption


@dataclass(frozen=True, slots=True)
class OptionView:
    """A choice as the store names it now."""

    id: UUID
    group_id: UUID
    name: str
    price: int
    free_count: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line at the present price of its item; `is_offered` tells whether item and choices are for sale now."""

    id: UUID
    item_id: UUID
    gtin: str | None
    name: str
    price: int
    currency: str
    tax_class: str
    stock: int | None
    is_offered: bool
    quantity: int
    note: str
    option_ids: tuple[UUID, ...]
    options: tuple[OptionView, ...]
    unit_price: int

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity

    @property
    def is_available(self) -> bool:
        """Whether so many can be had now."""
        return self.is_offered and (self.stock is None or self.stock >= self.quantity)

    @property
    def chosen(self) -> tuple[ChosenOption, ...]:
        return tuple(ChosenOption(option.group_id, option.price, option.free_count) for option in self.options)


@dataclass(frozen=True, slots=True)
class BasketStore:
    """Whose goods these are."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class BasketView:
    """The part of a cart that one store will fill."""

    store: BasketStore
    lines: tuple[LineView, ...]

    @property
    def goods(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def currency(self) -> str:
        return self.lines[0].currency


@dataclass(frozen=True, slots=True)
class CartView:
    """A consumer's cart with its baskets in the order in which their first goods came."""

    id: UUID
    version: int
    address: Address | None
    tip: int
    updated_at: datetime
    expires_at: datetime
    baskets: tuple[BasketView, ...]

    @property
    def goods(self) -> int:
        return sum(basket.goods for basket in self.baskets)
