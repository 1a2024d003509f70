"""What stores do when somebody is invited to work there: tell them, by a text to their phone."""

import re

import structlog

from services.identity import operations as identity
from services.identity.ports import HasTexts, TextDelayed, TextRefused
from services.kernel.errors import Unavailable
from services.stores.events import StaffInvited
from services.stores.queries import store

_LONGEST_NAME = 40
_TEXTS = {
    "fi": "{store} kutsuu sinut töihin. Kirjaudu Pannierin kauppasovellukseen tällä numerolla.",
    "sv": "{store} bjuder in dig att arbeta. Logga in i Panniers butiksapp med det här numret.",
}
_ENGLISH = "{store} asks you to work there. Sign in to Pannier's store app with this number."
_log = structlog.get_logger(__name__)


async def tell_invited(event: StaffInvited, ports: HasTexts) -> None:
    """Send the invitation to the phone; may run twice, and is sent once."""
    told = await identity.claim_telling(event.invitation_id)
    if told is None:
        return
    phone, locale = told
    text = _TEXTS.get(locale[:2], _ENGLISH).format(store=plain((await store(event.store_id)).name))
    outcome = await ports.texts.send(phone, text)
    if isinstance(outcome, TextDelayed):
        await identity.untold(event.invitation_id)
        raise Unavailable(outcome.retry_after)
    if isinstance(outcome, TextRefused):
        # The number stays out of the log.
        _log.warning("invitation_not_sent", reason=outcome.reason, invitation=str(event.invitation_id))


def plain(name: str) -> str:
    """A store's name without anything that a phone would make an address to tap of."""
    return " ".join(re.sub(r"[^\w &\'-]", " ", name).split())[:_LONGEST_NAME].strip() or "Pannier"
