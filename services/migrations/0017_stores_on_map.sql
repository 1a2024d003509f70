-- Which stores deliver where, as one number: it rises with every transaction that changes the answer of stores_near to anybody, so
-- that a page of stores that is kept can be told from one that is no longer true. (What a store shows has its own version.)
CREATE TABLE stores_on_map (
    -- Nobody's id: the number is asked for beside the versions of stores.
    id        uuid CONSTRAINT stores_on_map_pkey PRIMARY KEY CONSTRAINT stores_on_map_only_one CHECK (id = '00000000-0000-0000-0000-000000000000'),
    version   bigint NOT NULL,
    -- The transaction that raised it last: one raises it once, however many stores it moves.
    raised_by xid8 NOT NULL
);
INSERT INTO stores_on_map (id, version, raised_by) VALUES ('00000000-0000-0000-0000-000000000000', 1, pg_current_xact_id());

CREATE FUNCTION raise_stores_on_map() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO stores_on_map AS map (id, version, raised_by)
    VALUES ('00000000-0000-0000-0000-000000000000', 1, pg_current_xact_id())
    ON CONFLICT (id) DO UPDATE SET version = map.version + 1, raised_by = excluded.raised_by
    WHERE map.raised_by <> excluded.raised_by;
    RETURN NULL;
END
$$;

-- At the end of the transaction: whoever opens a store never holds the number while waiting for something else.
CREATE CONSTRAINT TRIGGER stores_came_or_went AFTER INSERT OR DELETE ON stores
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_stores_on_map();
CREATE CONSTRAINT TRIGGER stores_moved AFTER UPDATE ON stores
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (
    (OLD.state, OLD.kind, OLD.latitude, OLD.longitude, OLD.delivery_radius_m, OLD.delivery_area)
    IS DISTINCT FROM (NEW.state, NEW.kind, NEW.latitude, NEW.longitude, NEW.delivery_radius_m, NEW.delivery_area)
)
EXECUTE FUNCTION raise_stores_on_map();
