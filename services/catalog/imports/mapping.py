"""Which column says what: the owner's own words about a file, as data."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from services.catalog.imports.amounts import Decimals
from services.kernel.errors import BadInput

FieldName = Literal[
    "ref",
    "name",
    "description",
    "price",
    "brand",
    "gtin",
    "size",
    "stock",
    "section",
    "menu",
    "taxClass",
    "allergens",
    "diets",
    "labels",
    "aisle",
    "shelf",
    "image",
    "ageLimit",
    "mostPerDay",
    "preparationMinutes",
    "energyKcal",
    "energyKj",
]
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
Path = Annotated[str, Field(min_length=1, max_length=200)]


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class PartOf(_Words):
    """A part of what a column says: the second of `fruit/apples` is `apples`."""

    column: Path
    part: int = Field(default=1, ge=1, le=20)
    separator: str = Field(default="/", min_length=1, max_length=5)


class ByWeight(_Words):
    """A price by weight: what it is, for how many grams, and how many grams a portion has where portions are sold."""

    price: Path
    unit: Path = ""
    grams: int = Field(default=100, ge=1, le=1_000_000)
    portion_grams: int | None = Field(default=None, ge=1, le=100_000)


class Label(_Words):
    """What a partner's own label means here; nothing of both: it is no mark of ours, and told of no more."""

    allergen: str = Field(default="", max_length=50)
    diet: str = Field(default="", max_length=50)


class Groups(_Words):
    """Option groups that stand elsewhere in the file, which a row names in `named_by`."""

    named_by: Path
    rows: Path
    key: Path
    kind: Path = ""
    options: Path
    option_name: Path = "name"
    option_price: Path = ""
    order: Path = ""
    several: tuple[str, ...] = ()
    """The kinds of which as many may be chosen as there are; of the others one must be."""


class Mapping(_Words):
    """How the rows of a CSV or JSON file are to be read; every word may be left out."""

    fields: dict[FieldName, Path | PartOf | tuple[Path, ...]] = Field(default_factory=dict)
    constants: dict[FieldName, str] = Field(default_factory=dict)
    rows: str = Field(default="[]", max_length=200)
    """Where the rows stand in JSON, such as `days[].dishes[]`; a path may climb with `../`."""
    missing: tuple[str, ...] = ()
    """What the source writes where it has nothing."""
    where: dict[Path, str] = Field(default_factory=dict)
    """Only rows of which these columns say this."""
    encoding: Literal["auto", "utf-8", "utf-16", "windows-1252", "iso-8859-15"] = "auto"
    delimiter: Literal["auto", ",", ";", "\t", "|"] = "auto"
    decimal: Decimals = Decimals.AUTO
    prices_in: Literal["MAJOR", "MINOR"] = "MAJOR"
    broken_barcodes: Literal["FAULT", "LEAVE_OUT"] = "FAULT"
    labels: dict[str, Label] = Field(default_factory=dict)
    by_weight: ByWeight | None = None
    groups: Groups | None = None


def read_mapping(said: Any) -> Mapping:
    """A mapping as it was sent, as values or as JSON text. Raises BadInput naming the word that is not understood."""
    if isinstance(said, str):
        said = said.strip() or "{}"
    try:
        return Mapping.model_validate_json(said) if isinstance(said, str) else Mapping.model_validate(said or {})
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BadInput(f"The mapping's {where or 'shape'} is not right: {first['msg']}.", field="mapping") from wrong
