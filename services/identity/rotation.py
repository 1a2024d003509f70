"""Changing the signing key without signing anybody out: three steps, each of them safe while some processes are a step behind."""

import secrets
from collections.abc import Mapping

Keys = Mapping[str, str]
_BYTES = 48


class RotationRefused(ValueError):
    """This step cannot be taken with these keys."""


def with_new_key(keys: Keys, key_id: str) -> dict[str, str]:
    """First step: every process learns to verify by the new key; the old one still signs."""
    if not key_id or key_id in keys:
        raise RotationRefused(f"There is a key {key_id!r} already: name the new one otherwise.")
    return {**keys, key_id: secrets.token_urlsafe(_BYTES)}


def promoted(keys: Keys, key_id: str) -> dict[str, str]:
    """Second step, once every process knows it: the new key signs, the others go on verifying."""
    if key_id not in keys:
        raise RotationRefused(f"There is no key {key_id!r} to sign with.")
    return {key_id: keys[key_id], **keys}


def without_key(keys: Keys, key_id: str) -> dict[str, str]:
    """Third step, once the longest token that it signed has run out: the old key is forgotten. The one that signs stays."""
    if key_id not in keys:
        raise RotationRefused(f"There is no key {key_id!r}.")
    if next(iter(keys)) == key_id:
        raise RotationRefused(f"The key {key_id!r} signs: let another one sign first.")
    return {known: secret for known, secret in keys.items() if known != key_id}
