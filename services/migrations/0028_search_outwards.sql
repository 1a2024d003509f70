-- A search walks outwards: documents say where their store stands, so that the nearest that match are read first, and only they.

-- Where a store stands, in cells of two sizes.
CREATE FUNCTION search_stand(latitude double precision, longitude double precision) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT ARRAY['~' || search_cell(0.005, floor(latitude / 0.005)::integer, longitude),
             '~' || search_cell(0.02, floor(latitude / 0.02)::integer, longitude)]
$$;

-- What one of something holds, in grams or millilitres, by its size as it is written; null for pieces, and where nobody can tell.
-- services.catalog.rules.measures.content_of does the same.
CREATE FUNCTION content_of_size(size_text text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    said CONSTANT text := lower(regexp_replace(size_text, '^\s+|\s+$', '', 'g'));
    number CONSTANT text := '\d{1,6}(?:[.,]\d{1,3})?';
    found text[];
    factor numeric;
BEGIN
    IF said = '' THEN
        RETURN NULL;
    END IF;
    -- `16 oz (453g)`: what American packages say twice.
    found := coalesce(
        regexp_match(said, '^' || number || '\s*(?:fl\.?\s?)?(?:oz|lbs?)\.?[\s/,;(]*()(' || number || ')\s*(g|kg|kgs|ml|l)\)?$'),
        regexp_match(said, '^(?:(\d{1,3})\s*[x×*]\s*)?(' || number || ')\s*([a-zü]+(?:\.?\s?oz\.?)?)\.?$'));
    factor := CASE
        WHEN found[3] IN ('mg') THEN 0.001
        WHEN found[3] IN ('g', 'gr', 'gm', 'gms', 'gram', 'grams', 'gramm', 'ml') THEN 1
        WHEN found[3] IN ('kg', 'kgs', 'kilo', 'kilogram', 'l', 'lt', 'liter', 'litre', 'liters', 'litres', 'litra') THEN 1000
        WHEN found[3] IN ('lb', 'lbs', 'pound', 'pounds') THEN 453.59237
        WHEN found[3] = 'cl' THEN 10
        WHEN found[3] = 'dl' THEN 100
        WHEN found[3] IN ('fl oz', 'floz', 'fl. oz', 'fl. oz.') THEN 29.5735295625
        WHEN found[3] IN ('gal', 'gallon') THEN 3785.411784
    END;
    -- "1.000 g" is a kilogram or a gram, by who wrote it: nobody guesses.
    IF factor IS NULL OR (found[2] ~ '^\d{1,3}[.,]\d{3}$' AND factor <> 1000) THEN
        RETURN NULL;
    END IF;
    RETURN nullif(replace(found[2], ',', '.')::numeric * factor * coalesce(nullif(found[1], '')::integer, 1), 0);
END
$$;

-- Grams or millilitres of one, for what is cheap by the kilogram or the litre; null where nobody told, and for what is priced by weight.
ALTER TABLE search_documents ADD COLUMN content double precision;

CREATE OR REPLACE FUNCTION write_search_documents(item_ids uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF cardinality(item_ids) = 0 THEN
        RETURN;
    END IF;
    DELETE FROM search_documents d USING items i WHERE d.id = ANY (item_ids) AND i.id = d.id AND i.removed_at IS NOT NULL;
    INSERT INTO search_documents (id, store_id, ware, content, document)
    SELECT i.id, i.store_id,
        ware_of(s.kind, s.cuisines, p.gtin, i.name, i.own_brand, i.own_size_text, i.content, i.content_unit),
        CASE WHEN i.content IS NULL OR i.content_unit IS NULL THEN content_of_size(coalesce(nullif(i.own_size_text, ''), p.size_text))
             WHEN i.content_unit IN ('G', 'ML') THEN i.content END,
        setweight(to_tsvector('simple', plain_words(concat_ws(' ', i.name, in_all_languages(i.names)))), 'A')
        || setweight(to_tsvector('simple', plain_words(concat_ws(' ', p.brand, p.name, i.own_brand, array_to_string(s.cuisines, ' ')))), 'B')
        || setweight(to_tsvector('simple', plain_words(concat_ws(' ', x.name, in_all_languages(x.names), i.aisle))), 'C')
        || setweight(to_tsvector('simple',
            left(plain_words(concat_ws(' ', i.description, in_all_languages(i.descriptions))), 600)), 'D')
        || array_to_tsvector(s.cells || ('=' || s.kind) || ARRAY(SELECT DISTINCT '#' || diet FROM unnest(i.diets) AS diet WHERE diet <> ''))
    FROM items i JOIN (
            SELECT id, kind, cuisines,
                search_reach(latitude, longitude, delivery_radius_m) || search_stand(latitude, longitude) AS cells
            FROM stores WHERE id IN (SELECT store_id FROM items WHERE id = ANY (item_ids)) OFFSET 0
        ) s ON s.id = i.store_id
        LEFT JOIN sections x ON x.id = i.section_id LEFT JOIN products p ON p.id = i.product_id
    WHERE i.id = ANY (item_ids) AND i.removed_at IS NULL
    ON CONFLICT (id) DO UPDATE SET ware = excluded.ware, content = excluded.content, document = excluded.document
    WHERE (search_documents.ware, search_documents.content, search_documents.document)
        IS DISTINCT FROM (excluded.ware, excluded.content, excluded.document);
END
$$;

CREATE OR REPLACE FUNCTION write_search_documents_of_store(of_store uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO search_documents (id, store_id, document)
    SELECT s.id, s.id,
        setweight(to_tsvector('simple', plain_words(s.name)), 'A')
        || setweight(to_tsvector('simple', plain_words(concat_ws(' ', s.category, array_to_string(s.cuisines, ' ')))), 'B')
        || setweight(to_tsvector('simple', plain_words(p.legal_name)), 'D')
        || array_to_tsvector(search_reach(s.latitude, s.longitude, s.delivery_radius_m) || search_stand(s.latitude, s.longitude)
            || ('=' || s.kind) || '=store'::text)
    FROM stores s JOIN partners p ON p.id = s.partner_id
    WHERE s.id = of_store
    ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE search_documents.document <> excluded.document;
    PERFORM write_search_documents(ARRAY(SELECT id FROM items WHERE store_id = of_store AND removed_at IS NULL));
END
$$;

-- What is written already: in place, and the index of words anew.
ALTER TABLE search_documents DISABLE TRIGGER search_documents_heard_again;
DROP INDEX search_documents_by_words;
UPDATE search_documents d
SET document = d.document || array_to_tsvector(search_stand(s.latitude, s.longitude)),
    content = CASE
        WHEN i.id IS NULL THEN NULL
        WHEN i.content IS NULL OR i.content_unit IS NULL THEN content_of_size(coalesce(nullif(i.own_size_text, ''), p.size_text))
        WHEN i.content_unit IN ('G', 'ML') THEN i.content
    END
FROM search_documents o JOIN stores s ON s.id = o.store_id LEFT JOIN items i ON i.id = o.id LEFT JOIN products p ON p.id = i.product_id
WHERE o.id = d.id;
CREATE INDEX search_documents_by_words ON search_documents USING gin (document) WITH (fastupdate = off);
ALTER TABLE search_documents ENABLE TRIGGER search_documents_heard_again;

-- Metres along the globe, as earth_distance tells them, at a tenth of its cost: not STRICT, so that it becomes part of its statement.
CREATE FUNCTION search_away(
    latitude double precision, longitude double precision, to_latitude double precision, to_longitude double precision
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT 2 * 6378168 * asin(least(1, sqrt(
    power(sin(radians(to_latitude - latitude) / 2), 2)
    + cos(radians(latitude)) * cos(radians(to_latitude)) * power(sin(radians(to_longitude - longitude) / 2), 2))))
$$;

-- The stands within so many metres of a point, and some around them, as one query: cells of the size that makes them few.
CREATE FUNCTION search_ring(latitude double precision, longitude double precision, radius_m integer) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT string_agg(DISTINCT quote_literal('~' || search_cell(step, at_row, longitude + off)), ' | ')::tsquery
FROM (SELECT CASE WHEN radius_m <= 1200 THEN 0.005 ELSE 0.02 END::double precision AS step, radius_m / 111000.0 AS up) AS circle,
    generate_series(floor((latitude - up) / step)::integer, floor((latitude + up) / step)::integer) AS at_row,
    -- How far the circle reaches aside in this row: least where the row is furthest from the point.
    LATERAL (SELECT sqrt(greatest(up * up - power(greatest(at_row * step - latitude, latitude - (at_row + 1) * step, 0), 2), 0))
                 / greatest(cos(radians(least(abs(latitude) + up, 89))), 0.02) AS aside) AS reach,
    -- Steps of at most a cell's width, both ends included.
    LATERAL (SELECT least(-aside + place * step * 0.9, aside) AS off
             FROM generate_series(0, ceil(2 * aside / (step * 0.9))::integer) AS place) AS steps
$$;

CREATE TYPE search_match AS (store_id uuid, distance double precision, documents uuid[]);

-- The live stores at most so far away that deliver to a point and have something that matches, nearest first. By the index of words
-- and by keys alone, whatever the planner thinks of a query that it cannot look into.
CREATE FUNCTION search_within(
    asked tsquery, to_latitude double precision, to_longitude double precision, most_metres double precision, most_stores integer
) RETURNS search_match[]
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
BEGIN
    RETURN ARRAY(
        SELECT (m.of_store, s.away, m.found)::search_match
        FROM (
            SELECT d.store_id AS of_store, array_agg(d.id) AS found FROM search_documents d WHERE d.document @@ asked GROUP BY d.store_id
        ) m CROSS JOIN LATERAL (
            SELECT t.state, t.delivery_radius_m, t.delivery_area,
                search_away(t.latitude, t.longitude, to_latitude, to_longitude) AS away
            FROM stores t WHERE t.id = m.of_store OFFSET 0
        ) s
        WHERE s.state = 'LIVE' AND s.away <= least(s.delivery_radius_m, most_metres)
          AND (s.delivery_area IS NULL OR in_delivery_area(s.delivery_area, to_latitude, to_longitude))
        ORDER BY s.away, m.of_store
        LIMIT most_stores
    );
END
$$;

-- The nearest of all, in a ring that is likely to hold enough: as wide as it must be if stores stand as thick as in the ring before.
-- Where a ring holds too few, the next one is wider; where even the widest does, all are read that deliver to the point.
CREATE OR REPLACE FUNCTION search_matches(
    query tsquery, to_latitude double precision, to_longitude double precision, most_stores integer
) RETURNS TABLE (store_id uuid, distance double precision, documents uuid[])
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    found search_match[];
    ring integer := 300;
BEGIN
    WHILE ring <= 5000 LOOP
        found := search_within(query && search_ring(to_latitude, to_longitude, ring), to_latitude, to_longitude, ring, most_stores);
        IF cardinality(found) = most_stores THEN
            RETURN QUERY SELECT m.store_id, m.distance, m.documents FROM unnest(found) AS m;
            RETURN;
        END IF;
        ring := greatest(ring * 1.3, least(ring * 1.1 * sqrt(most_stores / greatest(cardinality(found), 1)::double precision), 50000));
    END LOOP;
    RETURN QUERY SELECT m.store_id, m.distance, m.documents
    FROM unnest(search_within(query && search_here(to_latitude, to_longitude), to_latitude, to_longitude, 'infinity', most_stores)) AS m;
END
$$;

-- Hours of menus are few.
CREATE INDEX menus_with_hours ON menus (store_id) WHERE hours <> '';

-- What may have been meant by a beginning that no word has: words of which some part is written much like it.
CREATE FUNCTION search_begun(typed text) RETURNS text[]
LANGUAGE plpgsql STABLE STRICT
SET pg_trgm.word_similarity_threshold = 0.3
SET enable_seqscan = off
AS $$
BEGIN
    IF EXISTS (SELECT FROM search_words WHERE word >= typed AND word < typed || chr(1114111)) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT word FROM search_words WHERE word %> typed AND left(word, 1) = left(typed, 1)
        ORDER BY word_similarity(typed, word) DESC, word LIMIT 30
    );
END
$$;
