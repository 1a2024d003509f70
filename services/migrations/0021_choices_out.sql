-- Until when an item cannot be had because of options that are marked out; null: it can. Who reads items without their options
-- knows it by this.
ALTER TABLE items ADD COLUMN choices_out_until timestamptz;
CREATE INDEX items_choices_out ON items (store_id) WHERE choices_out_until IS NOT NULL;
