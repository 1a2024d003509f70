"""Decisions about pushes without sending one: whether, when and in which form a device may be told now, and when to try again.

The figures are FCM's, per device of an app.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.identity.rules import Platform

PER_MINUTE, MINUTE = 240, timedelta(minutes=1)
PER_HOUR, HOUR = 5_000, timedelta(hours=1)
BURST, REFILL = 20, timedelta(minutes=3)
COLLAPSE_KEYS = 4
GIVE_UP_AFTER = timedelta(minutes=60)
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 640.0
JITTER = 0.5
LARGEST_PAYLOAD = 4_096


class PushState(StrEnum):
    PENDING = "PENDING"
    SENT = "SENT"
    DROPPED = "DROPPED"
    FAILED = "FAILED"


class Priority(StrEnum):
    HIGH = "HIGH"
    NORMAL = "NORMAL"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A due message as far as the decision needs it; `platform` None: the device is gone."""

    collapse_key: str
    collapsible: bool
    priority: Priority
    expires_at: datetime
    superseded: bool
    platform: Platform | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a device has been told lately.

    `minute` and `hour` count the attempts within these spans, `…_frees_at` is when the oldest of them leaves it; `keys` are
    the collapse keys FCM may still hold for the device; from `collapsible_from` on its bucket of collapsible messages is full.
    """

    collapsible_from: datetime
    minute: int = 0
    minute_frees_at: datetime | None = None
    hour: int = 0
    hour_frees_at: datetime | None = None
    keys: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Send:
    """Send now; `collapsed`: as a collapsible message, else as one that the app shows by itself."""

    collapsed: bool


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    reason: str


Verdict = Send | Wait | Drop


def verdict(message: Candidate, pace: Pace, at: datetime) -> Verdict:
    """What to do with a due message at `at`, given what its device was told before."""
    reason = _moot(message, at)
    if reason:
        return Drop(reason)
    frees_at = _full_until(pace, at) if message.platform is Platform.ANDROID else None
    if frees_at:
        return Wait(min(frees_at, message.expires_at))
    if not message.collapsible or not _key_fits(message.collapse_key, pace.keys):
        return Send(collapsed=False)
    ready_at = pace.collapsible_from - (BURST - 1) * REFILL
    if ready_at <= at:
        return Send(collapsed=True)
    # What cannot wait for the bucket goes as a message that FCM does not count into it.
    return Send(collapsed=False) if message.priority is Priority.HIGH else Wait(min(ready_at, message.expires_at))


def after(pace: Pace, message: Candidate, sent: Send, at: datetime) -> Pace:
    """The device's pace once `message` went out at `at`."""
    told = replace(
        pace,
        minute=pace.minute + 1,
        minute_frees_at=pace.minute_frees_at or at + MINUTE,
        hour=pace.hour + 1,
        hour_frees_at=pace.hour_frees_at or at + HOUR,
    )
    if not sent.collapsed:
        return told
    full_at = max(pace.collapsible_from, at) + REFILL
    return replace(told, collapsible_from=full_at, keys=pace.keys | {message.collapse_key})


def _moot(message: Candidate, at: datetime) -> str | None:
    if message.platform is None:
        return "device_gone"
    if message.expires_at <= at:
        return "expired"
    return "superseded" if message.superseded else None


def _full_until(pace: Pace, at: datetime) -> datetime | None:
    """When a device that has been told too much may be told again; None where it may now."""
    full = [pace.hour_frees_at or at + HOUR] if pace.hour >= PER_HOUR else []
    full += [pace.minute_frees_at or at + MINUTE] if pace.minute >= PER_MINUTE else []
    return max(full, default=None)


def _key_fits(key: str, keys: frozenset[str]) -> bool:
    return key in keys or len(keys) < COLLAPSE_KEYS


def pause_before(attempt: int, chance: float) -> float:
    """Seconds before the attempt after `attempt`: from 10 s, doubling, up to half as much again by `chance` in 0..1."""
    return float(min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (1 + JITTER * chance))


def payload_size(title: str, body: str, data: Mapping[str, str]) -> int:
    """Bytes of what a device gets, as FCM counts them."""
    return sum(len(text.encode()) for pair in data.items() for text in pair) + len((title + body).encode())
