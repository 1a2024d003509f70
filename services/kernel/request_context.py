"""Which request (or job) the running code belongs to, so that logs and events can name it, and from where it came."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
# The address of the phone or browser, as far as it can be known: that of a proxy only where the settings do not name it.
client_address: ContextVar[str] = ContextVar("client_address", default="")
