"""What compiled code calls when a value is not the one it was written for: the value is mended, or the code is left."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from math import isfinite
from typing import Any

import orjson
from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString
from graphql.pyutils import Undefined, is_iterable
from graphql.pyutils.is_awaitable import is_async_iterable

from api.engine.fragments import Piece
from api.engine.shapes import leaf
from api.engine.values import PLAIN_TYPES, is_plain

MOST_NAMES = 1024


class Leave(Exception):
    """Compiled code cannot go on: the exact interpreter has to say what this value means."""

    def __init__(self, value: object = None) -> None:
        super().__init__()
        self.value = value


class NotForCode(Leave):
    """What was found will be found again: this document is not to be compiled."""


def refuse(value: object = None) -> None:
    """Raises Leave, always."""
    raise Leave(value)


def check(value: object) -> None:
    """Raises Leave for null, an exception or an awaitable."""
    if not is_plain(value):
        refuse(value)


def accept(verdict: object) -> None:
    """Raises Leave unless `is_type_of` said yes at once."""
    check(verdict)
    if not verdict:
        raise Leave


def items(value: Any) -> Any:
    """The items of a list that is not a list, if they may be looked at twice."""
    check(value)
    if isinstance(value, tuple):
        return value
    if isinstance(value, Iterator) or is_async_iterable(value) or not is_iterable(value):
        raise Leave
    return list(value)


def read(source: Any, name: str) -> Any:
    """The key or attribute, as graphql-core reads it without a resolver. Raises Leave where it has to be called."""
    value = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
    if callable(value):
        raise NotForCode
    return value


def writer(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """How any value of a leaf type is written."""

    def write(value: Any) -> Any:
        check(value)
        return leaf(type_, value)

    return write


def parts(members: Sequence[Mapping[str, Any]], seams: Sequence[bytes]) -> tuple[bytes, ...]:
    """An object as JSON, cut at its seams: behind each stands `"key":`, and the value comes with every answer.

    There is one more group of members than there are seams, and each group may be empty.
    """
    inner = [orjson.dumps(group)[1:-1] for group in members]
    said = [b"{" + inner[0]]
    for seam, group in zip(seams, inner[1:], strict=True):
        said[-1] += (b"" if said == [b"{"] else b",") + seam
        said.append(b"," + group if group else b"")
    return (*said[:-1], said[-1] + b"}")


class Names(dict[int, str]):
    """The names of enum members, by id(): members are alone of their kind, and hashing them is slow."""

    def __init__(self, type_: GraphQLLeafType) -> None:
        super().__init__()
        self._write = writer(type_)
        self._members: list[Enum] = []  # so that no id is used again

    def name(self, value: Any) -> Any:
        written = self._write(value)
        if isinstance(value, Enum) and len(self._members) < MOST_NAMES:
            self._members.append(value)
            self[id(value)] = written
        return written


# What every compiled module knows.
WORDS: Mapping[str, Any] = {
    "plain": PLAIN_TYPES,
    "check": check,
    "refuse": refuse,
    "accept": accept,
    "items": items,
    "read": read,
    "isfinite": isfinite,
    "Undefined": Undefined,
    "only_text": frozenset({str}),
    "text": writer(GraphQLString),
    "ident": writer(GraphQLID),
    "whole": writer(GraphQLInt),
    "real": writer(GraphQLFloat),
    "truth": writer(GraphQLBoolean),
    "json": orjson.dumps,
    "Written": orjson.Fragment,
    "Piece": Piece,
    "parts": parts,
}
