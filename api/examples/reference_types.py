"""The types of a schema as tables of a reference page."""

from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    Undefined,
    ast_from_value,
    get_named_type,
    is_specified_scalar_type,
    print_ast,
)

_ROOTS = ("Query", "Mutation", "Subscription")


def types_of(schema: GraphQLSchema) -> Iterator[str]:
    """Every type that an app meets, by name; problems, results and inputs are told with their operations."""
    for name, kind in sorted(schema.type_map.items()):
        if name.startswith("__") or name in _ROOTS or is_specified_scalar_type(kind) or _is_told_elsewhere(kind):
            continue
        yield f"### type {name}\n\n{_described(kind)}\n" + _table(kind)


def _is_told_elsewhere(kind: GraphQLNamedType) -> bool:
    return not isinstance(
        kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLEnumType | GraphQLInputObjectType | GraphQLScalarType
    )


def _described(kind: GraphQLNamedType) -> str:
    told = " ".join((kind.description or "").split())
    if isinstance(kind, GraphQLScalarType):
        return f"{told} (scalar{f', [specified]({kind.specified_by_url})' if kind.specified_by_url else ''})"
    return told


def _table(kind: GraphQLNamedType) -> str:
    if isinstance(kind, GraphQLEnumType):
        rows = [
            f"- `{name}`{_why(value.deprecation_reason)} {cell(value.description)}".rstrip()
            for name, value in kind.values.items()
        ]
        return "\n" + "\n".join(rows) + "\n"
    if isinstance(kind, GraphQLInputObjectType):
        return _inputs(kind.fields)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        rows = [f"| `{name}` | {linked(field.type)} | {_field(field)} |" for name, field in kind.fields.items()]
        return "\n" + "\n".join(["| field | type | |", "| --- | --- | --- |", *rows]) + "\n"
    return ""


def answers_of(field: GraphQLField) -> str:
    """What comes back: of a result its success, for the problems are told in a table."""
    kind = get_named_type(field.type)
    if not isinstance(kind, GraphQLUnionType):
        return linked(field.type)
    success, *problems = kind.types
    return f"{linked(success)} or a problem" if problems else linked(success)


def variables_of(field: GraphQLField) -> str:
    """What an operation takes: the fields of its input, or its plain variables."""
    if set(field.args) == {"input"}:
        kind = get_named_type(field.args["input"].type)
        return _inputs(kind.fields).lstrip("\n") if isinstance(kind, GraphQLInputObjectType) else ""
    return _inputs(field.args).lstrip("\n")


def _inputs(fields: dict[str, GraphQLInputField] | dict[str, GraphQLArgument]) -> str:
    if not fields:
        return ""
    rows = [f"| `{name}` | {linked(one.type)}{_default(one)} | {cell(one.description)} |" for name, one in fields.items()]
    return "\n" + "\n".join(["| takes | type | |", "| --- | --- | --- |", *rows]) + "\n"


def _default(one: GraphQLInputField | GraphQLArgument) -> str:
    if one.default_value is Undefined:
        return ""
    literal = ast_from_value(one.default_value, one.type)
    return f" = `{print_ast(literal)}`" if literal else ""


def _field(field: GraphQLField) -> str:
    return f"{cell(field.description)}{_why(field.deprecation_reason)}".strip()


def _why(deprecation: str | None) -> str:
    return f" **Deprecated:** {cell(deprecation)}" if deprecation else ""


def linked(kind: GraphQLType) -> str:
    """A type as it is written, with a link to where it is told."""
    named = get_named_type(kind)
    shown = f"`{named.name}`" if is_specified_scalar_type(named) else f"[{named.name}](#type-{named.name.lower()})"
    return str(kind).replace("[", "\\[").replace(named.name, shown, 1)


def cell(text: str | None) -> str:
    """A description that stays within its cell."""
    return " ".join((text or "").split()).replace("|", "\\|")
