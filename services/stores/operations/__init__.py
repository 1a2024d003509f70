"""What can be done with a store: opened and told, its hours kept, paused and busy, orders taken on, staff invited and let go."""

from services.stores.operations.changing import must_be_allowed, raise_version
from services.stores.operations.fees import change_delivery_fees
from services.stores.operations.hours import change_hours, change_week
from services.stores.operations.opening import (
    StoreDescription,
    StoreWords,
    check_words,
    describe_store,
    make_live,
    open_store,
    register_partner,
)
from services.stores.operations.pausing import (
    count_expiry,
    end_busy,
    forget_expiries,
    pause_store,
    resume_store,
    start_busy,
)
from services.stores.operations.slots import SlotWanted, check_slot, forget_old_slots, give_back_slot, take_slots
from services.stores.operations.staffing import change_staff_role, invite_staff, remove_staff, withdraw_invitation
from services.stores.operations.taking import OrderTaking, change_delivery, change_order_taking

__all__ = [
    "OrderTaking",
    "SlotWanted",
    "StoreDescription",
    "StoreWords",
    "change_delivery",
    "change_delivery_fees",
    "change_hours",
    "change_order_taking",
    "change_staff_role",
    "change_week",
    "check_slot",
    "check_words",
    "count_expiry",
    "describe_store",
    "end_busy",
    "forget_expiries",
    "forget_old_slots",
    "give_back_slot",
    "invite_staff",
    "make_live",
    "must_be_allowed",
    "open_store",
    "pause_store",
    "raise_version",
    "register_partner",
    "remove_staff",
    "resume_store",
    "start_busy",
    "take_slots",
    "withdraw_invitation",
]
