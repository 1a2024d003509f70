-- Identity: people, their sessions and devices, and the roles they hold.

CREATE TABLE people (
    id uuid CONSTRAINT people_pkey PRIMARY KEY,
    firebase_uid text NOT NULL CONSTRAINT people_firebase_uid_key UNIQUE,
    name text NOT NULL,
    phone text CONSTRAINT people_phone_key UNIQUE,
    locale text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT people_firebase_uid_length CHECK (length(firebase_uid) BETWEEN 1 AND 128),
    CONSTRAINT people_phone_is_e164 CHECK (phone ~ '^\+[1-9][0-9]{5,14}$')
);

CREATE TABLE sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT sessions_person_id_fkey REFERENCES people (id),
    audience text NOT NULL,
    store_id uuid,
    device_name text NOT NULL,
    platform text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT sessions_audience_known CHECK (audience IN ('consumer', 'store', 'courier', 'support')),
    CONSTRAINT sessions_platform_known CHECK (platform IN ('IOS', 'ANDROID', 'WEB')),
    CONSTRAINT sessions_store_of_staff CHECK ((audience = 'store') = (store_id IS NOT NULL)),
    CONSTRAINT sessions_end_reason_known CHECK (
        end_reason IN ('SIGNED_OUT', 'ENDED_BY_PERSON', 'REFRESH_TOKEN_REUSED', 'ROLE_REVOKED', 'EXPIRED')
    ),
    CONSTRAINT sessions_end_has_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

CREATE INDEX sessions_of_person ON sessions (person_id, last_seen_at DESC);
-- The list of lately ended sessions is read by every process every two seconds.
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_idle ON sessions (last_seen_at) WHERE ended_at IS NULL;

CREATE TABLE refresh_tokens (
    id uuid CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT refresh_tokens_session_id_fkey REFERENCES sessions (id),
    token_hash text NOT NULL CONSTRAINT refresh_tokens_token_hash_key UNIQUE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz
);

CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_spent ON refresh_tokens (expires_at);

CREATE TABLE devices (
    id uuid CONSTRAINT devices_pkey PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT devices_session_id_key UNIQUE
        CONSTRAINT devices_session_id_fkey REFERENCES sessions (id),
    person_id uuid NOT NULL CONSTRAINT devices_person_id_fkey REFERENCES people (id),
    push_kind text NOT NULL,
    push_token text NOT NULL,
    platform text NOT NULL,
    locale text NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT devices_push_kind_known CHECK (push_kind IN ('FCM_TOKEN', 'FCM_FID', 'LIVE_ACTIVITY')),
    CONSTRAINT devices_platform_known CHECK (platform IN ('IOS', 'ANDROID', 'WEB')),
    CONSTRAINT devices_push_token_key UNIQUE (push_kind, push_token)
);

CREATE INDEX devices_of_person ON devices (person_id);
CREATE INDEX devices_unseen ON devices (seen_at);

CREATE TABLE roles (
    id uuid CONSTRAINT roles_pkey PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT roles_person_id_fkey REFERENCES people (id),
    audience text NOT NULL,
    store_id uuid,
    role text NOT NULL,
    granted_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT roles_known CHECK (
        (audience = 'store' AND store_id IS NOT NULL AND role IN ('OWNER', 'MANAGER', 'CLERK'))
        OR (audience = 'courier' AND store_id IS NULL AND role = 'APPROVED')
        OR (audience = 'support' AND store_id IS NULL AND role IN ('L1', 'L2', 'FINANCE'))
    )
);

CREATE INDEX roles_of_person ON roles (person_id);
CREATE INDEX roles_of_store ON roles (store_id) WHERE revoked_at IS NULL AND store_id IS NOT NULL;
-- At most one role in force for a person at a store, and one as a courier or an agent.
CREATE UNIQUE INDEX roles_one_at_a_store ON roles (person_id, store_id) WHERE revoked_at IS NULL AND store_id IS NOT NULL;
CREATE UNIQUE INDEX roles_one_of_a_kind ON roles (person_id, audience) WHERE revoked_at IS NULL AND store_id IS NULL;
