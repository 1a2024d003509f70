"""Structured logs: JSON lines, or readable ones in development; each names its request, none names a person."""

import asyncio
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

from services.kernel.request_context import request_id

_SECRETS = frozenset(
    {"authorization", "token", "access_token", "refresh_token", "id_token", "phone", "address", "name", "query", "variables"}
)


# Phone numbers, coordinates, cards: an exception's text quotes what it stumbled over.
_NUMBERS = re.compile(r"\d[\d .,-]{4,}\d")
_stack = ExceptionDictTransformer(show_locals=False)


def configure_logs(*, readable: bool, level: int = logging.INFO) -> None:
    """Set how this process logs; called once by an entrypoint."""
    _lines[:] = [] if readable or level > logging.INFO else [_Lines()]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if readable
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            _name_request,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask_secrets,
            *([] if readable else [structlog.processors.ExceptionRenderer(_exception)]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def jot(log: Any, event: str, **facts: Any) -> None:
    """Log what happens all the time: a line like the others, without their ceremony, written within a second.

    Nothing is masked here: say only what may be read by anybody who reads logs.
    """
    if not _lines:
        log.info(event, **facts)
        return
    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    line = facts | {"event": event, "level": "info", "timestamp": at, "request_id": request_id.get()}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    _lines[0].write_soon()


class _Lines:
    """Whether lines wait in the process's output to be written."""

    def __init__(self) -> None:
        self._waiting = False

    def write_soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(1.0, self._write)

    def _write(self) -> None:
        self._waiting = False
        sys.stdout.flush()


# Filled where logs are lines of JSON.
_lines: list[_Lines] = []


def _name_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (name := request_id.get()) is not None:
        event.setdefault("request_id", name)
    return event


def _mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second net: nobody should log these, and nobody can."""
    for key in _SECRETS & event.keys():
        event[key] = "***"
    return event


def _exception(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Where it happened, without local variables, and what it said, without PostgreSQL's DETAIL, which quotes the row."""
    told = _stack(exc_info)
    for link in told:
        link["exc_value"] = _NUMBERS.sub("***", str(link["exc_value"]).partition("\nDETAIL")[0])
    return told
