"""The source of a shape: one function for each selection set, written for the case that nothing is wrong.

Inside a function each field is a variable that first holds what the parent has and at last what the answer says. A value of
another kind than expected goes to a word of `clean`, which mends it or leaves the code.
"""

from collections.abc import Iterable, Iterator
from keyword import iskeyword
from typing import Any, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from api.engine.clean import WORDS, Names, NotForCode
from api.engine.explain import where
from api.engine.fragments import Fragments
from api.engine.plan import Field, Selection, Shape
from api.engine.ways import Attribute, Default, Resolver, TypeName

MOST_FIELDS = 2_000
DEEPEST = 8
_LONGEST = 2**31

Lines = Iterator[str]


class Loaded(NamedTuple):
    """A field whose value is loaded, and the name of the function that fills its answers in."""

    field: Field
    fill: str


class Writing:
    """Writes the module of a shape."""

    def __init__(self, shape: Shape, kept: Fragments | None = None) -> None:
        self.shape, self._kept = shape, kept
        self.words: dict[str, Any] = dict(WORDS) | {"kept": kept}
        self.fields: list[Field] = []  # whose info may be asked for, by number
        self.loaded: list[Loaded] = []
        self._blocks: list[str] = []
        self._names = 0
        self._written = 0

    def source(self) -> str:
        """The whole module. Raises NotForCode, or GraphQLError, for what has to be interpreted."""
        self._write(self._root(self.shape.root))
        return "\n\n\n".join(self._blocks) + "\n"

    def _write(self, lines: Lines) -> None:
        self._blocks.append("\n".join(lines))

    def _name(self, word: str) -> str:
        self._names += 1
        return f"{word}_{self._names}"

    # functions

    def _root(self, selection: Selection) -> Lines:
        reads, literal = self._fields(selection, "row", 0)
        yield "def root(row, run):"
        yield from _indented(reads)
        yield f"    out = {literal}"
        for field in filter(_is_loaded, selection.fields):
            yield f"    run.wait({self._load(field)}, (row,), (out,))"
        yield "    return out"

    def _function(self, field: Field, type_: GraphQLObjectType, *, nullable: bool = False) -> str:
        """The name of a function from sources to objects of one type."""
        name = self._name(field.key)
        self._write(self._rows(name, field, type_, nullable=nullable))
        return name

    def _rows(self, name: str, field: Field, type_: GraphQLObjectType, *, nullable: bool) -> Lines:
        selection = field.selection(type_)
        lasting = self._lasting(field, type_)
        reads, literal = ([], f"{lasting}(row, run)") if lasting else self._fields(selection, "row", 0)
        yield f"def {name}(rows, run):"
        yield f'    """{where(field)}: {type_.name}."""'
        yield "    out = []"
        yield "    add = out.append"
        yield "    for row in rows:"
        if nullable:
            yield "        if row is None:"
            yield "            add(None)"
            yield "            continue"
        yield from _indented(self._checks(field, type_, "row"), 2)
        yield from _indented(reads, 2)
        yield f"        add({literal})"
        loaded = list(filter(_is_loaded, selection.fields))
        ours = "[one for one in {} if one is not None]" if nullable else "{}"
        for one in loaded:
            yield f"    run.wait({self._load(one)}, {ours.format('rows')}, {ours.format('out')})"
        yield "    return out"

    def _load(self, field: Field) -> int:
        if isinstance(field.way, Resolver | Default) and _below_list(field.above):
            raise NotForCode  # its info has to tell the place in the list
        number = len(self.loaded)
        self.loaded.append(Loaded(field, f"fill_{number}"))
        self._write(self._fill(f"fill_{number}", field))
        return number

    def _fill(self, name: str, field: Field) -> Lines:
        variable = self._name(field.key)
        yield f"def {name}(answers, outs, run):"
        yield f'    """{where(field)}: {field.type}."""'
        yield f"    for {variable}, out in zip(answers, outs):"
        yield from _indented(self._value(field.type, variable, field, 1), 2)
        yield f'        out["{field.key}"] = {variable}'

    # objects

    def _fields(self, selection: Selection, row: str, depth: int) -> tuple[list[str], str]:
        """The lines that make variables of an object's fields, and the literal that puts them together."""
        self._written += len(selection.fields)
        if self._written > MOST_FIELDS:
            raise NotForCode
        lines: list[str] = []
        entries: list[str] = []
        for field in selection.fields:
            said, reads = self._member(selection, field, row, depth)
            lines += reads
            entries.append(f'"{field.key}": {said}')
        return lines, "{" + ", ".join(entries) + "}"

    def _member(self, selection: Selection, field: Field, row: str, depth: int) -> tuple[str, list[str]]:
        """What an object says at one key, and the lines that make it."""
        if isinstance(field.way, TypeName):
            return f'"{selection.type.name}"', []
        if _is_loaded(field):
            return "None", []
        said = self._name(field.key)
        return said, [f"{said} = {_read(field, row)}", *self._value(field.type, said, field, depth)]

    def _checks(self, field: Field, type_: GraphQLObjectType, row: str) -> Lines:
        yield f"if type({row}) not in plain: check({row})"
        if type_.is_type_of is not None:
            word = f"is_{type_.name}"
            self.words[word] = type_.is_type_of
            yield f"verdict = {word}({row}, run.info({self._number(field)}))"
            yield "if verdict is not True: accept(verdict)"

    def _number(self, field: Field) -> int:
        if field not in self.fields:
            self.fields.append(field)
        return self.fields.index(field)

    # values

    def _value(self, type_: GraphQLOutputType, variable: str, field: Field, depth: int) -> Lines:
        inner = type_.of_type if is_non_null_type(type_) else type_
        if inner in _BUILT_IN:
            unfit, word = _BUILT_IN[inner]
            condition = unfit.format(v=variable)
            nullable = "" if inner is not type_ else f"{variable} is not None and "
            yield f"if {nullable}{condition}: {variable} = {word}({variable})"
        elif inner is type_:
            yield f"if {variable} is not None:"
            yield from _indented(self._something(inner, variable, field, depth + 1))
        else:
            yield from self._something(inner, variable, field, depth)

    def _something(self, type_: Any, variable: str, field: Field, depth: int) -> Lines:
        if is_leaf_type(type_):
            yield from self._leaf(type_, variable)
        elif is_list_type(type_):
            yield from self._list(type_.of_type, variable, field, depth)
        elif is_abstract_type(type_):
            yield from self._abstract(type_, variable, field)
        else:
            yield from self._object(type_, variable, field, depth)

    def _leaf(self, type_: Any, variable: str) -> Lines:
        word = f"write_{type_.name}"
        if isinstance(type_, GraphQLEnumType):
            names = self.words.setdefault(f"names_{type_.name}", Names(type_))
            self.words[word] = names.name
            yield f"{variable} = names_{type_.name}.get(id({variable})) or {word}({variable})"
            return
        self.words[word] = type_.coerce_output_value
        yield f"if type({variable}) not in plain: check({variable})"
        yield f"{variable} = {word}({variable})"
        yield f"if {variable} is None or {variable} is Undefined: refuse()"

    def _list(self, inner: GraphQLOutputType, variable: str, field: Field, depth: int) -> Lines:
        yield f"if type({variable}) is not list: {variable} = items({variable})"
        item_type = inner.of_type if is_non_null_type(inner) else inner
        if isinstance(item_type, GraphQLObjectType):
            name = self._function(field, item_type, nullable=inner is item_type)
            yield f"{variable} = {name}({variable}, run)"
            return
        item = self._name("item")
        if inner is not item_type and item_type in (GraphQLString, GraphQLID):
            word = _BUILT_IN[item_type][1]
            yield (
                f"{variable} = [*{variable}] if only_text.issuperset(map(type, {variable}))"
                f" else [{word}({item}) for {item} in {variable}]"
            )
            return
        said = self._name("items")
        yield f"{said} = []"
        yield f"for {item} in {variable}:"
        yield from _indented(self._value(inner, item, field, depth + 1))
        yield f"    {said}.append({item})"
        yield f"{variable} = {said}"

    def _object(self, type_: GraphQLObjectType, variable: str, field: Field, depth: int) -> Lines:
        selection = field.selection(type_)
        if depth > DEEPEST or any(map(_is_loaded, selection.fields)):
            yield f"{variable} = {self._function(field, type_)}(({variable},), run)[0]"
            return
        lasting = self._lasting(field, type_)
        reads, literal = ([], f"{lasting}({variable}, run)") if lasting else self._fields(selection, variable, depth)
        yield from self._checks(field, type_, variable)
        yield from reads
        yield f"{variable} = {literal}"

    # objects that last

    def _lasting(self, field: Field, type_: GraphQLObjectType) -> str | None:
        """The name of a function from an object to its bytes, for a type whose objects last; None where none is to be kept."""
        lasting = self.shape.plan.ways.lasting(type_)
        selection = field.selection(type_)
        if self._kept is None or lasting is None or self._waits(selection):
            return None
        varying = [one for one in selection.fields if one.name in lasting.varying]
        name = self._name(field.key)
        self.words[f"place_{name}"] = object()
        self._write(self._cut(name, field, selection, varying))
        self._write(self._joined(name, field, Selection(type_, tuple(varying)), lasting.key))
        return name

    def _waits(self, selection: Selection) -> bool:
        """Whether anything of an object, however deep, is to be loaded: then it cannot be written at once."""
        schema = self.shape.plan.schema
        for field in selection.fields:
            type_ = get_named_type(field.type)
            kinds = schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
            below = (field.selection(kind) for kind in kinds if isinstance(kind, GraphQLObjectType))
            if _is_loaded(field) or any(map(self._waits, below)):
                return True
        return False

    def _cut(self, name: str, field: Field, selection: Selection, varying: list[Field]) -> Lines:
        groups: list[list[Field]] = [[]]
        for one in selection.fields:
            groups.append([]) if one in varying else groups[-1].append(one)
        literals = []
        yield f"def {name}_parts(row, run):"
        yield f'    """{where(field)}: {selection.type.name}, what lasts of it."""'
        for group in groups:
            reads, literal = self._fields(Selection(selection.type, tuple(group)), "row", 0)
            yield from _indented(reads)
            literals.append(literal)
        seams = [f'"{one.key}":'.encode() for one in varying]
        yield f"    return parts([{', '.join(literals)}], {seams})"

    def _joined(self, name: str, field: Field, varying: Selection, key: str) -> Lines:
        yield f"def {name}(row, run):"
        yield f'    """{where(field)}: {varying.type.name}, as bytes."""'
        yield f"    key = row.{key}"
        yield f"    said = None if key is None else kept.piece((place_{name}, key))"
        yield "    if said is None:"
        yield f"        said = {name}_parts(row, run)"
        yield f"        if key is not None: kept.keep((place_{name}, key), Piece(said))"
        joined = ["said[0]"]
        for place, one in enumerate(varying.fields, 1):
            value, reads = self._member(varying, one, "row", 0)
            yield from _indented(reads)
            joined += [f"json({value})", f"said[{place}]"]
        yield f"    return Written({' + '.join(joined)})"

    def _abstract(self, type_: Any, variable: str, field: Field) -> Lines:
        kinds = self._name("kinds")
        possible = self.shape.plan.schema.get_possible_types(type_)
        entries = [f'    "{one.name}": {self._function(field, one)},' for one in possible]
        self._write(iter([f"{kinds} = {{", *entries, "}"]))
        yield f"if type({variable}) not in plain: check({variable})"
        yield f"{variable} = {kinds}[run.type_name({self._number(field)}, {variable})](({variable},), run)[0]"


# How each built-in scalar is known to be fit as it is, and the word for those that are not.
_TEXT = ("type({v}) is not str", "text")
_BUILT_IN: dict[Any, tuple[str, str]] = {
    GraphQLString: _TEXT,
    GraphQLID: ("type({v}) is not str", "ident"),
    GraphQLBoolean: ("type({v}) is not bool", "truth"),
    GraphQLInt: (f"(type({{v}}) is not int or not {-_LONGEST} <= {{v}} < {_LONGEST})", "whole"),
    GraphQLFloat: ("(type({v}) is not float or not isfinite({v}))", "real"),
}


def _is_loaded(field: Field) -> bool:
    return not field.is_read or (isinstance(field.way, Default) and field.above is None)


def _below_list(field: Field | None) -> bool:
    while field is not None:
        type_ = field.type.of_type if is_non_null_type(field.type) else field.type
        if is_list_type(type_):
            return True
        field = field.above
    return False


def _read(field: Field, row: str) -> str:
    way = field.way
    if isinstance(way, Attribute):
        plain = way.name.isidentifier() and not iskeyword(way.name)
        return f"{row}.{way.name}" if plain else f'getattr({row}, "{way.name}")'
    return f'read({row}, "{field.name}")'


def _indented(lines: Iterable[str], times: int = 1) -> Lines:
    for line in lines:
        yield "    " * times + line
