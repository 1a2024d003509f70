-- Partners and the stores they own: where they are, when they are open, how far they reach.

CREATE TABLE partners (
    id             uuid PRIMARY KEY,
    source_ref     text,
    legal_name     text NOT NULL,
    commission_bps integer NOT NULL,
    created_at     timestamptz NOT NULL,
    CONSTRAINT partners_source_ref_unique UNIQUE (source_ref),
    CONSTRAINT partners_legal_name_said CHECK (length(legal_name) BETWEEN 1 AND 200),
    CONSTRAINT partners_commission_in_range CHECK (commission_bps BETWEEN 0 AND 10000)
);

CREATE TABLE stores (
    id                  uuid PRIMARY KEY,
    partner_id          uuid NOT NULL,
    source_ref          text,
    kind                text NOT NULL,
    name                text NOT NULL,
    slug                text NOT NULL,
    category            text NOT NULL,
    cuisines            text[] NOT NULL,
    latitude            double precision NOT NULL,
    longitude           double precision NOT NULL,
    street              text NOT NULL,
    housenumber         text NOT NULL,
    postcode            text NOT NULL,
    city                text NOT NULL,
    country             text NOT NULL,
    time_zone           text NOT NULL,
    currency            text NOT NULL,
    opening_hours       text NOT NULL,
    hours_assumed       boolean NOT NULL,
    preparation_minutes integer NOT NULL,
    delivery_radius_m   integer NOT NULL,
    minimum_basket      bigint NOT NULL,
    prices_include_tax  boolean NOT NULL,
    auto_accept         boolean NOT NULL,
    state               text NOT NULL,
    paused_until        timestamptz,
    pause_reason        text,
    expiries_in_row     integer NOT NULL DEFAULT 0,
    version             bigint NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL,
    CONSTRAINT stores_partner FOREIGN KEY (partner_id) REFERENCES partners (id),
    CONSTRAINT stores_source_ref_unique UNIQUE (source_ref),
    CONSTRAINT stores_slug_unique UNIQUE (slug),
    CONSTRAINT stores_kind_known CHECK (kind IN ('RESTAURANT', 'GROCER', 'SHOP')),
    CONSTRAINT stores_state_known CHECK (state IN ('DRAFT', 'LIVE', 'CLOSED_DOWN')),
    CONSTRAINT stores_name_said CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT stores_on_earth CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180),
    CONSTRAINT stores_country_is_iso CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT stores_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT stores_preparation_in_range CHECK (preparation_minutes BETWEEN 1 AND 240),
    CONSTRAINT stores_radius_in_range CHECK (delivery_radius_m BETWEEN 100 AND 30000),
    CONSTRAINT stores_minimum_not_negative CHECK (minimum_basket >= 0),
    CONSTRAINT stores_expiries_not_negative CHECK (expiries_in_row >= 0),
    CONSTRAINT stores_pause_has_reason CHECK ((paused_until IS NULL) = (pause_reason IS NULL)),
    CONSTRAINT stores_pause_reason_known CHECK (pause_reason IN ('BY_STAFF', 'UNANSWERED_ORDERS')),
    -- Every pause has an end.
    CONSTRAINT stores_pause_ends CHECK (paused_until < 'infinity'::timestamptz)
);
CREATE INDEX stores_by_partner ON stores (partner_id);
CREATE INDEX stores_by_position ON stores USING gist (ll_to_earth(latitude, longitude)) WHERE state = 'LIVE';

-- "Near me": the live stores that deliver to a point, nearest first, after (after_chord, after_id). The index is walked outwards
-- from the point and left when the page is full, so a page costs the same among 500 stores and 50,000; the box keeps the walk from
-- crossing the globe where few stores deliver (30 km is the furthest any may reach). The planner cannot know how many stores a box
-- holds and would read and sort them all: hence a function, whose settings hold for it alone.
CREATE FUNCTION stores_near(
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
