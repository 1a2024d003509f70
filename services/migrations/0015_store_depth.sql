-- Stores in depth: their story, busy times, preparation by the hour, capacity by slots, delivery areas as polygons; staff invited.

ALTER TABLE stores
    ADD COLUMN story text NOT NULL DEFAULT '',
    ADD COLUMN busy_minutes integer NOT NULL DEFAULT 0,
    ADD COLUMN busy_until timestamptz,
    -- Null: the preparation time, or the house's least where that is longer.
    ADD COLUMN last_order_minutes integer,
    -- `Mo-Fr 11:00-14:00 35; Sa 18:00-22:00 50`: minutes where they differ from preparation_minutes, by the store's own clock.
    ADD COLUMN preparation_windows text NOT NULL DEFAULT '',
    -- How much is taken on for one quarter of an hour; null: no end.
    ADD COLUMN capacity_orders integer,
    ADD COLUMN capacity_value bigint,
    -- A closed ring: latitude, longitude, latitude, longitude, … delivery_radius_m is then the circle around it.
    ADD COLUMN delivery_area double precision[],
    ADD CONSTRAINT stores_story_short CHECK (length(story) <= 4000),
    ADD CONSTRAINT stores_busy_in_range CHECK (busy_minutes BETWEEN 0 AND 240),
    -- Every busy mode has an end.
    ADD CONSTRAINT stores_busy_ends CHECK ((busy_until IS NULL) = (busy_minutes = 0) AND busy_until < 'infinity'::timestamptz),
    ADD CONSTRAINT stores_last_order_in_range CHECK (last_order_minutes BETWEEN 0 AND 240),
    ADD CONSTRAINT stores_preparation_windows_short CHECK (length(preparation_windows) <= 4000),
    ADD CONSTRAINT stores_capacity_positive CHECK (capacity_orders > 0 AND capacity_value > 0),
    ADD CONSTRAINT stores_area_is_a_ring CHECK (cardinality(delivery_area) BETWEEN 8 AND 202 AND cardinality(delivery_area) % 2 = 0);

-- What a store has taken on for a quarter of an hour: a row for each order of a store with a capacity, gone when the order falls away.
CREATE TABLE store_slots (
    order_id uuid CONSTRAINT store_slots_pkey PRIMARY KEY,
    store_id uuid NOT NULL CONSTRAINT store_slots_store_fkey REFERENCES stores (id),
    slot_at  timestamptz NOT NULL,
    value    bigint NOT NULL,
    CONSTRAINT store_slots_value_not_negative CHECK (value >= 0)
);
CREATE INDEX store_slots_taken ON store_slots (store_id, slot_at);
CREATE INDEX store_slots_old ON store_slots (slot_at);

-- Whether a point lies in a ring, even and odd, in the plane of degrees; the same arithmetic as services.stores.areas.
CREATE FUNCTION in_delivery_area(area double precision[], latitude double precision, longitude double precision) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- What is nearer to zero than any map can tell is zero: products of it would leave the range of floats.
    y CONSTANT double precision := CASE WHEN abs(latitude) < 1e-9 THEN 0 ELSE latitude END;
    x CONSTANT double precision := CASE WHEN abs(longitude) < 1e-9 THEN 0 ELSE longitude END;
    inside boolean := false;
    lat1 double precision;
    lon1 double precision;
    lat2 double precision := area[1];
    lon2 double precision := area[2];
BEGIN
    FOR i IN 3 .. cardinality(area) - 1 BY 2 LOOP
        lat1 := lat2;
        lon1 := lon2;
        lat2 := area[i];
        lon2 := area[i + 1];
        IF (lat1 > y) <> (lat2 > y) THEN
            IF x < (lon2 - lon1) * (y - lat1) / (lat2 - lat1) + lon1 THEN
                inside := NOT inside;
            END IF;
        END IF;
    END LOOP;
    RETURN inside;
END
$$;

-- As before, and where a store has drawn its area, only within it: the circle around it is walked by the index, the ring decides.
CREATE OR REPLACE FUNCTION stores_near(
    to_latitude double precision, to_longitude double precision, kinds text[],
    after_chord double precision, after_id uuid, page_size integer
) RETURNS TABLE (id uuid, chord double precision, distance double precision)
LANGUAGE plpgsql STABLE
SET enable_sort = off
SET enable_bitmapscan = off
SET enable_seqscan = off
AS $$
DECLARE
    here CONSTANT earth := ll_to_earth(to_latitude, to_longitude);
BEGIN
    RETURN QUERY
    SELECT n.id, n.chord, n.distance
    FROM (
        SELECT s.id, ll_to_earth(s.latitude, s.longitude) <-> here AS chord,
            earth_distance(ll_to_earth(s.latitude, s.longitude), here) AS distance
        FROM stores s
        WHERE s.state = 'LIVE'
          AND earth_box(here, 30000) @> ll_to_earth(s.latitude, s.longitude)
          AND earth_distance(ll_to_earth(s.latitude, s.longitude), here) <= s.delivery_radius_m
          AND (s.delivery_area IS NULL OR in_delivery_area(s.delivery_area, to_latitude, to_longitude))
          AND (kinds IS NULL OR s.kind = ANY (kinds))
          AND (after_chord IS NULL OR (ll_to_earth(s.latitude, s.longitude) <-> here, s.id) > (after_chord, after_id))
        ORDER BY ll_to_earth(s.latitude, s.longitude) <-> here
        -- Keeps the walk a step of its own: before 17 the index is only walked for an order by distance and nothing else.
        OFFSET 0
    ) n
    ORDER BY n.chord, n.id
    LIMIT page_size;
END
$$;

-- Somebody is asked to work for a store: by the number of a phone, taken up when its owner signs in at the store's door.
CREATE TABLE staff_invitations (
    id           uuid CONSTRAINT staff_invitations_pkey PRIMARY KEY,
    store_id     uuid NOT NULL CONSTRAINT staff_invitations_store_fkey REFERENCES stores (id),
    phone        text NOT NULL,
    role         text NOT NULL,
    locale       text NOT NULL,
    invited_by   uuid NOT NULL CONSTRAINT staff_invitations_invited_by_fkey REFERENCES people (id),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_at  timestamptz,
    withdrawn_at timestamptz,
    told_at      timestamptz,
    CONSTRAINT staff_invitations_phone_is_e164 CHECK (phone ~ '^\+[1-9][0-9]{5,14}$'),
    CONSTRAINT staff_invitations_role_known CHECK (role IN ('OWNER', 'MANAGER', 'CLERK')),
    CONSTRAINT staff_invitations_expire_later CHECK (created_at < expires_at),
    CONSTRAINT staff_invitations_end_once CHECK (accepted_at IS NULL OR withdrawn_at IS NULL)
);
CREATE INDEX staff_invitations_of_store ON staff_invitations (store_id);
CREATE INDEX staff_invitations_by ON staff_invitations (invited_by);
CREATE UNIQUE INDEX staff_invitations_open ON staff_invitations (phone, store_id) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
