"""The ledger: the database itself refuses a sum other than zero, and any change of what was written."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from services.kernel import database
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.payments import ledger
from services.payments.accounts import Account, AccountKind, Entry
from services.payments.ledger import LedgerOutOfBalance
from services.settings import Settings

CLEARING = Account(AccountKind.PROVIDER_CLEARING, "EUR")
CREDIT = Account(AccountKind.CONSUMER_CREDIT, "EUR")


async def post_something(amount: int = 500, reference: UUID | None = None) -> UUID:
    fact = reference or uuid4()
    await ledger.post("test", fact, [Entry(CLEARING, amount), Entry(CREDIT, -amount)], uuid4())
    return fact


async def test_a_fact_is_posted_once() -> None:
    fact = uuid4()
    assert await ledger.post("test", fact, [Entry(CLEARING, 500), Entry(CREDIT, -500)])
    assert not await ledger.post("test", fact, [Entry(CLEARING, 900), Entry(CREDIT, -900)])
    assert await ledger.balance(CLEARING) == 500
    assert await ledger.balance(CREDIT) == -500
    assert await ledger.sum_of_everything() == {"EUR": 0}


async def test_a_couriers_pay_is_owed_once() -> None:
    delivery, courier, purchase = uuid4(), uuid4(), uuid4()
    assert await ledger.pay_courier(delivery, courier, 620, "EUR", purchase)
    assert not await ledger.pay_courier(delivery, courier, 620, "EUR", purchase)
    assert await ledger.balance(Account(AccountKind.COURIER_PAYABLE, "EUR", courier)) == -620
    assert [(entry.account_kind, entry.amount) for entry in await ledger.entries_of_purchase(purchase)] == [
        (AccountKind.COURIER_COST, 620),
        (AccountKind.COURIER_PAYABLE, -620),
    ]


async def test_the_house_does_not_even_try_to_post_what_does_not_balance() -> None:
    dollars = Account(AccountKind.CONSUMER_CREDIT, "USD")
    for entries in ([], [Entry(CLEARING, 1)], [Entry(CLEARING, 500), Entry(dollars, -500)]):
        with pytest.raises(LedgerOutOfBalance):
            await ledger.post("test", uuid4(), entries)
    assert await ledger.sum_of_everything() == {}


async def test_the_database_refuses_a_sum_other_than_zero_at_commit() -> None:
    fact = await post_something()
    before = await ledger.sum_of_everything()
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        async with unit_of_work():
            await _post_by_hand([(CLEARING.id, 700), (CREDIT.id, -699)])
    assert refused.value.constraint_name == "ledger_balances"
    assert await ledger.sum_of_everything() == before

    # Nor by adding to what stands.
    with pytest.raises(asyncpg.CheckViolationError):
        await database.run(
            "INSERT INTO ledger_entries SELECT id, 9, $2, 5, 'EUR' FROM ledger_transactions WHERE reference = $1",
            fact,
            CLEARING.id,
        )
    assert await ledger.balance(CLEARING) == 500


async def test_the_database_refuses_a_fact_without_entries_and_a_strange_currency() -> None:
    await post_something()
    with pytest.raises(asyncpg.CheckViolationError):
        await _post_by_hand([])
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with unit_of_work():
            await _post_by_hand([(CLEARING.id, 1), (CREDIT.id, -1)], currency="USD")
    assert await ledger.sum_of_everything() == {"EUR": 0}


async def test_balances_are_kept_within_a_transaction_that_is_not_over() -> None:
    async with unit_of_work():
        transaction = await _post_by_hand([(CLEARING.id, 700)], accounts=True)
        await database.run("INSERT INTO ledger_entries VALUES ($1, 2, $2, -700, 'EUR')", transaction, CREDIT.id)
    assert await ledger.sum_of_everything() == {"EUR": 0}


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transactions", "ledger_accounts"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_the_applications_role_cannot_change_the_ledger(table: str, change: str) -> None:
    await post_something()
    column = {"ledger_entries": "amount", "ledger_transactions": "kind", "ledger_accounts": "kind"}[table]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.run(change.format(table, column, column))
    assert await ledger.balance(CLEARING) == 500


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transactions", "ledger_accounts"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_not_even_the_owner_changes_the_ledger(house_settings: Settings, table: str, change: str) -> None:
    await post_something()
    column = {"ledger_entries": "amount", "ledger_transactions": "kind", "ledger_accounts": "kind"}[table]
    owner = await asyncpg.connect(**database.connection_arguments(house_settings.database_url))
    try:
        with pytest.raises(asyncpg.RestrictViolationError) as refused:
            await owner.execute(change.format(table, column, column))
        assert refused.value.constraint_name == "ledger_written_once"
    finally:
        await owner.close()
    assert await ledger.balance(CLEARING) == 500


async def _post_by_hand(entries: list[tuple[UUID, int]], *, currency: str = "EUR", accounts: bool = False) -> UUID:
    """What a careless program might send."""
    transaction = new_id()
    await database.run(
        "INSERT INTO ledger_transactions VALUES ($1, 'careless', $2, NULL, '2026-06-10T09:00:00Z')", transaction, new_id()
    )
    for account in (CLEARING, CREDIT) if accounts else ():
        await database.run("INSERT INTO ledger_accounts VALUES ($1, $2, NULL, 'EUR')", account.id, account.kind)
    for position, (account_id, amount) in enumerate(entries, 1):
        await database.run(
            "INSERT INTO ledger_entries VALUES ($1, $2, $3, $4, $5)", transaction, position, account_id, amount, currency
        )
    return transaction
