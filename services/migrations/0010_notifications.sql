-- Notifications: what was told to whom on which device, and how fast each device may be told.

CREATE TABLE push_messages (
    id           uuid CONSTRAINT push_messages_pkey PRIMARY KEY,
    event_id     uuid NOT NULL CONSTRAINT push_messages_event_fkey REFERENCES events (id),
    purchase_id  uuid NOT NULL CONSTRAINT push_messages_purchase_fkey REFERENCES purchases (id),
    audience     text NOT NULL,
    person_id    uuid NOT NULL CONSTRAINT push_messages_person_fkey REFERENCES people (id),
    -- No foreign key: devices come and go, what was told stays. The address itself is never kept here.
    device_id    uuid NOT NULL,
    kind         text NOT NULL,
    -- A later stage has a higher rank; 0 stands alone: it replaces nothing and nothing replaces it.
    stage_rank   integer NOT NULL,
    title        text NOT NULL,
    body         text NOT NULL,
    data         jsonb NOT NULL,
    priority     text NOT NULL,
    collapse_key text NOT NULL,
    collapsible  boolean NOT NULL,
    state        text NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    leased_until timestamptz,
    -- The last attempt, and whether it used up one of the device's collapse keys.
    claimed_at   timestamptz,
    collapsed    boolean NOT NULL DEFAULT false,
    provider_ref text,
    error        text,
    created_at   timestamptz NOT NULL,
    sent_at      timestamptz,
    -- One visible notification per fact and device, whoever handles the fact how often.
    CONSTRAINT push_messages_once UNIQUE (event_id, device_id),
    CONSTRAINT push_messages_audience_known CHECK (audience IN ('consumer', 'store', 'courier')),
    CONSTRAINT push_messages_priority_known CHECK (priority IN ('HIGH', 'NORMAL')),
    CONSTRAINT push_messages_state_known CHECK (state IN ('PENDING', 'SENT', 'DROPPED', 'FAILED')),
    CONSTRAINT push_messages_rank_not_negative CHECK (stage_rank >= 0),
    CONSTRAINT push_messages_sent_has_proof CHECK ((state = 'SENT') = (sent_at IS NOT NULL AND provider_ref IS NOT NULL)),
    CONSTRAINT push_messages_given_up_says_why CHECK (state IN ('PENDING', 'SENT') OR error IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX push_messages_due ON push_messages (priority, due_at, id) WHERE state = 'PENDING';
CREATE INDEX push_messages_of_purchase ON push_messages (purchase_id, device_id);
CREATE INDEX push_messages_of_person ON push_messages (person_id);
CREATE INDEX push_messages_of_device ON push_messages (device_id, claimed_at);
CREATE INDEX push_messages_old ON push_messages (created_at);

-- When the bucket of collapsible messages of a device is full again; its row is held while the device's next sendings are decided.
CREATE TABLE push_paces (
    device_id        uuid CONSTRAINT push_paces_pkey PRIMARY KEY,
    collapsible_from timestamptz NOT NULL,
    used_at          timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX push_paces_old ON push_paces (used_at);
