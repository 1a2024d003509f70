"""Batches: a child field that takes all its parents at once, and is called once per level of an operation.

A batch is a function from a list of parents to a list of answers in the same order. One parent's failure is answered as an
exception in its place; an exception raised is everyone's. Whoever executes the schema calls it through `BatchField.loads_all`;
an executor that does not know batches gets one parent's answer at a time.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Concatenate, TypeVar, cast

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

Parent = TypeVar("Parent")
Value = TypeVar("Value")
LoadsAll = Callable[..., Awaitable[Sequence[Any]]]
Known = Callable[[list[Any]], Sequence[Any] | None]


class BatchField(StrawberryField):
    """A field whose values are loaded for all parents of a level together."""

    @property
    def loads_all(self) -> LoadsAll:
        """The batch itself: `(parents, [info], **arguments) -> answers` in the parents' order."""
        return cast("LoadsAll", self.base_resolver.wrapped_func.loads_all)  # type: ignore[union-attr]  # as `_resolver` made it

    @property
    def known(self) -> Known | None:
        """What gives the answers where they were read with the parents; None says that they were not."""
        return cast("Known | None", self.base_resolver.wrapped_func.known)  # type: ignore[union-attr]  # as `_resolver` made it

    @property
    def wants_info(self) -> bool:
        """Whether the batch takes `info`."""
        return "info" in inspect.signature(self.loads_all).parameters


def batch(
    loads_all: Callable[Concatenate[list[Parent], ...], Awaitable[Sequence[Value | Exception]]],
    *,
    known: Callable[[list[Parent]], Sequence[Value] | None] | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
) -> Value:
    """Make a batch the child field of a noun: a parameter `info` is handed over, the others are the field's arguments.

    Written as `options: list[Option] = batch(options_of)`. With `known`, which waits for nothing, answers that were read with the
    parents need no batch; it may only be said of fields without arguments.
    """
    resolver = _resolver(loads_all, known)
    made = BatchField(description=description, deprecation_reason=deprecation_reason, base_resolver=resolver)
    return cast("Value", made)


def _resolver(loads_all: LoadsAll, known: Known | None) -> StrawberryResolver[Any]:
    _, *arguments = inspect.signature(loads_all).parameters.values()
    wants_info = any(argument.name == "info" for argument in arguments)

    async def resolve(root: Any, info: strawberry.Info[Any, Any], **given: Any) -> Any:
        ready = known([root]) if known else None
        [answer] = ready or await loads_all([root], **given, **({"info": info} if wants_info else {}))
        if isinstance(answer, Exception):
            raise answer
        return answer

    first = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=object)
    second = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
    own = [argument.replace(kind=inspect.Parameter.KEYWORD_ONLY) for argument in arguments if argument.name != "info"]
    # A function may carry what it likes; the types know nothing of it.
    resolve.__signature__ = inspect.Signature([first, second, *own])  # type: ignore[attr-defined]
    resolve.__module__ = loads_all.__module__  # where Strawberry looks up the names in annotations
    resolve.__name__ = getattr(loads_all, "__name__", "batch")
    resolve.loads_all, resolve.known = loads_all, known  # type: ignore[attr-defined]
    return StrawberryResolver(resolve)
