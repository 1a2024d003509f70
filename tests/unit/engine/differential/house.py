"""The same shapes as Strawberry schemas, as the house writes its own: types by classes, batches by `batch`, names made over."""

import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import reduce
from inspect import Parameter, Signature
from keyword import iskeyword
from operator import or_
from types import ModuleType
from typing import Annotated, Any, Optional, cast

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from api.schema.shared.batches import batch
from api.schema.shared.scalars import SCALARS
from tests.unit.engine.differential.building import read_odd
from tests.unit.engine.differential.data import Boom, Node
from tests.unit.engine.differential.leaves import write_anything, write_odd
from tests.unit.engine.differential.lists import Begun, Later
from tests.unit.engine.differential.shapes import BUILT_IN, NO_DEFAULT, Argument, Composite, Dice, Field, Ref, Shape


class Odd:
    """The scalar Odd in annotations."""


class Anything:
    """The scalar Anything in annotations."""


OWN_SCALARS: dict[object, ScalarDefinition] = {
    Odd: strawberry.scalar(name="Odd", serialize=write_odd, parse_value=read_odd),
    Anything: strawberry.scalar(name="Anything", serialize=write_anything, parse_value=lambda value: value),
}
WORDS: Mapping[str, Any] = {
    "Int": int,
    "Float": float,
    "String": str,
    "Boolean": bool,
    "ID": strawberry.ID,
    "DateTime": datetime,
    "Decimal": Decimal,
    "Odd": Odd,
    "Anything": Anything,
    "Optional": Optional,
    "Annotated": Annotated,
    "argument": strawberry.argument,
}


class _Refusals:
    """Answers a Boom with an object, as the house answers refusals with problems; every third is left as it is."""

    exception_type = Boom

    def __init__(self, error_type: type[Node]) -> None:
        self.error_type = error_type

    def handle(self, exception: Any, *, field: Any, info: Any) -> Node | None:
        del field
        dice = Dice(zlib.crc32(str(exception).encode()))
        if dice.one_in(3):
            return None
        info.context.faults["answered as a problem"] += 1
        return cast("Node", info.context.node(self.error_type.__name__, dice, 0))


@dataclass(frozen=True, slots=True)
class House:
    """A schema in Strawberry, and the classes of its objects."""

    shape: Shape
    schema: strawberry.Schema
    classes: Mapping[str, type[Node]]


def as_the_house_writes(shape: Shape) -> Shape:
    """The shape without what Strawberry does otherwise: subscriptions hand over their events, and Python has its keywords."""
    union, members = next(iter(shape.unions.items()), ("U0", ("T0",)))
    roots = {kind: _asked(_tamed(root), union) for kind, root in shape.roots.items() if kind != "subscription"}
    used = {each.ref.named for owner in (*shape.objects.values(), *roots.values()) for each in owner.fields}
    unions = {name: members for name, members in (shape.unions | {union: members}).items() if name in used}
    return replace(
        shape,
        objects={name: _tamed(each) for name, each in shape.objects.items()},
        interfaces={name: _tamed(each) for name, each in shape.interfaces.items()},
        unions={name: tuple(dict.fromkeys((*members, "T0", "T1"))) for name, members in unions.items()},
        inputs={name: tuple(map(_undefaulted, fields)) for name, fields in shape.inputs.items()},
        roots=roots,
        telling="function",
        checked=(),
    )


def _tamed(composite: Composite) -> Composite:
    return replace(composite, fields=tuple(map(_field_tamed, composite.fields)))


def _asked(root: Composite, union: str) -> Composite:
    """There is no root value, so that its fields are resolved; and every other one answers a union, as the house's verbs do."""
    fields = [replace(each, style="async") if each.style == "plain" else each for each in root.fields]
    fields[::2] = [replace(each, ref=Ref(union, None, each.ref.required)) for each in fields[::2]]
    return replace(root, fields=tuple(fields))


def _field_tamed(field: Field) -> Field:
    name = field.python_name
    name = f"{name}_" if iskeyword(name) or name in {"self", "_"} else name
    arguments = tuple(map(_undefaulted, field.arguments))
    return replace(field, python_name=name, arguments=arguments, style="plain" if field.style == "default" else field.style)


def _undefaulted(told: Argument) -> Argument:
    """Defaults are values of Python there: those of built-in scalars are the same as in JSON."""
    return told if told.ref.named in BUILT_IN and not told.ref.item else replace(told, default=NO_DEFAULT)


def build_house(shape: Shape, number: int) -> House:
    """The Strawberry schema of a tamed shape; a resolver finds its world in the context."""
    module = ModuleType(f"tests_house_{number}")
    sys.modules[module.__name__] = module
    vars(module).update(WORDS)
    builder = _Builder(shape, module)
    try:
        return builder.build()
    finally:
        del sys.modules[module.__name__]


class _Builder:
    def __init__(self, shape: Shape, module: ModuleType) -> None:
        self._shape, self._module = shape, module

    def build(self) -> House:
        shape, words = self._shape, vars(self._module)
        for name, members in shape.enums.items():
            known = shape.enum_values[name][0]
            made: Any = type(known) if isinstance(known, Enum) else Enum(name, {member: f"in {member}" for member in members})
            words[name] = strawberry.enum(made, name=name)
        for name, fields in shape.inputs.items():
            words[name] = strawberry.input(self._input(name, fields), name=name)
        for interface in shape.interfaces.values():
            words[interface.name] = strawberry.interface(self._class(interface), name=interface.name)
        for each in (*shape.objects.values(), *shape.roots.values()):
            words[each.name] = strawberry.type(self._class(each), name=each.name)
        for name, members in shape.unions.items():
            together = reduce(or_, (words[member] for member in members))
            words[name] = Annotated[together, strawberry.union(name)]
        schema = strawberry.Schema(
            words["Query"],
            words["Mutation"],
            types=[words[each] for each in (*shape.objects, *shape.interfaces)],
            config=StrawberryConfig(scalar_map=SCALARS | OWN_SCALARS, auto_camel_case=False),
            exception_handlers=[_Refusals(words["T0"])],
        )
        return House(shape, schema, {name: words[name] for name in shape.objects})

    def _input(self, name: str, fields: tuple[Argument, ...]) -> type:
        made = type(name, (), {"__module__": self._module.__name__})
        made.__annotations__ = {each.name: each.ref.annotation for each in fields}
        for each in fields:
            if each.may_be_left_out:
                setattr(made, each.name, strawberry.UNSET if each.default is NO_DEFAULT else each.default)
        return made

    def _class(self, composite: Composite) -> type:
        words = vars(self._module)
        wider = [words[name] for name in composite.interfaces]
        bases = tuple(one for one in wider if not any(one is not other and issubclass(other, one) for other in wider))
        inherited = {each.name for one in composite.interfaces for each in self._shape.interfaces[one].fields}
        own = [each for each in composite.fields if each.style == "plain" or each.name not in inherited]
        made = type(composite.name, bases or (Node,), {"__module__": self._module.__name__})
        made.__annotations__ = {each.python_name: each.ref.annotation for each in own}
        for each in own:
            setattr(made, each.python_name, self._field(each))
        return made

    def _field(self, asked: Field) -> Any:
        if asked.style == "plain":
            return strawberry.field(name=asked.name)
        if asked.style == "batch":
            made: Any = batch(self._signed(_load_all(asked), asked, "parents"))
            made.graphql_name = asked.name
            return made
        return strawberry.field(name=asked.name, resolver=self._signed(_resolver(asked), asked, "root"))

    def _signed(self, function: Any, asked: Field, first: str) -> Any:
        """Strawberry reads the arguments of a resolver from its signature."""
        leading = [Parameter(first, Parameter.POSITIONAL_OR_KEYWORD, annotation=object)]
        leading.append(Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info))
        function.__signature__ = Signature([*leading, *_parameters(asked)], return_annotation=asked.ref.annotation)
        function.__module__ = self._module.__name__
        return function


def _parameters(asked: Field) -> Iterator[Parameter]:
    for told in asked.arguments:
        annotation = f"Annotated[{told.ref.annotation}, argument(name='{told.name}')]"
        default = Parameter.empty if told.default is NO_DEFAULT else told.default
        if default is Parameter.empty and told.may_be_left_out:
            default = strawberry.UNSET
        yield Parameter(f"py_{told.name}", Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _resolver(asked: Field) -> Any:
    def resolve(root: Any, info: Any, **given: Any) -> Any:
        return info.context.resolved(root, info._raw_info, asked, given)

    def resolve_later(root: Any, info: Any, **given: Any) -> Any:
        async def answer() -> Any:
            await Later(None)
            return info.context.resolved(root, info._raw_info, asked, given)

        return Begun(answer) if info.context.forgiving else answer()

    return resolve_later if asked.style == "async" else resolve


def _load_all(asked: Field) -> Any:
    async def load_all(parents: list[Any], info: Any, **given: Any) -> list[Any]:
        await Later(None)
        found = cast("list[Any]", info.context.loaded(parents, info._raw_info, asked, given))
        if len(found) != len(parents):
            raise RuntimeError(f"a batch answered {len(found)} for {len(parents)} parents")
        return found

    return load_all
