"""Fields, probed: all that can be read at each door is read, and what is personal stands only where its class lets it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.types import ExecutionResult

from api.context import RequestContext
from api.graphql import schema_of
from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.dispatch.rules import DeliveryState
from services.kernel.actors import Person, SupportLevel
from services.kernel.errors import NotFound
from services.kernel.places import Address
from services.orders.rules import OrderStage
from tests.api.bad_input.questions import core
from tests.factories.dispatch import Job, make_courier_on_shift, make_delivery
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.orders import make_purchase, orders_of

DEEPEST = 9
S = DeliveryState
WHERE = Address(60.1675, 24.9427, "Kanariankuja 7", "Helsinki", "00917", "Summeri Kanaria")


@dataclass(frozen=True, slots=True)
class Canaries:
    """A delivery whose people have names that stand nowhere else, and the texts to look for."""

    job: Job
    people: dict[str, Person]
    texts: dict[str, str]

    async def seen(self, ports: Ports, role: str) -> set[str]:
        """Which of the texts stand in the answers to all that this person may read."""
        person = self.people[role]
        answers = [await run(person, ports, query, given) for query, given in self.queries(person.audience)]
        text = orjson.dumps([answer.data for answer in answers]).decode()
        return {name for name, canary in self.texts.items() if canary in text}

    def queries(self, audience: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """A document for each field of Query, with everything below it selected."""
        query = core(audience).query_type
        assert query is not None
        for name, field in query.fields.items():
            required = {one: argument for one, argument in field.args.items() if isinstance(argument.type, GraphQLNonNull)}
            said = {one: self.given(name, one) for one in required if one in {"id", "text", "input", "previewKey", "slug"}}
            heads = ", ".join(f"${argument}: {required[argument].type}" for argument in said)
            paged = ["first: 20"] if "first" in field.args else []
            passed = ", ".join([*(f"{argument}: ${argument}" for argument in said), *paged])
            below = everything(get_named_type(field.type), DEEPEST)
            yield f"query{f'({heads})' if heads else ''} {{ {name}{f'({passed})' if passed else ''} {below} }}", said

    def given(self, name: str, argument: str) -> Any:
        purchase, order = self.job.purchase, self.job.stops[0].order_ids[0]
        ids = {
            "purchase": opaque("Purchase", purchase.id),
            "supportPurchase": opaque("SupportPurchase", purchase.id),
            "storeOrder": opaque("StoreOrder", order),
            "store": opaque("Store", order),
        }
        near = {"position": {"latitude": WHERE.latitude, "longitude": WHERE.longitude}}
        nouns = {"menuEdition": "MenuEdition", "menuEditionPreview": "MenuEdition", "menuImport": "MenuImport"}
        ids |= {field: opaque(noun, order) for field, noun in nouns.items()}
        said = {"id": ids.get(name), "text": purchase.number, "input": self.asked(name, near), "previewKey": "nobody's"}
        said |= {"slug": "nobody-s"}
        return said[argument]

    def asked(self, name: str, near: dict[str, Any]) -> dict[str, Any]:
        """What a query with an input of its own is asked."""
        order = self.job.stops[0].order_ids[0]
        question = {"question": near | {"words": "soup"}}
        imported = {"importId": opaque("MenuImport", order)}
        asked = {"search": question, "browse": question, "ware": near | {"wareId": opaque("Ware", order)}}
        return asked.get(name, imported if name.startswith("menuImport") else near)


async def run(person: Person, ports: Ports, query: str, given: dict[str, Any]) -> ExecutionResult:
    """Run a document past the bounds of the gate, which would not let so much be asked at once."""
    answer = await schema_of(person.audience).execute(query, given, RequestContext(person, ports, ""))
    assert isinstance(answer, ExecutionResult)
    assert [error for error in answer.errors or () if not isinstance(error.original_error, NotFound)] == []
    return answer


def everything(kind: Any, depth: int) -> str:
    """A selection of every field down to a depth; what would go deeper is left out."""
    if isinstance(kind, GraphQLUnionType):
        return "{ __typename }"
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    fields = []
    for name, field in kind.fields.items():
        named, paged = get_named_type(field.type), "(first: 100)" if "first" in field.args else ""
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            fields.append(name)
        elif depth > 1 and named.name not in {"OptionGroup", "StoreOptionGroup"}:
            fields.append(f"{name}{paged} {everything(named, depth - 1)}")
    return "{ __typename " + " ".join(fields) + " }"


async def make_canaries(state: DeliveryState) -> Canaries:
    consumer = await make_consumer("Kaarina Kanarialintu", phone="+358401111001")
    purchase = await make_purchase(OrderStage.READY, consumer=consumer, address=WHERE)
    courier = await make_courier_on_shift(name="Kustaa Kuriirinen")
    job = await make_delivery(state, purchase=purchase, courier=courier)
    (order,) = await orders_of(purchase)
    people: dict[str, Person] = {
        "consumer": consumer,
        "another": await make_consumer("Bertta Salminen"),
        "courier": courier,
        "another courier": await make_courier("Kalle Niemi"),
        "owner": await make_staff(order.store_id, name="Salme Salainen"),
        "elsewhere": await make_staff(name="Eero Muualla"),
        **{level: await make_agent(level, name="Sofia Lind") for level in SupportLevel},
    }
    texts = {
        "consumer's surname": "Kanarialintu",
        "consumer's first name": "Kaarina",
        "consumer's phone": "401111001",
        "street": "Kanariankuja",
        "house number": "Kanariankuja 7",
        "postcode": "00917",
        "note for the door": "Summeri",
        "courier's surname": "Kuriirinen",
        "courier's first name": "Kustaa",
        "staff's name": "Salainen",
        "drop-off PIN": f'"{job.delivery.drop_off_pin}"',
        "pickup code": f'"{order.collection_code}"',
    }
    return Canaries(job, people, texts)


OWN = {
    "consumer's first name",
    "consumer's surname",
    "consumer's phone",
    "street",
    "house number",
    "postcode",
    "note for the door",
}
RIDER = {"courier's first name", "courier's surname"}
DOOR = {"street", "house number", "postcode", "note for the door"}
OWN = DOOR | {"consumer's first name", "consumer's surname", "consumer's phone"}
AT_THE_STORE = {"owner": {"consumer's first name", "pickup code", "staff's name"}, "elsewhere": set()}
AT_SUPPORT = {str(level): {"consumer's first name", "courier's first name", "street"} for level in SupportLevel}
NOBODY: dict[str, set[str]] = {"another": set(), "another courier": set(), **AT_THE_STORE, **AT_SUPPORT}
SEEN: dict[DeliveryState, dict[str, set[str]]] = {
    # A courier who is asked sees the part of the town, nobody sees who was asked but support.
    S.OFFERED: {**NOBODY, "consumer": OWN | {"drop-off PIN"}, "courier": RIDER | {"postcode"}},
    S.TO_PICKUP: {**NOBODY, "consumer": OWN | {"drop-off PIN", "courier's first name"}, "courier": RIDER | DOOR},
    # It is over: neither of the two sees the other any more.
    S.DELIVERED: {**NOBODY, "consumer": OWN, "courier": RIDER},
}


@pytest.mark.parametrize("state", SEEN)
async def test_personal_data_stands_where_its_class_lets_it_and_nowhere_else(house: Ports, state: DeliveryState) -> None:
    made = await make_canaries(state)
    assert {role: await made.seen(house, role) for role in made.people} == SEEN[state]
