"""What goes first when not everything can: the class of each root field; an operation has that of its least urgent one."""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from services.kernel.actors import Audience


class Priority(IntEnum):
    """The lower, the more urgent."""

    ORDERS = 0  # orders and money on their way; sign-in, without which none of it can be done
    COURIERS = 1  # the work of couriers
    CARTS = 2  # a basket on its way to an order: a tap that is lost may be an order that is lost
    READS = 3  # what somebody has of their own
    BROWSING = 4  # looking around


def _table(orders: str = "", couriers: str = "", carts: str = "", reads: str = "", browsing: str = "") -> Mapping[str, Priority]:
    rows = zip(Priority, (orders, couriers, carts, reads, browsing), strict=True)
    return {name: priority for priority, names in rows for name in names.split()}


PRIORITIES: Mapping[Audience, Mapping[str, Priority]] = {
    Audience.CONSUMER: _table(
        orders="quoteCart checkOut confirmPayment abandonPurchase cancelPurchaseOrder signIn refreshSession signOut endSession "
        "signInWithCode",
        carts="addCartLine changeCartLine removeCartLine setCartAddress setCartTip",
        reads="orderAgain requestSignInCode purchase purchaseUpdated cart cartChanged me askForHelp",
        browsing="home search browse ware favouriteStores favouriteItems addFavouriteStore removeFavouriteStore addFavouriteItem "
        "removeFavouriteItem storesNear store storePage menuPreview purchases helpCases mySessions registerPushDevice",
    ),
    Audience.STORE: _table(
        orders="storeOrderQueue storeOrderQueueChanged storeOrder acceptOrder rejectOrder startPreparingOrder markOrderReady "
        "moveOrderReadyTime handOverOrder markItemOut markOptionOut pauseStore startBusyTime signInStaff "
        "refreshStaffSession signOutStaff endStaffSession signInStaffWithCode",
        reads="requestStaffSignInCode storeViewer storeProfile markItemBack markOptionBack resumeStore endBusyTime "
        "changeStoreHours changeStoreWeek changeOrderTaking changeDelivery changeDeliveryFees openStore goLive openingChecklist "
        "removeStaff changeStaffRole",
        browsing="menuEditing menuEditingChanged menuEdition menuEditions menuEditionPreview beginMenuDraft saveMenuDraft "
        "discardMenuDraft publishMenuEdition scheduleMenuEdition callOffMenuEdition undoMenu "
        "storeMenu replaceMenu staffSessions registerStaffPushDevice storeTeam inviteStaff "
        "withdrawStaffInvitation storePresentation describeStore menuImport menuImports menuImportRemarks "
        "menuImportChanges menuExport menuImportChanged startMenuImport applyMenuImport cancelMenuImport feedStock feedPrices",
    ),
    Audience.COURIER: _table(
        orders="signInCourier signInCourierWithCode refreshCourierSession signOutCourier endCourierSession",
        couriers="courierWork courierWorkChanged startShift endShift acceptJob declineJob returnJob setOut arriveAtStop "
        "collectOrders deliverOrders reportUndeliverable noteContactAttempt sendPositions",
        reads="requestCourierSignInCode courierViewer",
        browsing="courierSessions registerCourierPushDevice",
    ),
    Audience.SUPPORT: _table(
        orders="cancelOrderForConsumer releaseCourier signInAgent refreshAgentSession signOutAgent endAgentSession",
        reads="supportPurchase supportPurchaseUpdated findOrders supportCaseQueue openCase noteOnCase closeCase revealContact "
        "supportViewer",
        browsing="agentSessions",
    ),
}


def priority_of(audience: Audience, roots: Iterable[str]) -> Priority:
    """The class of an operation with these root fields; what no table names is browsing."""
    table = PRIORITIES[audience]
    return max((table.get(root, Priority.BROWSING) for root in roots), default=Priority.BROWSING)
