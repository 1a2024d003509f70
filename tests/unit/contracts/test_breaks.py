"""What the check calls a break and what it lets pass: one change of a schema each, against one shipped document."""

import pytest
from graphql import build_schema

from api.contracts.breaks import Break, Kind
from api.contracts.check import breaks
from api.releases.frozen import Unknown

BEFORE = """
type Query {
  order(id: ID!, locale: String): Order
  search(text: String!): [Thing!]!
  status: Status!
}

type Mutation { rate(input: RateInput!): RateResult! }

interface Problem { message: String! }
interface Named { name: String! }

type Order implements Named {
  id: ID!
  name: String!
  total: Float!
  tip: Int
  stage: Stage!
  lines: [Line!]!
  courier: Courier
}

type Line { name: String! quantity: Int! }
type Courier { name: String! }
type Status { label: String! since: String! }
union Thing = Order | Courier
enum Stage { PLACED READY }
enum Mood { GOOD BAD }
enum Reason { LATE COLD }

input RateInput { orderId: ID! stars: Int! mood: Mood tip: TipInput reason: Reason! = LATE }
input TipInput { amount: Int! note: String }

type Rated { order: Order! }
type TooLateProblem implements Problem { message: String! until: String! }
type BlockedProblem implements Problem { message: String! }
union RateResult = Rated | TooLateProblem | BlockedProblem
"""

DOCUMENT = """
query Look($id: ID!, $locale: String, $text: String!) {
  order(id: $id, locale: $locale) { __typename ...Parts lines { name quantity } courier { name } }
  search(text: $text) { __typename ... on Order { name } ... on Courier { name } }
  status { label }
}

fragment Parts on Order { id total tip stage }
"""

RATE = """
mutation Rate($input: RateInput!) {
  rate(input: $input) {
    __typename
    ... on Rated { order { id stage } }
    ... on TooLateProblem { until }
    ... on Problem { message }
  }
}
"""

BREAKING = [
    ("a field is gone", "  total: Float!\n", "", Kind.REFUSED, "Order.total", "...Parts.total"),
    ("a field has another name", "label: String!", "title: String!", Kind.REFUSED, "Status.label", "status.label"),
    ("a root field is gone", "  status: Status!\n", "", Kind.REFUSED, "Query.status", "status"),
    ("an argument is gone", "(id: ID!, locale: String)", "(id: ID!)", Kind.REFUSED, "Query.order", "order"),
    ("a new argument is required", "text: String!)", "text: String!, near: ID!)", Kind.REFUSED, "Query.search", "search"),
    ("an argument wants more", "locale: String)", "locale: String!)", Kind.REFUSED, "Query.order", "order"),
    ("an argument is of another type", "(id: ID!,", "(id: Int!,", Kind.REFUSED, "Query.order", "order"),
    ("an answer may be null", "total: Float!", "total: Float", Kind.MAY_BE_NULL, "Order.total", "order.total"),
    ("a list may be null", "lines: [Line!]!", "lines: [Line!]", Kind.MAY_BE_NULL, "Order.lines", "order.lines"),
    ("a member may be null", "lines: [Line!]!", "lines: [Line]!", Kind.MAY_BE_NULL, "Order.lines", "order.lines"),
    ("an answer is of another type", "tip: Int", "tip: String", Kind.TYPE_CHANGED, "Order.tip", "order.tip"),
    (
        "a whole number is a fraction",
        "quantity: Int!",
        "quantity: Float!",
        Kind.TYPE_CHANGED,
        "Line.quantity",
        "order.lines.quantity",
    ),
    ("one became many", "tip: Int", "tip: [Int!]", Kind.TYPE_CHANGED, "Order.tip", "order.tip"),
    ("an object became a scalar", "courier: Courier", "courier: String", Kind.REFUSED, "Order.courier", "order.courier"),
    ("a value is never answered again", "PLACED READY", "PLACED", Kind.VALUE_REMOVED, "Stage.READY", "order.stage"),
    ("a value the app does not know", "PLACED READY", "PLACED READY LOST", Kind.VALUE_UNKNOWN, "Stage.LOST", "order.stage"),
    ("a type nothing is asked of", "= Order | Courier", "= Order | Courier | Line", Kind.TYPE_UNKNOWN, "Thing = Line", "search"),
    ("a type named by a fragment left", "= Order | Courier", "= Order", Kind.REFUSED, "Thing", "search"),
    ("an input is gone", "note: String }", "}", Kind.INPUT_REMOVED, "TipInput.note", "$input.tip.note"),
    ("a new input is required", "stars: Int!", "stars: Int! place: ID!", Kind.INPUT_REQUIRED, "RateInput.place", "$input"),
    ("an input may not be left out", "mood: Mood", "mood: Mood!", Kind.INPUT_NARROWED, "RateInput.mood", "$input.mood"),
    ("an input is of another type", "stars: Int!", "stars: Mood!", Kind.INPUT_NARROWED, "RateInput.stars", "$input.stars"),
    ("an input's value is not taken", "GOOD BAD", "GOOD", Kind.INPUT_NARROWED, "Mood.BAD", "$input.mood"),
    (
        "a type is no problem any more",
        "BlockedProblem implements Problem",
        "BlockedProblem",
        Kind.NO_LONGER_ANSWERED,
        "BlockedProblem.message",
        "rate.message",
    ),
]

HARMLESS = [
    ("a new field", "total: Float!", "total: Float! fees: Float!"),
    ("a new type", "type Status {", "type Robot { id: ID! } type Status {"),
    ("a new root field", "status: Status!", "status: Status! robots: [Order!]!"),
    ("a field nobody asks for is gone", " since: String!", ""),
    ("an interface nobody asks for is gone", "type Order implements Named {", "type Order {"),
    ("a promise more", "tip: Int", "tip: Int!"),
    ("a new argument that may be left out", "text: String!)", "text: String!, near: ID)"),
    ("a new argument with a default", "text: String!)", "text: String!, first: Int! = 20)"),
    ("an argument that may be left out now", "(id: ID!,", "(id: ID,"),
    ("a new input that may be left out", "stars: Int!", "stars: Int! place: ID"),
    ("a new input with a default", "stars: Int!", "stars: Int! place: ID! = 1"),
    ("an input that may be left out now", "stars: Int!", "stars: Int"),
    ("an input of which many are taken", "mood: Mood", "mood: [Mood!]"),
    ("an input's new value", "GOOD BAD", "GOOD BAD FINE"),
    ("a fraction is taken too", "stars: Int!", "stars: Float!"),
    ("a deprecation", "tip: Int", 'tip: Int @deprecated(reason: "Use tips instead; removed after 2028-01-31")'),
    ("a description", "type Line {", '"What was ordered." type Line {'),
    ("another name for what stands there", "Status", "State"),
    (
        "a refusal more, which the app tells as any problem",
        "union RateResult = ",
        "type ClosedProblem implements Problem { message: String! } union RateResult = ClosedProblem | ",
    ),
    ("a problem that is never answered again", " | BlockedProblem", ""),
]


def found(before: str, after: str, bears: frozenset[Unknown] = frozenset()) -> list[Break]:
    schemas = build_schema(before), build_schema(after)
    return list(dict.fromkeys(one for body in (DOCUMENT, RATE) for one in breaks(*schemas, body, bears)))


def changed(old: str, new: str) -> str:
    assert old in BEFORE
    return BEFORE.replace(old, new)


@pytest.mark.parametrize(("old", "new", "kind", "where", "path"), [row[1:] for row in BREAKING], ids=[row[0] for row in BREAKING])
def test_it_is_told_where_a_phone_would_break(old: str, new: str, kind: Kind, where: str, path: str) -> None:
    first, *others = found(BEFORE, changed(old, new))
    assert (first.kind, first.where, first.path) == (kind, where, path)
    assert {other.where.partition(".")[0] for other in others} <= {where.partition(".")[0], "the document"}


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
def test_what_no_phone_would_notice_passes(old: str, new: str) -> None:
    assert found(BEFORE, changed(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "borne"),
    [
        ("PLACED READY", "PLACED READY LOST", Unknown.ENUM_VALUES),
        ("= Order | Courier", "= Order | Courier | Line", Unknown.TYPES),
    ],
)
def test_an_app_that_bears_the_unknown_is_believed(old: str, new: str, borne: Unknown) -> None:
    assert found(BEFORE, changed(old, new), frozenset({borne})) == []
    assert len(found(BEFORE, changed(old, new), frozenset(Unknown) - {borne})) == 1


def test_a_selection_that_asks_for_nothing_but_the_type_bears_any() -> None:
    body = "query Names($text: String!) { search(text: $text) { __typename } }"
    schemas = build_schema(BEFORE), build_schema(changed("= Order | Courier", "= Order | Courier | Line"))
    assert list(breaks(*schemas, body, frozenset())) == []


def test_nothing_changed_breaks_nothing() -> None:
    assert found(BEFORE, BEFORE) == []
