"""A store's profile as its staff see it: where it stands, when it is open, whether it is paused."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.goods import PauseReason, StoreKind, StoreState
from api.schema.shared.ids import opaque
from api.schema.shared.money import Money
from api.schema.shared.places import Position
from api.schema.shared.problems import Problem
from services.stores.errors import HoursNotReadable, PauseNotAllowed
from services.stores.queries import StoreCard


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
    hours_assumed: bool = strawberry.field(description="True until somebody of the store tells the hours.")
    preparation_minutes: int
    delivery_radius_m: int
    minimum_basket: Money
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
            preparation_minutes=card.preparation_minutes,
            delivery_radius_m=card.delivery_radius_m,
            minimum_basket=Money.minor(card.minimum_basket, card.currency),
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
    until: datetime = strawberry.field(description="At most a week away.")


@strawberry.type(description="The store keeps these hours.")
class ChangeStoreHoursSuccess:
    store: StoreProfile


@strawberry.type(description="No new orders come until the pause ends.")
class PauseStoreSuccess:
    store: StoreProfile


@strawberry.type(description="The pause is over.")
class ResumeStoreSuccess:
    store: StoreProfile


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
