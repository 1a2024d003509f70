"""Reads for support: cases, masked people, time-lines, and of money and deliveries what only support looks at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.cases.rules import ActionKind, CaseReason, CaseState, Power, check_power, mask_name, mask_phone
from services.dispatch.queries import JobOffer
from services.dispatch.rules import CourierState, Vehicle
from services.identity.queries import people_by_ids
from services.kernel.actors import Consumer, SupportAgent
from services.kernel.database import Row, row, rows
from services.kernel.errors import NotFound
from services.kernel.events import COLUMNS, EventRow
from services.kernel.paging import Page, PageRequest, keys, moment, page_of
from services.payments.queries import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportCase:
    """A case as it is written, with the number of its purchase."""

    id: UUID
    number: str
    purchase_id: UUID
    purchase_number: str
    order_id: UUID | None
    reason: CaseReason
    state: CaseState
    opened_as: str
    opened_by: UUID | None
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, record: Row) -> Self:
        return cls(**dict(record) | {"reason": CaseReason(record["reason"]), "state": CaseState(record["state"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAction:
    """One thing said or done about a case."""

    id: UUID
    case_id: UUID
    kind: ActionKind
    text: str
    actor_as: str
    actor_id: UUID | None
    at: datetime

    @classmethod
    def of(cls, record: Row) -> Self:
        return cls(**dict(record) | {"kind": ActionKind(record["kind"])})


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """What an agent sees of a person."""

    id: UUID
    name: str
    phone: str | None
    locale: str


@dataclass(frozen=True, slots=True)
class CourierAtWork:
    """What an agent sees of a courier beside the person: what they ride, whether on shift, and when they were last heard of."""

    id: UUID
    vehicle: Vehicle
    state: CourierState
    seen_at: datetime | None


_CASE = ", ".join(
    "p.number AS purchase_number" if field.name == "purchase_number" else f"c.{field.name}" for field in fields(SupportCase)
)
_CASES = f"SELECT {_CASE} FROM support_cases c JOIN purchases p ON p.id = c.purchase_id"  # noqa: S608 - our own columns
_ACTION = ", ".join(field.name for field in fields(CaseAction))
_OFFER = ", ".join(field.name for field in fields(JobOffer))


async def support_case(case_id: UUID) -> SupportCase:
    """A case, whoever asks. Raises NotFound."""
    return _found(await row(f"{_CASES} WHERE c.id = $1", case_id))


async def lock_case(case_id: UUID) -> SupportCase:
    """A case, held until the transaction ends. Raises NotFound."""
    return _found(await row(f"{_CASES} WHERE c.id = $1 FOR NO KEY UPDATE OF c", case_id))


async def purchase_of_case(number: str) -> UUID | None:
    """Which purchase the case of this number is about."""
    found = await row("SELECT purchase_id FROM support_cases WHERE number = $1", number)
    return found["purchase_id"] if found else None


async def case_queue(agent: SupportAgent, page: PageRequest) -> Page[SupportCase]:
    """The open cases, the longest waiting first. Raises Forbidden."""
    check_power(agent.level, Power.LOOK)
    opened_at, last_id = _place(page)
    found = await rows(
        f"{_CASES} WHERE c.state = 'OPEN' AND ($1::timestamptz IS NULL OR (c.opened_at, c.id) > ($1, $2::uuid))"
        " ORDER BY c.opened_at, c.id LIMIT $3",
        opened_at,
        last_id,
        page.first + 1,
    )
    return _page(found, page)


async def cases_of_consumer(consumer: Consumer, page: PageRequest) -> Page[SupportCase]:
    """What the consumer asked support about, the newest first."""
    opened_at, last_id = _place(page)
    found = await rows(
        f"{_CASES} WHERE c.opened_by = $1 AND c.opened_as = 'consumer'"
        " AND ($2::timestamptz IS NULL OR (c.opened_at, c.id) < ($2, $3::uuid)) ORDER BY c.opened_at DESC, c.id DESC LIMIT $4",
        consumer.person_id,
        opened_at,
        last_id,
        page.first + 1,
    )
    return _page(found, page)


async def cases_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, list[SupportCase]]:
    """The cases of each purchase, oldest first; every purchase asked for has its list."""
    found = await rows(f"{_CASES} WHERE c.purchase_id = ANY($1::uuid[]) ORDER BY c.opened_at, c.id", list(purchase_ids))
    return _grouped(purchase_ids, [SupportCase.of(record) for record in found], "purchase_id")


async def actions_of_cases(case_ids: Sequence[UUID]) -> dict[UUID, list[CaseAction]]:
    """What was said and done about each case, in order; every case asked for has its list."""
    found = await rows(f"SELECT {_ACTION} FROM case_actions WHERE case_id = ANY($1::uuid[]) ORDER BY at, id", list(case_ids))  # noqa: S608
    return _grouped(case_ids, [CaseAction.of(record) for record in found], "case_id")


async def masked_people(ids: Collection[UUID]) -> dict[UUID, MaskedPerson]:
    """The people of these ids that exist, as agents see them."""
    people = await people_by_ids(ids)
    return {
        one.id: MaskedPerson(one.id, mask_name(one.name), mask_phone(one.phone) if one.phone else None, one.locale)
        for one in people.values()
    }


async def time_lines(purchase_ids: Sequence[UUID], *, after: int = 0, first: int = 100) -> dict[UUID, list[EventRow]]:
    """The `first` events of each purchase beyond a sequence, in order; every purchase asked for has its list."""
    found = await rows(
        f"SELECT e.* FROM unnest($1::uuid[]) AS wanted (stream) CROSS JOIN LATERAL (SELECT {COLUMNS} FROM events"  # noqa: S608
        " WHERE events.stream = wanted.stream AND sequence > $2 ORDER BY sequence LIMIT $3) AS e ORDER BY e.stream, e.sequence",
        list(set(purchase_ids)),
        after,
        first,
    )
    return _grouped(purchase_ids, [EventRow(*record) for record in found], "stream")


async def captures_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, list[Capture]]:
    """What was taken for each purchase, oldest first; every purchase asked for has its list."""
    found = await rows(
        "SELECT p.purchase_id, c.* FROM captures c JOIN payments p ON p.id = c.payment_id"
        " WHERE p.purchase_id = ANY($1::uuid[]) ORDER BY c.created_at, c.id",
        list(purchase_ids),
    )
    by_purchase: dict[UUID, list[Capture]] = {purchase_id: [] for purchase_id in purchase_ids}
    for record in found:
        values: dict[str, Any] = dict(record)
        by_purchase[values.pop("purchase_id")].append(Capture.of(values))
    return by_purchase


async def offers_of_deliveries(delivery_ids: Sequence[UUID]) -> dict[UUID, list[JobOffer]]:
    """To whom each delivery was offered, in order; every delivery asked for has its list."""
    found = await rows(
        f"SELECT {_OFFER} FROM job_offers WHERE delivery_id = ANY($1::uuid[]) ORDER BY offered_at, id",  # noqa: S608 - our own columns
        list(delivery_ids),
    )
    return _grouped(delivery_ids, [JobOffer.of(record) for record in found], "delivery_id")


async def couriers_at_work(ids: Collection[UUID]) -> dict[UUID, CourierAtWork]:
    """The couriers of these ids that exist."""
    found = await rows(
        "SELECT c.person_id, c.vehicle, c.state, p.taken_at FROM couriers c"
        " LEFT JOIN courier_positions p ON p.courier_id = c.person_id WHERE c.person_id = ANY($1::uuid[])",
        list(ids),
    )
    return {
        record["person_id"]: CourierAtWork(
            record["person_id"], Vehicle(record["vehicle"]), CourierState(record["state"]), record["taken_at"]
        )
        for record in found
    }


def _grouped(ids: Sequence[UUID], found: Sequence[Any], by: str) -> dict[UUID, list[Any]]:
    groups: dict[UUID, list[Any]] = {one: [] for one in ids}
    for one in found:
        groups[getattr(one, by)].append(one)
    return groups


def _place(page: PageRequest) -> tuple[datetime | None, UUID | None]:
    if page.after is None:
        return None, None
    opened_at, last_id = keys(page.after, moment, UUID)
    return opened_at, last_id


def _page(found: Sequence[Row], page: PageRequest) -> Page[SupportCase]:
    return page_of([SupportCase.of(record) for record in found], page, lambda one: (one.opened_at.isoformat(), str(one.id)))


def _found(record: Row | None) -> SupportCase:
    if record is None:
        raise NotFound("There is no such case.")
    return SupportCase.of(record)
