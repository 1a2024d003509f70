"""What couriers can do, and what the house does to find one."""

from services.dispatch.operations.answering import accept_job, decline_job, search_again, unassign
from services.dispatch.operations.planning import drop_order, plan_purchase
from services.dispatch.operations.positions import forget_old_positions, record_positions
from services.dispatch.operations.riding import (
    arrive_at_stop,
    collect,
    deliver,
    note_contact_attempt,
    report_undeliverable,
    set_out,
)
from services.dispatch.operations.searching import expire_offers, offer_jobs, start_searches
from services.dispatch.operations.shifts import end_shift, start_shift

__all__ = [
    "accept_job",
    "arrive_at_stop",
    "collect",
    "decline_job",
    "deliver",
    "drop_order",
    "end_shift",
    "expire_offers",
    "forget_old_positions",
    "note_contact_attempt",
    "offer_jobs",
    "plan_purchase",
    "record_positions",
    "report_undeliverable",
    "search_again",
    "set_out",
    "start_searches",
    "start_shift",
    "unassign",
]
