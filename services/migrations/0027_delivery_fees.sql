-- What a store asks for bringing its goods, where it is not what the house asks; and what an order was asked by it.

-- `1000:190,3000:290,*:490 free:2500 small:1000:200`: up to so many metres so much, beyond them so much; nothing from a basket of so
-- much on; what a basket lacks below so much, at most so much. Empty: as the house asks.
ALTER TABLE stores
    ADD COLUMN delivery_fees text NOT NULL DEFAULT '',
    ADD CONSTRAINT stores_delivery_fees_short CHECK (length(delivery_fees) <= 400);

-- What the store itself asked for this basket alone; null where the house's fees held. With it a purchase is priced anew when an
-- order falls away, whatever the store asks by then.
ALTER TABLE orders
    ADD COLUMN own_delivery_fee bigint,
    ADD CONSTRAINT orders_own_delivery_fee_not_negative CHECK (own_delivery_fee >= 0);

-- How far away somebody may be for a store's own fee to be no more than that; below nothing where it is more for everybody. Fees go
-- by whole metres, hence half a metre more; farther is never cheaper.
CREATE FUNCTION own_fee_reach(delivery_fees text, most_fee bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT coalesce(max(CASE split_part(band, ':', 1) WHEN '*' THEN 'infinity' ELSE split_part(band, ':', 1)::double precision + 0.499 END), -1)
FROM string_to_table(split_part(delivery_fees, ' ', 1), ',') AS band
WHERE split_part(band, ':', 2)::bigint <= most_fee
$$;

-- As before; where a fee is wished, a store with fees of its own is as near as these say, any other as near as the house's.
DROP FUNCTION stores_at_home(
    double precision, double precision, text[], text[], text[], bigint, bigint,
    double precision, double precision, double precision, double precision, uuid, integer);
CREATE FUNCTION stores_at_home(
    to_latitude double precision, to_longitude double precision,
    kinds text[], wanted_cuisines text[], wanted_diets text[], prices_from bigint, prices_below bigint,
    most_metres double precision, most_fee bigint, most_seconds double precision, seconds_per_metre double precision,
    after_rank double precision, after_id uuid, page_size integer
) RETURNS TABLE (id uuid, version bigint, rank double precision, distance double precision, median_price bigint)
LANGUAGE plpgsql STABLE
SET enable_sort = off
SET enable_bitmapscan = off
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    here CONSTANT earth := ll_to_earth(to_latitude, to_longitude);
    now_here CONSTANT cube := cube(here, 0::double precision);
BEGIN
    RETURN QUERY
    SELECT n.id, n.version, n.rank, n.distance, n.median_price
    FROM (
        SELECT s.id, s.version, t.median_price,
            cube(ll_to_earth(s.latitude, s.longitude), (s.preparation_minutes * 60)::double precision) <-> now_here AS rank,
            earth_distance(ll_to_earth(s.latitude, s.longitude), here) AS distance
        FROM stores s LEFT JOIN store_traits t ON t.store_id = s.id
        WHERE s.state = 'LIVE'
          -- The house's furthest reach and longest preparation: beyond them the walk ends.
          AND cube_enlarge(now_here, 30000, 4) && cube(ll_to_earth(s.latitude, s.longitude), (s.preparation_minutes * 60)::double precision)
          AND earth_distance(ll_to_earth(s.latitude, s.longitude), here) <= least(s.delivery_radius_m,
              CASE WHEN most_fee IS NULL OR s.delivery_fees = '' THEN most_metres ELSE own_fee_reach(s.delivery_fees, most_fee) END)
          AND (s.delivery_area IS NULL OR in_delivery_area(s.delivery_area, to_latitude, to_longitude))
          AND (kinds IS NULL OR s.kind = ANY (kinds))
          AND (wanted_cuisines IS NULL OR s.cuisines && wanted_cuisines)
          AND (wanted_diets IS NULL OR t.diets @> wanted_diets)
          AND (prices_from IS NULL OR t.median_price >= prices_from)
          AND (prices_below IS NULL OR t.median_price < prices_below)
          AND s.preparation_minutes * 60
              + earth_distance(ll_to_earth(s.latitude, s.longitude), here) * seconds_per_metre <= most_seconds
          AND (after_rank IS NULL
              OR (cube(ll_to_earth(s.latitude, s.longitude), (s.preparation_minutes * 60)::double precision) <-> now_here, s.id)
                  > (after_rank, after_id))
        ORDER BY cube(ll_to_earth(s.latitude, s.longitude), (s.preparation_minutes * 60)::double precision) <-> now_here
        OFFSET 0
    ) n
    ORDER BY n.rank, n.id
    LIMIT page_size;
END
$$;
