"""The time-line of a purchase as agents read it: every event, who, why and when, and what was pushed to whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.ids import opaque
from api.schema.support.people import ActedAs, SupportActor, actors_of
from services.cases.rules import facts_of
from services.kernel.events import EventRow
from services.notifications.queries import PushTold
from services.notifications.rules import PushState

strawberry.enum(PushState, description="How far a push is.")


@strawberry.type(description="One of the facts of an event.")
class SupportFact:
    name: str
    value: str


@strawberry.type(description="One event in the life of a purchase.")
class SupportTimeLineEntry:
    sequence: int = strawberry.field(description="Within the purchase, from 1, without a gap.")
    kind: str = strawberry.field(description="Such as OrderAccepted; more kinds may come.")
    order_id: strawberry.ID | None
    delivery_id: strawberry.ID | None
    reason: str | None
    device_at: datetime | None = strawberry.field(description="When the app says that it was done.")
    recorded_at: datetime = strawberry.field(description="When it was written down here.")
    facts: list[SupportFact]
    acted_as: strawberry.Private[ActedAs]
    by: strawberry.Private[UUID | None]
    actor: SupportActor = batch(actors_of, description="Who did it.")

    @classmethod
    def of(cls, event: EventRow) -> Self:
        return cls(
            sequence=event.sequence,
            kind=event.kind,
            order_id=_id_in(event.payload, "order_id", "SupportOrder"),
            delivery_id=_id_in(event.payload, "delivery_id", "SupportDelivery"),
            reason=event.reason,
            device_at=event.device_at,
            recorded_at=event.recorded_at,
            facts=[SupportFact(name=name, value=value) for name, value in facts_of(event.payload)],
            acted_as=ActedAs(event.actor_kind),
            by=event.actor_id,
        )


def _id_in(payload: Mapping[str, Any], name: str, noun: str) -> strawberry.ID | None:
    return opaque(noun, UUID(payload[name])) if payload.get(name) else None


@strawberry.type(description="A page of a purchase's time-line.")
class SupportTimeLine:
    entries: list[SupportTimeLineEntry]
    end_sequence: int = strawberry.field(description="Of the last entry: the next page begins after it.")
    has_next_page: bool

    @classmethod
    def of(cls, events: list[EventRow], first: int, after: int) -> Self:
        """The page out of `first + 1` events read: the one too many only tells that more follow."""
        shown = events[:first]
        return cls(
            entries=[SupportTimeLineEntry.of(event) for event in shown],
            end_sequence=shown[-1].sequence if shown else after,
            has_next_page=len(events) > first,
        )


@strawberry.type(description="A push about a purchase to one device.")
class SupportPush:
    kind: str
    title: str
    state: PushState
    created_at: datetime
    sent_at: datetime | None
    acted_as: strawberry.Private[ActedAs]
    by: strawberry.Private[UUID]
    recipient: SupportActor = batch(actors_of, description="To whom.")

    @classmethod
    def of(cls, push: PushTold) -> Self:
        return cls(
            kind=push.kind,
            title=push.title,
            state=push.state,
            created_at=push.created_at,
            sent_at=push.sent_at,
            acted_as=ActedAs(push.audience),
            by=push.person_id,
        )
