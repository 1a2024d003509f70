"""Random schemas: every kind of type, lists and nulls nested in every way, arguments with defaults, every style of field."""

from collections.abc import Iterator
from typing import Any

from tests.unit.engine.differential.shapes import (
    NO_DEFAULT,
    SCALARS,
    Argument,
    Composite,
    Dice,
    Field,
    Ref,
    Shape,
    Style,
    Telling,
)

# Names that a generated program might use for itself, or that mean something in Python.
TRICKY = (
    *(
        "class",
        "def",
        "None",
        "True",
        "self",
        "info",
        "root",
        "parents",
        "parent",
        "data",
        "errors",
        "len",
        "print",
        "id",
        "type",
    ),
    *("value", "row", "rows", "out", "result", "item", "items", "append", "await", "lambda", "from", "import", "context", "path"),
    *("list", "dict", "str", "name", "args", "kwargs", "x", "i", "e", "r0", "v0", "loads_all", "variables", "run", "zip", "_"),
)
STYLES: tuple[Style, ...] = ("plain", "plain", "plain", "default", "sync", "async", "batch", "batch")
TELLINGS: tuple[Telling, ...] = ("function", "function", "check", "check", "name", "async function", "async check")


class SchemaMaker:
    """Makes one shape from a number."""

    def __init__(self, number: int) -> None:
        self._dice = Dice(number)
        self._tricky = iter(sorted(TRICKY, key=lambda _: self._dice.below(1 << 30)))
        self._counter = iter(range(1, 10_000))
        self._outputs: list[str] = []

    def make(self) -> Shape:
        dice = self._dice
        enums = {f"E{n}": tuple(f"{letter}{n}" for letter in "ABCD"[: dice.between(1, 4)]) for n in range(dice.between(1, 2))}
        inputs = self._inputs(enums)
        names = [f"T{n}" for n in range(dice.between(2, 6))]
        interface_names = [f"N{n}" for n in range(dice.below(3))]
        unions = {f"U{n}": self._some(names) for n in range(dice.below(3))}
        self._leaves = [*SCALARS, *SCALARS[:5], *enums]
        self._outputs = [*names, *interface_names, *unions]
        self._enums, self._input_types = enums, inputs
        interfaces = self._interfaces(interface_names)
        objects = {name: self._object(name, interfaces) for name in names}
        # An interface nobody implements can be nothing: the first type takes it.
        for interface in interfaces.values():
            if not any(interface.name in each.interfaces for each in objects.values()):
                objects["T0"] = self._implementing(objects["T0"], interface, interfaces)
        checked = self._some(names) if dice.one_in(3) else ()
        shape = Shape(objects, interfaces, unions, enums, inputs, dice.pick(TELLINGS), checked)
        shape.roots.update(self._roots())
        return shape

    def _some(self, names: list[str]) -> tuple[str, ...]:
        chosen = tuple(name for name in names if self._dice.one_in(2))
        return chosen or (self._dice.pick(names),)

    def _inputs(self, enums: dict[str, tuple[str, ...]]) -> dict[str, tuple[Argument, ...]]:
        self._enums, self._input_types = enums, {}
        made: dict[str, tuple[Argument, ...]] = {}
        for n in range(self._dice.between(1, 2)):
            made[f"P{n}"] = tuple(self._argument(f"p{k}") for k in range(self._dice.between(1, 3)))
            self._input_types = dict(made)
        return made

    def _interfaces(self, names: list[str]) -> dict[str, Composite]:
        made: dict[str, Composite] = {}
        for name in names:
            wider = next(iter(made.values()), None) if self._dice.one_in(3) else None
            inherited = wider.fields if wider else ()
            own = tuple(self._field() for _ in range(self._dice.between(1, 2)))
            made[name] = Composite(name, (*inherited, *own), (wider.name,) if wider else ())
        return made

    def _object(self, name: str, interfaces: dict[str, Composite]) -> Composite:
        made = Composite(name, tuple(self._field() for _ in range(self._dice.between(2, 5))))
        for interface in interfaces.values():
            if self._dice.one_in(2):
                made = self._implementing(made, interface, interfaces)
        return made

    def _implementing(self, made: Composite, interface: Composite, interfaces: dict[str, Composite]) -> Composite:
        for name in (*interface.interfaces, interface.name):
            if name not in made.interfaces:
                inherited = tuple(each for each in interfaces[name].fields if each.name not in {own.name for own in made.fields})
                made = Composite(made.name, (*made.fields, *map(self._narrowed, inherited)), (*made.interfaces, name))
        return made

    def _narrowed(self, inherited: Field) -> Field:
        """Sometimes what an interface lets be null is required of the object."""
        if inherited.style not in {"plain", "default"} or not self._dice.one_in(3):
            return inherited
        ref = Ref(inherited.ref.name, inherited.ref.item, required=True)
        return Field(inherited.name, inherited.python_name, ref, inherited.style)

    def _field(self, style: Style | None = None) -> Field:
        number = next(self._counter)
        style = style or self._dice.pick(STYLES)
        name, python_name = f"f{number}", f"f{number}"
        if self._dice.one_in(5):
            name = next(self._tricky, name)
            python_name = name if style == "default" or self._dice.one_in(2) else python_name
        elif style != "default" and self._dice.one_in(6):
            name, python_name = f"do{number}It", f"do_{number}_it"
        arguments = () if style in {"plain", "default"} else tuple(self._arguments())
        return Field(
            name,
            python_name,
            self._output(),
            style,
            arguments,
            wants_info=style not in {"plain", "default"} and self._dice.one_in(3),
        )

    def _output(self, depth: int = 0) -> Ref:
        required = self._dice.one_in(2)
        if depth < 2 and self._dice.one_in(3):
            return Ref(None, self._output(depth + 1), required)
        pool = self._outputs if self._dice.one_in(2) else self._leaves
        return Ref(self._dice.pick(pool), None, required)

    def _arguments(self) -> Iterator[Argument]:
        for number in range(self._dice.pick((0, 0, 1, 1, 2))):
            yield self._argument(f"a{number}" if self._dice.one_in(2) else f"with_{number}_it")

    def _argument(self, name: str) -> Argument:
        ref = self._input_ref()
        takes_default = ref.named not in self._input_types and self._dice.one_in(3)
        return Argument(name, ref, self.constant(ref) if takes_default else NO_DEFAULT)

    def _input_ref(self, depth: int = 0) -> Ref:
        required = self._dice.one_in(3)
        if depth < 2 and self._dice.one_in(4):
            return Ref(None, self._input_ref(depth + 1), required)
        pools = [*SCALARS[:6], *SCALARS[:5], *self._enums, *self._input_types]
        return Ref(self._dice.pick(pools), None, required)

    def constant(self, ref: Ref) -> Any:
        """A value that fits, as JSON writes it."""
        if not ref.required and self._dice.one_in(6):
            return None
        if ref.item:
            return [self.constant(ref.item) for _ in range(self._dice.below(3))]
        return constant(ref.named, self._dice, self._enums)

    def _roots(self) -> dict[str, Composite]:
        styles: tuple[Style, ...] = ("sync", "sync", "async", "async", "batch", "plain")
        query = Composite("Query", tuple(self._field(self._dice.pick(styles)) for _ in range(self._dice.between(2, 4))))
        mutation = Composite("Mutation", tuple(self._field(self._dice.pick(styles[:4])) for _ in range(self._dice.between(2, 3))))
        subscription = Composite("Subscription", tuple(self._field("events") for _ in range(self._dice.between(1, 2))))
        return {"query": query, "mutation": mutation, "subscription": subscription}


def constant(name: str, dice: Dice, enums: dict[str, tuple[str, ...]]) -> Any:
    """A value of a leaf type, as JSON writes it."""
    if name in enums:
        return dice.pick(enums[name])
    choices: dict[str, tuple[Any, ...]] = {
        "Int": (0, 1, -7, 2147483647),
        "Float": (0.5, 2, -1.25, 1e21),
        "String": ("", "word", 'quo"te', "snow ☃", "back\\slash"),
        "Boolean": (True, False),
        "ID": ("1", "two"),
        "Odd": ("odd", "very odd"),
        "Anything": ("x", 1, [1, "y"], {"k": [True, None]}),
        "DateTime": ("2026-11-22T18:30:00Z",),
        "Decimal": ("12.50",),
    }
    return dice.pick(choices[name])
