"""The reference page of an audience: what its app can say, what comes back, and what to do then."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

from api.contracts.writing import write_where_it_differs
from api.examples.advice import ADVICE, CODES
from api.examples.files import example_file, read
from api.examples.reference_types import answers_of, cell, linked, types_of, variables_of
from api.graphql import RESOLVERS, schema_of
from services.kernel.actors import Audience

SHOWN_OF_A_LIST = 2
Json = Any

_INTRODUCTION = """\
<!-- Written by `pannier contracts reference`; do not edit. -->

# What the {audience} app can say

One door, `POST /graphql/{audience}`, and the same address for WebSockets (`graphql-transport-ws`). A shipped app sends the ids
of its documents, which lie in [`operations/`](operations); the schema is [`schema.graphql`](schema.graphql). How to set up an
app's tools is told in [APPS.md](../APPS.md).

Every operation below shows a recorded answer, made by running it. Ids, moments, codes and tokens in it are stand-ins; long
lists are cut.

## When it does not work

A **problem** is for what the person can act on: it is a type of the result, and the app words it. Everything else is an
**error**, known by `errors[].extensions.code`:

| code | means | what the app does |
| --- | --- | --- |
{codes}

An app that grows old meets problems it does not know: `... on Problem {{ message }}`, selected last, catches them. Say that it
did not work, and offer to try again.
"""


def write_pages(folder: Path) -> Iterator[Path]:
    """Write the pages that differ; yields those written."""
    for audience in Audience:
        yield from write_where_it_differs(page_file(folder, audience), page(audience, folder))


def page_file(folder: Path, audience: str) -> Path:
    return folder / audience / "REFERENCE.md"


def page(audience: Audience, folder: Path) -> str:
    """The whole page, the same for the same schema, operations and examples."""
    schema = schema_of(audience)._schema  # noqa: SLF001 - Strawberry has no public name for graphql-core's schema
    groups = list(_groups(audience, schema))
    codes = "\n".join(f"| `{code}` | {means} | {what} |" for code, (means, what) in CODES.items())
    parts = [_INTRODUCTION.format(audience=audience, codes=codes), "## What it can say\n", _contents(groups)]
    for title, told, fields in groups:
        parts.append(f"## {title}\n\n{told}\n")
        parts += [_operation(kind, name, field, example_file(folder, audience, _title(name))) for kind, name, field in fields]
    parts += ["## Types\n", *types_of(schema)]
    return "\n".join(parts).rstrip() + "\n"


Fields = list[tuple[str, str, GraphQLField]]


def _groups(audience: Audience, schema: GraphQLSchema) -> Iterator[tuple[str, str, Fields]]:
    """Intentions, as the verbs are filed: a title, a sentence, and the root fields."""
    verbs = RESOLVERS[audience]
    for module in vars(verbs).values():
        if not inspect.ismodule(module) or not module.__name__.startswith(f"{verbs.__name__}."):
            continue
        told = (module.__doc__ or "").strip()
        names = _names_in(module)
        fields = [(kind, name, field) for kind, name, field in _root_fields(schema) if name in names]
        if fields:
            yield told.split(":")[0].rstrip("."), told.partition(": ")[2].capitalize() or told, fields


def _names_in(module: Any) -> set[str]:
    """The root fields that a file of verbs adds to the schema."""
    classes = [one for one in vars(module).values() if inspect.isclass(one) and one.__module__ == module.__name__]
    return {
        _camel(field.python_name)
        for one in classes
        for field in getattr(getattr(one, "__strawberry_definition__", None), "fields", ())
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _root_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    for kind, root in (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    ):
        for name, field in (root.fields if root else {}).items():
            yield kind, name, field


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


def _contents(groups: list[tuple[str, str, Fields]]) -> str:
    lines = [
        f"- **{title}**: " + ", ".join(f"[{_title(name)}](#{name.lower()})" for _, name, _ in fields)
        for title, _, fields in groups
    ]
    return "\n".join([*lines, "- [Types](#types)"]) + "\n"


def _operation(kind: str, name: str, field: GraphQLField, file: Path) -> str:
    """One operation: its promise, what it takes, what it answers, and what may be in the way."""
    title = _title(name)
    example = read(file) if file.exists() else {}
    deprecated = f"**Deprecated.** {field.deprecation_reason}\n\n" if field.deprecation_reason else ""
    where = f"{kind} `{name}`, [document](operations/{title}.graphql), answers {answers_of(field)}"
    parts = [
        f"### {title}\n\n{deprecated}{field.description or ''}\n\n*{where}*\n",
        variables_of(field),
        _shown("Example", example),
        _problems(field, example),
    ]
    return "\n".join(part for part in parts if part)


def _problems(field: GraphQLField, example: dict[str, Any]) -> str:
    result = get_named_type(field.type)
    problems = [kind for kind in (result.types if isinstance(result, GraphQLUnionType) else ()) if kind.name.endswith("Problem")]
    if not problems:
        return ""
    rows = [f"| {linked(kind)} | {cell(kind.description)} | {ADVICE[kind.name]} |" for kind in problems]
    table = "\n".join(["| problem | when | what the app does |", "| --- | --- | --- |", *rows, ""])
    seen = [_shown(f"Example of {name}", one) for name, one in example.get("problems", {}).items()]
    return "\n".join([table, *seen])


def _shown(title: str, example: dict[str, Any]) -> str:
    if "variables" not in example:
        return ""
    answers = example.get("events") or [example["answer"]]
    blocks = [f"It sends\n\n```json\n{_json(example['variables'])}\n```"] if example["variables"] else []
    for place, answer in enumerate(answers):
        blocks.append(f"{'and then' if place else 'and hears'}\n\n```json\n{_json(_cut(answer['data']))}\n```")
    return f"<details><summary>{title}</summary>\n\n" + "\n\n".join(blocks) + "\n\n</details>\n"


def _json(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _cut(value: Json) -> Json:
    """The value as it is easier to read: of long lists the beginning, without the names that tools ask for."""
    if isinstance(value, dict):
        told = {key: _cut(child) for key, child in value.items() if key != "__typename"}
        kind = str(value.get("__typename", ""))
        return ({"__typename": kind} if kind.endswith(("Success", "Problem")) else {}) | told
    if isinstance(value, list):
        kept = [_cut(child) for child in value[:SHOWN_OF_A_LIST]]
        return kept if len(value) <= SHOWN_OF_A_LIST else [*kept, f"… {len(value) - SHOWN_OF_A_LIST} more"]
    return value


def problems_without_advice() -> set[str]:
    """Problems of the schemas that no sentence of advice is written for, and sentences for problems that are gone."""
    found = {
        name
        for audience in Audience
        for name, kind in schema_of(audience)._schema.type_map.items()  # noqa: SLF001
        if isinstance(kind, GraphQLObjectType) and name.endswith("Problem")
    }
    return found ^ ADVICE.keys()
