"""Structured logs: JSON lines, or readable ones in development; each names its request, none names a person."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from services.kernel.request_context import request_id

_SECRETS = frozenset(
    {"authorization", "token", "access_token", "refresh_token", "id_token", "phone", "address", "name", "query", "variables"}
)


def configure_logs(*, readable: bool, level: int = logging.INFO) -> None:
    """Set how this process logs; called once by an entrypoint."""
    renderer: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            _name_request,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask_secrets,
            *([] if readable else [structlog.processors.dict_tracebacks]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def _name_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (name := request_id.get()) is not None:
        event.setdefault("request_id", name)
    return event


def _mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second net: nobody should log these, and nobody can."""
    for key in _SECRETS & event.keys():
        event[key] = "***"
    return event
