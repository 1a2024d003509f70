"""What an operation gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave: its data, perhaps null, and the errors its fields met."""

    data: Mapping[str, Any] | None
    errors: tuple[GraphQLError, ...] = ()
