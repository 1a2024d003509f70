"""The exact interpreter: every field is resolved once per level for all its parents, and the answer is what GraphQL means."""

from collections.abc import Mapping
from typing import Any

from api.engine.answers import Answer
from api.engine.plan import Plan


async def execute(plan: Plan, root: object, context: object, variables: Mapping[str, Any] | None = None) -> Answer:
    """Execute a planned query or mutation, or one event of a subscription with the event as root.

    Raises RequestRefused for variables that do not fit; whatever a field meets is in the answer.
    """
    raise NotImplementedError
