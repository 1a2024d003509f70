-- How wide a search's first ring is goes by how thick stores stand there: looking at once where there is enough costs one reading.

CREATE INDEX stores_by_stand ON stores (search_cell(0.005, floor(latitude / 0.005)::integer, longitude)) WHERE state = 'LIVE';

-- How far away as many stores stand as a search looks at, and as many again that have nothing to say to it; by the stands around.
CREATE FUNCTION search_first_ring(to_latitude double precision, to_longitude double precision, most_stores integer) RETURNS integer
LANGUAGE plpgsql STABLE STRICT
SET enable_seqscan = off
AS $$
DECLARE
    around CONSTANT text[] := ARRAY(
        SELECT DISTINCT search_cell(0.005, at_row, to_longitude + aside * 0.005 / greatest(cos(radians(to_latitude)), 0.02))
        FROM generate_series(floor(to_latitude / 0.005)::integer - 1, floor(to_latitude / 0.005)::integer + 1) AS at_row,
            generate_series(-1, 1) AS aside);
    stores CONSTANT integer := (SELECT count(*) FROM (
        SELECT FROM stores s
        WHERE s.state = 'LIVE' AND search_cell(0.005, floor(s.latitude / 0.005)::integer, s.longitude) = ANY (around) LIMIT 1500
    ) AS standing);
BEGIN
    -- Nine cells are as large as a circle of 940 metres.
    RETURN CASE WHEN stores = 0 THEN 50000 ELSE least(940 * sqrt(2.0 * most_stores / stores), 50000) END;
END
$$;

CREATE OR REPLACE FUNCTION search_matches(
    query tsquery, to_latitude double precision, to_longitude double precision, most_stores integer
) RETURNS TABLE (store_id uuid, distance double precision, documents uuid[])
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    found search_match[];
    ring integer := search_first_ring(to_latitude, to_longitude, most_stores);
BEGIN
    WHILE ring <= 5000 LOOP
        found := search_within(query && search_ring(to_latitude, to_longitude, ring), to_latitude, to_longitude, ring, most_stores);
        IF cardinality(found) = most_stores THEN
            RETURN QUERY SELECT m.store_id, m.distance, m.documents FROM unnest(found) AS m;
            RETURN;
        END IF;
        ring := greatest(ring * 1.5, least(ring * 1.2 * sqrt(most_stores / greatest(cardinality(found), 1)::double precision), 50000));
    END LOOP;
    RETURN QUERY SELECT m.store_id, m.distance, m.documents
    FROM unnest(search_within(query && search_here(to_latitude, to_longitude), to_latitude, to_longitude, 'infinity', most_stores)) AS m;
END
$$;
