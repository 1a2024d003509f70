-- The ground floor: what the application's own role may do, time, events, outbox, idempotency.

-- run.py has made the extensions and the role before. The running house takes the role on, and it owns nothing: what a later
-- migration revokes is really out of its reach.
GRANT USAGE ON SCHEMA public TO pannier_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pannier_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO pannier_app;
GRANT SELECT ON migrations TO pannier_app;

-- One row: how the city's clock runs beside the wall's.
CREATE TABLE clock_anchor (
    id boolean CONSTRAINT clock_anchor_pkey PRIMARY KEY DEFAULT true,
    wall timestamptz NOT NULL,
    city timestamptz NOT NULL,
    speed double precision NOT NULL,
    -- When the house was last seen alive, by the wall: a closed house's clock stands still.
    lived_until timestamptz NOT NULL,
    CONSTRAINT clock_anchor_one_row CHECK (id),
    CONSTRAINT clock_anchor_forward CHECK (speed > 0)
);

CREATE TABLE streams (
    id uuid CONSTRAINT streams_pkey PRIMARY KEY,
    last_sequence integer NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE events (
    id uuid CONSTRAINT events_pkey PRIMARY KEY,
    stream uuid NOT NULL,
    sequence integer NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    reason text,
    device_at timestamptz,
    recorded_at timestamptz NOT NULL,
    request_id text,
    CONSTRAINT events_numbered UNIQUE (stream, sequence),
    CONSTRAINT events_actor_known CHECK (actor_kind IN ('consumer', 'store', 'courier', 'support', 'system')),
    CONSTRAINT events_actor_named CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
-- A fact stays as it was told; erasing a person works on the rows it points to.
REVOKE UPDATE, DELETE ON events FROM pannier_app;

CREATE TABLE outbox (
    id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT outbox_event_fkey REFERENCES events (id),
    stream uuid NOT NULL,
    sequence integer NOT NULL,
    place integer NOT NULL,
    handler text NOT NULL,
    lane text NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    leased_until timestamptz,
    last_error text,
    dead_at timestamptz
);
CREATE INDEX outbox_event ON outbox (event_id);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_order ON outbox (stream, lane, sequence, place);
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;

CREATE TABLE inbox (
    handler text NOT NULL,
    event_id uuid NOT NULL CONSTRAINT inbox_event_fkey REFERENCES events (id),
    handled_at timestamptz NOT NULL,
    CONSTRAINT inbox_pkey PRIMARY KEY (handler, event_id)
);
CREATE INDEX inbox_event ON inbox (event_id);

CREATE TABLE idempotency_keys (
    person_id uuid NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    result jsonb,
    created_at timestamptz NOT NULL,
    kept_until timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (person_id, operation, key)
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (kept_until);
