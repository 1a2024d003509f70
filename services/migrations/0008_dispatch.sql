-- Couriers, their shifts and positions; deliveries with their stops; job offers, one row for each try.

CREATE TABLE couriers (
    person_id     uuid CONSTRAINT couriers_pkey PRIMARY KEY CONSTRAINT couriers_person_fkey REFERENCES people (id),
    vehicle       text NOT NULL,
    state         text NOT NULL,
    misses_in_row integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    CONSTRAINT couriers_vehicle_known CHECK (vehicle IN ('BICYCLE', 'CAR')),
    CONSTRAINT couriers_state_known CHECK (state IN ('OFFLINE', 'ONLINE'))
);
CREATE INDEX couriers_online ON couriers (person_id) WHERE state = 'ONLINE';

CREATE TABLE shifts (
    id         uuid CONSTRAINT shifts_pkey PRIMARY KEY,
    courier_id uuid NOT NULL CONSTRAINT shifts_courier_fkey REFERENCES couriers (person_id),
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT shifts_in_order CHECK (ended_at IS NULL OR ended_at >= started_at)
);
CREATE INDEX shifts_courier ON shifts (courier_id);
CREATE UNIQUE INDEX shifts_one_open ON shifts (courier_id) WHERE ended_at IS NULL;

CREATE TABLE deliveries (
    id               uuid CONSTRAINT deliveries_pkey PRIMARY KEY,
    purchase_id      uuid NOT NULL CONSTRAINT deliveries_purchase_fkey REFERENCES purchases (id),
    consumer_id      uuid NOT NULL,
    courier_id       uuid CONSTRAINT deliveries_courier_fkey REFERENCES couriers (person_id),
    state            text NOT NULL,
    -- When the search begins; unset until every store of the purchase has answered.
    search_from      timestamptz,
    searching_since  timestamptz,
    drop_off_pin     text NOT NULL,
    wrong_pins       integer NOT NULL DEFAULT 0,
    pay              bigint NOT NULL,
    currency         text NOT NULL,
    nearby_told      boolean NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL,
    assigned_at      timestamptz,
    finished_at      timestamptz,
    CONSTRAINT deliveries_state_known CHECK (state IN (
        'PLANNED', 'SEARCHING', 'OFFERED', 'ASSIGNED', 'TO_PICKUP', 'AT_PICKUP', 'PICKED_UP', 'TO_DROPOFF', 'AT_DROPOFF',
        'DELIVERED', 'UNDELIVERABLE', 'RETURNING', 'RETURNED', 'FAILED', 'CANCELLED')),
    CONSTRAINT deliveries_courier_when_assigned CHECK (
        courier_id IS NOT NULL OR state IN ('PLANNED', 'SEARCHING', 'OFFERED', 'FAILED', 'CANCELLED')),
    CONSTRAINT deliveries_pay_not_negative CHECK (pay >= 0)
) WITH (fillfactor = 80);
CREATE INDEX deliveries_purchase ON deliveries (purchase_id);
CREATE INDEX deliveries_of_courier ON deliveries (courier_id);
-- A courier works for one delivery at a time, and a purchase waits for one at a time.
CREATE UNIQUE INDEX deliveries_one_per_courier ON deliveries (courier_id)
    WHERE state IN ('ASSIGNED', 'TO_PICKUP', 'AT_PICKUP', 'PICKED_UP', 'TO_DROPOFF', 'AT_DROPOFF', 'RETURNING');
CREATE UNIQUE INDEX deliveries_one_unassigned ON deliveries (purchase_id) WHERE state IN ('PLANNED', 'SEARCHING', 'OFFERED', 'FAILED');
CREATE INDEX deliveries_to_search ON deliveries (search_from) WHERE state = 'PLANNED';
CREATE INDEX deliveries_searching ON deliveries (searching_since) WHERE state = 'SEARCHING';

CREATE TABLE stops (
    id               uuid CONSTRAINT stops_pkey PRIMARY KEY,
    delivery_id      uuid NOT NULL CONSTRAINT stops_delivery_fkey REFERENCES deliveries (id),
    kind             text NOT NULL,
    position         integer NOT NULL,
    store_id         uuid CONSTRAINT stops_store_fkey REFERENCES stores (id),
    name             text NOT NULL,
    latitude         double precision NOT NULL,
    longitude        double precision NOT NULL,
    address          jsonb NOT NULL,
    state            text NOT NULL,
    contact_attempts integer NOT NULL DEFAULT 0,
    arrived_at       timestamptz,
    done_at          timestamptz,
    CONSTRAINT stops_kind_known CHECK (kind IN ('PICKUP', 'DROPOFF')),
    CONSTRAINT stops_state_known CHECK (state IN ('WAITING', 'AT', 'DONE', 'FAILED', 'CANCELLED')),
    CONSTRAINT stops_pickup_has_store CHECK ((kind = 'PICKUP') = (store_id IS NOT NULL))
);
CREATE INDEX stops_delivery ON stops (delivery_id, position);
CREATE INDEX stops_store ON stops (store_id);

CREATE TABLE stop_orders (
    stop_id  uuid NOT NULL CONSTRAINT stop_orders_stop_fkey REFERENCES stops (id),
    order_id uuid NOT NULL CONSTRAINT stop_orders_order_fkey REFERENCES orders (id),
    CONSTRAINT stop_orders_pkey PRIMARY KEY (stop_id, order_id)
);
CREATE INDEX stop_orders_order ON stop_orders (order_id);

CREATE TABLE job_offers (
    id          uuid CONSTRAINT job_offers_pkey PRIMARY KEY,
    delivery_id uuid NOT NULL CONSTRAINT job_offers_delivery_fkey REFERENCES deliveries (id),
    courier_id  uuid NOT NULL CONSTRAINT job_offers_courier_fkey REFERENCES couriers (person_id),
    state       text NOT NULL,
    distance_m  integer NOT NULL,
    reason      text,
    offered_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    CONSTRAINT job_offers_state_known CHECK (state IN ('LIVE', 'ACCEPTED', 'DECLINED', 'TIMED_OUT', 'WITHDRAWN')),
    CONSTRAINT job_offers_ends_once CHECK ((state = 'LIVE') = (ended_at IS NULL))
);
CREATE INDEX job_offers_delivery ON job_offers (delivery_id, courier_id);
CREATE INDEX job_offers_courier ON job_offers (courier_id);
CREATE UNIQUE INDEX job_offers_one_live_per_courier ON job_offers (courier_id) WHERE state = 'LIVE';
CREATE UNIQUE INDEX job_offers_one_live_per_delivery ON job_offers (delivery_id) WHERE state = 'LIVE';
CREATE INDEX job_offers_to_expire ON job_offers (expires_at) WHERE state = 'LIVE';

CREATE TABLE courier_positions (
    courier_id  uuid CONSTRAINT courier_positions_pkey PRIMARY KEY CONSTRAINT courier_positions_courier_fkey REFERENCES couriers (person_id),
    latitude    double precision NOT NULL,
    longitude   double precision NOT NULL,
    accuracy_m  real NOT NULL,
    taken_at    timestamptz NOT NULL,
    received_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX courier_positions_place ON courier_positions USING gist (ll_to_earth(latitude, longitude));

CREATE TABLE position_samples (
    courier_id  uuid NOT NULL CONSTRAINT position_samples_courier_fkey REFERENCES couriers (person_id),
    grain       bigint NOT NULL,
    delivery_id uuid NOT NULL CONSTRAINT position_samples_delivery_fkey REFERENCES deliveries (id),
    latitude    double precision NOT NULL,
    longitude   double precision NOT NULL,
    taken_at    timestamptz NOT NULL,
    CONSTRAINT position_samples_pkey PRIMARY KEY (courier_id, grain)
);
CREATE INDEX position_samples_delivery ON position_samples (delivery_id);
CREATE INDEX position_samples_old ON position_samples (taken_at);
