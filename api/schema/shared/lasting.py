"""Nouns that are the same in many answers: declared at the class, they are written once for each key, whoever asks.

    @lasting("kept_as", varying=["distance_m"])
    @strawberry.type(description="A place that sells.")
    class Store:

The attribute `kept_as` is a key: nouns that have it in common say the same in all fields but those that vary. None is for a noun
that is not to be kept. What a person may see and another may not is never declared so.
"""

from collections.abc import Callable, Collection
from typing import TypeVar

from api.engine.ways import Lasting

Noun = TypeVar("Noun", bound=type)


def lasting(key: str, *, varying: Collection[str] = ()) -> Callable[[Noun], Noun]:
    """Declare which attribute is the key, and which fields, by their Python names, differ in each answer."""

    def declare(noun: Noun) -> Noun:
        noun.__lasting__ = Lasting(key, frozenset(varying))  # type: ignore[attr-defined]  # the engine looks for it
        return noun

    return declare
