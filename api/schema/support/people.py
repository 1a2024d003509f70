"""People as agents see them: names by their initial, phone numbers masked until one is revealed."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import strawberry

from services.cases.queries import masked_people


@strawberry.enum(description="As what somebody acted.")
class ActedAs(StrEnum):
    CONSUMER = "consumer"
    STORE = "store"
    COURIER = "courier"
    SUPPORT = "support"
    SYSTEM = "system"


@strawberry.type(description="Who did something.")
class SupportActor:
    acted_as: ActedAs
    name: str | None = strawberry.field(description="First name and initial; null for the house itself.")


class Done(Protocol):
    """Something that somebody did."""

    acted_as: ActedAs
    by: UUID | None


async def actors_of(several: Sequence[Done]) -> list[SupportActor]:
    """Who did these things, in one statement."""
    people = await masked_people({one.by for one in several if one.by})
    names = [people[one.by].name if one.by in people else None for one in several]
    return [SupportActor(acted_as=one.acted_as, name=name) for one, name in zip(several, names, strict=True)]
