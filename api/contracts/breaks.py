"""A break: what a change of the schema does to one document that is out there, and what to do instead."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """In what way a phone would break."""

    REFUSED = "refused"
    NO_LONGER_ANSWERED = "no longer answered"
    MAY_BE_NULL = "may be null"
    TYPE_CHANGED = "type changed"
    VALUE_REMOVED = "value removed"
    VALUE_UNKNOWN = "value unknown to the app"
    TYPE_UNKNOWN = "type unknown to the app"
    INPUT_REMOVED = "input removed"
    INPUT_REQUIRED = "input required"
    INPUT_NARROWED = "input narrowed"


ADVICE = {
    Kind.REFUSED: "Keep what the document asks for, deprecate it with a replacement and a date, and remove it when nobody asks.",
    Kind.NO_LONGER_ANSWERED: "Let the type stay what it was until nobody asks for it as that.",
    Kind.MAY_BE_NULL: "Keep the promise, or add a nullable field beside it and deprecate this one.",
    Kind.TYPE_CHANGED: "Add a field of the new type beside it and deprecate this one.",
    Kind.VALUE_REMOVED: "Keep the value, deprecated, until nobody knows it any more.",
    Kind.VALUE_UNKNOWN: "Answer the new value in a new field, or only once every release bears values it does not know.",
    Kind.TYPE_UNKNOWN: "Answer the new type in a new field, or once every selection asks something of it (`... on Problem`).",
    Kind.INPUT_REMOVED: "Go on taking it, deprecated, even if nothing is done with it.",
    Kind.INPUT_REQUIRED: "Make it optional, with a default that does what was done without it.",
    Kind.INPUT_NARROWED: "Go on taking what was taken, or add an input beside it.",
}


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that would go wrong; `where` names it in the schema, `path` finds it in the document."""

    kind: Kind
    where: str
    says: str
    path: str = field(compare=False)
