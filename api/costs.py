"""What operations cost: how long each list of the schemas can be, how many nodes one answer may hold, and the price in points.

A bound is either held by a rule of the house (named beside it) or what a purchase, a queue or a case comes to in practice; a
list without a bound fails the build.
"""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLSchema

from api.engine.cost import PAGE, Bounds, Budget, Scales, Sized, Weight
from api.schema.store.edition_results import CHANGES_TOLD
from api.schema.store.marking import ITEMS_TOLD
from services.browse.rules import MOST_OFFERS
from services.browse.words import MOST_WORDS
from services.catalog.imports.feeds import ROWS_PER_CALL
from services.catalog.imports.jobs import FACTS, LATEST
from services.catalog.rules.limits import (
    FAULTS_TOLD,
    MEDIA_PER_STORE,
    MENUS_PER_STORE,
    ROWS_PER_STORE,
    TRANSLATIONS_PER_STORE,
)
from services.identity.operations.inviting import MOST_OPEN
from services.kernel.actors import Audience
from services.kernel.paging import LARGEST_PAGE
from services.opening.rules import Lack, Step
from services.orders.queries import NEWEST_FOR_SUPPORT
from services.settings import Limits
from services.stores.rules.areas import MOST_CORNERS
from services.stores.rules.fees import MOST_BANDS
from services.stores.rules.preparing import MOST_ROWS
from services.stores.rules.week import MOST_SPECIALS, MOST_WINDOWS_A_DAY

# A whole menu fits, for a consumer with its pictures and for a tablet with all its words. An agent's one search answers twenty
# purchases with all that happened to them; nobody else needs so much at once.
MOST_NODES: Mapping[Audience, int] = dict.fromkeys(Audience, 10_000) | {
    Audience.CONSUMER: 25_000,
    Audience.STORE: 60_000,
    Audience.SUPPORT: 50_000,
}
NODES_PER_POINT = 50
BASE_PRICE = {"query": 1, "mutation": 10, "subscription": 5}
# In a schema of the house every list has its bound; elsewhere (small schemas of tests) a list counts as this long.
UNLISTED = 20

_LINES = Limits.model_fields["lines_per_cart"].default
_POINTS = Limits.model_fields["points_per_call"].default
_SESSIONS = 100  # queries.sessions_of
_MENU = Budget("menu", ROWS_PER_STORE, within="Store")
_STORE_MENU = Budget("menu", ROWS_PER_STORE, within="StoreMenu")
_WORDINGS = Budget("wordings", TRANSLATIONS_PER_STORE, within="StoreMenu")
_STORES = 20

# Hours as windows: six a day, sixty times special days.
_HOURS: Bounds = {
    "WeekHours.windows": 7 * MOST_WINDOWS_A_DAY,
    "WeekHours.specialDays": MOST_SPECIALS,
    "WeekWindow.days": 7,
    "SpecialDays.windows": MOST_WINDOWS_A_DAY,
}

_CONSUMER: Bounds = {
    **_HOURS,
    "DeliveryFees.bands": MOST_BANDS,
    "StorePage.credits": 5,
    "Query.mySessions": _SESSIONS,
    "Query.helpCases": Sized(),
    "Query.purchases": Sized(),
    "Query.storesNear": Sized("input.first"),
    "Query.home": Sized("input.first"),
    "Query.search": Sized("input.first"),
    "Query.browse": Sized("input.first"),
    "Query.favouriteStores": Sized(),
    "Query.favouriteItems": Sized(),
    "HomeStoreConnection.edges": PAGE,
    "SearchHitConnection.edges": PAGE,
    "WareConnection.edges": PAGE,
    "FavouriteItemConnection.edges": PAGE,
    "Ware.offers": MOST_OFFERS,
    "SearchHit.matches": MOST_WORDS,
    "OrderAgainSuccess.lines": _LINES,
    "OrderAgainLine.changes": 3,
    "HelpCaseConnection.edges": PAGE,
    "PurchaseConnection.edges": PAGE,
    "StoreConnection.edges": PAGE,
    "Cart.baskets": Budget("baskets", _STORES, within="Cart"),
    "Basket.lines": Budget("lines", _LINES, within="Cart"),
    "CartLine.options": Budget("options", 10 * _LINES, within="Cart"),
    "ItemNotAvailableProblem.shortages": _LINES,
    "Quote.baskets": Budget("baskets", _STORES, within="Quote"),
    "Quote.taxes": 10,
    "QuoteBasket.lines": Budget("lines", _LINES, within="Quote"),
    "QuoteLine.options": Budget("options", 10 * _LINES, within="Quote"),
    "QuoteOutdatedProblem.changes": 2 * _LINES,
    "Purchase.orders": Budget("orders", _STORES, within="Purchase"),
    "Order.lines": Budget("lines", _LINES, within="Purchase"),
    "OrderLine.options": Budget("options", 10 * _LINES, within="Purchase"),
    "Purchase.tracking": 10,
    "Tracking.stops": 2 * _STORES,
    "PurchaseUpdate.events": 100,
    "Store.cuisines": 20,
    "Store.menus": MENUS_PER_STORE,
    "Menu.sections": _MENU,
    "MenuSection.items": _MENU,
    "Item.optionGroups": _MENU,
    "Option.optionGroups": _MENU,
    "OptionGroup.options": _MENU,
    "MenuPreview.menus": MENUS_PER_STORE,
    "Item.allergens": 30,
    "Item.diets": 30,
    "Item.media": Budget("media", MEDIA_PER_STORE, within="Store"),
}

_STORE: Bounds = {
    **_HOURS,
    "DeliveryFees.bands": MOST_BANDS,
    "StoreProfile.preparationWindows": MOST_ROWS,
    "StoreProfile.deliveryArea": MOST_CORNERS,
    "PreparationWindow.days": 7,
    "StaffAccount.rights": 100,
    "StoreTeam.members": 200,
    "StoreTeam.invitations": MOST_OPEN,
    "ChangeStaffRoleSuccess.members": 200,
    "RemoveStaffSuccess.members": 200,
    "OpeningChecklist.steps": len(Step),
    "OpeningStepState.missing": len(Lack),
    "StoreNotReadyProblem.missing": len(Lack),
    "StorePresentation.cuisines": 10,
    "Query.storeOrderQueue": 100,
    "Query.staffSessions": _SESSIONS,
    "Subscription.storeOrderQueueChanged": 100,
    "StoreOrder.lines": Budget("lines", 20, within="StoreOrder"),
    "StoreOrderLine.options": Budget("options", 50, within="StoreOrder"),
    "StoreMenu.menus": MENUS_PER_STORE,
    "StoreMenuCard.sections": _STORE_MENU,
    "StoreMenuSection.items": _STORE_MENU,
    "StoreItem.optionGroups": _STORE_MENU,
    "StoreOption.optionGroups": _STORE_MENU,
    "StoreOptionGroup.options": _STORE_MENU,
    "StoreItem.allergens": 30,
    "StoreItem.diets": 30,
    "StoreItem.media": Budget("media", MEDIA_PER_STORE, within="StoreMenu"),
    "StoreMenuCard.wordings": _WORDINGS,
    "StoreMenuSection.wordings": _WORDINGS,
    "StoreItem.wordings": _WORDINGS,
    "StoreOptionGroup.wordings": _WORDINGS,
    "StoreOption.wordings": _WORDINGS,
    "MenuLimitExceededProblem.rows": FAULTS_TOLD,
    "MenuRowInvalidProblem.rows": FAULTS_TOLD,
    "StoreChoiceNeededProblem.storeIds": 100,
    "Query.menuEditions": Sized(),
    "MenuEditionConnection.edges": PAGE,
    "MenuEdition.differences": Sized(default=100),
    "MenuDifferences.edges": PAGE,
    "MenuRowDifference.fields": FACTS,
    "MenuEditedMeanwhileProblem.theirChanges": CHANGES_TOLD,
    "MenuEditedMeanwhileProblem.yourChanges": CHANGES_TOLD,
    "MarkedStoreOption.items": ITEMS_TOLD,
    "Query.menuImports": LATEST,
    "Query.menuImportRemarks": Sized("input.first"),
    "Query.menuImportChanges": Sized("input.first"),
    "MenuImportRemarkConnection.edges": PAGE,
    "MenuImportChangeConnection.edges": PAGE,
    "MenuImportChange.fields": FACTS,
    "FeedAnswer.left": ROWS_PER_CALL,
}

_COURIER: Bounds = {
    "Query.courierSessions": _SESSIONS,
    "JobOffer.stops": 2 * _STORES,
    "Delivery.stops": 2 * _STORES,
    "Stop.orders": _STORES,
    "SendPositionsSuccess.refused": _POINTS,
}

_SUPPORT: Bounds = {
    "Query.agentSessions": _SESSIONS,
    "Query.supportCaseQueue": Sized(),
    "Query.findOrders": NEWEST_FOR_SUPPORT,
    "SupportCaseConnection.edges": PAGE,
    "SupportCase.actions": 50,
    "SupportPurchase.orders": Budget("orders", _STORES, within="SupportPurchase"),
    "SupportOrder.lines": Budget("lines", _LINES, within="SupportPurchase"),
    "SupportOrderLine.options": 20,
    "SupportPurchase.deliveries": 5,
    "SupportDelivery.stops": 2 * _STORES,
    "SupportDelivery.offers": 50,
    "SupportStop.orderIds": _STORES,
    "SupportPurchase.cases": 5,
    "SupportPurchase.pushes": 100,
    "SupportPayment.captures": _STORES,
    "SupportPayment.refunds": 2 * _STORES,
    "SupportPurchase.timeLine": Sized(default=100),
    "SupportTimeLine.entries": PAGE,
    "SupportTimeLineEntry.facts": 10,
    "SupportPurchaseUpdate.entries": 100,
}

BOUNDS: Mapping[Audience, Bounds] = {
    Audience.CONSUMER: _CONSUMER,
    Audience.STORE: _STORE,
    Audience.COURIER: _COURIER,
    Audience.SUPPORT: _SUPPORT,
}


def scales_of(audience: Audience, schema: GraphQLSchema) -> Scales:
    """The scales of an audience's schema."""
    return Scales(schema, BOUNDS[audience], largest_page=LARGEST_PAGE, unlisted=UNLISTED)


def nodes(weight: Weight, variables: Mapping[str, Any] | None) -> int:
    """How many nodes the answer holds at most, these variables given."""
    return weight.nodes.value(variables or {}, LARGEST_PAGE)


def price(weight: Weight, variables: Mapping[str, Any] | None) -> int:
    """What an operation costs, in points: a base for its kind and one for every fifty nodes it may answer."""
    return BASE_PRICE[weight.kind] + nodes(weight, variables) // NODES_PER_POINT
