-- Carts: what a consumer means to buy, at any number of stores; and quotes, the priced and signed form of a cart.

CREATE TABLE carts (
    id          uuid CONSTRAINT carts_pkey PRIMARY KEY,
    consumer_id uuid NOT NULL,
    state       text NOT NULL,
    address     jsonb,
    tip         bigint NOT NULL,
    -- Rises with every change: a quote belongs to one version.
    version     bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT carts_consumer FOREIGN KEY (consumer_id) REFERENCES people (id),
    CONSTRAINT carts_state_known CHECK (state IN ('OPEN', 'CHECKED_OUT', 'EXPIRED')),
    CONSTRAINT carts_tip_not_negative CHECK (tip >= 0),
    CONSTRAINT carts_version_rises CHECK (version > 0)
);
CREATE INDEX carts_by_consumer ON carts (consumer_id);
CREATE UNIQUE INDEX carts_one_open ON carts (consumer_id) WHERE state = 'OPEN';
CREATE INDEX carts_to_expire ON carts (expires_at) WHERE state = 'OPEN';

CREATE TABLE cart_lines (
    id         uuid CONSTRAINT cart_lines_pkey PRIMARY KEY,
    cart_id    uuid NOT NULL,
    -- The item says whose goods they are; an item that leaves the menu keeps its row.
    item_id    uuid NOT NULL,
    -- In rising order, so that the same choices are the same value. Options come and go: what is gone makes the line unavailable.
    option_ids uuid[] NOT NULL,
    quantity   integer NOT NULL,
    note       text NOT NULL,
    position   integer NOT NULL,
    CONSTRAINT cart_lines_cart FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE,
    CONSTRAINT cart_lines_item FOREIGN KEY (item_id) REFERENCES items (id),
    CONSTRAINT cart_lines_quantity_positive CHECK (quantity > 0),
    CONSTRAINT cart_lines_note_short CHECK (length(note) <= 200)
);
CREATE INDEX cart_lines_by_cart ON cart_lines (cart_id);
CREATE INDEX cart_lines_by_item ON cart_lines (item_id);

CREATE TABLE quotes (
    id             uuid CONSTRAINT quotes_pkey PRIMARY KEY,
    cart_id        uuid NOT NULL,
    consumer_id    uuid NOT NULL,
    cart_version   bigint NOT NULL,
    address        jsonb NOT NULL,
    prices         jsonb NOT NULL,
    promised_from  timestamptz NOT NULL,
    promised_until timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    -- HMAC over all of the above: a row that was changed by any hand is not honoured.
    signature      text NOT NULL,
    used_at        timestamptz,
    CONSTRAINT quotes_cart FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE,
    CONSTRAINT quotes_consumer FOREIGN KEY (consumer_id) REFERENCES people (id),
    CONSTRAINT quotes_promise_in_order CHECK (promised_from < promised_until),
    CONSTRAINT quotes_expire_later CHECK (created_at < expires_at)
);
CREATE INDEX quotes_by_cart ON quotes (cart_id);
CREATE INDEX quotes_by_consumer ON quotes (consumer_id);
