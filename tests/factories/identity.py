"""People for tests: signed-in actors of every audience, and the tokens they show at the doors."""

from itertools import count
from uuid import UUID

from services.identity import code_rules, tokens
from services.identity.models import DeviceRow, PersonRow, RoleRow, SessionRow
from services.identity.rules import APPROVED_COURIER, HeldRole, Platform, PushKind, actor_of
from services.kernel.actors import Audience, Consumer, Courier, Person, StaffRole, StoreStaff, SupportAgent, SupportLevel
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.ids import new_id

_numbers = count(1)


async def make_person(
    name: str = "Aino Virtanen", *, uid: str | None = None, phone: str | None = None, locale: str = "en"
) -> UUID:
    """A person whom Firebase knows; a phone number only if one is given."""
    person_id = new_id()
    await PersonRow.create(
        id=person_id,
        firebase_uid=uid or f"person-{next(_numbers)}-{person_id}",
        name=name,
        phone=phone,
        locale=locale,
        created_at=now(),
    )
    return person_id


async def make_consumer(name: str = "Aino Virtanen", *, person_id: UUID | None = None, phone: str | None = None) -> Consumer:
    """A signed-in consumer."""
    person = person_id or await make_person(name, phone=phone)
    actor = await _signed_in(Audience.CONSUMER, person, None)
    assert isinstance(actor, Consumer)
    return actor


async def make_staff(
    store_id: UUID | None = None, role: StaffRole = StaffRole.OWNER, *, name: str = "Eero Mäkelä", person_id: UUID | None = None
) -> StoreStaff:
    """Signed-in staff of a store; without one given, of a store that exists nowhere else."""
    person = person_id or await make_person(name)
    actor = await _signed_in(Audience.STORE, person, await make_role(person, Audience.STORE, role, store_id or new_id()))
    assert isinstance(actor, StoreStaff)
    return actor


async def make_courier(name: str = "Mika Salo", *, person_id: UUID | None = None, phone: str | None = None) -> Courier:
    """A signed-in, approved courier."""
    person = person_id or await make_person(name, phone=phone)
    actor = await _signed_in(Audience.COURIER, person, await make_role(person, Audience.COURIER, APPROVED_COURIER))
    assert isinstance(actor, Courier)
    return actor


async def make_agent(
    level: SupportLevel = SupportLevel.L1, *, name: str = "Sofia Lind", person_id: UUID | None = None
) -> SupportAgent:
    """A signed-in support agent."""
    person = person_id or await make_person(name)
    actor = await _signed_in(Audience.SUPPORT, person, await make_role(person, Audience.SUPPORT, level))
    assert isinstance(actor, SupportAgent)
    return actor


async def make_role(person_id: UUID, audience: Audience, role: str, store_id: UUID | None = None) -> HeldRole:
    """A role in force."""
    await RoleRow.create(id=new_id(), person_id=person_id, audience=audience, store_id=store_id, role=role, granted_at=now())
    return HeldRole(audience, role, store_id)


async def make_challenge(audience: Audience, phone: str, *, device_id: str = "an-installation") -> tuple[UUID, str]:
    """A code on its way to a phone, whatever the budgets say: what it answers, and its digits."""
    challenge = new_id()
    key_id, secret = tokens.code_secret()
    code = code_rules.code_of(challenge, secret)
    await run(
        _CHALLENGE,
        challenge,
        audience,
        phone,
        code_rules.hashed(device_id),
        key_id,
        code_rules.hash_of(challenge, code, secret),
        now(),
    )
    return challenge, code


_CHALLENGE = """
INSERT INTO sign_in_codes (id, audience, phone, locale, device_hash, key_id, code_hash, created_at, expires_at, tries_left)
VALUES ($1, $2, $3, 'en', $4, $5, $6, $7::timestamptz, $7::timestamptz + interval '10 minutes', 5)
"""


async def make_device(
    actor: Person,
    token: str | None = None,
    *,
    kind: PushKind = PushKind.FCM_TOKEN,
    platform: Platform = Platform.IOS,
    locale: str = "en",
) -> DeviceRow:
    """Where the actor's session gets its pushes."""
    return await DeviceRow.create(
        id=new_id(),
        session_id=actor.session_id,
        person_id=actor.person_id,
        push_kind=kind,
        push_token=token or f"push-{next(_numbers)}",
        platform=platform,
        locale=locale,
        seen_at=now(),
    )


def access_token(actor: Person) -> str:
    """The access token of the actor's session."""
    return tokens.issue_access(actor).text


async def _signed_in(audience: Audience, person_id: UUID, held: HeldRole | None) -> Person:
    actor = actor_of(audience, person_id, new_id(), held)
    await SessionRow.create(
        id=actor.session_id,
        person_id=person_id,
        audience=audience,
        store_id=held.store_id if held else None,
        device_name="Test phone",
        platform=Platform.IOS,
        created_at=now(),
        last_seen_at=now(),
    )
    return actor
