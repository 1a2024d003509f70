-- The catalogue in depth: menus with hours, texts in several languages, media, measures and contents, bounds and taxes.

-- Hours in OpenStreetMap's language, on the store's clock; empty: at any time. Names by language; null: in none but the menu's own.
ALTER TABLE menus
    ADD COLUMN hours text NOT NULL DEFAULT '',
    ADD COLUMN language text NOT NULL DEFAULT '',
    ADD COLUMN names jsonb,
    ADD CONSTRAINT menus_hours_short CHECK (length(hours) <= 1000);

ALTER TABLE sections ADD COLUMN names jsonb;

ALTER TABLE items
    ADD COLUMN names jsonb,
    ADD COLUMN descriptions jsonb,
    ADD COLUMN media jsonb,
    ADD COLUMN energy_kj integer,
    ADD COLUMN energy_kcal integer,
    ADD COLUMN age_limit integer,
    ADD COLUMN preparation_minutes integer,
    ADD COLUMN most_per_day integer,
    ADD COLUMN own_brand text NOT NULL DEFAULT '',
    ADD COLUMN own_size_text text NOT NULL DEFAULT '',
    ADD COLUMN aisle text NOT NULL DEFAULT '',
    ADD COLUMN shelf text NOT NULL DEFAULT '',
    ADD COLUMN sold_by text NOT NULL DEFAULT 'PIECE',
    ADD COLUMN priced_by text NOT NULL DEFAULT 'PIECE',
    -- Grams of one of what a quantity counts, where the price is for a kilogram: of a step, or of a piece as a rule.
    ADD COLUMN grams integer,
    ADD COLUMN content numeric(12, 3),
    ADD COLUMN content_unit text,
    -- The hours of its menu, once more: a cart asks for them at every tap.
    ADD COLUMN selling_hours text NOT NULL DEFAULT '',
    ADD CONSTRAINT items_energy_not_negative CHECK (energy_kj >= 0 AND energy_kcal >= 0),
    ADD CONSTRAINT items_age_limit_positive CHECK (age_limit > 0),
    ADD CONSTRAINT items_preparation_not_negative CHECK (preparation_minutes >= 0),
    ADD CONSTRAINT items_most_per_day_positive CHECK (most_per_day > 0),
    ADD CONSTRAINT items_measures_known CHECK (sold_by IN ('PIECE', 'WEIGHT') AND priced_by IN ('PIECE', 'WEIGHT')),
    ADD CONSTRAINT items_weight_is_priced_by_weight CHECK (sold_by = 'PIECE' OR priced_by = 'WEIGHT'),
    ADD CONSTRAINT items_weight_has_grams CHECK ((priced_by = 'WEIGHT') = (grams IS NOT NULL) AND grams > 0),
    ADD CONSTRAINT items_content_whole CHECK ((content IS NULL) = (content_unit IS NULL) AND content > 0),
    ADD CONSTRAINT items_content_unit_known CHECK (content_unit IN ('G', 'ML', 'PIECE'));

ALTER TABLE option_groups ADD COLUMN names jsonb;

-- Without a tax class an option is taxed as its item is. `own_ref` is the partner's own key within the group.
ALTER TABLE options
    ADD COLUMN names jsonb,
    ADD COLUMN tax_class text,
    ADD COLUMN own_ref text NOT NULL DEFAULT '',
    ADD CONSTRAINT options_tax_class_known CHECK (tax_class IN ('FOOD', 'ALCOHOL', 'GENERAL'));
