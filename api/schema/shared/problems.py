"""How an app is told that a rule said no."""

from typing import Any, Self

import strawberry


@strawberry.interface(
    description="Why something could not be done. Select `... on Problem` last, so that problems to come are still understood."
)
class Problem:
    message: str = strawberry.field(description="For developers; the app words it by type and data.")

    @classmethod
    def of(cls, refusal: Any) -> Self:
        """The problem that tells this refusal; a problem with data of its own overrides it."""
        return cls(message=str(refusal))


@strawberry.type(description="The key was used before with other input. Take a new key for a new intention.")
class KeyReusedProblem(Problem):
    pass


@strawberry.type(description="The same call with the same key is still running. Ask again in a moment.")
class OperationInProgressProblem(Problem):
    pass
