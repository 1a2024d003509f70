"""The shape of an answer: which keys stand where, and of which kind their values are; and how two shapes differ."""

from collections.abc import Iterator, Mapping
from typing import Any

Shape = Mapping[str, frozenset[str]]
NULL = "null"


def shape_of(*values: Any) -> dict[str, frozenset[str]]:
    """Path to the kinds of value seen there; objects of different types have different paths, places in lists have one."""
    seen: dict[str, set[str]] = {}
    for value in values:
        for path, kind in _steps(value, ""):
            seen.setdefault(path, set()).add(kind)
    return {path: frozenset(kinds) for path, kinds in seen.items()}


def differences(recorded: Shape, answered: Shape) -> Iterator[str]:
    """What a reader of the recorded shape would stumble over: a key that is gone or new, a value of another kind.

    Where one of the two saw nothing at all (null, an empty list, an object of another type) nothing can be compared, and
    nothing is said.
    """
    for path in sorted(recorded.keys() | answered.keys()):
        before, now = recorded.get(path), answered.get(path)
        if before is not None and now is not None:
            if (before - {NULL}) and (now - {NULL}) and before - {NULL} != now - {NULL}:
                yield f"{path} was {_or(before)}, is {_or(now)}"
        elif _is_key(path) and all(_has_keys(path.rpartition(".")[0], shape) for shape in (recorded, answered)):
            yield f"{path} {'is new' if before is None else 'is gone'}"


def _is_key(path: str) -> bool:
    """Whether it is a key of an object, not a place in a list or an object's type."""
    return not path.endswith(("[]", ">"))


def _steps(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        kind = value.get("__typename", "")
        here = f"{path}<{kind}>" if kind else path
        yield path, "object"
        yield here, "object"
        for key, child in value.items():
            yield from _steps(child, f"{here}.{key}")
    elif isinstance(value, list):
        yield path, "list"
        for child in value:
            yield from _steps(child, f"{path}[]")
    else:
        yield path, _kind(value)


def _kind(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _has_keys(path: str, shape: Shape) -> bool:
    """Whether an object of this type was seen here: only then its keys can be told."""
    return "object" in shape.get(path, ()) and any(other.startswith(f"{path}.") for other in shape)


def _or(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))
