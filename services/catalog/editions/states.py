"""The life of an edition: written, perhaps waiting, published; or thrown away, or called off."""

from enum import StrEnum


class EditionState(StrEnum):
    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    PUBLISHED = "PUBLISHED"
    DISCARDED = "DISCARDED"
    CALLED_OFF = "CALLED_OFF"


class EditionOrigin(StrEnum):
    """How an edition came about: written as a draft, sent whole, or brought back."""

    DRAFT = "DRAFT"
    REPLACEMENT = "REPLACEMENT"
    UNDO = "UNDO"
