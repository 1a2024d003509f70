"""What messages take from the budgets: all of it or nothing."""

from collections.abc import Sequence
from datetime import timedelta

from services.identity import code_rules
from services.identity.errors import TooManySignInCodes
from services.kernel.clock import now
from services.kernel.database import rows


async def charge(charges: Sequence[code_rules.Charge]) -> None:
    """Take from the budgets, all or none: what one of them does not bear is rolled back with the rest.

    Raises TooManySignInCodes.
    """
    at = now()
    columns = zip(*((c.scope, c.key, c.span, c.began_at(at), c.amount) for c in charges), strict=True)
    taken = {(r["scope"], r["key"], r["span"]): r["used"] for r in await rows(_CHARGE, *(list(column) for column in columns))}
    over = code_rules.overdrawn(charges, [taken[c.scope, c.key, c.span] for c in charges])
    if over:
        raise TooManySignInCodes(over.began_at(at) + timedelta(seconds=over.span))


# In one order for all, so that two who ask at once wait and do not block each other.
_CHARGE = """
INSERT INTO sign_in_code_budgets AS b (scope, key, span, began_at, used)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::bigint[]) AS c (scope, key, span, began_at, used)
ORDER BY scope, key, span
ON CONFLICT (scope, key, span, began_at) DO UPDATE SET used = b.used + EXCLUDED.used
RETURNING scope, key, span, used
"""
