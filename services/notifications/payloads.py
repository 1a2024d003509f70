"""What a push carries besides its words: opaque ids, numbers, kinds; never a phone number, address, name, code or token."""

import base64
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.dispatch.events import DeliveryEvent, JobOffered
from services.kernel.actors import Audience
from services.notifications.tellings import TELLINGS, Told
from services.orders.events import OrderEvent


class _Payload(BaseModel):
    """Every value is text, as FCM wants it; `title`, `body` and `tag` are inside where the app shows the notification itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(description="What happened; an unknown kind is shown by its title and body.")
    event: str = Field(description="The fact's own id: the same fact is never shown twice.", pattern="^[0-9a-f]{32}$")
    title: str | None = None
    body: str | None = None
    tag: str | None = Field(None, description="What bears the same tag takes the earlier one's place on the screen.")


class ConsumerPush(_Payload):
    """About a purchase, or one of its orders, to the person who made it."""

    audience: Literal["consumer"]
    purchase: str = Field(description="The id of the Purchase to open.")
    order: str | None = Field(None, description="The id of the Order it is about.")
    number: str | None = Field(None, description="That order's spoken number.")


class StorePush(_Payload):
    """About an order, to everybody signed in at its store."""

    audience: Literal["store"]
    order: str | None = Field(None, description="The id of the StoreOrder.")
    number: str | None = Field(None, description="Its spoken number.")


class CourierPush(_Payload):
    """About a job, to its courier."""

    audience: Literal["courier"]
    delivery: str = Field(description="The id of the Delivery.")
    offer: str | None = Field(None, description="The id of the JobOffer to answer.")
    expires_at: str | None = Field(None, description="When the offer ends, ISO 8601, UTC.")


PAYLOADS: dict[Audience, type[_Payload]] = {
    Audience.CONSUMER: ConsumerPush,
    Audience.STORE: StorePush,
    Audience.COURIER: CourierPush,
}


def opaque(noun: str, id: UUID) -> str:
    """An id as the app knows it from its schema."""
    return base64.urlsafe_b64encode(f"{noun}:".encode() + id.bytes).decode().rstrip("=")


def payload_of(audience: Audience, kind: str, event: Told, event_id: UUID) -> dict[str, str]:
    """The data of a push about this fact."""
    facts: dict[str, Any] = {"audience": audience, "kind": kind, "event": event_id.hex}
    if audience is Audience.CONSUMER:
        facts["purchase"] = opaque("Purchase", event.purchase_id)
    if isinstance(event, OrderEvent):
        noun = "Order" if audience is Audience.CONSUMER else "StoreOrder"
        facts |= {"order": opaque(noun, event.order_id), "number": event.number}
    if audience is Audience.COURIER and isinstance(event, DeliveryEvent):
        facts["delivery"] = opaque("Delivery", event.delivery_id)
    if isinstance(event, JobOffered):
        facts |= {"offer": opaque("JobOffer", event.offer_id), "expires_at": event.expires_at.isoformat()}
    checked: dict[str, str] = PAYLOADS[audience].model_validate(facts).model_dump(exclude_none=True)
    return checked


def schema() -> dict[str, Any]:
    """The JSON Schema of every push's data, for the apps: one definition an audience, with the kinds it may hear of."""
    definitions = {}
    for audience, payload in PAYLOADS.items():
        described = payload.model_json_schema()
        described["properties"]["kind"]["enum"] = sorted(telling.kind for telling in TELLINGS[audience].values())
        definitions[payload.__name__] = described
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The data of a push",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in definitions],
        "$defs": definitions,
    }
