"""A token that was read before is read faster, and is refused all the same once it may no longer open a door."""

from datetime import timedelta

import jwt
import pytest
from pydantic import SecretStr

from services.identity import known_tokens, revocations, tokens
from services.kernel.actors import Audience, Consumer
from services.kernel.clock import now
from services.kernel.errors import Unauthenticated
from services.kernel.ids import new_id
from services.settings import Settings, use
from tests.conftest import TestClock


@pytest.fixture
def person() -> Consumer:
    return Consumer(new_id(), new_id())


@pytest.fixture
def token(person: Consumer, house_settings: Settings, clock: TestClock) -> str:
    issued = tokens.issue_access(person).text
    assert tokens.read_access(issued, Audience.CONSUMER) == person
    return issued


def test_its_signature_is_looked_at_once(token: str, person: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "verified_claims", None)
    assert tokens.read_access(token, Audience.CONSUMER) == person


def test_it_expires(token: str, house_settings: Settings, clock: TestClock) -> None:
    limits = house_settings.limits
    clock.move(seconds=limits.access_token_lasts + limits.clock_skew)
    with pytest.raises(Unauthenticated):
        tokens.read_access(token, Audience.CONSUMER)


def test_its_session_ends(token: str, person: Consumer) -> None:
    revocations.remember([person.session_id], now() + timedelta(seconds=0))
    with pytest.raises(Unauthenticated):
        tokens.read_access(token, Audience.CONSUMER)


def test_its_key_is_withdrawn(token: str, house_settings: Settings) -> None:
    use(house_settings.model_copy(update={"token_keys": {"new": SecretStr("n" * 32)}}))
    try:
        with pytest.raises(Unauthenticated):
            tokens.read_access(token, Audience.CONSUMER)
    finally:
        use(house_settings)
    assert tokens.read_access(token, Audience.CONSUMER).audience is Audience.CONSUMER


def test_no_other_door_and_no_other_spelling_knows_it(token: str) -> None:
    for audience in (Audience.STORE, Audience.COURIER, Audience.SUPPORT):
        with pytest.raises(Unauthenticated):
            tokens.read_access(token, audience)
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = jwt.encode(claims, "another key that is long enough to sign", "HS256", headers={"kid": "development"})
    for other in (forged, token[:-1], token + "=", token + " "):
        with pytest.raises(Unauthenticated):
            tokens.read_access(other, Audience.CONSUMER)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, person: Consumer, house_settings: Settings) -> None:
    monkeypatch.setattr(known_tokens, "MOST", 3)
    known, ring = known_tokens.KnownTokens(), tokens.key_ring(house_settings)
    known.find(ring, Audience.CONSUMER, "")
    for number in range(5):
        known.keep(Audience.CONSUMER, str(number), person, {})
    assert [known.find(ring, Audience.CONSUMER, str(number)) is not None for number in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
