"""Pannier's own tokens against everything nearly like them: each forgery is refused, and for the reason it deserves."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from pydantic import SecretStr

from services.identity import revocations, tokens
from services.identity.errors import RefreshTokenNotAccepted, TokenFault, TokenNotAccepted
from services.identity.tokens import RefreshClaims
from services.kernel import clock as house_clock
from services.kernel.actors import Audience, Consumer, Courier, Person, StaffRole, StoreStaff, SupportAgent, SupportLevel
from services.kernel.errors import Unauthenticated
from services.settings import Settings, use
from tests.conftest import NOON, TestClock
from tests.unit.identity.forging import ABSENT, HEADERS, SPELLINGS, Forgery, claims_of_anybody, forged, hs256
from tests.unit.identity.mutants import NO_TEXT, bits_and_pieces, families

AT = int(NOON.timestamp())
SKEW = 60
SECRET = b"a-secret-of-thirty-two-bytes-and-more"
OLDER = b"an-older-secret-of-thirty-two-bytes-"
PERSON, SESSION, STORE = UUID(int=1), UUID(int=2), UUID(int=3)
AINO = Consumer(PERSON, SESSION)
EERO = StoreStaff(PERSON, SESSION, STORE, StaffRole.OWNER)

OF_OURS = [
    Forgery("no typ", TokenFault.MISSING_CLAIM, claims={"typ": ABSENT}),
    Forgery("no sid", TokenFault.MISSING_CLAIM, claims={"sid": ABSENT}),
    Forgery("no jti", TokenFault.MISSING_CLAIM, claims={"jti": ABSENT}),
    Forgery("typ of neither", TokenFault.TYPE, claims={"typ": "id"}),
    Forgery("typ in capitals", TokenFault.TYPE, claims={"typ": "ACCESS"}),
    Forgery("typ in a list", TokenFault.TYPE, claims={"typ": ["access", "refresh"]}),
    Forgery("subject is no id", TokenFault.SUBJECT, claims={"sub": "aino"}),
    Forgery("session is no id", TokenFault.MALFORMED, claims={"sid": "mine"}),
    Forgery("session is a number", TokenFault.MALFORMED, claims={"sid": 5}),
    Forgery("store's audience", TokenFault.AUDIENCE, claims={"aud": "pannier:store"}),
    Forgery("courier's audience", TokenFault.AUDIENCE, claims={"aud": "pannier:courier"}),
    Forgery("support's audience", TokenFault.AUDIENCE, claims={"aud": "pannier:support"}),
    Forgery("every audience", TokenFault.AUDIENCE, claims={"aud": ["pannier:consumer", "pannier:store"]}),
    Forgery("signed with another key", TokenFault.SIGNATURE, sign=hs256(b"x" * 40)),
    Forgery("signed with an empty key", TokenFault.SIGNATURE, sign=hs256(b"")),
    Forgery("signed with the older key", TokenFault.SIGNATURE, sign=hs256(OLDER)),
    Forgery("older key's id, newer key", TokenFault.SIGNATURE, header={"kid": "older"}),
    Forgery("RS256 with our secret", TokenFault.ALGORITHM, header={"alg": "RS256"}),
]
FORGERIES = [*SPELLINGS, *HEADERS, *claims_of_anybody(AT, SKEW, tokens.ISSUER), *OF_OURS]
MUTANTS = list(families("HS256", "pannier", "pannier:consumer", ("exp", "iat", "nbf"), "newer"))
SPELT = ("{{{}}}", "urn:uuid:{}", " {}", "{} ", "{}0")
MUTANTS += [
    Forgery(f"{name} as {spelling}", TokenFault.SUBJECT, claims={name: spelling.format(PERSON)})
    for name in ("sub", "sid")
    for spelling in SPELT
]
MUTANTS += [
    Forgery(f"{name} is {value!r}", TokenFault.TYPE, claims={name: value}) for name in ("sid", "typ") for value in NO_TEXT
]
KINDS = [tokens.ACCESS, tokens.REFRESH]


@pytest.fixture(autouse=True)
def _two_keys(clock: TestClock) -> None:
    keys = {"newer": SecretStr(SECRET.decode()), "older": SecretStr(OLDER.decode())}
    use(Settings(profile="test", token_keys=keys))


def good(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    claims = {"iss": "pannier", "aud": "pannier:consumer", "sub": str(PERSON), "sid": str(SESSION), "typ": kind}
    return {"alg": "HS256", "typ": "JWT", "kid": "newer"}, {**claims, "iat": AT, "exp": AT + 900, "jti": "a-number-of-its-own"}


def made(kind: str, forgery: Forgery) -> str:
    return forged(*good(kind), hs256(SECRET), forgery)


def read(kind: str, token: str) -> object:
    reader: Callable[[str, Audience], object] = tokens.read_access if kind == tokens.ACCESS else tokens.read_refresh
    return reader(token, Audience.CONSUMER)


def fault_in(kind: str, token: str) -> TokenFault:
    with pytest.raises((Unauthenticated, RefreshTokenNotAccepted)) as refused:
        read(kind, token)
    cause = refused.value.__cause__
    assert isinstance(cause, TokenNotAccepted)
    return cause.fault


BENT = [name for name, _ in bits_and_pieces("aaaa.bbbb." + "c" * 43)]


def test_there_are_enough_mutants() -> None:
    names = [forgery.name for forgery in (*FORGERIES, *MUTANTS)] + BENT
    assert len(names) >= 200
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("kind", KINDS)
def test_every_mutant_is_refused(kind: str) -> None:
    """Without a test of its own for each: there are hundreds, and the name of one that passes is told."""
    good_token = made(kind, Forgery("none", TokenFault.MALFORMED))
    read(kind, good_token)
    shown = {forgery.name: made(kind, forgery) for forgery in MUTANTS} | dict(bits_and_pieces(good_token))
    assert [name for name, token in shown.items() if not refuses(kind, token)] == []


def refuses(kind: str, token: str) -> bool:
    try:
        read(kind, token)
    except (Unauthenticated, RefreshTokenNotAccepted):
        return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_the_unchanged_token_is_accepted(kind: str) -> None:
    accepted = read(kind, made(kind, Forgery("none", TokenFault.MALFORMED)))
    of_its_number = hashlib.sha256(b"a-number-of-its-own").hexdigest()
    assert accepted == (AINO if kind == tokens.ACCESS else RefreshClaims(PERSON, SESSION, of_its_number))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_a_forgery_is_refused(kind: str, forgery: Forgery) -> None:
    assert fault_in(kind, made(kind, forgery)) is forgery.fault


@pytest.mark.parametrize(("kind", "other"), [KINDS, KINDS[::-1]])
def test_one_kind_does_not_pass_for_the_other(kind: str, other: str) -> None:
    assert fault_in(kind, made(other, Forgery("other kind", TokenFault.TYPE))) is TokenFault.TYPE


@pytest.mark.parametrize("kind", KINDS)
def test_the_skew_ends_at_the_second(kind: str) -> None:
    for last in ({"exp": AT - SKEW + 1}, {"iat": AT + SKEW}, {"nbf": AT + SKEW}):
        read(kind, made(kind, Forgery("just so", TokenFault.EXPIRED, claims=last)))


ACTORS: list[Person] = [AINO, EERO, Courier(PERSON, SESSION), SupportAgent(PERSON, SESSION, SupportLevel.FINANCE)]


@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: actor.audience)
@pytest.mark.parametrize("door", Audience)
def test_a_token_opens_its_own_door_alone(actor: Person, door: Audience) -> None:
    access, refreshing = tokens.issue_access(actor).text, tokens.issue_refresh(actor).text
    if door is actor.audience:
        assert tokens.read_access(access, door) == actor
        assert tokens.read_refresh(refreshing, door).session_id == SESSION
        return
    with pytest.raises(Unauthenticated):
        tokens.read_access(access, door)
    with pytest.raises(RefreshTokenNotAccepted):
        tokens.read_refresh(refreshing, door)


@pytest.mark.parametrize(
    "change", [{"role": "GOD"}, {"role": ABSENT}, {"role": "L1"}, {"store": ABSENT}, {"store": "mine"}, {"role": 1}]
)
def test_a_role_that_is_none_opens_nothing(change: dict[str, Any]) -> None:
    header, claims = good(tokens.ACCESS)
    staff = claims | {"aud": "pannier:store", "role": "OWNER", "store": str(STORE)}
    assert tokens.read_access(forged(header, staff, hs256(SECRET), Forgery("none", TokenFault.KEY)), Audience.STORE) == EERO
    with pytest.raises(Unauthenticated):
        tokens.read_access(forged(header, staff, hs256(SECRET), Forgery("role", TokenFault.KEY, claims=change)), Audience.STORE)


def test_keys_rotate_without_signing_anybody_out() -> None:
    header, claims = good(tokens.ACCESS)
    by_older = forged(header | {"kid": "older"}, claims, hs256(OLDER), Forgery("none", TokenFault.KEY))
    assert tokens.read_access(by_older, Audience.CONSUMER) == AINO
    assert jwt.get_unverified_header(tokens.issue_access(AINO).text)["kid"] == "newer"


def test_a_token_lives_fifteen_minutes_by_the_houses_clock(clock: TestClock) -> None:
    issued = tokens.issue_access(AINO)
    assert issued.expires_at == NOON + timedelta(minutes=15)
    clock.move(minutes=15, seconds=SKEW - 1)
    assert tokens.read_access(issued.text, Audience.CONSUMER) == AINO
    clock.move(seconds=1)
    with pytest.raises(Unauthenticated):
        tokens.read_access(issued.text, Audience.CONSUMER)


def test_a_refresh_token_lives_sixty_days() -> None:
    assert tokens.issue_refresh(AINO).expires_at == NOON + timedelta(days=60)


def test_no_two_tokens_are_alike() -> None:
    assert len({tokens.issue_refresh(AINO).hash for _ in range(100)}) == 100


def test_an_ended_session_opens_nothing() -> None:
    left = Consumer(PERSON, UUID(int=99))
    token = tokens.issue_access(left).text
    revocations.remember([left.session_id], house_clock.now())
    with pytest.raises(Unauthenticated):
        tokens.read_access(token, Audience.CONSUMER)
    assert tokens.read_access(tokens.issue_access(AINO).text, Audience.CONSUMER) == AINO


@pytest.mark.parametrize("keys", [{}, {"short": SecretStr("x" * 31)}])
def test_no_key_and_a_short_key_are_refused(keys: dict[str, SecretStr]) -> None:
    with pytest.raises(ValueError, match="key"):
        tokens.key_ring(Settings(profile="test", token_keys=keys))
