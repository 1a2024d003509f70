"""Which subscriptions say the same to several viewers: declared beside the resolver; what is not declared is never shared.

    @strawberry.subscription(description="The store's queue: at once, and after every change.")
    @same_whatever("person_id", "session_id")
    async def store_order_queue_changed(self, info: StoreInfo) -> AsyncIterator[list[StoreOrder]]:

A shared run is handed its viewer with these facts blanked, and whoever is equal to that viewer shares it: an answer cannot
depend on what was not in the key. Two things are the resolver's promise: each answer is the whole as it is now, not what is new
since the last one; and no right to see it hangs on what is blanked.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from services.kernel.actors import Person

NOBODY = UUID(int=0)
_BLANKED = "same_whatever"
Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def same_whatever(*facts: str) -> Callable[[Resolver], Resolver]:
    """Declare that the answers are the same whatever these ids of the viewer are."""

    def declare(resolver: Resolver) -> Resolver:
        setattr(resolver, _BLANKED, facts)
        return resolver

    return declare


def declared(resolver: Callable[..., Any]) -> tuple[str, ...] | None:
    """The facts that make no difference to this resolver; None where nothing is declared."""
    facts: tuple[str, ...] | None = getattr(resolver, _BLANKED, None)
    return facts


def blanked(viewer: Person | None, facts: tuple[str, ...]) -> Person | None:
    """The viewer as a shared run sees them."""
    nobody: dict[str, Any] = dict.fromkeys(facts, NOBODY)
    return None if viewer is None else replace(viewer, **nobody)
