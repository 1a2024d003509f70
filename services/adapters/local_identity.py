"""The development stand-in for Firebase sign-in: its own key, the same claims, read by the same verifying code."""

import hashlib
import os
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from services.adapters.firebase import ALGORITHM, ISSUER, FirebaseIdTokens
from services.identity.ports import VerifiedIdentity
from services.kernel import clock

KEY_FILE = "sign-in-key.pem"
KEY_BITS = 2048
LASTS = 3600


class LocalIssuer:
    """Issues ID tokens as Firebase would, for a project that exists on this machine alone."""

    def __init__(self, project: str, private_key: RSAPrivateKey) -> None:
        self._project = project
        self._private_key = private_key
        self._public_key = private_key.public_key()
        self._kid = _fingerprint(self._public_key)

    async def public_key(self, kid: str) -> RSAPublicKey | None:
        return self._public_key if kid == self._kid else None

    def verifier(self) -> FirebaseIdTokens:
        """The verifier of these tokens: the one that reads Firebase's, with this issuer's key."""
        return FirebaseIdTokens(self._project, self)

    def issue(self, identity: VerifiedIdentity) -> str:
        """An ID token that says who `identity` is, for an hour."""
        at = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER + self._project,
            "aud": self._project,
            "sub": identity.uid,
            "user_id": identity.uid,
            "auth_time": at,
            "iat": at,
            "exp": at + LASTS,
            "firebase": {"sign_in_provider": "phone" if identity.phone else "custom", "identities": {}},
        }
        optional = {"phone_number": identity.phone, "name": identity.name}
        claims |= {name: value for name, value in optional.items() if value}
        return jwt.encode(claims, self._private_key, ALGORITHM, headers={"kid": self._kid})


def open_issuer(project: str, folder: Path) -> LocalIssuer:
    """The issuer with the key kept in `folder`, made at the first call and readable by its owner alone."""
    path = folder / KEY_FILE
    if not path.exists():
        _keep_new_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} does not hold an RSA key; remove it and start again.")
    return LocalIssuer(project, key)


def _keep_new_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
    # Linked, not renamed: of several processes that start together the first one's key stays.
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _fingerprint(key: RSAPublicKey) -> str:
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:40]
