-- Codes at the counter that were wrong, and what phones in the street still ask for, by day.

ALTER TABLE stops
    ADD COLUMN wrong_codes        integer NOT NULL DEFAULT 0,
    -- After the last try even the right codes are not taken until then.
    ADD COLUMN codes_locked_until timestamptz;

-- Counted by every gateway and added up here now and then: it outlives them.
CREATE TABLE release_usage (
    day       date NOT NULL,
    app       text NOT NULL,
    platform  text NOT NULL,
    version   text NOT NULL,
    operation text NOT NULL,
    asked     bigint NOT NULL,
    CONSTRAINT release_usage_pkey PRIMARY KEY (day, app, platform, version, operation),
    CONSTRAINT release_usage_counts CHECK (asked > 0)
) WITH (fillfactor = 80);
