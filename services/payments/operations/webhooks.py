"""What a provider calls us about: verified, recorded once by the provider's own event id, and let into the one path."""

from collections.abc import Mapping
from typing import Any

from services.kernel import clock
from services.kernel.actors import System
from services.kernel.database import run
from services.kernel.unit_of_work import unit_of_work
from services.payments.operations.provider_state import apply_provider_state
from services.payments.operations.refunds import settle_refund
from services.payments.ports import CardProvider, ProviderEvent

_PROVIDER = System("card provider")


async def receive_webhook(raw: bytes, headers: Mapping[str, str], cards: CardProvider) -> bool:
    """Verify and record a provider's call and let it take effect, all in one transaction; False if it was received before.

    Raises WebhookForged, and then nothing was written.
    """
    event = cards.read_webhook(raw, headers)
    async with unit_of_work(_PROVIDER):
        if not await run(_RECORD, event.id, event.kind, _what_is_kept(event), clock.now()):
            return False
        if not await _take_effect(event):
            # Not ours, or not yet: it stays visible as unhandled.
            await run("UPDATE provider_events SET handled_at = NULL WHERE id = $1", event.id)
        return True


_RECORD = """
INSERT INTO provider_events (id, kind, payload, received_at, handled_at) VALUES ($1, $2, $3, $4, $4) ON CONFLICT (id) DO NOTHING
"""


async def _take_effect(event: ProviderEvent) -> bool:
    if event.authorisation:
        return await apply_provider_state(event.authorisation) is not None
    if event.refund:
        return await settle_refund(event.refund.refund_id, event.refund.movement)
    return True


def _what_is_kept(event: ProviderEvent) -> dict[str, Any]:
    """The facts that payments follow, and nothing of the person or the card that a provider may send along."""
    if event.authorisation:
        return {"provider_ref": event.authorisation.provider_ref, "status": event.authorisation.status}
    if event.refund:
        return {"refund_id": str(event.refund.refund_id), "state": event.refund.movement.state}
    return {}
