"""A store's profile as its staff see it: where it stands, when it is open, whether it is paused."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.fees import DeliveryFees
from api.schema.shared.goods import PauseReason, StoreKind, StoreState
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.places import Position
from api.schema.shared.problems import Problem
from api.schema.shared.week import SpecialDaysInput, WeekHours, WeekWindowInput, closes, read_week, weekdays
from services.catalog.rules.windows import Weekday
from services.stores import rules
from services.stores.errors import BusyNotAllowed, HoursNotReadable, PauseNotAllowed, WeekNotAllowed
from services.stores.queries import StoreCard
from services.stores.rules.taking import PauseLength
from services.stores.rules.week import WeekFault
from services.stores.rules.week import WeekHours as Week
from services.stores.rules.windows import clock_text

strawberry.enum(WeekFault, name="WeekFault", description="What is wrong with windows or special days.")
strawberry.enum(PauseLength, name="PauseLength", description="How long a pause lasts from now on.")


@strawberry.type(description="On these days, in this window, an order takes so many minutes.")
class PreparationWindow:
    days: list[Weekday]
    opens: str = strawberry.field(description="On the store's clock, such as 11:00.")
    closes: str = strawberry.field(description="On the store's clock; one that is not later lies on the next day.")
    minutes: int

    @classmethod
    def of(cls, row: rules.PreparationRow) -> Self:
        return cls(days=weekdays(row.days), opens=clock_text(row.window.start), closes=closes(row.window), minutes=row.minutes)


@strawberry.type(description="The store somebody works for.")
class StoreProfile:
    id: strawberry.ID
    slug: str
    name: str
    kind: StoreKind
    state: StoreState
    partner_name: str = strawberry.field(description="The legal business that owns the store.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str
    city: str
    position: Position
    time_zone: str
    currency: str
    opening_hours: str = strawberry.field(description="In OpenStreetMap's language of opening hours.")
    week: WeekHours | None = strawberry.field(
        description="The same hours as windows and special days; null where the text says more than these can."
    )
    hours_assumed: bool = strawberry.field(description="True until somebody of the store tells the hours.")
    preparation_minutes: int = strawberry.field(description="As a rule, in hours that no window speaks of.")
    preparation_windows: list[PreparationWindow] = strawberry.field(description="By day and hour, where it takes longer or less.")
    preparation_minutes_now: int = strawberry.field(description="For an order at this moment, with what being busy adds.")
    busy_minutes: int = strawberry.field(description="What being busy adds to each order; 0 while the store is not.")
    busy_until: datetime | None = strawberry.field(description="The end of the busy time; null while there is none.")
    last_order_minutes: int | None = strawberry.field(
        description="How long before closing the last order is taken; null: the preparation time, at least 20 minutes."
    )
    capacity_orders: int | None = strawberry.field(description="Orders taken on for a quarter of an hour; null: no end.")
    capacity_value: Money | None = strawberry.field(description="Goods taken on for a quarter of an hour; null: no end.")
    delivery_radius_m: int = strawberry.field(description="Of the circle in which goods are brought, or around their area.")
    delivery_area: list[Position] | None = strawberry.field(
        description="The ring within which goods are brought, its first corner said again at its end; null: the whole circle."
    )
    minimum_basket: Money
    delivery_fees: DeliveryFees
    delivery_fees_tag: str = strawberry.field(description="Names the fees as they are: say it back with a change of them.")
    auto_accept: bool
    is_open: bool
    takes_orders: bool
    opens_at: datetime | None = strawberry.field(
        description="When orders come again; null while they come, and while nobody can tell."
    )
    paused_until: datetime | None = strawberry.field(description="The end of the pause; null while there is none.")
    pause_reason: PauseReason | None
    version: int = strawberry.field(description="Rises with every change of what the store shows.")

    @classmethod
    def of(cls, card: StoreCard) -> Self:
        paused = card.paused_until is not None and card.paused_until > card.read_at
        busy = rules.is_busy(card, card.read_at)
        area, value = card.delivery_area, card.capacity_value
        return cls(
            id=opaque("StoreProfile", card.id),
            slug=card.slug,
            name=card.name,
            kind=StoreKind(card.kind),
            state=StoreState(card.state),
            partner_name=card.partner_name,
            street=f"{card.street} {card.housenumber}".strip(),
            postcode=card.postcode,
            city=card.city,
            position=Position(latitude=card.latitude, longitude=card.longitude),
            time_zone=card.time_zone,
            currency=card.currency,
            opening_hours=card.opening_hours,
            hours_assumed=card.hours_assumed,
            week=WeekHours.of(card.opening_hours),
            preparation_minutes=card.preparation_minutes,
            preparation_windows=[PreparationWindow.of(row) for row in rules.preparation_table(card.preparation_windows)],
            preparation_minutes_now=rules.preparation_at(card, card.read_at),
            busy_minutes=card.busy_minutes if busy else 0,
            busy_until=card.busy_until if busy else None,
            last_order_minutes=card.last_order_minutes,
            capacity_orders=card.capacity_orders,
            capacity_value=Money.minor(value, card.currency) if value is not None else None,
            delivery_radius_m=card.delivery_radius_m,
            delivery_area=[Position(latitude=lat, longitude=lon) for lat, lon in rules.corners_of(area)] if area else None,
            minimum_basket=Money.minor(card.minimum_basket, card.currency),
            delivery_fees=DeliveryFees.of(card.delivery_fees, card.currency),
            delivery_fees_tag=rules.fees_tag(card.delivery_fees),
            auto_accept=card.auto_accept,
            is_open=card.is_open,
            takes_orders=card.takes_orders,
            opens_at=card.opens_at,
            paused_until=card.paused_until if paused else None,
            pause_reason=PauseReason(card.pause_reason) if paused and card.pause_reason else None,
            version=card.version,
        )


@strawberry.input(description="New opening hours.")
class ChangeStoreHoursInput:
    opening_hours: str = strawberry.field(description="In OpenStreetMap's language: `Mo-Fr 10:00-21:00; Sa 12:00-02:00; PH off`.")


@strawberry.input(description="How long to take no orders.")
class PauseStoreInput:
    until: datetime | None = strawberry.field(default=None, description="At most a week away; not looked at beside a length.")
    length: PauseLength | None = strawberry.field(default=None, description="So long from now on.")


@strawberry.input(description="Hours as windows and special days.")
class ChangeStoreWeekInput:
    windows: list[WeekWindowInput]
    special_days: list[SpecialDaysInput] = strawberry.field(default_factory=list)
    closed_on_public_holidays: bool = False

    def read(self) -> Week:
        specials = tuple(one.read() for one in self.special_days)
        return Week(read_week(self.windows), specials, self.closed_on_public_holidays)


@strawberry.input(description="More minutes for every order, for a while.")
class StartBusyTimeInput:
    extra_minutes: int = strawberry.field(description="1 to 120.")
    until: datetime = strawberry.field(description="At most a day away.")


@strawberry.type(description="The store keeps these hours.")
class ChangeStoreHoursSuccess:
    store: StoreProfile


@strawberry.type(description="No new orders come until the pause ends.")
class PauseStoreSuccess:
    store: StoreProfile


@strawberry.type(description="The pause is over.")
class ResumeStoreSuccess:
    store: StoreProfile


@strawberry.type(description="The store keeps these hours.")
class ChangeStoreWeekSuccess:
    store: StoreProfile


@strawberry.type(description="Every order takes longer until the busy time ends.")
class StartBusyTimeSuccess:
    store: StoreProfile


@strawberry.type(description="Orders take as long as usual.")
class EndBusyTimeSuccess:
    store: StoreProfile


@strawberry.type(description="These windows or special days cannot be kept.")
class WeekNotAllowedProblem(Problem):
    fault: WeekFault

    @classmethod
    def of(cls, refusal: WeekNotAllowed) -> Self:
        return cls(message=str(refusal), fault=refusal.fault)


@strawberry.type(description="A busy time adds some minutes, and needs an end that lies ahead and is not too far.")
class BusyNotAllowedProblem(Problem):
    most_minutes: int
    latest: datetime

    @classmethod
    def of(cls, refusal: BusyNotAllowed) -> Self:
        return cls(message=str(refusal), most_minutes=refusal.most_minutes, latest=refusal.latest)


@strawberry.type(description="The text is not in the language of opening hours.")
class HoursNotReadableProblem(Problem):
    opening_hours: str
    fault: str = strawberry.field(description="What the reader stumbled over.")

    @classmethod
    def of(cls, refusal: HoursNotReadable) -> Self:
        return cls(message=str(refusal), opening_hours=refusal.opening_hours, fault=refusal.fault)


@strawberry.type(description="A pause needs an end that lies ahead and is not too far.")
class PauseNotAllowedProblem(Problem):
    until: datetime
    latest: datetime

    @classmethod
    def of(cls, refusal: PauseNotAllowed) -> Self:
        return cls(message=str(refusal), until=refusal.until, latest=refusal.latest)


ChangeStoreHoursResult = Annotated[
    ChangeStoreHoursSuccess | HoursNotReadableProblem,
    strawberry.union("ChangeStoreHoursResult", description="New hours, or why not."),
]
PauseStoreResult = Annotated[
    PauseStoreSuccess | PauseNotAllowedProblem, strawberry.union("PauseStoreResult", description="The pause, or why not.")
]
ResumeStoreResult = Annotated[ResumeStoreSuccess, strawberry.union("ResumeStoreResult", description="The store, taking orders.")]
ChangeStoreWeekResult = Annotated[
    ChangeStoreWeekSuccess | WeekNotAllowedProblem,
    strawberry.union("ChangeStoreWeekResult", description="New hours, or why not."),
]
StartBusyTimeResult = Annotated[
    StartBusyTimeSuccess | BusyNotAllowedProblem,
    strawberry.union("StartBusyTimeResult", description="The busy time, or why not."),
]
EndBusyTimeResult = Annotated[
    EndBusyTimeSuccess, strawberry.union("EndBusyTimeResult", description="The store, as quick as usual.")
]
