"""The words of deliveries that every audience shares."""

import strawberry

from services.dispatch.rules import DeliveryState, OfferState, StopKind, StopState, Vehicle

__all__ = ["DeliveryState", "OfferState", "StopKind", "StopState", "Vehicle"]

strawberry.enum(DeliveryState, description="Where a delivery stands; an app shows what it does not know as on the way.")
strawberry.enum(OfferState, description="How an offer stands or ended.")
strawberry.enum(StopKind, description="Whether goods come on board or leave.")
strawberry.enum(StopState, description="Whether a stop is still ahead, reached, done, or called off.")
strawberry.enum(Vehicle, description="What the courier rides.")
