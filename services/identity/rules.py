"""Decisions about people: which role opens which door, what a refresh token still buys, how a phone number is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import phonenumbers

from services.identity.errors import NotAllowedHere, StoreChoiceNeeded
from services.kernel.actors import (
    Actor,
    Audience,
    Consumer,
    Courier,
    Person,
    StaffRole,
    StoreStaff,
    SupportAgent,
    SupportLevel,
    System,
)
from services.kernel.errors import BadInput

APPROVED_COURIER = "APPROVED"
DEFAULT_LOCALE = "en"
LONGEST_NAME = 80
LONGEST_UID = 128
LONGEST_PUSH_TOKEN = 4096
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Z]{2}|[0-9]{3}))?")
ROLES: dict[Audience, frozenset[str]] = {
    Audience.STORE: frozenset(StaffRole),
    Audience.COURIER: frozenset({APPROVED_COURIER}),
    Audience.SUPPORT: frozenset(SupportLevel),
}


class Platform(StrEnum):
    IOS = "IOS"
    ANDROID = "ANDROID"
    WEB = "WEB"


class PushKind(StrEnum):
    """By which kind of address a device is reached."""

    FCM_TOKEN = "FCM_TOKEN"  # noqa: S105 - a kind of address, no secret
    FCM_FID = "FCM_FID"
    LIVE_ACTIVITY = "LIVE_ACTIVITY"


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "SIGNED_OUT"
    ENDED_BY_PERSON = "ENDED_BY_PERSON"
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED"  # noqa: S105 - a reason, no secret
    ROLE_REVOKED = "ROLE_REVOKED"
    BARRED = "BARRED"
    EXPIRED = "EXPIRED"


class RefreshVerdict(StrEnum):
    """What a refresh token that we once issued still buys."""

    ROTATE = "ROTATE"
    REUSED = "REUSED"
    ENDED = "ENDED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role in force: what the person is, and at which store."""

    audience: Audience
    role: str
    store_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DeviceDescription:
    """The phone, tablet or browser somebody signs in on, as the person will recognise it in the list of sessions."""

    name: str
    platform: Platform
    locale: str = DEFAULT_LOCALE


def role_for(audience: Audience, held: Sequence[HeldRole], store_id: UUID | None = None) -> HeldRole | None:
    """The role a person acts with at this door; consumers need none.

    Raises NotAllowedHere without a role, StoreChoiceNeeded where several stores could be meant.
    """
    if audience is Audience.CONSUMER:
        return None
    fitting = [role for role in held if role.audience is audience and store_id in (None, role.store_id)]
    if not fitting:
        raise NotAllowedHere(audience)
    if len(fitting) > 1:
        raise StoreChoiceNeeded(sorted(role.store_id for role in fitting if role.store_id))
    return fitting[0]


def actor_of(audience: Audience, person_id: UUID, session_id: UUID, held: HeldRole | None) -> Person:
    """The typed actor of a session. Raises NotAllowedHere where the role does not fit the door."""
    if audience is Audience.CONSUMER:
        return Consumer(person_id, session_id)
    if held is None or held.audience is not audience or held.role not in ROLES[audience]:
        raise NotAllowedHere(audience)
    if audience is Audience.COURIER:
        return Courier(person_id, session_id)
    if audience is Audience.SUPPORT:
        return SupportAgent(person_id, session_id, SupportLevel(held.role))
    if held.store_id is None:
        raise NotAllowedHere(audience)
    return StoreStaff(person_id, session_id, held.store_id, StaffRole(held.role))


def may_grant(actor: Actor, audience: Audience, store_id: UUID | None) -> bool:
    """Whether the actor may give and take this role: the house any, an owner those of the own store."""
    if isinstance(actor, System):
        return True
    if not isinstance(actor, StoreStaff) or actor.role is not StaffRole.OWNER:
        return False
    return audience is Audience.STORE and store_id == actor.store_id


def refresh_verdict(
    *, expires_at: datetime, rotated_at: datetime | None, ended_at: datetime | None, at: datetime, grace: timedelta
) -> RefreshVerdict:
    """What the token buys at `at`: a rotated one that comes back after `grace` counts as stolen, whatever else it is."""
    if ended_at is not None:
        return RefreshVerdict.ENDED
    if rotated_at is not None and (not grace or at - rotated_at > grace):
        return RefreshVerdict.REUSED
    return RefreshVerdict.EXPIRED if at >= expires_at else RefreshVerdict.ROTATE


def e164(text: str, region: str | None = None) -> str:
    """The one spelling of a phone number (`+358401234567`). Raises BadInput where it cannot be one."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as unreadable:
        raise BadInput("This is not a phone number.", field="phone") from unreadable
    if not phonenumbers.is_possible_number(number):
        raise BadInput("This is not a phone number.", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def plain_name(text: str) -> str:
    """A name of a person or a device in one line: no control characters, single spaces, at most 80 characters."""
    printable = "".join(symbol if symbol.isprintable() else " " for symbol in text)
    return " ".join(printable.split())[:LONGEST_NAME].rstrip()


def checked_locale(text: str) -> str:
    """A language tag such as `fi` or `sv-FI`. Raises BadInput for anything else."""
    if not _LOCALE.fullmatch(text):
        raise BadInput("This is not a language tag.", field="locale")
    return text


def checked_push_token(text: str) -> str:
    """The address a push provider gave a device: printable ASCII without spaces. Raises BadInput for anything else."""
    if not 1 <= len(text) <= LONGEST_PUSH_TOKEN or not all("!" <= symbol <= "~" for symbol in text):
        raise BadInput("This is not a push token.", field="token")
    return text
