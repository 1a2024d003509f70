"""Words about purchases and orders that every audience spells alike."""

import strawberry

from services.orders.rules import Fulfilment, OrderStage, PurchaseStage, RejectReason
from services.payments.rules import LiableParty, PaymentState

strawberry.enum(OrderStage, name="OrderStage", description="How far one store's part of a purchase is, or how it ended.")
strawberry.enum(PurchaseStage, name="PurchaseStage", description="How far a purchase is: as its least advanced order.")
strawberry.enum(Fulfilment, name="Fulfilment", description="Whether a courier brings it or the consumer collects it.")
strawberry.enum(RejectReason, name="RejectReason", description="Why a store refuses an order.")
strawberry.enum(LiableParty, name="LiableParty", description="Who bears the cost of what went wrong.")
strawberry.enum(PaymentState, name="PaymentState", description="How far the money of a purchase is.")

__all__ = ["Fulfilment", "LiableParty", "OrderStage", "PaymentState", "PurchaseStage", "RejectReason"]
