"""ID tokens against everything nearly like them: the verifier that production uses, on the local issuer's key."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from services.adapters.firebase import FirebaseIdTokens
from services.adapters.local_identity import LocalIssuer
from services.identity.errors import IdTokenNotAccepted, TokenFault
from services.identity.ports import VerifiedIdentity
from tests.conftest import NOON, TestClock
from tests.unit.identity.forging import ABSENT, HEADERS, SPELLINGS, Forgery, Sign, claims_of_anybody, forged, hs256
from tests.unit.identity.mutants import bits_and_pieces, families

AT = int(NOON.timestamp())
SKEW = 60
PROJECT = "pannier-test"
ISSUER = f"https://securetoken.google.com/{PROJECT}"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - too short on purpose
PUBLIC_PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def rs256(key: RSAPrivateKey) -> Sign:
    return lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA256())


def ps256(text: bytes) -> bytes:
    return KEY.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


class KnownKeys:
    """Two keys, of which one is too short to be trusted."""

    async def public_key(self, kid: str) -> RSAPublicKey | None:
        return {"google-1": KEY.public_key(), "weak": WEAK.public_key()}.get(kid)


GOOD_HEADER = {"alg": "RS256", "typ": "JWT", "kid": "google-1"}
GOOD_CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": PROJECT,
    "sub": "aino",
    "user_id": "aino",
    "auth_time": AT - 5,
    "iat": AT,
    "exp": AT + 3600,
    "phone_number": "+358401234567",
    "name": "Aino Virtanen",
}
OF_FIREBASE = [
    Forgery("no auth_time", TokenFault.MISSING_CLAIM, claims={"auth_time": ABSENT}),
    Forgery("signed in tomorrow", TokenFault.NOT_YET, claims={"auth_time": AT + SKEW + 1}),
    Forgery("sign-in time is text", TokenFault.MALFORMED, claims={"auth_time": "then"}),
    Forgery("subject too long", TokenFault.SUBJECT, claims={"sub": "a" * 129}),
    Forgery("subject with a null byte", TokenFault.SUBJECT, claims={"sub": "ai\x00no"}),
    Forgery("other project's audience", TokenFault.AUDIENCE, claims={"aud": "pannier-test-2"}),
    Forgery("audience in a list", TokenFault.AUDIENCE, claims={"aud": [PROJECT]}),
    Forgery("other project's issuer", TokenFault.ISSUER, claims={"iss": ISSUER + "-2"}),
    Forgery("session cookie's issuer", TokenFault.ISSUER, claims={"iss": f"https://session.firebase.google.com/{PROJECT}"}),
    Forgery("custom token", TokenFault.ISSUER, claims={"iss": "firebase-adminsdk@pannier-test.iam.gserviceaccount.com"}),
    Forgery("signed by a stranger", TokenFault.SIGNATURE, sign=rs256(STRANGER)),
    Forgery("PSS under RS256", TokenFault.SIGNATURE, sign=ps256),
    Forgery("HS256 with the public key as secret", TokenFault.ALGORITHM, header={"alg": "HS256"}, sign=hs256(PUBLIC_PEM)),
    Forgery("HS256 with an empty secret", TokenFault.ALGORITHM, header={"alg": "HS256"}, sign=hs256(b"")),
    Forgery("the emulator's: unsigned", TokenFault.ALGORITHM, header={"alg": "none", "kid": ABSENT}, sign=lambda _: b"\x00"),
    Forgery("weak key", TokenFault.MALFORMED, header={"kid": "weak"}, sign=rs256(WEAK)),
    Forgery("kid of another's key", TokenFault.SIGNATURE, header={"kid": "google-1"}, sign=rs256(WEAK)),
]
FORGERIES = [*SPELLINGS, *HEADERS, *claims_of_anybody(AT, SKEW, ISSUER), *OF_FIREBASE]


@pytest.fixture
def tokens_of_firebase(clock: TestClock) -> FirebaseIdTokens:
    return FirebaseIdTokens(PROJECT, KnownKeys())


def made(forgery: Forgery) -> str:
    return forged(GOOD_HEADER, GOOD_CLAIMS, rs256(KEY), forgery)


def changed(**claims: Any) -> str:
    return made(Forgery("changed", TokenFault.MALFORMED, claims=claims))


MUTANTS = list(families("RS256", ISSUER, PROJECT, ("exp", "iat", "nbf", "auth_time"), "google-1"))
BENT = [name for name, _ in bits_and_pieces("aaaa.bbbb." + "c" * 342)]


def test_there_are_enough_mutants() -> None:
    names = [forgery.name for forgery in (*FORGERIES, *MUTANTS)] + BENT
    assert len(names) >= 200
    assert sorted(set(names)) == sorted(names)


async def test_every_mutant_is_refused(tokens_of_firebase: FirebaseIdTokens) -> None:
    """Without a test of its own for each: there are hundreds, and the name of one that passes is told."""
    good = changed()
    assert (await tokens_of_firebase.verify(good)).uid == "aino"
    shown = {forgery.name: made(forgery) for forgery in MUTANTS} | dict(bits_and_pieces(good))
    assert [name for name, token in shown.items() if not await refuses(tokens_of_firebase, token)] == []


async def refuses(tokens_of_firebase: FirebaseIdTokens, token: str) -> bool:
    try:
        await tokens_of_firebase.verify(token)
    except IdTokenNotAccepted:
        return True
    return False


async def test_the_unchanged_token_says_who_it_is(tokens_of_firebase: FirebaseIdTokens) -> None:
    assert await tokens_of_firebase.verify(changed()) == VerifiedIdentity("aino", "+358401234567", "Aino Virtanen")


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
async def test_a_forgery_is_refused(tokens_of_firebase: FirebaseIdTokens, forgery: Forgery) -> None:
    with pytest.raises(IdTokenNotAccepted) as refused:
        await tokens_of_firebase.verify(made(forgery))
    assert refused.value.fault is forgery.fault
    assert refused.value.expired is (forgery.fault is TokenFault.EXPIRED)
    assert str(refused.value) == "We could not confirm who you are. Please sign in again."


@pytest.mark.parametrize("claims", [{"exp": AT - SKEW + 1}, {"iat": AT + SKEW}, {"auth_time": AT + SKEW}, {"nbf": AT + SKEW}])
async def test_the_skew_ends_at_the_second(tokens_of_firebase: FirebaseIdTokens, claims: dict[str, Any]) -> None:
    assert (await tokens_of_firebase.verify(changed(**claims))).uid == "aino"


@pytest.mark.parametrize("phone", ["", "0401234567", "call me", 358401234567, None, ["+358401234567"]])
async def test_a_phone_number_nobody_can_write_is_left_out(tokens_of_firebase: FirebaseIdTokens, phone: object) -> None:
    assert (await tokens_of_firebase.verify(changed(phone_number=phone))).phone is None


@pytest.mark.parametrize("name", [None, 7, ["Aino"], {"first": "Aino"}])
async def test_a_name_that_is_no_text_is_left_out(tokens_of_firebase: FirebaseIdTokens, name: object) -> None:
    assert (await tokens_of_firebase.verify(changed(name=name))).name is None


async def test_the_emulators_variable_changes_nothing(
    tokens_of_firebase: FirebaseIdTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")
    unsigned = Forgery("unsigned", TokenFault.ALGORITHM, header={"alg": "none"}, sign=lambda _: b"\x00")
    with pytest.raises(IdTokenNotAccepted):
        await tokens_of_firebase.verify(made(unsigned))


async def test_the_local_issuers_tokens_are_no_firebase_tokens(tokens_of_firebase: FirebaseIdTokens) -> None:
    local = LocalIssuer(PROJECT, STRANGER)
    identity = VerifiedIdentity("aino", "+358401234567", "Aino")
    assert await local.verifier().verify(local.issue(identity)) == identity
    with pytest.raises(IdTokenNotAccepted) as refused:
        await tokens_of_firebase.verify(local.issue(identity))
    assert refused.value.fault is TokenFault.KEY
