"""Verbs: what each audience can ask; a resolver translates and never decides."""

from collections.abc import Sequence

import strawberry


def compose(name: str, description: str, parts: Sequence[type]) -> type | None:
    """A root type out of the classes of an audience's files, None without any. Raises TypeError for a field two files have."""
    if not parts:
        return None
    seen: dict[str, type] = {}
    for part in parts:
        for field in part.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            other = seen.setdefault(field.python_name, part)
            if other is not part:
                raise TypeError(f"{name}.{field.python_name} is in {part.__qualname__} and in {other.__qualname__}")
    return strawberry.type(type(name, tuple(parts), {"__annotations__": {}}), description=description)
