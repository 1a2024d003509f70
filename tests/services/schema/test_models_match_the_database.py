"""Models and migrations tell the same story; every foreign key has an index to follow it."""

from tortoise import Tortoise
from tortoise.fields.base import Field
from tortoise.fields.relational import ForeignKeyFieldInstance

from services.kernel.database import rows

# What PostgreSQL calls the types that Tortoise's fields write.
TYPES = {
    "UUIDField": {"uuid"},
    "TextField": {"text"},
    "CharField": {"text", "character varying", "character"},
    "CharEnumFieldInstance": {"text", "character varying"},
    "IntField": {"integer"},
    "SmallIntField": {"smallint", "integer"},
    "BigIntField": {"bigint"},
    "FloatField": {"double precision"},
    "DecimalField": {"numeric"},
    "BooleanField": {"boolean"},
    "DatetimeField": {"timestamp with time zone"},
    "DateField": {"date"},
    "JSONField": {"jsonb"},
    "ArrayField": {"ARRAY"},
    "BinaryField": {"bytea"},
}


def type_names(field: Field[object]) -> set[str]:
    """The PostgreSQL types a field may stand for."""
    if isinstance(field, ForeignKeyFieldInstance):
        return {"uuid"}
    return next((TYPES[kind.__name__] for kind in type(field).__mro__ if kind.__name__ in TYPES), set())


async def test_every_model_has_exactly_its_table_s_columns() -> None:
    found = await rows(
        "SELECT table_name, column_name, data_type, is_nullable = 'YES' AS nullable"
        " FROM information_schema.columns WHERE table_schema = 'public'"
    )
    tables: dict[str, dict[str, tuple[str, bool]]] = {}
    for column in found:
        tables.setdefault(column["table_name"], {})[column["column_name"]] = (column["data_type"], column["nullable"])
    differences = []
    models = Tortoise.apps["pannier"].values() if Tortoise.apps else []
    assert len(list(models)) > 10
    for model in models:
        table = tables.get(model._meta.db_table, {})
        fields = {column: model._meta.fields_map[name] for name, column in model._meta.fields_db_projection.items()}
        if set(fields) != set(table):
            differences.append(f"{model.__name__}: columns {sorted(set(fields) ^ set(table))}")
            continue
        for column, field in fields.items():
            data_type, nullable = table[column]
            if data_type not in type_names(field) or bool(field.null) != nullable:
                differences.append(
                    f"{model.__name__}.{column}: {type(field).__name__} null={field.null}, table {data_type} null={nullable}"
                )
    assert differences == []


async def test_every_foreign_key_can_be_followed_by_an_index() -> None:
    bare = await rows(
        """
        SELECT c.conrelid::regclass::text AS "table", c.conname AS key
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
            AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname))
        )
        """
    )
    assert [f"{key['table']}.{key['key']}" for key in bare] == []
