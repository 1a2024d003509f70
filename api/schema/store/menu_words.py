"""What a tablet sends about one row beside its name and price: words in other languages, media, hours, measures."""

import re
from collections.abc import Sequence
from datetime import time
from decimal import Decimal

import strawberry

from api.schema.shared.goods import Measure, MediaKind
from api.schema.shared.week import Weekday
from services.catalog.rules import ContentUnit, MediaDraft
from services.catalog.rules.windows import Window, text_of
from services.kernel.errors import BadInput

strawberry.enum(ContentUnit, name="ContentUnit", description="What a package's content is told in: grams, millilitres, pieces.")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@strawberry.input(description="A text in a language other than the menu's own.")
class WordingInput:
    language: str = strawberry.field(description="BCP 47, such as sv.")
    text: str


@strawberry.input(description="Something to look at.")
class MediaInput:
    kind: MediaKind
    url: str = strawberry.field(description="https.")
    alt: str = strawberry.field(default="", description="What it shows, for who cannot see it.")
    width: int | None = strawberry.field(default=None, description="Pixels.")
    height: int | None = strawberry.field(default=None, description="Pixels.")
    size_bytes: int | None = None

    def read(self) -> MediaDraft:
        sizes = {"width": self.width, "height": self.height, "size_bytes": self.size_bytes}
        return MediaDraft(kind=self.kind, url=self.url, alt=self.alt, **sizes)


@strawberry.input(description="From a time until before another, on some days; an end that is not later lies on the next day.")
class SellingWindowInput:
    days: list[Weekday]
    opens: str = strawberry.field(description="On the store's clock, such as 07:00.")
    closes: str = strawberry.field(description="On the store's clock, such as 10:30.")

    def read(self) -> Window:
        if not self.days:
            raise BadInput("A window has at least one day.", field="windows")
        return Window(tuple(dict.fromkeys(self.days)), _clock(self.opens), _clock(self.closes))


@strawberry.input(description="How goods are counted and priced; without it by the piece.")
class MeasureInput:
    sold_by: Measure = strawberry.field(
        default=Measure.PIECE, description="What a quantity counts: pieces, or steps of `stepGrams`."
    )
    priced_by: Measure = strawberry.field(default=Measure.PIECE, description="What the price is for: a piece, or a kilogram.")
    step_grams: int | None = strawberry.field(default=None, description="Of what is sold by weight: grams of one step.")
    nominal_grams: int | None = strawberry.field(
        default=None, description="Of what is sold by the piece and priced by weight: what a piece weighs as a rule."
    )
    content: Decimal | None = strawberry.field(
        default=None, description="What a piece holds, for the price by the law's unit; else `sizeText` is read."
    )
    content_unit: ContentUnit | None = None


def by_language(wordings: Sequence[WordingInput], field: str) -> dict[str, str]:
    """Texts by language. Raises BadInput where one language is told twice."""
    if len({one.language for one in wordings}) < len(wordings):
        raise BadInput("Tell each language once.", field=field)
    return {one.language: one.text for one in wordings}


def hours_of(hours: str | None, windows: Sequence[SellingWindowInput]) -> str:
    """Hours as they are kept. Raises BadInput where they are told in two ways."""
    if hours and windows:
        raise BadInput("Tell the hours in one way.", field="windows")
    return hours or text_of([window.read() for window in windows])


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if not found:
        raise BadInput("A time of day is told as 07:30.", field="windows")
    return time(int(found[1]), int(found[2]))
