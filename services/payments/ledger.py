"""The double-entry ledger: every fact about money once, in entries that sum to zero; the database refuses anything else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel import clock
from services.kernel.database import row, rows
from services.kernel.ids import new_id
from services.payments.accounts import Account, AccountKind, Entry, entries_of_courier_pay, sums_to_zero


class LedgerOutOfBalance(ValueError):
    """Entries were to be posted that do not sum to zero."""


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry as it stands in the ledger, with the fact it belongs to."""

    kind: str
    reference: UUID
    posted_at: datetime
    account_kind: AccountKind
    owner_id: UUID | None
    amount: int
    currency: str


async def post(kind: str, reference: UUID, entries: list[Entry], purchase_id: UUID | None = None) -> bool:
    """Write a fact in the transaction in force; False if the same fact stands there already. Raises LedgerOutOfBalance."""
    if not entries or not sums_to_zero(entries):
        raise LedgerOutOfBalance(f"{kind} {reference}")
    found = await row(
        _POST,
        new_id(),
        kind,
        reference,
        purchase_id,
        clock.now(),
        [entry.account.id for entry in entries],
        [entry.account.kind for entry in entries],
        [entry.account.owner_id for entry in entries],
        [entry.account.currency for entry in entries],
        [entry.amount for entry in entries],
    )
    return found is not None and found["entries"] > 0


# One statement; the unique fact decides whether anything is written at all.
_POST = """
WITH posted AS (
    INSERT INTO ledger_transactions (id, kind, reference, purchase_id, posted_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (kind, reference) DO NOTHING RETURNING id
), lines AS (
    SELECT * FROM unnest($6::uuid[], $7::text[], $8::uuid[], $9::text[], $10::bigint[])
        WITH ORDINALITY AS l (account_id, kind, owner_id, currency, amount, position)
), opened AS (
    INSERT INTO ledger_accounts (id, kind, owner_id, currency)
    SELECT DISTINCT l.account_id, l.kind, l.owner_id, l.currency FROM lines l, posted ORDER BY l.account_id
    ON CONFLICT (id) DO NOTHING
), written AS (
    INSERT INTO ledger_entries (transaction_id, position, account_id, amount, currency)
    SELECT posted.id, l.position, l.account_id, l.amount, l.currency FROM posted, lines l
    RETURNING 1
)
SELECT count(*) AS entries FROM written
"""


async def pay_courier(delivery_id: UUID, courier_id: UUID, amount: int, currency: str, purchase_id: UUID) -> bool:
    """Owe a courier the pay of a delivery, once per delivery, in the caller's transaction; False if it is owed already."""
    return await post("courier_pay", delivery_id, entries_of_courier_pay(amount, currency, courier_id), purchase_id)


async def balance(account: Account) -> int:
    """Debits less credits of an account: what we owe somebody is negative."""
    found = await row("SELECT coalesce(sum(amount), 0)::bigint AS balance FROM ledger_entries WHERE account_id = $1", account.id)
    return int(found["balance"]) if found else 0


async def balances(currency: str) -> dict[tuple[AccountKind, UUID | None], int]:
    """Every account of a currency that has entries, with its balance."""
    found = await rows(
        "SELECT a.kind, a.owner_id, sum(e.amount)::bigint AS balance FROM ledger_entries e"
        " JOIN ledger_accounts a ON a.id = e.account_id WHERE e.currency = $1 GROUP BY a.kind, a.owner_id",
        currency,
    )
    return {(AccountKind(record["kind"]), record["owner_id"]): record["balance"] for record in found}


async def sum_of_everything() -> dict[str, int]:
    """The sum of all entries by currency; always zero."""
    found = await rows("SELECT currency, sum(amount)::bigint AS total FROM ledger_entries GROUP BY currency")
    return {record["currency"]: record["total"] for record in found}


async def entries_of_purchase(purchase_id: UUID) -> list[PostedEntry]:
    """Everything posted about a purchase, in order."""
    found = await rows(
        "SELECT t.kind, t.reference, t.posted_at, a.kind AS account_kind, a.owner_id, e.amount, e.currency"
        " FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id"
        " JOIN ledger_accounts a ON a.id = e.account_id"
        " WHERE t.purchase_id = $1 ORDER BY t.posted_at, t.id, e.position",
        purchase_id,
    )
    return [PostedEntry(**dict(record) | {"account_kind": AccountKind(record["account_kind"])}) for record in found]
