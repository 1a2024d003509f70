"""Signing in by a code sent to a phone: asking for one within the budgets, and proving the number with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.identity import code_rules, tokens
from services.identity.errors import PhoneNotServed, SignInCodeNotAccepted
from services.identity.operations.budgets import charge
from services.identity.operations.people import know_phone
from services.identity.operations.sign_in import open_session
from services.identity.operations.signed_in import SignedIn
from services.identity.rules import DeviceDescription, checked_locale, e164
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.database import Row, row, run
from services.kernel.errors import Refusal
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings

CODES_TOPIC = "sign-in-codes"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code was asked for: by its id it is answered, until it expires."""

    id: UUID
    expires_at: datetime


async def ask_for_code(audience: Audience, phone: str, *, device_id: str, locale: str, address: str) -> Challenge:
    """Send a code to a phone, within the budgets; the answer is the same whoever the number belongs to, and if it is nobody's.

    At the doors of staff and couriers a number without a role there is sent nothing. Raises BadInput, PhoneNotServed,
    TooManySignInCodes.
    """
    number, language, device = e164(phone), checked_locale(locale), code_rules.checked_device_id(device_id)
    budget = settings().sign_in_codes
    if settings().sms == "off":
        raise PhoneNotServed
    country, price = code_rules.served(number, budget)
    async with unit_of_work() as work:
        found = await row(_KNOWN, number, device, audience, now())
        assert found is not None  # noqa: S101 - a row without conditions
        known, wanted = found["known"], found["wanted"]
        asking = code_rules.Asking(number, country, price if wanted else 0, device, address, known)
        await charge(code_rules.traits(asking, budget))
        await charge(code_rules.costs(asking, budget))
        challenge = await _write(_Asked(audience, number, language, device, wanted))
        work.nudge(CODES_TOPIC)
        return challenge


async def sign_in_with_code(
    audience: Audience, challenge_id: UUID, code: str, *, device: DeviceDescription, store_id: UUID | None = None
) -> SignedIn:
    """Open a session at a door for whoever holds the phone that the code was sent to; a code works once.

    Raises SignInCodeNotAccepted (a wrong one is counted), NotAllowedHere, StoreChoiceNeeded (the code stays good for the choice).
    """
    locale = checked_locale(device.locale)
    async with unit_of_work() as work:
        outcome = await _proven(audience, challenge_id, code)
        if not isinstance(outcome, Refusal):
            person = await know_phone(outcome["phone"], locale)
            await run(_REMEMBER_DEVICE, person.id, outcome["device_hash"], now())
            return await open_session(work, audience, person, device, store_id)
    # Raised after the commit: a wrong try stays counted although the call is refused.
    raise outcome


@dataclass(frozen=True, slots=True)
class _Asked:
    audience: Audience
    phone: str
    locale: str
    device_hash: str
    wanted: bool


async def _write(asked: _Asked) -> Challenge:
    budget, at, challenge = settings().sign_in_codes, now(), new_id()
    key_id, secret = tokens.code_secret()
    hash_ = code_rules.hash_of(challenge, code_rules.code_of(challenge, secret), secret)
    expires_at = at + timedelta(seconds=budget.lasts)
    await run(
        _WRITE,
        challenge,
        asked.audience,
        asked.phone,
        asked.locale,
        asked.device_hash,
        key_id,
        hash_,
        at,
        expires_at,
        budget.tries,
        at if asked.wanted else None,
    )
    return Challenge(challenge, expires_at)


async def _proven(audience: Audience, challenge_id: UUID, code: str) -> Row | SignInCodeNotAccepted:
    """The challenge if the code is its own, now used up; a wrong code is counted."""
    found = await row(_LOCK, challenge_id, audience)
    if found is None or found["used_at"] or found["expires_at"] <= now() or not found["tries_left"]:
        return SignInCodeNotAccepted(0)
    _, secret = tokens.code_secret(found["key_id"])
    right = code_rules.same_hash(found["code_hash"], code_rules.hash_of(challenge_id, code, secret))
    await run(_USED if right else _TRIED, challenge_id, now())
    return found if right else SignInCodeNotAccepted(found["tries_left"] - 1)


# Whether this device has signed in with the number before, and whether there is any use in sending it a code at this door: staff
# and couriers have a role there, or are asked to take one.
_KNOWN = """
SELECT EXISTS (SELECT FROM sign_in_devices d WHERE d.person_id = p.id AND d.device_hash = $2) AS known,
       p.barred_at IS NULL AND ($3 = 'consumer' OR EXISTS (
           SELECT FROM roles r WHERE r.person_id = p.id AND r.audience = $3 AND r.revoked_at IS NULL)
       OR ($3 = 'store' AND EXISTS (
           SELECT FROM staff_invitations i WHERE i.phone = $1 AND i.expires_at > $4
               AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL))) AS wanted
FROM (SELECT) AS one LEFT JOIN people p ON p.phone = $1
"""
_WRITE = """
INSERT INTO sign_in_codes
    (id, audience, phone, locale, device_hash, key_id, code_hash, created_at, expires_at, tries_left, send_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_LOCK = "SELECT * FROM sign_in_codes WHERE id = $1 AND audience = $2 FOR UPDATE"
_USED = "UPDATE sign_in_codes SET used_at = $2, send_from = NULL WHERE id = $1"
_TRIED = "UPDATE sign_in_codes SET tries_left = tries_left - 1 WHERE id = $1 AND $2::timestamptz IS NOT NULL"
_REMEMBER_DEVICE = """
INSERT INTO sign_in_devices (person_id, device_hash, seen_at) VALUES ($1, $2, $3)
ON CONFLICT (person_id, device_hash) DO UPDATE SET seen_at = EXCLUDED.seen_at
"""
