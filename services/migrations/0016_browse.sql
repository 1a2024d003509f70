-- What can be found: a document for each item on sale and for each store, the words they are made of, and what a store is like.
--
-- Documents are kept by triggers, in the transaction that changes a menu or a store, whichever room writes. Price, stock and
-- availability are not in them: they are read from the items when somebody asks, so that a price feed touches no document.

-- A text in plain words: small letters without marks, one blank between words. services.browse.words does the same.
CREATE FUNCTION plain_words(said text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT btrim(regexp_replace(lower(unaccent(translate(said, '''’`´', ''))), '[^[:alnum:]]+', ' ', 'g')) $$;

-- The same with measures in one unit: "1,5 L", "1.5 litre" and "1500ml" are all "1500ml".
CREATE FUNCTION plain_measures(said text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    told text := lower(said);
    found text[];
    factor numeric;
BEGIN
    FOR found IN
        SELECT m FROM regexp_matches(
            told, '((\d+(?:[.,]\d+)?)\s*(kg|kilo|gr|grams?|g|liters?|litres?|litraa?|ltr|l|dl|cl|ml))(?![[:alnum:]])', 'g') AS m
    LOOP
        factor := CASE
            WHEN found[3] IN ('kg', 'kilo') THEN 1000
            WHEN found[3] LIKE 'g%' THEN 1
            WHEN found[3] = 'dl' THEN 100
            WHEN found[3] = 'cl' THEN 10
            WHEN found[3] = 'ml' THEN 1
            ELSE 1000
        END;
        told := replace(told, found[1],
            trim_scale(replace(found[2], ',', '.')::numeric * factor)::text
            || CASE WHEN found[3] IN ('kg', 'kilo') OR found[3] LIKE 'g%' THEN 'g' ELSE 'ml' END);
    END LOOP;
    RETURN plain_words(told);
END
$$;

-- What is sold, whoever sells it: an article by its barcode, a dish by its name and the kitchen's first cuisine, other goods by the
-- words of brand and name and by their size, wherever it is written. Two items are one ware exactly if this says the same of both,
-- so it does not matter which store came first.
CREATE FUNCTION ware_of(
    store_kind text, cuisines text[], gtin text, name text, brand text, size_text text, content numeric, content_unit text
) RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    words text[];
    sizes text[];
BEGIN
    IF gtin IS NOT NULL THEN
        RETURN md5('gtin ' || gtin)::uuid;
    END IF;
    IF store_kind = 'RESTAURANT' THEN
        RETURN md5('dish ' || plain_words(coalesce(cuisines[1], '')) || '/' || plain_words(name))::uuid;
    END IF;
    SELECT array_agg(DISTINCT word ORDER BY word) FILTER (WHERE word !~ '^(\d+x)?\d+(g|ml)$'),
           array_agg(DISTINCT word ORDER BY word) FILTER (WHERE word ~ '^(\d+x)?\d+(g|ml)$')
    INTO words, sizes
    FROM string_to_table(plain_measures(concat_ws(' ', brand, name, size_text)), ' ') AS word;
    IF sizes IS NULL AND content_unit IN ('G', 'ML') THEN
        sizes := ARRAY[round(content) || lower(content_unit)];
    END IF;
    RETURN md5('goods ' || array_to_string(words, ' ') || '/' || coalesce(array_to_string(sizes, ' '), ''))::uuid;
END
$$;

-- The globe in cells of about `step` degrees on each side; a row's cells are as wide as they are high.
CREATE FUNCTION search_cell(step double precision, at_row integer, longitude double precision) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT '@' || step || ':' || at_row || ':' || (floor((longitude + 180) / 360 * columns)::bigint % columns + columns) % columns
FROM (SELECT greatest(floor(360 * cos(radians((at_row + 0.5) * step)) / step), 1)::bigint AS columns) AS around
$$;

-- A point's cells, of both sizes, as one query: a store that may deliver there has one of them.
CREATE FUNCTION search_here(latitude double precision, longitude double precision) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT (quote_literal(search_cell(0.05, floor(latitude / 0.05)::integer, longitude)) || ' | '
     || quote_literal(search_cell(0.3, floor(latitude / 0.3)::integer, longitude)))::tsquery
$$;

-- The cells that a circle touches: small ones for a short reach, large ones for a long reach, so that they are never many.
CREATE FUNCTION search_reach(latitude double precision, longitude double precision, radius_m integer) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT coalesce(array_agg(DISTINCT search_cell(step, at_row, longitude + off)), '{}')
FROM (SELECT CASE WHEN radius_m <= 9000 THEN 0.05 ELSE 0.3 END::double precision AS step,
             radius_m / 111000.0 AS up,
             radius_m / 111000.0 / greatest(cos(radians(least(abs(latitude) + radius_m / 111000.0, 89))), 0.02) AS aside) AS circle,
    generate_series(floor((latitude - up) / step)::integer, floor((latitude + up) / step)::integer) AS at_row,
    -- Steps of at most a cell's width, both ends included.
    LATERAL (SELECT least(-aside + place * step * 0.9, aside) AS off
             FROM generate_series(0, ceil(2 * aside / (step * 0.9))::integer) AS place) AS steps
$$;

CREATE TABLE search_documents (
    -- The item's id, or the store's own.
    id       uuid PRIMARY KEY,
    store_id uuid NOT NULL,
    -- Null for a store.
    ware     uuid,
    document tsvector NOT NULL,
    CONSTRAINT search_documents_store FOREIGN KEY (store_id) REFERENCES stores (id)
);
CREATE INDEX search_documents_by_store ON search_documents (store_id);
CREATE INDEX search_documents_by_ware ON search_documents (ware) WHERE ware IS NOT NULL;
-- Without a pending list: every search would have to read it from its beginning.
CREATE INDEX search_documents_by_words ON search_documents USING gin (document) WITH (fastupdate = off);

-- Every word of every document, for what is mistyped and for other forms of a word; stems are told apart by language.
CREATE TABLE search_words (
    word    text COLLATE "C" PRIMARY KEY,
    stems   text[] NOT NULL,
    letters text COLLATE "C" NOT NULL
);
CREATE INDEX search_words_by_trigrams ON search_words USING gin (word gin_trgm_ops);
CREATE INDEX search_words_by_stems ON search_words USING gin (stems);
CREATE INDEX search_words_by_letters ON search_words (letters);

CREATE FUNCTION search_stems(word text) RETURNS text[]
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$
SELECT coalesce(array_agg(language || ':' || stem), '{}')
FROM (VALUES ('fi', ts_lexize('finnish_stem', word)), ('sv', ts_lexize('swedish_stem', word)), ('en', ts_lexize('english_stem', word)),
             ('de', ts_lexize('german_stem', word)), ('es', ts_lexize('spanish_stem', word))) AS said (language, stems),
    unnest(said.stems) AS stem
$$;

CREATE FUNCTION search_letters(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT string_agg(letter, '' ORDER BY letter COLLATE "C") FROM string_to_table(word, NULL) AS letter $$;

-- New words wait here until their transaction commits, so that nobody waits for a long import because of a word they share.
CREATE TABLE search_new_words (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    words text[] NOT NULL
);

CREATE FUNCTION learn_search_words() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- In one order, whoever learns: nobody waits in a ring.
    WITH heard AS (DELETE FROM search_new_words RETURNING words)
    INSERT INTO search_words (word, stems, letters)
    SELECT word, search_stems(word), search_letters(word)
    FROM (SELECT DISTINCT word COLLATE "C" AS word FROM heard, unnest(heard.words) AS word) AS said
    ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER search_new_words_learned AFTER INSERT ON search_new_words
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION learn_search_words();

CREATE FUNCTION hear_search_words() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO search_new_words (words)
    SELECT array_agg(said.word)
    FROM (SELECT DISTINCT lexeme AS word FROM written, unnest(written.document) WHERE lexeme ~ '^[[:alnum:]]{2,40}$') AS said
    WHERE NOT EXISTS (SELECT FROM search_words known WHERE known.word = said.word)
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER search_documents_heard AFTER INSERT ON search_documents
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION hear_search_words();
CREATE TRIGGER search_documents_heard_again AFTER UPDATE ON search_documents
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION hear_search_words();

-- A text kept by language, in one.
CREATE FUNCTION in_all_languages(texts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT string_agg(told.value, ' ' ORDER BY told.key) FROM jsonb_each_text(texts) AS told $$;

-- The documents of these items, as they are now: the name weighs most (A), then brand and cuisine (B), section (C), description (D).
CREATE FUNCTION write_search_documents(item_ids uuid[]) RETURNS void
LANGUAGE sql
AS $$
    DELETE FROM search_documents d USING items i WHERE d.id = ANY (item_ids) AND i.id = d.id AND i.removed_at IS NOT NULL;
    INSERT INTO search_documents (id, store_id, ware, document)
    SELECT i.id, i.store_id,
        ware_of(s.kind, s.cuisines, p.gtin, i.name, i.own_brand, i.own_size_text, i.content, i.content_unit),
        setweight(to_tsvector('simple', plain_words(concat_ws(' ', i.name, in_all_languages(i.names)))), 'A')
        || setweight(to_tsvector('simple', plain_words(concat_ws(' ', p.brand, p.name, i.own_brand, array_to_string(s.cuisines, ' ')))), 'B')
        || setweight(to_tsvector('simple', plain_words(concat_ws(' ', x.name, in_all_languages(x.names), i.aisle))), 'C')
        || setweight(to_tsvector('simple',
            left(plain_words(concat_ws(' ', i.description, in_all_languages(i.descriptions))), 600)), 'D')
        || array_to_tsvector(s.cells || ('=' || s.kind) || ARRAY(SELECT DISTINCT '#' || diet FROM unnest(i.diets) AS diet WHERE diet <> ''))
    FROM items i JOIN (
            SELECT id, kind, cuisines, search_reach(latitude, longitude, delivery_radius_m) AS cells FROM stores
            WHERE id IN (SELECT store_id FROM items WHERE id = ANY (item_ids)) OFFSET 0
        ) s ON s.id = i.store_id
        LEFT JOIN sections x ON x.id = i.section_id LEFT JOIN products p ON p.id = i.product_id
    WHERE i.id = ANY (item_ids) AND i.removed_at IS NULL
    ON CONFLICT (id) DO UPDATE SET ware = excluded.ware, document = excluded.document
    WHERE (search_documents.ware, search_documents.document) IS DISTINCT FROM (excluded.ware, excluded.document);
$$;

CREATE FUNCTION write_search_documents_of_store(of_store uuid) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO search_documents (id, store_id, document)
    SELECT s.id, s.id,
        setweight(to_tsvector('simple', plain_words(s.name)), 'A')
        || setweight(to_tsvector('simple', plain_words(concat_ws(' ', s.category, array_to_string(s.cuisines, ' ')))), 'B')
        || setweight(to_tsvector('simple', plain_words(p.legal_name)), 'D')
        || array_to_tsvector(search_reach(s.latitude, s.longitude, s.delivery_radius_m) || ('=' || s.kind) || '=store'::text)
    FROM stores s JOIN partners p ON p.id = s.partner_id
    WHERE s.id = of_store
    ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE search_documents.document <> excluded.document;
    SELECT write_search_documents(ARRAY(SELECT id FROM items WHERE store_id = of_store AND removed_at IS NULL));
$$;

CREATE FUNCTION items_came() RETURNS trigger
LANGUAGE plpgsql
AS $$ BEGIN PERFORM write_search_documents(ARRAY(SELECT id FROM came)); RETURN NULL; END $$;
CREATE TRIGGER items_came AFTER INSERT ON items
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION items_came();

-- A statement that changes prices or stock alone is told apart here, and costs no more than this look.
CREATE FUNCTION items_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    changed CONSTANT uuid[] := ARRAY(
        SELECT n.id FROM now_so n JOIN so_far o ON o.id = n.id
        WHERE (n.name, n.names, n.description, n.descriptions, n.section_id, n.product_id, n.diets,
               n.own_brand, n.own_size_text, n.content, n.content_unit, n.aisle, n.removed_at)
            IS DISTINCT FROM
              (o.name, o.names, o.description, o.descriptions, o.section_id, o.product_id, o.diets,
               o.own_brand, o.own_size_text, o.content, o.content_unit, o.aisle, o.removed_at));
BEGIN
    IF cardinality(changed) > 0 THEN
        PERFORM write_search_documents(changed);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_changed AFTER UPDATE ON items
    REFERENCING OLD TABLE AS so_far NEW TABLE AS now_so FOR EACH STATEMENT EXECUTE FUNCTION items_changed();

CREATE FUNCTION section_renamed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM write_search_documents(ARRAY(SELECT id FROM items WHERE section_id = NEW.id AND removed_at IS NULL));
    RETURN NULL;
END
$$;
CREATE TRIGGER section_renamed AFTER UPDATE OF name, names ON sections
    FOR EACH ROW WHEN ((OLD.name, OLD.names) IS DISTINCT FROM (NEW.name, NEW.names)) EXECUTE FUNCTION section_renamed();

CREATE FUNCTION store_moved() RETURNS trigger
LANGUAGE plpgsql
AS $$ BEGIN PERFORM write_search_documents_of_store(NEW.id); RETURN NULL; END $$;
CREATE TRIGGER store_came AFTER INSERT ON stores FOR EACH ROW EXECUTE FUNCTION store_moved();
CREATE TRIGGER store_moved AFTER UPDATE OF name, kind, category, cuisines, latitude, longitude, delivery_radius_m ON stores
    FOR EACH ROW
    WHEN ((OLD.name, OLD.kind, OLD.category, OLD.cuisines, OLD.latitude, OLD.longitude, OLD.delivery_radius_m)
        IS DISTINCT FROM (NEW.name, NEW.kind, NEW.category, NEW.cuisines, NEW.latitude, NEW.longitude, NEW.delivery_radius_m))
    EXECUTE FUNCTION store_moved();

SELECT write_search_documents_of_store(id) FROM stores;

-- The live stores that deliver to a point and have something that matches, nearest first, with what matches in each. By the index
-- of words alone, whatever the planner thinks of a query that it cannot look into.
CREATE FUNCTION search_matches(
    query tsquery, to_latitude double precision, to_longitude double precision, most_stores integer
) RETURNS TABLE (store_id uuid, distance double precision, documents uuid[])
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    here CONSTANT earth := ll_to_earth(to_latitude, to_longitude);
    asked CONSTANT tsquery := query && search_here(to_latitude, to_longitude);
BEGIN
    RETURN QUERY
    SELECT s.id, earth_distance(ll_to_earth(s.latitude, s.longitude), here) AS away, m.found
    FROM (
        SELECT d.store_id AS of_store, array_agg(d.id) AS found FROM search_documents d WHERE d.document @@ asked GROUP BY d.store_id
    ) m JOIN stores s ON s.id = m.of_store
    WHERE s.state = 'LIVE'
      AND earth_distance(ll_to_earth(s.latitude, s.longitude), here) <= s.delivery_radius_m
      AND (s.delivery_area IS NULL OR in_delivery_area(s.delivery_area, to_latitude, to_longitude))
    ORDER BY away, s.id
    LIMIT most_stores;
END
$$;

-- What a store is like, as of one version of it: what its goods cost in the middle, and for which diets it has something.
CREATE TABLE store_traits (
    store_id     uuid PRIMARY KEY,
    version      bigint NOT NULL,
    median_price bigint,
    diets        text[] NOT NULL,
    CONSTRAINT store_traits_store FOREIGN KEY (store_id) REFERENCES stores (id)
);

-- "Home": near and quick first. A minute of preparation is 60 metres into a fourth dimension, so that one index walks outwards from
-- the hungry person by both at once: the rank is the straight line to the store in there, in metres.
CREATE INDEX stores_by_rank ON stores
    USING gist (cube(ll_to_earth(latitude, longitude), (preparation_minutes * 60)::double precision)) WHERE state = 'LIVE';

CREATE FUNCTION stores_at_home(
    to_latitude double precision, to_longitude double precision,
    kinds text[], wanted_cuisines text[], wanted_diets text[], prices_from bigint, prices_below bigint,
    most_metres double precision, most_seconds double precision, seconds_per_metre double precision,
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
          AND earth_distance(ll_to_earth(s.latitude, s.longitude), here) <= least(s.delivery_radius_m, most_metres)
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

-- What a consumer likes to find again.
CREATE TABLE favourite_stores (
    consumer_id uuid NOT NULL,
    store_id    uuid NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (consumer_id, store_id),
    CONSTRAINT favourite_stores_consumer FOREIGN KEY (consumer_id) REFERENCES people (id),
    CONSTRAINT favourite_stores_store FOREIGN KEY (store_id) REFERENCES stores (id)
);
CREATE INDEX favourite_stores_newest ON favourite_stores (consumer_id, added_at DESC, store_id DESC);
CREATE INDEX favourite_stores_by_store ON favourite_stores (store_id);

CREATE TABLE favourite_items (
    consumer_id uuid NOT NULL,
    item_id     uuid NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (consumer_id, item_id),
    CONSTRAINT favourite_items_consumer FOREIGN KEY (consumer_id) REFERENCES people (id),
    CONSTRAINT favourite_items_item FOREIGN KEY (item_id) REFERENCES items (id)
);
CREATE INDEX favourite_items_newest ON favourite_items (consumer_id, added_at DESC, item_id DESC);
CREATE INDEX favourite_items_by_item ON favourite_items (item_id);
