"""Batches: a child field that must be loaded takes all its parents at once, and is called once per level of an operation.

A batch is a function from a list of parents to a list of answers in the same order. One parent's failure is answered as an
exception in its place; an exception raised is everyone's. Whoever executes the schema may call it directly, through
`BatchField.loads_all`; under graphql-core the parents of a level are gathered here, and nothing is kept between two calls.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Concatenate, TypeVar, cast
from weakref import WeakKeyDictionary

import strawberry
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

Parent = TypeVar("Parent")
Value = TypeVar("Value")
LoadsAll = Callable[..., Awaitable[Sequence[Any]]]
LevelName = tuple[tuple[str | int, str | None], ...]


class BatchField(StrawberryField):
    """A field whose values are loaded for all parents of a level together."""

    @property
    def loads_all(self) -> LoadsAll:
        """The batch itself: `(parents, [info], **arguments) -> answers` in the parents' order."""
        return cast("LoadsAll", self.base_resolver.wrapped_func.loads_all)  # type: ignore[union-attr]


def batch(
    loads_all: Callable[Concatenate[list[Parent], ...], Awaitable[Sequence[Value | Exception]]],
    *,
    description: str | None = None,
    deprecation_reason: str | None = None,
) -> Value:
    """Make a batch the child field of a noun: a parameter `info` is handed over, the others are the field's arguments.

    Written as `options: list[Option] = batch(options_of)`.
    """
    made = BatchField(description=description, deprecation_reason=deprecation_reason, base_resolver=_resolver(loads_all))
    return cast("Value", made)


def _resolver(loads_all: LoadsAll) -> StrawberryResolver[Any]:
    _, *arguments = inspect.signature(loads_all).parameters.values()
    wants_info = any(argument.name == "info" for argument in arguments)

    def resolve(root: Any, info: strawberry.Info[Any, Any], **given: Any) -> asyncio.Future[Any]:
        return _join(info, root, partial(loads_all, **given, **({"info": info} if wants_info else {})))

    first = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=object)
    second = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
    own = [argument.replace(kind=inspect.Parameter.KEYWORD_ONLY) for argument in arguments if argument.name != "info"]
    resolve.__signature__ = inspect.Signature([first, second, *own])  # type: ignore[attr-defined]
    resolve.__module__ = loads_all.__module__  # where Strawberry looks up the names in annotations
    resolve.__name__ = getattr(loads_all, "__name__", "batch")
    resolve.loads_all = loads_all  # type: ignore[attr-defined]
    return StrawberryResolver(resolve)


@dataclass(slots=True)
class _Level:
    """The parents that came to one field of one level, waiting for the same call."""

    load: Callable[[list[Any]], Awaitable[Sequence[Any]]]
    parents: list[Any] = field(default_factory=list)
    futures: list[asyncio.Future[Any]] = field(default_factory=list)


_levels: WeakKeyDictionary[object, dict[LevelName, _Level]] = WeakKeyDictionary()
_running: set[asyncio.Task[None]] = set()


def _join(
    info: strawberry.Info[Any, Any], parent: Any, load: Callable[[list[Any]], Awaitable[Sequence[Any]]]
) -> asyncio.Future[Any]:
    """Wait with the other parents of this level; graphql-core brings them all within one turn of the event loop."""
    loop = asyncio.get_running_loop()
    waiting = _levels.setdefault(info.context, {})
    name = _level_name(info.path)
    level = waiting.get(name)
    if level is None:
        level = waiting[name] = _Level(load)
        loop.call_soon(_depart, waiting, name)
    future: asyncio.Future[Any] = loop.create_future()
    level.parents.append(parent)
    level.futures.append(future)
    return future


def _level_name(path: Path | None) -> LevelName:
    """The path without places in lists, aliases and types told apart: parents of one level come with the same arguments."""
    steps: list[tuple[str | int, str | None]] = []
    while path is not None:
        if isinstance(path.key, str):
            steps.append((path.key, path.typename))
        path = path.prev
    return tuple(steps)


def _depart(waiting: dict[LevelName, _Level], name: LevelName) -> None:
    task = asyncio.get_running_loop().create_task(_answer(waiting.pop(name)))
    _running.add(task)
    task.add_done_callback(_running.discard)


async def _answer(level: _Level) -> None:
    try:
        answers = await level.load(level.parents)
    except Exception as error:  # noqa: BLE001 - it belongs to the parents, who raise it at their own places
        answers = [error] * len(level.parents)
    if len(answers) != len(level.parents):
        answers = [RuntimeError(f"a batch answered {len(answers)} for {len(level.parents)} parents")] * len(level.parents)
    for future, answer in zip(level.futures, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
