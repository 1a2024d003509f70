"""Executors that are wrong on purpose, each in one way: a check that does not catch them all is no check."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from graphql import DocumentNode, FieldNode, FragmentSpreadNode, GraphQLField, InlineFragmentNode, OperationDefinitionNode
from graphql.language import Visitor, visit

from api.engine.plan import Plan, plan
from api.engine.ways import Batch, Way, Ways
from tests.unit.engine.differential.cases import Script
from tests.unit.engine.differential.outcomes import Execute, Outcome, Question, breadth_first, planned

Mend = Callable[[Outcome], Outcome]


def _errors(outcome: Outcome, errors: Any) -> Outcome:
    return outcome if outcome.refused else replace(outcome, errors=tuple(errors))


def _shifted(place: Any) -> Any:
    return tuple(step + 1 if isinstance(step, int) else step for step in place)


def _changed(made: Plan, **attributes: bool) -> Plan:
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def _mended(right: Execute, mend: Mend) -> Execute:
    async def run(question: Question) -> Outcome:
        outcome = mend(await right(question))
        errors = [replace(each, path=tuple(map(str, each.place))) for each in outcome.errors]
        return replace(outcome, errors=tuple(errors))

    return run


def _twice(right: Execute) -> Execute:
    async def run(question: Question) -> Outcome:
        await right(question)
        return await right(question)

    return run


def _without_variables(right: Execute) -> Execute:
    return lambda question: right(replace(question, variables={}))


class _OneAtATime(Ways):
    """Every batch is called for each parent alone."""

    def way(self, field: GraphQLField) -> Way | None:
        way = super().way(field)
        if not isinstance(way, Batch):
            return way
        load_all = way.load_all

        async def load_each(parents: list[Any], info: Any, arguments: Mapping[str, Any]) -> list[Any]:
            return [answer for parent in parents for answer in await load_all([parent], info, arguments)]

        return Batch(load_each)


def _rewritten(question: Question, visitor: Visitor) -> Plan:
    document: DocumentNode = visit(question.document, visitor)
    name = question.operation.name
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    operation = next(node for node in operations if (node.name and node.name.value) == (name and name.value))
    return plan(question.schema, document, operation)


class _Aliasless(Visitor):
    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        return FieldNode(**{**_parts(node), "alias": None})


class _Unconditional(Visitor):
    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        return FieldNode(**{**_parts(node), "directives": ()})

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> Any:
        return FragmentSpreadNode(**{**_parts(node), "directives": ()})

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
        return InlineFragmentNode(**{**_parts(node), "directives": ()})


class _Unmerged(Visitor):
    def enter_selection_set(self, node: Any, *_: Any) -> Any:
        kept: dict[str, Any] = {}
        for number, one in enumerate(node.selections):
            name = (one.alias or one.name).value if isinstance(one, FieldNode) else str(number)
            kept.setdefault(name, one)
        return type(node)(**{**_parts(node), "selections": tuple(kept.values())})


class _Typeless(Visitor):
    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
        return InlineFragmentNode(**{**_parts(node), "type_condition": None})


def _parts(node: Any) -> dict[str, Any]:
    return {key: getattr(node, key, None) for key in (*node.keys, "loc")}


MENDS: Mapping[str, Mend] = {
    "counts from one in paths": lambda it: _errors(it, [replace(each, place=_shifted(each.place)) for each in it.errors]),
    "loses an error": lambda it: _errors(it, it.errors[1:]),
    "tells an error twice": lambda it: _errors(it, [*it.errors, *it.errors[:1]]),
    "tells the last error alone": lambda it: _errors(it, it.errors[-1:]),
    "makes up an error": lambda it: _errors(it, [*it.errors, *(replace(each, message="wrong") for each in it.errors[:1])]),
    "tells one location": lambda it: _errors(it, [replace(each, locations=each.locations[:1]) for each in it.errors]),
    "loses extensions": lambda it: _errors(it, [replace(each, extensions=b"null") for each in it.errors]),
    "sorts keys": lambda it: replace(it, data=orjson.dumps(orjson.loads(it.data), option=orjson.OPT_SORT_KEYS)),
    "writes numbers as text": lambda it: replace(it, data=it.data.replace(b"1", b'"1"')),
    "answers nothing": lambda it: replace(it, data=b"null"),
}
PLANS: Mapping[str, Callable[[Question], Plan]] = {
    "forgets that null goes up": lambda asked: _changed(planned(asked), propagates=False),
    "runs root fields side by side": lambda asked: _changed(planned(asked), serial=False),
    "loads one parent at a time": lambda asked: plan(asked.schema, asked.document, asked.operation, _OneAtATime()),
    "forgets aliases": lambda asked: _rewritten(asked, _Aliasless()),
    "forgets conditions": lambda asked: _rewritten(asked, _Unconditional()),
    "forgets what merges into a field": lambda asked: _rewritten(asked, _Unmerged()),
    "takes every value for every type": lambda asked: _rewritten(asked, _Typeless()),
}
RUNS: Mapping[str, Callable[[Execute], Execute]] = {
    "runs everything twice": _twice,
    "forgets variables": _without_variables,
}
BROKEN = {*MENDS, *PLANS, *RUNS}


def broken(names: set[str], script: Script) -> Mapping[str, Execute]:
    """The broken executors of these names; a name says what it does wrong."""
    question = script.cases()[0].question()
    right = breadth_first(planned(question))
    return {
        **{name: _mended(right, MENDS[name]) for name in names & MENDS.keys()},
        **{name: breadth_first(PLANS[name](question)) for name in names & PLANS.keys()},
        **{name: RUNS[name](right) for name in names & RUNS.keys()},
    }
