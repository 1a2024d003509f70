"""Who of a store's staff may do what: one table, asked by every operation and shown to the tablet."""

from services.kernel.actors import StaffRole

_OWNER = frozenset({StaffRole.OWNER})
_LEADING = frozenset({StaffRole.OWNER, StaffRole.MANAGER})
_EVERYBODY = frozenset(StaffRole)

STAFF_MAY: dict[str, frozenset[StaffRole]] = {
    "change_hours": _LEADING,
    "replace_menu": _LEADING,
    "edit_menu": _LEADING,
    "publish_menu": _LEADING,
    "pause_store": _EVERYBODY,
    "resume_store": _EVERYBODY,
    "be_busy": _EVERYBODY,
    "change_order_taking": _LEADING,
    "change_delivery": _LEADING,
    "change_delivery_fees": _LEADING,
    "describe_store": _OWNER,
    "go_live": _OWNER,
    "see_staff": _LEADING,
    "invite_staff": _OWNER,
    "change_staff_role": _OWNER,
    "remove_staff": _OWNER,
    "mark_item_out": _EVERYBODY,
    "mark_item_back": _EVERYBODY,
    "mark_option_out": _EVERYBODY,
    "mark_option_back": _EVERYBODY,
}


def staff_may(role: StaffRole, right: str) -> bool:
    """Whether a role of the store holds a right."""
    return role in STAFF_MAY[right]


def rights_of(role: StaffRole) -> list[str]:
    """All that a role may do, in the order of the table."""
    return [right for right, roles in STAFF_MAY.items() if role in roles]
