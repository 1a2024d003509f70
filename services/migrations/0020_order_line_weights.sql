-- Grams of one of the quantity, for goods that were priced by weight: what the shelf weighs out and the receipt says.
ALTER TABLE order_lines
    ADD COLUMN grams integer,
    ADD CONSTRAINT order_lines_grams_positive CHECK (grams > 0);
