"""What agents do: find, reveal, work on cases, call off, release couriers; and how consumers and the house ask for help."""

from services.cases.operations.looking import Revealed, find_orders, reveal
from services.cases.operations.stepping_in import cancel_order_for, release_courier
from services.cases.operations.working import ask_for_help, close_case, note_on_case, open_case, open_case_of_house

__all__ = [
    "Revealed",
    "ask_for_help",
    "cancel_order_for",
    "close_case",
    "find_orders",
    "note_on_case",
    "open_case",
    "open_case_of_house",
    "release_courier",
    "reveal",
]
