-- Couriers are looked for by the cell of a hundredth of a degree they are in. Of a row whose indexed columns stand, PostgreSQL
-- writes a new version beside the old one and touches no index: a courier who rides leaves a cell every few minutes, not every
-- few seconds. The exact place was an entry in a GiST index for every position that was ever sent.
ALTER TABLE courier_positions
    ADD COLUMN latitude_cell  int NOT NULL GENERATED ALWAYS AS (floor(latitude * 100)::int) STORED,
    ADD COLUMN longitude_cell int NOT NULL GENERATED ALWAYS AS (floor(longitude * 100)::int) STORED;
DROP INDEX courier_positions_place;
CREATE INDEX courier_positions_cell ON courier_positions
    USING gist (ll_to_earth(latitude_cell / 100.0::float8, longitude_cell / 100.0::float8));
