"""Signing in: a verified identity becomes a session at one door."""

from uuid import UUID

from services.identity.events import SessionStarted
from services.identity.models import RefreshTokenRow, SessionRow
from services.identity.operations.inviting import accept_invitations
from services.identity.operations.people import know_person
from services.identity.operations.signed_in import SignedIn, with_tokens
from services.identity.ports import IdTokenVerifier
from services.identity.queries import PersonCard, SessionCard, roles_in_force
from services.identity.rules import DeviceDescription, HeldRole, actor_of, checked_locale, plain_name, role_for
from services.kernel.actors import Audience, Person
from services.kernel.clock import now
from services.kernel.ids import new_id
from services.kernel.unit_of_work import UnitOfWork, unit_of_work


async def sign_in(
    audience: Audience, id_token: str, *, device: DeviceDescription, store_id: UUID | None = None, verifier: IdTokenVerifier
) -> SignedIn:
    """Open a session at a door for whoever the ID token was made for; a first sign-in makes the person known.

    Raises IdTokenNotAccepted, NotAllowedHere without the door's role, StoreChoiceNeeded for staff of several stores.
    """
    locale = checked_locale(device.locale)
    identity = await verifier.verify(id_token)
    async with unit_of_work() as work:
        person = await know_person(identity, locale)
        return await open_session(work, audience, person, device, store_id)


async def open_session(
    work: UnitOfWork, audience: Audience, person: PersonCard, device: DeviceDescription, store_id: UUID | None
) -> SignedIn:
    """Let in, inside `work`, a person who has proved who they are; staff take up what they were asked to be.

    Raises NotAllowedHere, StoreChoiceNeeded.
    """
    if audience is Audience.STORE:
        await accept_invitations(work, person)
    held = await _held_role(audience, person.id, store_id)
    actor = actor_of(audience, person.id, new_id(), held)
    session = await _open_session(work, actor, held, device)
    signed_in, refreshing = with_tokens(actor, session, person)
    await RefreshTokenRow.create(
        id=new_id(),
        session_id=session.id,
        token_hash=refreshing.hash,
        issued_at=session.created_at,
        expires_at=refreshing.expires_at,
    )
    return signed_in


async def _held_role(audience: Audience, person_id: UUID, store_id: UUID | None) -> HeldRole | None:
    if audience is Audience.CONSUMER:
        return None
    return role_for(audience, await roles_in_force(person_id, audience), store_id)


async def _open_session(work: UnitOfWork, actor: Person, held: HeldRole | None, device: DeviceDescription) -> SessionCard:
    at = now()
    session = SessionCard(
        id=actor.session_id,
        audience=actor.audience,
        device_name=plain_name(device.name),
        platform=device.platform,
        created_at=at,
        last_seen_at=at,
        ended_at=None,
        store_id=held.store_id if held else None,
    )
    await SessionRow.create(
        id=session.id,
        person_id=actor.person_id,
        audience=session.audience,
        store_id=session.store_id,
        device_name=session.device_name,
        platform=session.platform,
        created_at=at,
        last_seen_at=at,
    )
    # Who acts is known only now that the ID token has been read.
    work.actor = actor
    await work.record(
        SessionStarted(
            person_id=actor.person_id,
            session_id=session.id,
            audience=session.audience,
            platform=session.platform,
            store_id=session.store_id,
        )
    )
    return session
