"""How a store is called in addresses of web pages, and whom to name beside what is told of it."""

import re
import unicodedata

# The licence of the map (ODbL 1.0) asks that it be named wherever its data is shown.
OPENSTREETMAP_CREDIT = "© OpenStreetMap contributors, ODbL 1.0, https://www.openstreetmap.org/copyright"


def slug_of(name: str, tail: str) -> str:
    """A stable address for a store's page: the name in plain letters, then `tail` to keep it apart from its namesakes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(part for part in (*re.findall(r"[a-z0-9]+", plain)[:8], tail.lower()) if part)


def data_credit(source_ref: str | None) -> str | None:
    """Whom to name beside what is told about a store; None where the partner told it."""
    return OPENSTREETMAP_CREDIT if source_ref and source_ref.startswith("osm:") else None
