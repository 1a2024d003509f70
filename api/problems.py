"""How what goes wrong is told: refusals as problems by one table, other errors by a code, everything else masked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from graphql import FieldNode, GraphQLError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow
from strawberry.types.field import StrawberryField
from tortoise.exceptions import DBConnectionError, OperationalError

from api.schema.consumer import cart_results, order_results
from api.schema.courier import deliveries, offers, shifts
from api.schema.shared import sessions
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from api.schema.store import catalog as store_catalog
from api.schema.store import edition_results, fees, hours, menu_feeds, menu_imports, staff, taking, team
from api.schema.store import opening as store_opening
from api.schema.store import orders as store_orders
from api.schema.support import cases as support_cases
from api.schema.support import order_results as support_orders
from services.carts import errors as carts
from services.cases import errors as cases
from services.catalog import errors as catalog
from services.catalog.editions import errors as editions
from services.catalog.imports import errors as imports
from services.dispatch import errors as dispatch
from services.identity import errors as identity
from services.kernel.database import may_be_retried
from services.kernel.errors import BadInput, CodedError, Overloaded, RateLimited, Refusal, Unavailable
from services.kernel.idempotency import KeyReusedWithOtherInput, OperationInProgress
from services.opening import errors as opening
from services.orders import errors as orders
from services.payments import errors as payments
from services.stores import errors as stores

# One line per refusal: the problems that tell it, one for each audience that meets it. A mutation answers the one in its union.
PROBLEMS: Mapping[type[Refusal], Sequence[type[Problem]]] = {
    KeyReusedWithOtherInput: (KeyReusedProblem,),
    OperationInProgress: (OperationInProgressProblem,),
    identity.IdTokenNotAccepted: (sessions.IdTokenNotAcceptedProblem,),
    identity.NotAllowedHere: (sessions.NotAllowedHereProblem,),
    identity.StoreChoiceNeeded: (staff.StoreChoiceNeededProblem,),
    identity.RefreshTokenNotAccepted: (sessions.RefreshTokenNotAcceptedProblem,),
    identity.RefreshTokenReused: (sessions.RefreshTokenReusedProblem,),
    identity.PhoneNotServed: (sessions.PhoneNotServedProblem,),
    identity.TooManySignInCodes: (sessions.TooManySignInCodesProblem,),
    identity.SignInCodeNotAccepted: (sessions.SignInCodeNotAcceptedProblem,),
    identity.SessionEnded: (sessions.SessionEndedProblem,),
    carts.QuantityNotAllowed: (cart_results.QuantityNotAllowedProblem,),
    carts.CartFull: (cart_results.CartFullProblem,),
    carts.TipNotAllowed: (cart_results.TipNotAllowedProblem,),
    carts.CurrencyNotAllowed: (cart_results.CurrencyNotAllowedProblem,),
    carts.ItemNotAvailable: (cart_results.ItemNotAvailableProblem,),
    carts.CartEmpty: (cart_results.CartEmptyProblem,),
    carts.AddressMissing: (cart_results.AddressMissingProblem,),
    carts.StoreClosed: (cart_results.StoreClosedProblem,),
    carts.AddressOutOfReach: (cart_results.AddressOutOfReachProblem,),
    carts.BasketBelowMinimum: (cart_results.BasketBelowMinimumProblem,),
    carts.QuoteExpired: (cart_results.QuoteExpiredProblem,),
    carts.QuoteNotGenuine: (cart_results.QuoteExpiredProblem,),
    carts.QuoteOutdated: (cart_results.QuoteOutdatedProblem,),
    catalog.ChoicesNotAllowed: (cart_results.ChoicesNotAllowedProblem,),
    catalog.OptionSoldOut: (cart_results.OptionSoldOutProblem,),
    catalog.MenuLimitExceeded: (store_catalog.MenuLimitExceededProblem,),
    catalog.MenuRowInvalid: (store_catalog.MenuRowInvalidProblem,),
    imports.MenuImportTooSoon: (menu_imports.MenuImportTooSoonProblem,),
    imports.MenuImportInProgress: (menu_imports.MenuImportInProgressProblem,),
    imports.MenuImportCannotMove: (menu_imports.MenuImportCannotMoveProblem,),
    imports.MenuFileTooLarge: (menu_imports.MenuFileTooLargeProblem,),
    imports.FeedTooLong: (menu_feeds.FeedTooLongProblem,),
    editions.MenuEditedMeanwhile: (edition_results.MenuEditedMeanwhileProblem,),
    editions.MenuDraftOpen: (edition_results.MenuDraftOpenProblem,),
    editions.MenuEditionCannotMove: (edition_results.MenuEditionCannotMoveProblem,),
    editions.MenuPublishedMeanwhile: (edition_results.MenuPublishedMeanwhileProblem,),
    editions.PublicationTimeNotAllowed: (edition_results.PublicationTimeNotAllowedProblem,),
    stores.HoursNotReadable: (hours.HoursNotReadableProblem,),
    stores.PauseNotAllowed: (hours.PauseNotAllowedProblem,),
    stores.BusyNotAllowed: (hours.BusyNotAllowedProblem,),
    stores.WeekNotAllowed: (hours.WeekNotAllowedProblem,),
    stores.PreparationTableNotAllowed: (taking.PreparationTableNotAllowedProblem,),
    stores.DeliveryAreaNotAllowed: (taking.DeliveryAreaNotAllowedProblem,),
    stores.DeliveryFeesNotAllowed: (fees.DeliveryFeesNotAllowedProblem,),
    stores.DeliveryFeesChanged: (fees.DeliveryFeesChangedProblem,),
    stores.StoreAtCapacity: (cart_results.StoreAtCapacityProblem,),
    stores.LastOwner: (team.LastOwnerProblem,),
    identity.AlreadyStaff: (team.AlreadyStaffProblem,),
    identity.TooManyInvitations: (team.TooManyInvitationsProblem,),
    opening.StoreNotReady: (store_opening.StoreNotReadyProblem,),
    opening.TooManyDrafts: (store_opening.TooManyDraftsProblem,),
    dispatch.OfferOver: (offers.OfferOverProblem,),
    dispatch.DeliveryCannotMove: (deliveries.DeliveryCannotMoveProblem, support_orders.CourierNotReleasableProblem),
    dispatch.StopNotNext: (deliveries.StopNotNextProblem,),
    dispatch.NotAtStop: (deliveries.NotAtStopProblem,),
    dispatch.PickupCodeWrong: (deliveries.PickupCodeWrongProblem,),
    dispatch.DropOffPinWrong: (deliveries.DropOffPinWrongProblem,),
    dispatch.CannotGiveUpYet: (deliveries.CannotGiveUpYetProblem,),
    dispatch.ShiftHasWork: (shifts.ShiftHasWorkProblem,),
    dispatch.NotOnShift: (shifts.NotOnShiftProblem,),
    orders.OrderCannotMove: (
        order_results.OrderCannotMoveProblem,
        store_orders.StoreOrderCannotMoveProblem,
        deliveries.OrderNotReadyProblem,
        support_orders.SupportOrderCannotMoveProblem,
    ),
    catalog.ItemSoldOut: (order_results.ItemSoldOutProblem,),
    payments.CardMethodUnknown: (order_results.CardMethodUnknownProblem,),
    payments.PaymentNotAwaited: (order_results.PaymentNotAwaitedProblem,),
    payments.ConfirmationNotAccepted: (order_results.ConfirmationNotAcceptedProblem,),
    orders.OrderNotAcceptable: (store_orders.OrderNotAcceptableProblem,),
    orders.ReadyTimeOutOfReach: (store_orders.ReadyTimeOutOfReachProblem,),
    orders.CollectionCodeWrong: (store_orders.CollectionCodeWrongProblem,),
    orders.OrderNotForCollection: (store_orders.OrderNotForCollectionProblem,),
    cases.CaseAlreadyClosed: (support_cases.CaseAlreadyClosedProblem,),
}

MASK = "Something went wrong."
RETRY_AFTER = 1.0
_CERTAIN = (RedisAway, RedisSlow, DBConnectionError, asyncpg.QueryCanceledError)
# OSError: a server that is down is missed in many ways, a socket's file that is gone among them.
_AWAY = (OperationalError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_log = structlog.get_logger(__name__)


class RefusalHandler:
    """Answers one refusal with one problem, in every mutation whose union holds that problem."""

    def __init__(self, refusal: type[Refusal], problem: type[Problem]) -> None:
        self.exception_type = refusal
        self.error_type = problem

    def handle(self, exception: Any, *, field: StrawberryField, info: Any) -> Problem:
        del field, info
        return self.error_type.of(exception)


def refusal_handlers() -> list[RefusalHandler]:
    """The table as Strawberry takes it: the narrower refusal before the wider one."""
    by_depth = sorted(PROBLEMS.items(), key=lambda row: -len(row[0].__mro__))
    return [RefusalHandler(refusal, problem) for refusal, problems in by_depth for problem in problems]


def coded(message: str, code: str, **more: Any) -> dict[str, Any]:
    """An error as apps are told it, outside any field."""
    return {"message": message, "extensions": {"code": code} | more}


def request_error(error: GraphQLError) -> dict[str, Any]:
    """An error found before execution: syntax, validation, limits, variables. It is the app's, and is told in full."""
    return _located(error, error.message, {"code": "BAD_REQUEST"} | (error.extensions or {}))


def execution_error(error: GraphQLError) -> dict[str, Any]:
    """An error met by a field: told by its code, or masked and logged."""
    cause = error.original_error
    if isinstance(cause, CodedError):
        message, extensions = told(cause)
    elif isinstance(cause, Refusal):
        # A refusal without a place in the union: the schema lacks it, the app gets at least its sentence.
        _log.warning("refusal_without_problem", refusal=type(cause).__name__, path=_field_path(error))
        message, extensions = str(cause), {"code": "BAD_REQUEST"}
    elif cause is not None and is_away(cause):
        _log.warning("part_away", error=type(cause).__name__, path=_field_path(error))
        message, extensions = told(Unavailable(RETRY_AFTER))
    elif _is_of_the_request(error):
        return request_error(error)
    else:
        _log.error("resolver_failed", error=type(cause or error).__name__, path=_field_path(error), exc_info=cause or error)
        message, extensions = MASK, {"code": "INTERNAL"}
    return _located(error, message, extensions)


def told(error: CodedError) -> tuple[str, dict[str, Any]]:
    """The sentence and the extensions of a coded error."""
    extensions: dict[str, Any] = {"code": error.code}
    if isinstance(error, RateLimited | Unavailable | Overloaded):
        extensions["retryAfter"] = error.retry_after
    if isinstance(error, BadInput) and error.field:
        extensions["field"] = error.field
    return str(error) or error.code.replace("_", " ").capitalize() + ".", extensions


def is_away(error: BaseException) -> bool:
    """Whether PostgreSQL or Redis is away, so that the same call may succeed in a moment."""
    return any(isinstance(link, _CERTAIN) or (isinstance(link, _AWAY) and may_be_retried(link)) for link in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_of_the_request(error: GraphQLError) -> bool:
    # graphql-core blames an argument's node for a value the app sent, and the field's node for what a resolver gave back.
    return error.original_error is None and any(not isinstance(node, FieldNode) for node in error.nodes or ())


def _field_path(error: GraphQLError) -> str:
    return ".".join(step for step in error.path or () if isinstance(step, str))


def _located(error: GraphQLError, message: str, extensions: Mapping[str, Any]) -> dict[str, Any]:
    told_error: dict[str, Any] = {"message": message}
    if error.locations:
        told_error["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        told_error["path"] = error.path
    return told_error | {"extensions": dict(extensions)}
