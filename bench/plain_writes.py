"""A line added to a cart as most servers would do it: a statement for each step, in a transaction, and then the cart is read.

Our gateway does it by one statement, which peers are sent too; this is for a peer that nobody wrote such a statement for.
"""

from hashlib import sha256
from typing import Any

from services.carts.queries import tree_of

_ACTOR, _ITEM, _NEW_ID = {"meaning": "actor"}, {"meaning": "item"}, {"meaning": "new_id"}
_NOW, _IN_A_WEEK = {"meaning": "now", "seconds": 0}, {"meaning": "now", "seconds": 7 * 86_400}
_OPEN_CART = """(SELECT * FROM carts WHERE consumer_id = $1 AND state = 'OPEN') c
LEFT JOIN (cart_lines l JOIN items i ON i.id = l.item_id JOIN stores s ON s.id = i.store_id) ON l.cart_id = c.id"""

_STEPS: tuple[tuple[str, list[Any]], ...] = (
    ("BEGIN", []),
    (
        (
            "SELECT i.price, i.currency, i.stock, i.unavailable_until, s.state FROM items i JOIN stores s ON s.id = i.store_id "
            "WHERE i.id = $1 AND i.removed_at IS NULL"
        ),
        [_ITEM],
    ),
    (
        (
            "SELECT g.id, g.min_choices, g.max_choices FROM item_groups ig JOIN option_groups g ON g.id = ig.group_id "
            "WHERE ig.item_id = $1"
        ),
        [_ITEM],
    ),
    (
        (
            "INSERT INTO carts AS c (id, consumer_id, state, tip, version, created_at, updated_at, expires_at) "
            "VALUES ($1, $2, 'OPEN', 0, 1, $3, $3, $4) ON CONFLICT (consumer_id) WHERE state = 'OPEN' "
            "DO UPDATE SET version = c.version + 1, updated_at = $3, expires_at = $4 RETURNING id"
        ),
        [_NEW_ID, _ACTOR, _NOW, _IN_A_WEEK],
    ),
    (
        (
            "UPDATE cart_lines SET quantity = quantity + 1 WHERE item_id = $2 AND option_ids = '{}' AND note = '' "
            "AND cart_id = (SELECT id FROM carts WHERE consumer_id = $1 AND state = 'OPEN')"
        ),
        [_ACTOR, _ITEM],
    ),
    ("COMMIT", []),
    (tree_of(_OPEN_CART, at="$2"), [_ACTOR, _NOW]),
)


def plain_statements(operation: str) -> list[dict[str, Any]] | None:
    """The statements of an operation that is written out here, as they are recorded for peers."""
    if operation != "AddCartLine":
        return None
    return [{"name": sha256(text.encode()).hexdigest()[:16], "text": text, "values": values} for text, values in _STEPS]
