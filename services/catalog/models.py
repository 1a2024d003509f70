"""Rows of the catalogue: products, menus down to their options, and stock set aside."""

from enum import StrEnum

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from services.catalog.rules import ContentUnit, Measure, TaxClass
from services.kernel.ids import new_id


class HoldState(StrEnum):
    HELD = "HELD"
    TAKEN = "TAKEN"
    RELEASED = "RELEASED"


class Product(Model):
    """A grocery article known by its GTIN, the same in every store."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    gtin = fields.TextField()
    name = fields.TextField()
    brand = fields.TextField()
    size_text = fields.TextField()

    class Meta:
        table = "products"


class Menu(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    store_id = fields.UUIDField()
    ref = fields.TextField()
    name = fields.TextField()
    names: fields.JSONField[dict[str, str] | None] = fields.JSONField(null=True)
    position = fields.IntField()
    hours = fields.TextField(default="")
    language = fields.TextField(default="")

    class Meta:
        table = "menus"


class Section(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    menu_id = fields.UUIDField()
    store_id = fields.UUIDField()
    ref = fields.TextField()
    name = fields.TextField()
    names: fields.JSONField[dict[str, str] | None] = fields.JSONField(null=True)
    position = fields.IntField()

    class Meta:
        table = "sections"


class Item(Model):
    """What one may put into a basket; without a section only once it was removed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    store_id = fields.UUIDField()
    section_id = fields.UUIDField(null=True)
    product_id = fields.UUIDField(null=True)
    ref = fields.TextField()
    name = fields.TextField()
    description = fields.TextField()
    price = fields.BigIntField()
    currency = fields.TextField()
    tax_class = fields.CharEnumField(TaxClass)
    allergens = ArrayField("text")
    diets = ArrayField("text")
    unavailable_until = fields.DatetimeField(null=True)
    stock = fields.IntField(null=True)
    position = fields.IntField()
    removed_at = fields.DatetimeField(null=True)
    names: fields.JSONField[dict[str, str] | None] = fields.JSONField(null=True)
    descriptions: fields.JSONField[dict[str, str] | None] = fields.JSONField(null=True)
    media: fields.JSONField[list[dict[str, object]] | None] = fields.JSONField(null=True)
    energy_kj = fields.IntField(null=True)
    energy_kcal = fields.IntField(null=True)
    age_limit = fields.IntField(null=True)
    preparation_minutes = fields.IntField(null=True)
    most_per_day = fields.IntField(null=True)
    own_brand = fields.TextField(default="")
    own_size_text = fields.TextField(default="")
    aisle = fields.TextField(default="")
    shelf = fields.TextField(default="")
    sold_by = fields.CharEnumField(Measure, default=Measure.PIECE)
    priced_by = fields.CharEnumField(Measure, default=Measure.PIECE)
    grams = fields.IntField(null=True)
    content = fields.DecimalField(max_digits=12, decimal_places=3, null=True)
    content_unit = fields.CharEnumField(ContentUnit, null=True)
    selling_hours = fields.TextField(default="")
    choices_out_until = fields.DatetimeField(null=True)

    class Meta:
        table = "items"


class OptionGroup(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    store_id = fields.UUIDField()
    ref = fields.TextField()
    name = fields.TextField()
    min_choices = fields.IntField()
    max_choices = fields.IntField()
    free_count = fields.IntField()
    names: fields.JSONField[dict[str, str] | None] = fields.JSONField(null=True)

    class Meta:
        table = "option_groups"


class Option(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    group_id = fields.UUIDField()
    store_id = fields.UUIDField()
    ref = fields.TextField()
    name = fields.TextField()
    price = fields.BigIntField()
    is_default = fields.BooleanField()
    unavailable_until = fields.DatetimeField(null=True)
    position = fields.IntField()
    names: fields.JSONField[dict[str, str] | None] = fields.JSONField(null=True)
    tax_class = fields.CharEnumField(TaxClass, null=True)
    own_ref = fields.TextField(default="")

    class Meta:
        table = "options"


class StockHold(Model):
    """Stock set aside for one order; it was subtracted from the item when the hold was made."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    purchase_id = fields.UUIDField()
    order_id = fields.UUIDField()
    item_id = fields.UUIDField()
    quantity = fields.IntField()
    held_until = fields.DatetimeField()
    state = fields.CharEnumField(HoldState)

    class Meta:
        table = "stock_holds"
