-- Signing in by a code sent to a phone, what such codes may cost, a repeated refresh forgiven once, and people who are barred.

-- A code is never kept: only its keyed hash, and the id of the key.
CREATE TABLE sign_in_codes (
    id          uuid CONSTRAINT sign_in_codes_pkey PRIMARY KEY,
    audience    text NOT NULL,
    phone       text NOT NULL,
    locale      text NOT NULL,
    device_hash text NOT NULL,
    key_id      text NOT NULL,
    code_hash   text NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    tries_left  integer NOT NULL,
    used_at     timestamptz,
    -- Null where nothing is to be sent, now or any more.
    send_from   timestamptz,
    attempts    integer NOT NULL DEFAULT 0,
    sent_at     timestamptz,
    CONSTRAINT sign_in_codes_audience_known CHECK (audience IN ('consumer', 'store', 'courier')),
    CONSTRAINT sign_in_codes_phone_is_e164 CHECK (phone ~ '^\+[1-9][0-9]{5,14}$'),
    CONSTRAINT sign_in_codes_tries_counted CHECK (tries_left >= 0),
    CONSTRAINT sign_in_codes_short_lived CHECK (expires_at <= created_at + interval '10 minutes')
) WITH (fillfactor = 80);
CREATE INDEX sign_in_codes_to_send ON sign_in_codes (send_from, id) WHERE send_from IS NOT NULL;
CREATE INDEX sign_in_codes_old ON sign_in_codes (expires_at);

-- How much of a budget a window of time has used: messages, or minor units of money. The keys are hashes.
CREATE TABLE sign_in_code_budgets (
    scope     text NOT NULL,
    key       text NOT NULL,
    span      integer NOT NULL,
    began_at  timestamptz NOT NULL,
    used      bigint NOT NULL,
    CONSTRAINT sign_in_code_budgets_pkey PRIMARY KEY (scope, key, span, began_at),
    CONSTRAINT sign_in_code_budgets_used CHECK (used >= 0)
) WITH (fillfactor = 70);
CREATE INDEX sign_in_code_budgets_old ON sign_in_code_budgets (began_at);

-- Devices on which a person has signed in by a code: they keep a budget of their own while others are used up by an attack.
CREATE TABLE sign_in_devices (
    person_id   uuid NOT NULL CONSTRAINT sign_in_devices_person_id_fkey REFERENCES people (id),
    device_hash text NOT NULL,
    seen_at     timestamptz NOT NULL,
    CONSTRAINT sign_in_devices_pkey PRIMARY KEY (person_id, device_hash)
);

-- The token that bought this one, and when a spent one was forgiven its return.
ALTER TABLE refresh_tokens ADD COLUMN parent_id uuid;
ALTER TABLE refresh_tokens ADD COLUMN repeated_at timestamptz;
CREATE INDEX refresh_tokens_of_parent ON refresh_tokens (parent_id) WHERE parent_id IS NOT NULL;

-- Nobody who is barred comes in, by whatever way of signing in.
ALTER TABLE people ADD COLUMN barred_at timestamptz;
ALTER TABLE sessions DROP CONSTRAINT sessions_end_reason_known;
ALTER TABLE sessions ADD CONSTRAINT sessions_end_reason_known CHECK (
    end_reason IN ('SIGNED_OUT', 'ENDED_BY_PERSON', 'REFRESH_TOKEN_REUSED', 'ROLE_REVOKED', 'BARRED', 'EXPIRED')
) NOT VALID;
