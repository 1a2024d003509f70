-- A ring more is only worth its reading where all that reaches the point would be much more to read.

CREATE OR REPLACE FUNCTION search_matches(
    query tsquery, to_latitude double precision, to_longitude double precision, most_stores integer
) RETURNS TABLE (store_id uuid, distance double precision, documents uuid[])
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    found search_match[];
    ring integer := search_first_ring(to_latitude, to_longitude, most_stores);
BEGIN
    -- Beyond this, all within reach are hardly more.
    WHILE ring <= 3500 LOOP
        found := search_within(query && search_ring(to_latitude, to_longitude, ring), to_latitude, to_longitude, ring, most_stores);
        IF cardinality(found) = most_stores THEN
            RETURN QUERY SELECT m.store_id, m.distance, m.documents FROM unnest(found) AS m;
            RETURN;
        END IF;
        -- Did they stand as thick for five kilometres, so many would be read at once.
        EXIT WHEN cardinality(found) * power(5000.0 / ring, 2) <= 10 * most_stores;
        ring := greatest(ring * 1.5, ring * 1.25 * sqrt(most_stores / greatest(cardinality(found), 1)::double precision));
    END LOOP;
    RETURN QUERY SELECT m.store_id, m.distance, m.documents
    FROM unnest(search_within(query && search_here(to_latitude, to_longitude), to_latitude, to_longitude, 'infinity', most_stores)) AS m;
END
$$;
