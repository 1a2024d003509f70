"""Looking: finding purchases, and seeing what is masked; either leaves its trace in the log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.cases.audit import Look, note_look
from services.cases.operations.writing import case_for, write_action
from services.cases.queries import purchase_of_case
from services.cases.rules import (
    LONGEST_REASON,
    ActionKind,
    AuditedAction,
    Contact,
    Power,
    Sought,
    check_power,
    checked_text,
    mask_phone,
    read_search,
)
from services.identity.queries import person, person_by_phone
from services.kernel.actors import SupportAgent
from services.kernel.clock import now
from services.kernel.errors import NotFound
from services.kernel.places import Address
from services.kernel.unit_of_work import unit_of_work
from services.orders.queries import Purchase, any_purchase, find_for_support, purchases_by_ids
from services.settings import settings


async def find_orders(agent: SupportAgent, text: str) -> list[Purchase]:
    """Purchases by the number of a purchase, an order or a case, or the newest of the person with this phone, newest first.

    Looking for a phone number writes down who looked for which (masked) in the same transaction, found or not.
    Raises Forbidden, BadInput.
    """
    check_power(agent.level, Power.LOOK)
    search = read_search(text)
    if search.sought is Sought.CASE:
        purchase_id = await purchase_of_case(search.text)
        return list((await purchases_by_ids([purchase_id])).values()) if purchase_id else []
    if search.sought is not Sought.PHONE:
        return await find_for_support(search.text)
    async with unit_of_work(agent):
        owner = await person_by_phone(search.text)
        found = await find_for_support(search.text) if owner else []
        about_id = owner.id if owner else None
        await note_look(agent, Look(action=AuditedAction.PHONE_LOOKED_UP, subject=mask_phone(search.text), about_id=about_id))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """What an agent was shown, and until when the app may show it."""

    what: Contact
    phone: str | None
    address: Address | None
    expires_at: datetime


async def reveal(agent: SupportAgent, purchase_id: UUID, what: Contact, reason: str, case_id: UUID | None = None) -> Revealed:
    """Show a consumer's phone number or address, once the log says who saw it and why; every time anew.

    Raises Forbidden, NotFound (also where there is no number, or the case is another purchase's), BadInput, CaseAlreadyClosed.
    """
    check_power(agent.level, Power.REVEAL)
    why = checked_text(reason, "reason", LONGEST_REASON)
    async with unit_of_work(agent, reason=why):
        purchase = await any_purchase(purchase_id)
        case = await case_for(purchase_id, case_id)
        phone = await _phone_of(purchase) if what is Contact.PHONE else None
        expires_at = now() + timedelta(seconds=settings().limits.contact_shown_for)
        if case:
            await write_action(case, ActionKind.CONTACT_REVEALED, f"{what}: {why}", agent)
        look = Look(
            action=AuditedAction.PHONE_REVEALED if what is Contact.PHONE else AuditedAction.ADDRESS_REVEALED,
            subject=purchase.number,
            about_id=purchase.consumer_id,
            purchase_id=purchase_id,
            case_id=case_id,
            reason=why,
            expires_at=expires_at,
        )
        await note_look(agent, look)
        address = purchase.address if what is Contact.ADDRESS else None
        return Revealed(what=what, phone=phone, address=address, expires_at=expires_at)


async def _phone_of(purchase: Purchase) -> str:
    phone = (await person(purchase.consumer_id)).phone
    if phone is None:
        raise NotFound("This consumer has no phone number.")
    return phone
