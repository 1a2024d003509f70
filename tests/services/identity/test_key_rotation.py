"""A rotation of the signing key, step by step, with people signed in before, between and after: nobody is signed out."""

from collections.abc import Iterator

import jwt
import pytest
from pydantic import SecretStr

from services.bootstrap import Ports
from services.identity import tokens
from services.identity.errors import RefreshTokenNotAccepted, SignInCodeNotAccepted
from services.identity.operations import SignedIn, refresh, sign_in, sign_in_with_code
from services.identity.ports import VerifiedIdentity
from services.identity.rotation import RotationRefused, promoted, with_new_key, without_key
from services.identity.rules import DeviceDescription, Platform
from services.kernel.actors import Audience
from services.kernel.errors import Unauthenticated
from services.settings import settings, use
from tests.factories.identity import make_challenge

PHONE = DeviceDescription("A phone", Platform.ANDROID)
OLD = {"old": "an-old-secret-of-more-than-thirty-two-bytes"}


@pytest.fixture(autouse=True)
def _afterwards(house: Ports) -> Iterator[None]:
    before = settings()
    yield
    use(before)


def deploy(keys: dict[str, str]) -> None:
    use(settings().model_copy(update={"token_keys": {key_id: SecretStr(secret) for key_id, secret in keys.items()}}))


async def came_in(house: Ports, uid: str) -> SignedIn:
    assert house.issuer is not None
    return await sign_in(Audience.CONSUMER, house.issuer.issue(VerifiedIdentity(uid)), device=PHONE, verifier=house.id_tokens)


def signed_by(token: str) -> str:
    kid: str = jwt.get_unverified_header(token)["kid"]
    return kid


async def test_nobody_is_signed_out_by_any_step(house: Ports) -> None:
    deploy(OLD)
    first = await came_in(house, "first")
    challenge, code = await make_challenge(Audience.CONSUMER, "+358401234567")

    keys = with_new_key(OLD, "new")
    deploy(keys)
    second = await came_in(house, "second")
    assert signed_by(second.access_token) == "old"

    keys = promoted(keys, "new")
    # A process that is still a step behind accepts what the others sign by now.
    deploy(keys)
    third = await came_in(house, "third")
    assert signed_by(third.access_token) == "new"
    deploy(with_new_key(OLD, "other") | {"new": keys["new"]})
    assert tokens.read_access(third.access_token, Audience.CONSUMER) == third.actor

    deploy(keys)
    for person in (first, second, third):
        assert tokens.read_access(person.access_token, Audience.CONSUMER) == person.actor
    renewed = [await refresh(person.refresh_token, audience=Audience.CONSUMER) for person in (first, second, third)]
    assert [signed_by(person.refresh_token) for person in renewed] == ["new"] * 3
    assert (await sign_in_with_code(Audience.CONSUMER, challenge, code, device=PHONE)).person.phone == "+358401234567"

    deploy(without_key(keys, "old"))
    for person in renewed:
        assert tokens.read_access(person.access_token, Audience.CONSUMER) == person.actor
    with pytest.raises(Unauthenticated):
        tokens.read_access(first.access_token, Audience.CONSUMER)
    with pytest.raises(RefreshTokenNotAccepted):
        await refresh(first.refresh_token, audience=Audience.CONSUMER)


async def test_a_code_whose_key_is_gone_opens_nothing(house: Ports) -> None:
    deploy(OLD)
    challenge, code = await make_challenge(Audience.CONSUMER, "+358401234567")
    deploy(without_key(promoted(with_new_key(OLD, "new"), "new"), "old"))
    with pytest.raises(SignInCodeNotAccepted):
        await sign_in_with_code(Audience.CONSUMER, challenge, code, device=PHONE)


def test_a_step_that_would_sign_people_out_is_refused() -> None:
    with pytest.raises(RotationRefused):
        with_new_key(OLD, "old")
    with pytest.raises(RotationRefused):
        promoted(OLD, "new")
    with pytest.raises(RotationRefused):
        without_key(OLD, "old")
    with pytest.raises(RotationRefused):
        without_key(OLD, "new")


def test_a_new_key_is_long_and_its_own() -> None:
    made = {with_new_key(OLD, "new")["new"] for _ in range(5)}
    assert len(made) == 5
    assert all(len(secret) >= 64 for secret in made)
