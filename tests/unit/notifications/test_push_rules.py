"""FCM's limits per device, exactly: how many a minute and an hour, the bucket of collapsible ones, four keys, pauses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.rules import Platform
from services.notifications.rules import Candidate, Drop, Pace, Priority, Send, Wait, after, pause_before, verdict

AT = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=60)
STAGE = Candidate("purchase-1", True, Priority.NORMAL, LATER, False, Platform.ANDROID)
OFFER = Candidate("job-1", False, Priority.HIGH, AT + timedelta(seconds=30), False, Platform.ANDROID)
QUIET = Pace(AT)
MINUTES = timedelta(minutes=1)


def test_a_quiet_device_is_told_at_once() -> None:
    assert verdict(STAGE, QUIET, AT) == Send(collapsed=True)
    assert verdict(OFFER, QUIET, AT) == Send(collapsed=False)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (replace(STAGE, platform=None), "device_gone"),
        (replace(STAGE, expires_at=AT), "expired"),
        (replace(STAGE, superseded=True), "superseded"),
    ],
)
def test_what_is_of_no_use_is_dropped(message: Candidate, reason: str) -> None:
    assert verdict(message, QUIET, AT) == Drop(reason)


def test_the_240th_of_a_minute_goes_and_the_241st_waits() -> None:
    frees_at = AT + timedelta(seconds=7)
    assert verdict(OFFER, replace(QUIET, minute=239, minute_frees_at=frees_at), AT) == Send(collapsed=False)
    assert verdict(OFFER, replace(QUIET, minute=240, minute_frees_at=frees_at), AT) == Wait(frees_at)


def test_the_5000th_of_an_hour_goes_and_the_5001st_waits() -> None:
    frees_at = AT + timedelta(minutes=7)
    assert verdict(STAGE, replace(QUIET, hour=4_999, hour_frees_at=frees_at), AT) == Send(collapsed=True)
    assert verdict(STAGE, replace(QUIET, hour=5_000, hour_frees_at=frees_at), AT) == Wait(frees_at)


def test_nothing_waits_beyond_its_own_end() -> None:
    full = replace(QUIET, hour=5_000, hour_frees_at=AT + timedelta(minutes=7))
    assert verdict(OFFER, full, AT) == Wait(OFFER.expires_at)


def test_the_limits_of_android_are_not_those_of_other_phones() -> None:
    full = replace(QUIET, minute=240, hour=5_000, minute_frees_at=LATER, hour_frees_at=LATER)
    assert verdict(replace(STAGE, platform=Platform.IOS), full, AT) == Send(collapsed=True)


def test_twenty_collapsible_ones_go_at_once_and_then_one_each_three_minutes() -> None:
    pace = QUIET
    for _ in range(20):
        sent = verdict(STAGE, pace, AT)
        assert sent == Send(collapsed=True)
        pace = after(pace, STAGE, sent, AT)
    assert verdict(STAGE, pace, AT) == Wait(AT + 3 * MINUTES)
    assert verdict(STAGE, replace(pace, minute=0), AT + timedelta(seconds=179)) == Wait(AT + 3 * MINUTES)

    sent = verdict(STAGE, pace, AT + 3 * MINUTES)
    assert sent == Send(collapsed=True)
    pace = after(pace, STAGE, sent, AT + 3 * MINUTES)
    assert verdict(STAGE, pace, AT + 3 * MINUTES) == Wait(AT + 6 * MINUTES)


def test_what_is_urgent_does_not_wait_for_the_bucket() -> None:
    empty = replace(QUIET, collapsible_from=AT + 60 * MINUTES)
    assert verdict(replace(STAGE, priority=Priority.HIGH), empty, AT) == Send(collapsed=False)


def test_a_fifth_purchase_gets_no_key_of_its_own() -> None:
    four = replace(QUIET, keys=frozenset({"purchase-1", "purchase-2", "purchase-3", "purchase-4"}))
    assert verdict(STAGE, four, AT) == Send(collapsed=True)
    assert verdict(replace(STAGE, collapse_key="purchase-5"), four, AT) == Send(collapsed=False)


@given(st.lists(st.integers(0, 600), max_size=200))
def test_the_bucket_never_gives_more_than_it_has(pauses: list[int]) -> None:
    pace, at, went = QUIET, AT, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        message = replace(STAGE, expires_at=at + 60 * MINUTES, platform=Platform.IOS)
        sent = verdict(message, pace, at)
        if isinstance(sent, Send):
            assert sent.collapsed
            pace = after(pace, message, sent, at)
            went.append(at)
    for first in range(len(went)):
        for last in range(first, len(went)):
            assert last - first + 1 <= 20 + (went[last] - went[first]) / (3 * MINUTES)


@pytest.mark.parametrize(
    ("attempt", "chance", "seconds"),
    [(1, 0.0, 10.0), (1, 1.0, 15.0), (2, 0.0, 20.0), (4, 0.5, 100.0), (7, 0.0, 640.0), (12, 1.0, 960.0)],
)
def test_pauses_double_from_ten_seconds_with_jitter(attempt: int, chance: float, seconds: float) -> None:
    assert pause_before(attempt, chance) == seconds
