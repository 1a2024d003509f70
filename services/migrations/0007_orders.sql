-- Purchases, their orders and lines. A purchase has no stage: it is derived from its orders.

CREATE SEQUENCE purchase_numbers;
CREATE SEQUENCE order_numbers;

CREATE TABLE purchases (
    id             uuid CONSTRAINT purchases_pkey PRIMARY KEY,
    number         text NOT NULL CONSTRAINT purchases_number_key UNIQUE,
    consumer_id    uuid NOT NULL CONSTRAINT purchases_consumer_fkey REFERENCES people (id),
    -- Carts and quotes are kept for days, purchases for years.
    cart_id        uuid CONSTRAINT purchases_cart_fkey REFERENCES carts (id) ON DELETE SET NULL,
    quote_id       uuid CONSTRAINT purchases_quote_fkey REFERENCES quotes (id) ON DELETE SET NULL,
    fulfilment     text NOT NULL,
    address        jsonb NOT NULL,
    currency       text NOT NULL,
    -- What was agreed and authorised at checkout; what is still owed is the sum of the orders that have not fallen away.
    agreed_total   bigint NOT NULL,
    fee_schedule   jsonb NOT NULL,
    promised_from  timestamptz NOT NULL,
    promised_until timestamptz NOT NULL,
    pay_by         timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    -- One purchase per quote, whatever the app and the provider's webhook do.
    CONSTRAINT purchases_quote_key UNIQUE (quote_id),
    CONSTRAINT purchases_fulfilment_known CHECK (fulfilment IN ('DELIVERY', 'COLLECTION')),
    CONSTRAINT purchases_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT purchases_total_not_negative CHECK (agreed_total >= 0),
    CONSTRAINT purchases_promise_in_order CHECK (promised_from <= promised_until)
);
CREATE INDEX purchases_of_consumer ON purchases (consumer_id, created_at DESC, id DESC);
CREATE INDEX purchases_by_cart ON purchases (cart_id);

CREATE TABLE orders (
    id               uuid CONSTRAINT orders_pkey PRIMARY KEY,
    number           text NOT NULL CONSTRAINT orders_number_key UNIQUE,
    purchase_id      uuid NOT NULL CONSTRAINT orders_purchase_fkey REFERENCES purchases (id),
    store_id         uuid NOT NULL CONSTRAINT orders_store_fkey REFERENCES stores (id),
    stage            text NOT NULL,
    goods            bigint NOT NULL,
    goods_tax        bigint NOT NULL,
    small_basket_fee bigint NOT NULL,
    delivery_fee     bigint NOT NULL,
    service_fee      bigint NOT NULL,
    tip              bigint NOT NULL,
    fee_tax_bps      integer NOT NULL,
    distance_m       integer NOT NULL,
    commission_bps   integer NOT NULL,
    tax              bigint NOT NULL,
    total            bigint NOT NULL,
    given_back       bigint NOT NULL DEFAULT 0,
    preparation_minutes integer NOT NULL,
    collection_code  text NOT NULL,
    -- Set for an order wanted later: when it goes to its store.
    release_at       timestamptz,
    accept_by        timestamptz,
    ready_at         timestamptz,
    settle_after     timestamptz,
    reason           text,
    liable_party     text,
    created_at       timestamptz NOT NULL,
    placed_at        timestamptz,
    accepted_at      timestamptz,
    preparing_at     timestamptz,
    made_ready_at    timestamptz,
    handed_over_at   timestamptz,
    finished_at      timestamptz,
    ended_at         timestamptz,
    CONSTRAINT orders_one_per_store UNIQUE (purchase_id, store_id),
    CONSTRAINT orders_stage_known CHECK (stage IN (
        'PENDING_PAYMENT', 'SCHEDULED', 'PLACED', 'ACCEPTED', 'PREPARING', 'READY', 'HANDED_OVER', 'DELIVERED', 'UNDELIVERED',
        'RETURNED', 'DISPOSED', 'SETTLED', 'ABANDONED', 'REJECTED', 'EXPIRED', 'CANCELLED')),
    CONSTRAINT orders_total_adds_up CHECK (total = goods + small_basket_fee + delivery_fee + service_fee + tip),
    CONSTRAINT orders_money_not_negative CHECK (least(goods, goods_tax, small_basket_fee, delivery_fee, service_fee, tip, tax, given_back) >= 0),
    CONSTRAINT orders_commission_in_range CHECK (commission_bps BETWEEN 0 AND 10000),
    CONSTRAINT orders_liable_party_known CHECK (liable_party IN ('PLATFORM', 'STORE', 'COURIER', 'CONSUMER')),
    CONSTRAINT orders_placed_has_deadline CHECK (stage <> 'PLACED' OR accept_by IS NOT NULL),
    CONSTRAINT orders_scheduled_has_release CHECK (stage <> 'SCHEDULED' OR release_at IS NOT NULL),
    CONSTRAINT orders_accepted_has_ready_time CHECK (stage NOT IN ('ACCEPTED', 'PREPARING', 'READY', 'HANDED_OVER') OR ready_at IS NOT NULL),
    -- Nothing is delivered that was not picked up.
    CONSTRAINT orders_delivered_after_hand_over CHECK (
        stage NOT IN ('HANDED_OVER', 'DELIVERED', 'UNDELIVERED', 'RETURNED', 'DISPOSED', 'SETTLED') OR handed_over_at IS NOT NULL)
) WITH (fillfactor = 80);
-- What a store has in its hands.
CREATE INDEX orders_in_store ON orders (store_id, created_at, id)
    WHERE stage IN ('SCHEDULED', 'PLACED', 'ACCEPTED', 'PREPARING', 'READY');
CREATE INDEX orders_of_store ON orders (store_id);
-- Deadlines live here; a sweeper reads them with SKIP LOCKED.
CREATE INDEX orders_to_expire ON orders (accept_by) WHERE stage = 'PLACED';
CREATE INDEX orders_to_release ON orders (release_at) WHERE stage = 'SCHEDULED';
CREATE INDEX orders_to_settle ON orders (settle_after) WHERE stage IN ('DELIVERED', 'RETURNED', 'DISPOSED');
CREATE INDEX orders_unpaid ON orders (purchase_id) WHERE stage = 'PENDING_PAYMENT';

CREATE TABLE order_lines (
    id           uuid CONSTRAINT order_lines_pkey PRIMARY KEY,
    order_id     uuid NOT NULL CONSTRAINT order_lines_order_fkey REFERENCES orders (id),
    position     integer NOT NULL,
    item_id      uuid NOT NULL CONSTRAINT order_lines_item_fkey REFERENCES items (id),
    product_gtin text,
    name         text NOT NULL,
    quantity     integer NOT NULL,
    unit_price   bigint NOT NULL,
    options      jsonb NOT NULL,
    note         text NOT NULL,
    tax_class    text NOT NULL,
    tax_bps      integer NOT NULL,
    tax          bigint NOT NULL,
    total        bigint NOT NULL,
    CONSTRAINT order_lines_place_key UNIQUE (order_id, position),
    CONSTRAINT order_lines_quantity_positive CHECK (quantity > 0),
    CONSTRAINT order_lines_tax_class_known CHECK (tax_class IN ('FOOD', 'ALCOHOL', 'GENERAL')),
    CONSTRAINT order_lines_money_not_negative CHECK (least(unit_price, tax, total) >= 0)
);
CREATE INDEX order_lines_by_item ON order_lines (item_id);
