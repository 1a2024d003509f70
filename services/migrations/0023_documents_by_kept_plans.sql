-- The same documents as before, by functions that keep their plans: planning them anew for each small menu cost more than writing.

CREATE OR REPLACE FUNCTION write_search_documents(item_ids uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF cardinality(item_ids) = 0 THEN
        RETURN;
    END IF;
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
        || array_to_tsvector(search_reach(s.latitude, s.longitude, s.delivery_radius_m) || ('=' || s.kind) || '=store'::text)
    FROM stores s JOIN partners p ON p.id = s.partner_id
    WHERE s.id = of_store
    ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE search_documents.document <> excluded.document;
    PERFORM write_search_documents(ARRAY(SELECT id FROM items WHERE store_id = of_store AND removed_at IS NULL));
END
$$;
