-- What support works on: cases with what was done about them, and the log of who looked at whose data.

CREATE SEQUENCE case_numbers;

CREATE TABLE support_cases (
    id          uuid CONSTRAINT support_cases_pkey PRIMARY KEY,
    number      text NOT NULL CONSTRAINT support_cases_number_key UNIQUE,
    purchase_id uuid NOT NULL CONSTRAINT support_cases_purchase_fkey REFERENCES purchases (id),
    order_id    uuid CONSTRAINT support_cases_order_fkey REFERENCES orders (id),
    reason      text NOT NULL,
    state       text NOT NULL,
    opened_as   text NOT NULL,
    opened_by   uuid CONSTRAINT support_cases_opened_by_fkey REFERENCES people (id),
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz,
    CONSTRAINT support_cases_reason_known CHECK (reason IN (
        'LATE', 'MISSING_ITEMS', 'WRONG_ITEMS', 'DAMAGED', 'NOT_DELIVERED', 'PAYMENT', 'COURIER', 'NO_COURIER_FOUND', 'OTHER')),
    CONSTRAINT support_cases_state_known CHECK (state IN ('OPEN', 'CLOSED')),
    CONSTRAINT support_cases_opened_by_somebody CHECK (
        opened_as IN ('consumer', 'support', 'system') AND (opened_as = 'system') = (opened_by IS NULL)),
    CONSTRAINT support_cases_closed_when CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL))
);
CREATE INDEX support_cases_purchase ON support_cases (purchase_id, opened_at);
CREATE INDEX support_cases_order ON support_cases (order_id);
CREATE INDEX support_cases_opened_by ON support_cases (opened_by, opened_at DESC, id DESC);
-- What waits for an agent, the oldest first.
CREATE INDEX support_cases_waiting ON support_cases (opened_at, id) WHERE state = 'OPEN';

CREATE TABLE case_actions (
    id       uuid CONSTRAINT case_actions_pkey PRIMARY KEY,
    case_id  uuid NOT NULL CONSTRAINT case_actions_case_fkey REFERENCES support_cases (id),
    kind     text NOT NULL,
    text     text NOT NULL,
    actor_as text NOT NULL,
    actor_id uuid CONSTRAINT case_actions_actor_fkey REFERENCES people (id),
    at       timestamptz NOT NULL,
    CONSTRAINT case_actions_kind_known CHECK (kind IN (
        'OPENED', 'NOTED', 'CONTACT_REVEALED', 'ORDER_CANCELLED', 'COURIER_RELEASED', 'CLOSED')),
    CONSTRAINT case_actions_by_somebody CHECK (
        actor_as IN ('consumer', 'support', 'system') AND (actor_as = 'system') = (actor_id IS NULL))
);
CREATE INDEX case_actions_case ON case_actions (case_id, at, id);
CREATE INDEX case_actions_actor ON case_actions (actor_id);

-- Who looked for whom and was shown what. It stands by itself, without foreign keys: it outlives the rows that it speaks of.
CREATE TABLE audit_log (
    sequence      bigint CONSTRAINT audit_log_pkey PRIMARY KEY,
    at            timestamptz NOT NULL,
    person_id     uuid NOT NULL,
    session_id    uuid NOT NULL,
    level         text NOT NULL,
    action        text NOT NULL,
    subject       text NOT NULL,
    about_id      uuid,
    purchase_id   uuid,
    case_id       uuid,
    reason        text,
    expires_at    timestamptz,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    CONSTRAINT audit_log_hash_is_sha256 CHECK (octet_length(hash) = 32 AND octet_length(previous_hash) = 32),
    -- A chain does not fork.
    CONSTRAINT audit_log_one_successor UNIQUE (previous_hash),
    CONSTRAINT audit_log_action_known CHECK (action IN ('PHONE_LOOKED_UP', 'PHONE_REVEALED', 'ADDRESS_REVEALED')),
    CONSTRAINT audit_log_reveal_has_reason CHECK (action = 'PHONE_LOOKED_UP' OR (reason IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX audit_log_of_person ON audit_log (person_id, sequence);
CREATE INDEX audit_log_about ON audit_log (about_id, sequence);

-- The database links every row to the one before, whatever the writer says; writers take turns until they commit.
CREATE FUNCTION audit_log_is_chained() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit_log%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_log', 0));
    SELECT * INTO last FROM audit_log ORDER BY sequence DESC LIMIT 1;
    NEW.sequence := coalesce(last.sequence, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := sha256(NEW.previous_hash || convert_to(jsonb_build_array(
        NEW.sequence,
        to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        NEW.person_id, NEW.session_id, NEW.level, NEW.action, NEW.subject, NEW.about_id, NEW.purchase_id, NEW.case_id, NEW.reason,
        to_char(NEW.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )::text, 'UTF8'));
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_log_chained BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_is_chained();

CREATE FUNCTION audit_log_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is not possible: the log is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_log_written_once';
END
$$;
CREATE TRIGGER audit_log_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_written_once();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM pannier_app;
