"""Asks the same of graphql-core, of the interpreter and of compiled code, and compares what they say."""

from collections import Counter
from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode, execute, parse, validate

from api.engine import breadth
from api.engine.answers import Answer
from api.engine.compile import Compiled, compiled
from api.engine.plan import Plan, plan

Told = Counter[tuple[str, tuple[str | int, ...], tuple[tuple[int, int], ...]]]


def planned(schema: GraphQLSchema, text: str) -> Plan:
    """The plan of a valid document's first operation."""
    document = parse(text)
    assert validate(schema, document) == []
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return plan(schema, document, operation)


def errors_of(errors: tuple[GraphQLError, ...] | list[GraphQLError] | None) -> Told:
    """Message, path and locations of each error, in no order."""
    return Counter(
        (error.message, tuple(error.path or ()), tuple((at.line, at.column) for at in error.locations or ()))
        for error in errors or ()
    )


async def graphql_core(schema: GraphQLSchema, text: str, root: Any, variables: Mapping[str, Any] | None) -> ExecutionResult:
    found = execute(schema, parse(text), root, variable_values=dict(variables or {}))
    return await found if isawaitable(found) else found


async def same(
    schema: GraphQLSchema, text: str, root: Any = None, variables: Mapping[str, Any] | None = None
) -> tuple[Answer, Compiled]:
    """The answer, which all three agree on, to the order of the keys; and the compiled document."""
    expected = await graphql_core(schema, text, root, variables)
    made = planned(schema, text)
    code = compiled(made)
    answer = await breadth.execute(made, root, None, variables)
    for found in (answer, await code.execute(root, None, variables), await code.execute(root, None, variables)):
        assert found.data == expected.data
        assert repr(found.data) == repr(expected.data)  # the order of keys, and 1 is not True
        assert errors_of(found.errors) == errors_of(expected.errors)
    return answer, code
