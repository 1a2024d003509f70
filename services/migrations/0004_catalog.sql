-- What stores sell: menus, sections, items, their option groups, and the stock set aside for purchases.

CREATE TABLE products (
    id        uuid PRIMARY KEY,
    gtin      text NOT NULL,
    name      text NOT NULL,
    brand     text NOT NULL,
    size_text text NOT NULL,
    CONSTRAINT products_gtin_unique UNIQUE (gtin),
    CONSTRAINT products_gtin_is_fourteen_digits CHECK (gtin ~ '^[0-9]{14}$')
);

CREATE TABLE menus (
    id       uuid PRIMARY KEY,
    store_id uuid NOT NULL,
    ref      text NOT NULL,
    name     text NOT NULL,
    position integer NOT NULL,
    CONSTRAINT menus_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT menus_ref_unique UNIQUE (store_id, ref)
);

CREATE TABLE sections (
    id       uuid PRIMARY KEY,
    menu_id  uuid NOT NULL,
    store_id uuid NOT NULL,
    ref      text NOT NULL,
    name     text NOT NULL,
    position integer NOT NULL,
    CONSTRAINT sections_menu FOREIGN KEY (menu_id) REFERENCES menus (id),
    CONSTRAINT sections_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT sections_ref_unique UNIQUE (store_id, ref)
);
CREATE INDEX sections_by_menu ON sections (menu_id);

-- An item that leaves the menu keeps its row: carts and old orders still point to it.
CREATE TABLE items (
    id                uuid PRIMARY KEY,
    store_id          uuid NOT NULL,
    section_id        uuid,
    product_id        uuid,
    ref               text NOT NULL,
    name              text NOT NULL,
    description       text NOT NULL,
    price             bigint NOT NULL,
    currency          text NOT NULL,
    tax_class         text NOT NULL,
    allergens         text[] NOT NULL,
    diets             text[] NOT NULL,
    unavailable_until timestamptz,
    stock             integer,
    position          integer NOT NULL,
    removed_at        timestamptz,
    CONSTRAINT items_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT items_section FOREIGN KEY (section_id) REFERENCES sections (id) ON DELETE SET NULL,
    CONSTRAINT items_product FOREIGN KEY (product_id) REFERENCES products (id),
    CONSTRAINT items_ref_unique UNIQUE (store_id, ref),
    CONSTRAINT items_sold_in_a_section CHECK (section_id IS NOT NULL OR removed_at IS NOT NULL),
    CONSTRAINT items_price_not_negative CHECK (price >= 0),
    CONSTRAINT items_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT items_tax_class_known CHECK (tax_class IN ('FOOD', 'ALCOHOL', 'GENERAL')),
    CONSTRAINT items_stock_not_negative CHECK (stock >= 0)
);
CREATE INDEX items_by_section ON items (section_id);
CREATE INDEX items_by_product ON items (product_id) WHERE product_id IS NOT NULL;

CREATE TABLE option_groups (
    id          uuid PRIMARY KEY,
    store_id    uuid NOT NULL,
    ref         text NOT NULL,
    name        text NOT NULL,
    min_choices integer NOT NULL,
    max_choices integer NOT NULL,
    free_count  integer NOT NULL,
    CONSTRAINT option_groups_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT option_groups_ref_unique UNIQUE (store_id, ref),
    CONSTRAINT option_groups_choices_in_order CHECK (0 <= min_choices AND min_choices <= max_choices AND 1 <= max_choices),
    CONSTRAINT option_groups_free_in_range CHECK (0 <= free_count AND free_count <= max_choices)
);

CREATE TABLE item_groups (
    item_id  uuid NOT NULL,
    group_id uuid NOT NULL,
    store_id uuid NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (item_id, group_id),
    CONSTRAINT item_groups_item FOREIGN KEY (item_id) REFERENCES items (id),
    CONSTRAINT item_groups_group FOREIGN KEY (group_id) REFERENCES option_groups (id),
    CONSTRAINT item_groups_store FOREIGN KEY (store_id) REFERENCES stores (id)
);
CREATE INDEX item_groups_by_group ON item_groups (group_id);
CREATE INDEX item_groups_by_store ON item_groups (store_id);

CREATE TABLE options (
    id                uuid PRIMARY KEY,
    group_id          uuid NOT NULL,
    store_id          uuid NOT NULL,
    ref               text NOT NULL,
    name              text NOT NULL,
    price             bigint NOT NULL,
    is_default        boolean NOT NULL,
    unavailable_until timestamptz,
    position          integer NOT NULL,
    CONSTRAINT options_group FOREIGN KEY (group_id) REFERENCES option_groups (id),
    CONSTRAINT options_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT options_ref_unique UNIQUE (store_id, ref),
    CONSTRAINT options_price_not_negative CHECK (price >= 0)
);
CREATE INDEX options_by_group ON options (group_id);

CREATE TABLE option_child_groups (
    option_id uuid NOT NULL,
    group_id  uuid NOT NULL,
    store_id  uuid NOT NULL,
    position  integer NOT NULL,
    PRIMARY KEY (option_id, group_id),
    CONSTRAINT option_child_groups_option FOREIGN KEY (option_id) REFERENCES options (id),
    CONSTRAINT option_child_groups_group FOREIGN KEY (group_id) REFERENCES option_groups (id),
    CONSTRAINT option_child_groups_store FOREIGN KEY (store_id) REFERENCES stores (id)
);
CREATE INDEX option_child_groups_by_group ON option_child_groups (group_id);
CREATE INDEX option_child_groups_by_store ON option_child_groups (store_id);

-- items.stock is what is still free to sell: a hold has already been subtracted from it.
CREATE TABLE stock_holds (
    id          uuid PRIMARY KEY,
    purchase_id uuid NOT NULL,
    order_id    uuid NOT NULL,
    item_id     uuid NOT NULL,
    quantity    integer NOT NULL,
    held_until  timestamptz NOT NULL,
    state       text NOT NULL,
    CONSTRAINT stock_holds_item FOREIGN KEY (item_id) REFERENCES items (id),
    CONSTRAINT stock_holds_once_per_order UNIQUE (order_id, item_id),
    CONSTRAINT stock_holds_quantity_positive CHECK (quantity > 0),
    CONSTRAINT stock_holds_state_known CHECK (state IN ('HELD', 'TAKEN', 'RELEASED'))
);
CREATE INDEX stock_holds_by_item ON stock_holds (item_id);
CREATE INDEX stock_holds_by_purchase ON stock_holds (purchase_id);
