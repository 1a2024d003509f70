-- Payments: what a consumer agreed to pay, what was taken and given back, the double-entry ledger, and the sandbox provider's own memory.

CREATE TABLE payments (
    id             uuid CONSTRAINT payments_pkey PRIMARY KEY,
    purchase_id    uuid NOT NULL,
    consumer_id    uuid NOT NULL,
    amount         bigint NOT NULL,
    capturing      bigint NOT NULL,
    captured       bigint NOT NULL,
    released       bigint NOT NULL,
    refunding      bigint NOT NULL,
    refunded       bigint NOT NULL,
    currency       text NOT NULL,
    state          text NOT NULL,
    method         text NOT NULL,
    provider_ref   text,
    many_captures  boolean,
    next_action    jsonb,
    failure        text,
    created_at     timestamptz NOT NULL,
    asked_at       timestamptz,
    looked_up_at   timestamptz,
    closed_at      timestamptz,
    CONSTRAINT payments_one_per_purchase UNIQUE (purchase_id),
    CONSTRAINT payments_provider_ref_unique UNIQUE (provider_ref),
    CONSTRAINT payments_state_known CHECK (state IN ('NONE', 'AUTHORISED', 'PARTLY_CAPTURED', 'CAPTURED', 'VOIDED', 'FAILED')),
    CONSTRAINT payments_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payments_method_is_a_token CHECK (method ~ '^[A-Za-z][A-Za-z0-9_]{1,99}$' AND method !~ '[0-9]{12}'),
    CONSTRAINT payments_amount_positive CHECK (amount > 0),
    CONSTRAINT payments_captured_within_authorised CHECK (0 <= captured AND captured <= capturing AND capturing + released <= amount),
    CONSTRAINT payments_released_not_negative CHECK (released >= 0),
    CONSTRAINT payments_refunded_within_captured CHECK (0 <= refunded AND refunded <= captured),
    CONSTRAINT payments_refunding_within_capturing CHECK (refunded <= refunding AND refunding <= capturing),
    CONSTRAINT payments_nothing_taken_unauthorised CHECK (capturing = 0 OR state IN ('AUTHORISED', 'PARTLY_CAPTURED', 'CAPTURED')),
    CONSTRAINT payments_state_says_captured CHECK (captured = 0 OR state IN ('PARTLY_CAPTURED', 'CAPTURED')),
    CONSTRAINT payments_void_means_all CHECK (state <> 'VOIDED' OR released = amount),
    CONSTRAINT payments_authorised_by_somebody CHECK (state IN ('NONE', 'VOIDED', 'FAILED') OR provider_ref IS NOT NULL)
);
CREATE INDEX payments_open ON payments (created_at) WHERE closed_at IS NULL;

CREATE TABLE captures (
    id           uuid CONSTRAINT captures_pkey PRIMARY KEY,
    payment_id   uuid NOT NULL,
    order_id     uuid NOT NULL,
    amount       bigint NOT NULL,
    split        jsonb NOT NULL,
    state        text NOT NULL,
    provider_ref text,
    failure      text,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    CONSTRAINT captures_payment_fkey FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT captures_one_per_order UNIQUE (order_id),
    CONSTRAINT captures_amount_positive CHECK (amount > 0),
    CONSTRAINT captures_state_known CHECK (state IN ('REQUESTED', 'DONE', 'FAILED')),
    CONSTRAINT captures_finished CHECK ((state = 'REQUESTED') = (finished_at IS NULL))
);
CREATE INDEX captures_payment ON captures (payment_id);
CREATE INDEX captures_open ON captures (created_at) WHERE state = 'REQUESTED';

CREATE TABLE refunds (
    id           uuid CONSTRAINT refunds_pkey PRIMARY KEY,
    payment_id   uuid NOT NULL,
    order_id     uuid,
    amount       bigint NOT NULL,
    reason       text NOT NULL,
    liable_party text NOT NULL,
    state        text NOT NULL,
    provider_ref text,
    failure      text,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    CONSTRAINT refunds_payment_fkey FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT refunds_provider_ref_unique UNIQUE (provider_ref),
    CONSTRAINT refunds_amount_positive CHECK (amount > 0),
    CONSTRAINT refunds_liable_party_known CHECK (liable_party IN ('PLATFORM', 'STORE', 'COURIER', 'CONSUMER')),
    CONSTRAINT refunds_state_known CHECK (state IN ('REQUESTED', 'DONE', 'FAILED')),
    CONSTRAINT refunds_finished CHECK ((state = 'REQUESTED') = (finished_at IS NULL))
);
CREATE INDEX refunds_payment ON refunds (payment_id);
CREATE INDEX refunds_order ON refunds (order_id);
CREATE INDEX refunds_open ON refunds (created_at) WHERE state = 'REQUESTED';

CREATE TABLE provider_events (
    id          text CONSTRAINT provider_events_pkey PRIMARY KEY,
    kind        text NOT NULL,
    payload     jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    handled_at  timestamptz
);
CREATE INDEX provider_events_unhandled ON provider_events (received_at) WHERE handled_at IS NULL;

-- The ledger. Debits are positive, credits negative; every transaction sums to zero in each currency.

CREATE TABLE ledger_accounts (
    id       uuid CONSTRAINT ledger_accounts_pkey PRIMARY KEY,
    kind     text NOT NULL,
    owner_id uuid,
    currency text NOT NULL,
    CONSTRAINT ledger_accounts_unique UNIQUE NULLS NOT DISTINCT (kind, owner_id, currency),
    CONSTRAINT ledger_accounts_with_currency UNIQUE (id, currency),
    CONSTRAINT ledger_accounts_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ledger_accounts_kind_known CHECK (kind IN (
        'PROVIDER_CLEARING', 'CONSUMER_CREDIT', 'STORE_PAYABLE', 'COURIER_PAYABLE', 'COURIER_COST',
        'REVENUE_COMMISSION', 'REVENUE_DELIVERY', 'REVENUE_SERVICE', 'REVENUE_SMALL_BASKET', 'TAX_PAYABLE',
        'PROMOTION_COST_PLATFORM', 'PROMOTION_COST_STORE', 'LOSS_PLATFORM', 'LOSS_STORE', 'LOSS_COURIER', 'LOSS_CONSUMER'))
);

CREATE TABLE ledger_transactions (
    id          uuid CONSTRAINT ledger_transactions_pkey PRIMARY KEY,
    kind        text NOT NULL,
    reference   uuid NOT NULL,
    purchase_id uuid,
    posted_at   timestamptz NOT NULL,
    CONSTRAINT ledger_transactions_once UNIQUE (kind, reference)
);
CREATE INDEX ledger_transactions_purchase ON ledger_transactions (purchase_id);

CREATE TABLE ledger_entries (
    transaction_id uuid NOT NULL,
    position       smallint NOT NULL,
    account_id     uuid NOT NULL,
    amount         bigint NOT NULL,
    currency       text NOT NULL,
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (transaction_id, position),
    CONSTRAINT ledger_entries_transaction_fkey FOREIGN KEY (transaction_id) REFERENCES ledger_transactions (id),
    CONSTRAINT ledger_entries_account_fkey FOREIGN KEY (account_id, currency) REFERENCES ledger_accounts (id, currency),
    CONSTRAINT ledger_entries_amount_said CHECK (amount <> 0)
);
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, currency);

CREATE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_transactions' THEN
        posted := NEW.id;
        IF NOT EXISTS (SELECT FROM ledger_entries WHERE transaction_id = posted) THEN
            RAISE EXCEPTION 'ledger transaction % has no entries', posted
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
        END IF;
    ELSE
        posted := NEW.transaction_id;
    END IF;
    IF EXISTS (SELECT FROM ledger_entries WHERE transaction_id = posted GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', posted USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_balance();
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_balance();

CREATE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is not possible: the ledger is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_written_once';
END
$$;

CREATE TRIGGER ledger_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once();
CREATE TRIGGER ledger_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once();
CREATE TRIGGER ledger_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once();
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_accounts, ledger_transactions, ledger_entries FROM pannier_app;

-- The sandbox card network remembers here what a real one remembers in its own house; nothing of ours reads these tables.

CREATE TABLE sandbox_cards_intents (
    ref        text CONSTRAINT sandbox_cards_intents_pkey PRIMARY KEY,
    key        text NOT NULL,
    amount     bigint NOT NULL,
    currency   text NOT NULL,
    method     text NOT NULL,
    status     text NOT NULL,
    captured   bigint NOT NULL,
    refunded   bigint NOT NULL,
    tries      integer NOT NULL,
    failure    text,
    decides_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT sandbox_cards_intents_key_unique UNIQUE (key),
    CONSTRAINT sandbox_cards_intents_status_known CHECK (status IN ('PENDING', 'NEEDS_CONFIRMATION', 'AUTHORISED', 'CAPTURED', 'VOIDED', 'FAILED')),
    CONSTRAINT sandbox_cards_intents_within CHECK (0 <= refunded AND refunded <= captured AND captured <= amount)
);

CREATE TABLE sandbox_cards_movements (
    key        text CONSTRAINT sandbox_cards_movements_pkey PRIMARY KEY,
    ref        text NOT NULL,
    intent_ref text NOT NULL,
    kind       text NOT NULL,
    amount     bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT sandbox_cards_movements_intent_fkey FOREIGN KEY (intent_ref) REFERENCES sandbox_cards_intents (ref),
    CONSTRAINT sandbox_cards_movements_kind_known CHECK (kind IN ('CAPTURE', 'VOID', 'REFUND'))
);
CREATE INDEX sandbox_cards_movements_intent ON sandbox_cards_movements (intent_ref);

CREATE TABLE sandbox_cards_webhooks (
    id           text CONSTRAINT sandbox_cards_webhooks_pkey PRIMARY KEY,
    intent_ref   text NOT NULL,
    kind         text NOT NULL,
    due_at       timestamptz NOT NULL,
    leased_until timestamptz,
    attempts     integer NOT NULL,
    times_left   integer NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT sandbox_cards_webhooks_intent_fkey FOREIGN KEY (intent_ref) REFERENCES sandbox_cards_intents (ref)
);
CREATE INDEX sandbox_cards_webhooks_intent ON sandbox_cards_webhooks (intent_ref);
CREATE INDEX sandbox_cards_webhooks_due ON sandbox_cards_webhooks (due_at) WHERE times_left > 0;
