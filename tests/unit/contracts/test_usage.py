"""Usage: what the metrics of gateways say together of releases, operations and what is deprecated."""

from collections import Counter

from graphql import build_schema
from prometheus_client import generate_latest

from api.contracts.deprecations import without_a_plan
from api.contracts.usage import StillUsed, read_counts, still_used, strangers, usage_of
from api.engine.manifest import operation_in
from api.operators import metrics
from tests.unit.contracts.shelves import HELLO, OLD, SCHEMA, a_release

PAGE = """# TYPE pannier_release_operations_total counter
pannier_release_operations_total{app="consumer",audience="consumer",operation="Hello",platform="ios",version="1.0.0"} 3.0
pannier_release_operations_total{app="unsaid",audience="consumer",operation="Hello",platform="",version=""} 2.0
# TYPE pannier_other counter
pannier_other_total{app="consumer"} 9.0
"""
OLD_ONE = (
    'pannier_release_operations_total{app="consumer",audience="consumer",operation="Old",platform="ios",version="1.0.0"} 4.0\n'
)


def test_gateways_are_counted_together() -> None:
    asked = read_counts([PAGE, PAGE + "# TYPE pannier_release_operations_total counter\n" + OLD_ONE])
    first, second = usage_of([a_release("ios", "1.0.0", HELLO, OLD), a_release("android")], asked)
    assert (first.asked, first.total, first.never) == ({"Hello": 6, "Old": 4}, 10, [])
    assert (second.asked, second.total, second.never) == ({}, 0, ["Hello"])
    assert strangers(asked) == 4


def test_what_is_deprecated_and_still_asked_for_is_told_with_who_asks() -> None:
    release = a_release("ios", "1.0.0", HELLO, OLD)
    (usage,) = usage_of([release], Counter({("consumer", "ios", "1.0.0", "Old"): 4}))
    reason = "Use hello instead; removed after 2028-01-31"
    assert list(still_used(usage, build_schema(SCHEMA))) == [StillUsed("Query.old", reason, release.of, {"Old": 4})]
    (unused,) = usage_of([release], Counter({("consumer", "ios", "1.0.0", "Hello"): 4}))
    assert list(still_used(unused, build_schema(SCHEMA))) == []


def test_deprecated_arguments_inputs_and_values_are_seen_too() -> None:
    plan = '@deprecated(reason: "Use another instead; removed after 2028-01-31")'
    schema = build_schema(f"""
        type Query {{ find(text: String {plan}, by: By, how: How): String }}
        input By {{ name: String {plan}, number: Int, more: By }}
        enum How {{ FAST SLOW {plan} }}
    """)
    bodies = (
        'query A { find(text: "x") }',
        "query B { find(how: SLOW) }",
        "query C($by: By) { find(by: $by) }",
        "query D { find(how: FAST) }",
    )
    release = a_release("ios", "1.0.0", *(operation_in(body) for body in bodies))
    (usage,) = usage_of([release], Counter({("consumer", "ios", "1.0.0", name): 1 for name in "ABCD"}))
    used = {one.where: list(one.operations) for one in still_used(usage, schema)}
    assert used == {"Query.find(text)": ["A"], "How.SLOW": ["B"], "By.name": ["C"]}


def test_a_deprecation_says_what_comes_after_it_and_when() -> None:
    schema = build_schema("""
        type Query {
          good: Int @deprecated(reason: "Use better instead; removed after 2028-01-31")
          bare: Int @deprecated
          vague: Int @deprecated(reason: "Use better instead; removed after next year")
          no_day: Int @deprecated(reason: "Use better instead; removed after 2028-02-31")
        }
    """)
    assert [where.partition(":")[0] for where in without_a_plan(schema)] == ["Query.bare", "Query.vague", "Query.no_day"]


def test_what_the_gateway_counts_is_what_the_command_reads() -> None:
    metrics.count_release("support", ("support", "web", "9.9.9"), "FindOrders")
    asked = read_counts([generate_latest(metrics.REGISTRY).decode()])
    assert asked["support", "web", "9.9.9", "FindOrders"] == 1
