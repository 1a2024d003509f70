"""The commands `pannier keys …`: each step of a rotation prints the next value of PANNIER_TOKEN_KEYS."""

from collections.abc import Callable
from typing import Annotated

import orjson
import typer

from services.identity.rotation import Keys, RotationRefused, promoted, with_new_key, without_key
from services.settings import settings

keys = typer.Typer(
    help="Change the signing key without signing anybody out: add, deploy; promote, deploy; 60 days later drop, deploy.",
    no_args_is_help=True,
)
KeyId = Annotated[str, typer.Argument(help="The key's id, such as 2027-01.")]


@keys.command()
def add(key_id: KeyId) -> None:
    """Print PANNIER_TOKEN_KEYS with a new key that verifies and does not sign yet. Give it to every process."""
    _print(with_new_key, key_id)


@keys.command()
def promote(key_id: KeyId) -> None:
    """Print PANNIER_TOKEN_KEYS with this key signing and all others verifying. Only once every process knows the key."""
    _print(promoted, key_id)


@keys.command()
def drop(key_id: KeyId) -> None:
    """Print PANNIER_TOKEN_KEYS without this key. Whoever did not refresh since another key signs has to sign in again."""
    _print(without_key, key_id)


def _print(step: Callable[[Keys, str], dict[str, str]], key_id: str) -> None:
    present = {known: secret.get_secret_value() for known, secret in settings().token_keys.items()}
    try:
        typer.echo(orjson.dumps(step(present, key_id)).decode())
    except RotationRefused as refused:
        typer.secho(str(refused), fg="red", err=True)
        raise typer.Exit(1) from refused
