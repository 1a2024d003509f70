"""A scene per audience: everything that its operations can be asked about, in the state in which the answer would be yes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.carts import operations as carts
from services.dispatch.models import StopRow
from services.dispatch.rules import DeliveryState
from services.identity.ports import VerifiedIdentity
from services.kernel.actors import Audience, Consumer, Person, StaffRole, SupportLevel
from services.kernel.clock import now
from services.kernel.database import rows
from services.kernel.ids import new_id
from services.orders.operations import checkout
from services.orders.queries import Order, Purchase, lines_of_orders
from services.orders.rules import Fulfilment, OrderStage
from services.stores.operations import invite_staff
from tests.api.bad_input.questions import Question, Values, Variables
from tests.factories.carts import DOOR, make_cart, make_quote
from tests.factories.cases import make_case
from tests.factories.catalog import make_group, make_item, option_named
from tests.factories.dispatch import Job, make_delivery, offer_to
from tests.factories.editions import Editions, make_draft, make_editions
from tests.factories.identity import make_agent, make_challenge, make_consumer, make_person, make_role, make_staff
from tests.factories.imports import make_menu_preview
from tests.factories.orders import make_order, make_purchase, orders_of
from tests.factories.stores import RAILWAY_SQUARE, make_store

Ids = Mapping[str, UUID]
NOBODY_S = UUID(int=7)
UID, PHONE = "who-signs-in", "+358401234599"
BY_CODE = ("SignInWithCode", "SignInStaffWithCode", "SignInCourierWithCode")

# Which noun an argument's id is of, where one word means different things at the doors or in the operations.
NOUNS: Mapping[str, str] = {
    "consumer/itemId": "Item",
    "consumer/storeId": "Store",
    "consumer/wareId": "Ware",
    "consumer/optionIds": "Option",
    "consumer/lineId": "CartLine",
    "consumer/quoteId": "Quote",
    "consumer/purchaseId": "Purchase",
    "consumer/orderId": "Order",
    "sessionId": "Session",
    "challengeId": "SignInChallenge",
    "consumer/Purchase.id": "Purchase",
    "consumer/Store.id": "Store",
    "store/itemId": "StoreItem",
    "store/itemIds": "StoreItem",
    "store/orderId": "StoreOrder",
    "store/storeId": "StoreProfile",
    "store/personId": "StaffMember",
    "store/invitationId": "StaffInvitation",
    "store/optionId": "StoreOption",
    "store/editionId": "MenuEdition",
    "store/MenuEdition.id": "MenuEdition",
    "store/MenuEditionPreview.id": "MenuEdition",
    "store/StoreOrder.id": "StoreOrder",
    "store/MenuImport.id": "MenuImport",
    "store/MenuImportChanged.id": "MenuImport",
    "store/importId": "MenuImport",
    "courier/offerId": "JobOffer",
    "courier/stopId": "Stop",
    "courier/deliveryId": "Delivery",
    "support/SupportPurchase.id": "SupportPurchase",
    "support/purchaseId": "SupportPurchase",
    "support/orderId": "SupportOrder",
    "support/caseId": "SupportCase",
    "support/deliveryId": "SupportDelivery",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Who asks, and what is theirs."""

    actor: Person
    ids: Ids
    known: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """`parts` by operation, where the usual part would be told no; `others` are the same nouns of somebody else."""

    audience: str
    usual: Part
    parts: Mapping[str, Part] = field(default_factory=dict)
    others: Ids = field(default_factory=dict)
    known: Mapping[str, object] = field(default_factory=dict)

    def part(self, question: Question) -> Part:
        return self.parts.get(question.operation, self.usual)

    def noun(self, question: Question, name: str) -> str:
        """Of which noun the argument `name` of this operation takes the id."""
        keys = (f"{self.audience}/{question.operation}.{name}", f"{self.audience}/{name}", name)
        found = next((NOUNS[key] for key in keys if key in NOUNS), None)
        assert found, f"say in NOUNS of which noun {question}'s {name} is, and put one into the scene"
        return found

    def variables(self, question: Question) -> Variables:
        """What this operation is asked with when it is to say yes."""
        ids = self.part(question).ids
        given = {}
        for place in question.places():
            if place.kind == "ID":
                noun = self.noun(question, place.name)
                given[place.name] = opaque(noun, ids.get(noun, NOBODY_S))
        part = self.part(question)
        known = {**KNOWN, **self.known, **BY_OPERATION.get(question.operation, {}), **part.known}
        return question.variables(Values(known, given))


KNOWN: Mapping[str, object] = {
    "first": 20,
    "after": None,
    "locale": "fi",
    "currency": "EUR",
    "method": "card_ok",
    "latitude": DOOR.latitude,
    "longitude": DOOR.longitude,
    "accuracyM": 5.0,
    "afterSequence": 0,
    "quantity": 1,
    "openingHours": "Mo-Su 10:00-20:00",
    "gtin": None,
    "stock": 5,
    "minChoices": 0,
    "maxChoices": 1,
    "freeCount": 0,
    "codes": "4711",
    "code": "4711",
    "deviceAt": "2026-06-10T08:59:58.000Z",
}
_RING = ((60.16, 24.92), (60.16, 24.96), (60.18, 24.96), (60.18, 24.92), (60.16, 24.92))
BY_OPERATION: Mapping[str, Mapping[str, object]] = {
    "ChangeStoreWeek": {"opens": "10:00", "closes": "14:00", "firstDay": "2026-12-24", "lastDay": "2026-12-26"},
    "ChangeOrderTaking": {"opens": "11:00", "closes": "14:00", "minutes": 25},
    "ChangeDelivery": {"radiusM": 1_000, "area": [{"latitude": lat, "longitude": lon} for lat, lon in _RING]},
    "ChangeDeliveryFees": {"upToM": 1_000, "tag": None},
    "OpenStore": {"country": "FI"},
    "InviteStaff": {"phone": "+358401234511"},
    "SendPositions": {
        "takenAt": "2026-06-10T09:00:00.000Z",
        "latitude": RAILWAY_SQUARE[0],
        "longitude": RAILWAY_SQUARE[1],
    },
    "ReplaceMenu": {
        "ref": "",
        "allergens": "MILK",
        "diets": "VEGAN",
        "language": "sv",
        "hours": None,
        "opens": "10:00",
        "closes": "14:00",
        "url": "https://pictures.example/soup.jpg",
        "content": "500",
        "contentUnit": "G",
        "stepGrams": None,
        "nominalGrams": None,
    },
    "SaveMenuDraft": {"document": '{"format": "pannier-menu", "version": 1, "currency": "EUR", "menus": []}'},
    "StartMenuImport": {"content": "name;price\nSoup;9,50\n", "isBase64": False, "format": None, "mapping": ""},
    "FeedStock": {"ref": "A1", "gtin": "", "version": "7"},
    "FeedPrices": {"ref": "A1", "gtin": "", "version": "7"},
    "ConfirmPayment": {"answer": "1234"},
    "FindOrders": {"text": "+358401234567"},
}


async def make_scene(audience: str, ports: Ports) -> Scene:
    """The scene of an audience, with a person who can sign in there."""
    assert ports.issuer is not None
    person_id = await make_person(uid=UID, phone=PHONE)
    scene = await _MAKE[audience](ports, person_id)
    token = ports.issuer.issue(VerifiedIdentity(UID))
    somebody = await make_consumer()
    challenge, code = await make_challenge(Audience(audience), PHONE) if audience != Audience.SUPPORT else (NOBODY_S, "")
    other, _ = await make_challenge(Audience(audience), "+358401234598") if audience != Audience.SUPPORT else (NOBODY_S, "")
    ids = {**scene.usual.ids, "Session": (await _signed_in_again(scene.usual.actor)).session_id, "SignInChallenge": challenge}
    return Scene(
        audience,
        Part(scene.usual.actor, ids, scene.usual.known),
        {**scene.parts, **{name: Part(scene.usual.actor, ids, {"code": code}) for name in BY_CODE}},
        {**scene.others, "Session": somebody.session_id, "SignInChallenge": other},
        {"idToken": token, "refreshToken": "none", "phone": PHONE, "deviceId": "an-installation"},
    )


async def _signed_in_again(actor: Person) -> Consumer:
    """Another session of the same person, in another app."""
    return await make_consumer(person_id=actor.person_id)


async def _consumer_scene(ports: Ports, person_id: UUID) -> Scene:
    del person_id
    kitchen = await make_store()
    item = await make_item(kitchen, price=1_500, groups=(make_group("Extra", "Cheese"),))
    option = option_named(item, "Cheese").id
    waiting = await _wait_for_bank(ports)
    mine = await make_consumer()
    cart = (await make_cart(item, consumer=mine)).cart
    quote = await carts.quote_cart(mine)
    order = await make_order(consumer=mine)
    ids = {
        "Item": item.id,
        "Option": option,
        "CartLine": cart.baskets[0].lines[0].id,
        "Quote": quote.id,
        "Purchase": order.purchase_id,
        "Order": order.id,
        "Store": kitchen.id,
        "Ware": await _ware_of(item.id),
    }
    usual = Part(mine, ids)
    owner, unpaid = waiting
    unpaid_part = Part(owner, {"Purchase": unpaid.id, "Order": (await orders_of(unpaid))[0].id})
    drafted = Part(mine, ids, {"previewKey": (await make_draft(await make_staff(kitchen.id))).preview_key})
    parts = {"ConfirmPayment": unpaid_part, "AbandonPurchase": unpaid_part, "MenuPreview": drafted}
    parts["StorePage"] = Part(mine, ids, {"slug": kitchen.slug})
    return Scene("consumer", usual, parts, others=await _of_another_consumer())


async def _ware_of(item_id: UUID) -> UUID:
    (found,) = await rows("SELECT ware FROM search_documents WHERE id = $1", item_id)
    return UUID(str(found["ware"]))


async def _wait_for_bank(ports: Ports) -> tuple[Consumer, Purchase]:
    """A purchase whose payment waits for its consumer."""
    owner, quote = await make_quote()
    method = "card_needs_confirmation"
    return owner, await checkout(owner, quote_id=quote.id, key="bank", method=method, cards=ports.cards)


async def _of_another_consumer() -> Ids:
    theirs, quote = await make_quote()
    draft = await make_store(state="DRAFT")
    order = await make_order(consumer=theirs)
    elsewhere = await make_item(groups=(make_group("Other", "Foreign"),))
    ready = await make_cart()
    drafted = (await make_item(draft)).id
    return {
        "Item": drafted,
        "Ware": await _ware_of(drafted),
        "Option": option_named(elsewhere, "Foreign").id,
        "CartLine": ready.cart.baskets[0].lines[0].id,
        "Quote": quote.id,
        "Purchase": order.purchase_id,
        "Order": order.id,
        "Store": draft.id,
    }


async def _store_scene(ports: Ports, person_id: UUID) -> Scene:
    del ports
    seller, other = await make_store(), await make_store()
    owner = await make_staff(seller.id)
    await make_role(person_id, Audience.STORE, StaffRole.OWNER, seller.id)
    item = await make_item(seller, groups=(make_group("Extra", "Cheese"),))
    clerk, foreign = await make_staff(seller.id, StaffRole.CLERK), await make_staff(other.id)
    invited = await invite_staff(owner, "+358401234512", StaffRole.CLERK, "en")
    invited_there = await invite_staff(foreign, "+358401234513", StaffRole.CLERK, "en")
    ids = {
        "StaffMember": clerk.person_id,
        "StaffInvitation": invited.id,
        "StoreItem": item.id,
        "StoreOption": option_named(item, "Cheese").id,
        "StoreProfile": seller.id,
        "MenuImport": await make_menu_preview(owner),
    }
    stages = {
        "StartPreparingOrder": OrderStage.ACCEPTED,
        "MarkOrderReady": OrderStage.PREPARING,
        "MoveOrderReadyTime": OrderStage.ACCEPTED,
    }
    placed = await make_order(store=seller)
    usual = Part(owner, ids | {"StoreOrder": placed.id})
    parts = {
        name: Part(owner, ids | {"StoreOrder": (await make_order(stage, store=seller)).id}) for name, stage in stages.items()
    }
    ready = await make_order(OrderStage.READY, store=seller, fulfilment=Fulfilment.COLLECTION)
    parts["RejectOrder"] = Part(owner, ids | {"StoreOrder": placed.id, "StoreItem": await _ordered_item(placed)})
    parts["HandOverOrder"] = Part(owner, ids | {"StoreOrder": ready.id})
    theirs = await make_order(store=other)
    elsewhere = await make_item(other, groups=(make_group("Other", "Foreign"),))
    preview = await make_menu_preview(foreign)
    others = {"StoreItem": elsewhere.id, "StoreProfile": other.id, "StoreOrder": theirs.id, "MenuImport": preview}
    others |= {"StaffMember": foreign.person_id, "StaffInvitation": invited_there.id}
    others |= {"StoreOption": option_named(elsewhere, "Foreign").id, "MenuEdition": (await make_editions(foreign)).draft}
    return _with_editions(Scene("store", usual, parts, others), await make_editions(owner))


def _with_editions(scene: Scene, editions: Editions) -> Scene:
    """Each operation asks about an edition that it can move; they are all of the scene's store."""
    about = {"BeginMenuDraft": editions.published, "UndoMenu": editions.published, "CallOffMenuEdition": editions.scheduled}
    drafted = {
        name: replace(part, ids={**part.ids, "MenuEdition": editions.draft})
        for name, part in {"": scene.usual, **scene.parts}.items()
    }
    usual = drafted.pop("")
    moved = {name: replace(usual, ids={**usual.ids, "MenuEdition": edition}) for name, edition in about.items()}
    return replace(scene, usual=usual, parts={**drafted, **moved})


async def _ordered_item(order: Order) -> UUID:
    from_lines = await lines_of_orders([order.id])
    item_id = from_lines[order.id][0].item_id
    assert item_id is not None
    return item_id


async def _courier_scene(ports: Ports, person_id: UUID) -> Scene:
    del ports
    await make_role(person_id, Audience.COURIER, "APPROVED")
    s = DeliveryState
    offered = await make_delivery(s.OFFERED)
    offer = (await offer_to(offered.rider)).id
    parts = {"AcceptJob": Part(offered.rider, {"JobOffer": offer}), "DeclineJob": Part(offered.rider, {"JobOffer": offer})}
    jobs = {
        "SetOut": s.ASSIGNED,
        "ReturnJob": s.ASSIGNED,
        "ArriveAtStop": s.TO_PICKUP,
        "CollectOrders": s.AT_PICKUP,
        "DeliverOrders": s.AT_DROPOFF,
        "NoteContactAttempt": s.AT_DROPOFF,
        "ReportUndeliverable": s.AT_DROPOFF,
    }
    parts |= {name: _part_of(await make_delivery(state), state) for name, state in jobs.items()}
    await _let_wait(parts["ReportUndeliverable"].ids["Stop"])
    theirs = await make_delivery(s.ASSIGNED)
    others = {"Stop": theirs.stops[0].id, "Delivery": theirs.delivery.id, "JobOffer": await _foreign_offer()}
    return Scene("courier", parts["SetOut"], parts, others)


def _part_of(job: Job, state: DeliveryState) -> Part:
    stop = job.door if state is DeliveryState.AT_DROPOFF else job.stops[0]
    return Part(job.rider, {"Stop": stop.id, "Delivery": job.delivery.id}, {"pin": job.delivery.drop_off_pin})


async def _let_wait(stop_id: UUID) -> None:
    """The courier came ten minutes ago and called three times."""
    await StopRow.filter(id=stop_id).update(arrived_at=now() - timedelta(minutes=10), contact_attempts=3)


async def _foreign_offer() -> UUID:
    return (await offer_to((await make_delivery(DeliveryState.OFFERED)).rider)).id


async def _support_scene(ports: Ports, person_id: UUID) -> Scene:
    del ports
    await make_role(person_id, Audience.SUPPORT, SupportLevel.L2)
    agent = await make_agent(SupportLevel.L2)
    consumer = await make_consumer(phone="+358401234567")
    purchase = await make_purchase(consumer=consumer)
    (order,) = await orders_of(purchase)
    job = await make_delivery()
    ids = {
        "SupportPurchase": purchase.id,
        "SupportOrder": order.id,
        "SupportCase": (await make_case(purchase, agent)).id,
        "SupportDelivery": job.delivery.id,
    }
    of_the_ride = {"SupportCase": (await make_case(job.purchase, agent)).id}
    another = await make_purchase()
    # An agent may look at every purchase; what belongs to another one is out of place all the same.
    others = {noun: new_id() for noun in ids}
    others |= {"SupportOrder": (await orders_of(another))[0].id, "SupportCase": (await make_case(another, agent)).id}
    return Scene("support", Part(agent, ids), {"ReleaseCourier": Part(agent, ids | of_the_ride)}, others)


_MAKE = {"consumer": _consumer_scene, "store": _store_scene, "courier": _courier_scene, "support": _support_scene}
