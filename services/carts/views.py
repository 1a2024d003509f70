"""A cart as it is shown and priced: frozen, at present prices, store by store."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from services.catalog.rules.measures import price_of_one
from services.kernel.places import Address
from services.pricing.rules import ChosenOption, total_of


# Not frozen: to freeze them costs more than to read a cart.
@dataclass(slots=True, unsafe_hash=True)
class OptionView:
    """A choice as the store names it now."""

    id: UUID
    group_id: UUID
    name: str
    price: int
    free_count: int
    tax_class: str | None = None


@dataclass(slots=True, unsafe_hash=True)
class LineView:
    """A line at the present price of its item; `is_offered` tells whether item and choices are for sale now.

    `price` is for a piece, or for a kilogram where `grams` tells what one of the quantity weighs.
    """

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
    grams: int | None = None
    most_per_day: int | None = None
    preparation_minutes: int | None = None

    @property
    def exact_price(self) -> int | Fraction:
        """What one costs without its choices."""
        return price_of_one(self.price, self.grams)

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity if self.grams is None else total_of(self.exact_price, self.chosen, self.quantity)

    @property
    def most(self) -> int | None:
        """How many one can have at most: of what is left, and of what one person may buy on a day; None: no bound."""
        return min((bound for bound in (self.stock, self.most_per_day) if bound is not None), default=None)

    @property
    def is_available(self) -> bool:
        """Whether so many can be had now."""
        bounds = (self.stock, self.most_per_day)
        return self.is_offered and (bounds == (None, None) or all(bound is None or bound >= self.quantity for bound in bounds))

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
