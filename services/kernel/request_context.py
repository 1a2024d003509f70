"""Which request (or job) the running code belongs to, so that logs and events can name it."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
