-- Menus brought in from files: the job, what was told about its rows, what it changes; and the versions of stock and price feeds.

CREATE TABLE menu_imports (
    id              uuid PRIMARY KEY,
    store_id        uuid NOT NULL,
    person_id       uuid,
    format          text NOT NULL,
    file_name       text NOT NULL,
    content         bytea NOT NULL,
    mapping         jsonb NOT NULL,
    dry_run         boolean NOT NULL,
    take_good_rows  boolean NOT NULL,
    state           text NOT NULL,
    -- Set while it is queued or running; whoever carries it out looks at it between the steps.
    cancel_asked    boolean NOT NULL DEFAULT false,
    attempts        integer NOT NULL DEFAULT 0,
    leased_until    timestamptz,
    rows_read       integer NOT NULL DEFAULT 0,
    rows_of         integer NOT NULL DEFAULT 0,
    good_rows       integer NOT NULL DEFAULT 0,
    faults          integer NOT NULL DEFAULT 0,
    warnings        integer NOT NULL DEFAULT 0,
    added           integer NOT NULL DEFAULT 0,
    removed         integer NOT NULL DEFAULT 0,
    changed         integer NOT NULL DEFAULT 0,
    -- Of the difference that was shown: what is applied afterwards is that, or it is shown again.
    digest          text,
    reason          text,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    applied_at      timestamptz,
    CONSTRAINT menu_imports_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT menu_imports_format_known CHECK (format IN ('PANNIER_JSON', 'CSV', 'MAPPED_JSON', 'UBER_EATS', 'DOORDASH')),
    CONSTRAINT menu_imports_state_known CHECK (
        state IN ('QUEUED', 'READING', 'COMPARING', 'WRITING', 'PREVIEWED', 'APPLIED', 'REFUSED', 'CANCELLED', 'FAILED')),
    CONSTRAINT menu_imports_finished_when CHECK (
        (state IN ('QUEUED', 'READING', 'COMPARING', 'WRITING')) = (finished_at IS NULL)),
    CONSTRAINT menu_imports_applied_when CHECK ((state = 'APPLIED') = (applied_at IS NOT NULL))
);
CREATE INDEX menu_imports_by_store ON menu_imports (store_id, id DESC);
CREATE INDEX menu_imports_applied ON menu_imports (store_id, applied_at DESC) WHERE state = 'APPLIED';
CREATE INDEX menu_imports_open ON menu_imports (created_at) WHERE finished_at IS NULL;
-- One at a time: two whole menus at once have no meaning.
CREATE UNIQUE INDEX menu_imports_one_per_store ON menu_imports (store_id) WHERE finished_at IS NULL;

CREATE TABLE menu_import_remarks (
    import_id uuid NOT NULL,
    number    integer NOT NULL,
    kind      text NOT NULL,
    row       integer NOT NULL,
    path      text NOT NULL,
    code      text NOT NULL,
    sentence  text NOT NULL,
    value     text NOT NULL,
    PRIMARY KEY (import_id, number),
    CONSTRAINT menu_import_remarks_import FOREIGN KEY (import_id) REFERENCES menu_imports (id) ON DELETE CASCADE,
    CONSTRAINT menu_import_remarks_kind_known CHECK (kind IN ('FAULT', 'WARNING'))
);

CREATE TABLE menu_import_changes (
    import_id uuid NOT NULL,
    number    integer NOT NULL,
    kind      text NOT NULL,
    level     text NOT NULL,
    ref       text NOT NULL,
    name      text NOT NULL,
    place     text NOT NULL,
    fields    jsonb NOT NULL,
    PRIMARY KEY (import_id, number),
    CONSTRAINT menu_import_changes_import FOREIGN KEY (import_id) REFERENCES menu_imports (id) ON DELETE CASCADE,
    CONSTRAINT menu_import_changes_kind_known CHECK (kind IN ('ADDED', 'REMOVED', 'CHANGED'))
);

-- The newest row that a feed told of an item: a row that is not newer changes nothing, whenever it arrives.
CREATE TABLE item_feed_versions (
    item_id  uuid NOT NULL,
    feed     text NOT NULL,
    store_id uuid NOT NULL,
    version  bigint NOT NULL,
    told     bigint NOT NULL,
    told_at  timestamptz NOT NULL,
    PRIMARY KEY (item_id, feed),
    CONSTRAINT item_feed_versions_item FOREIGN KEY (item_id) REFERENCES items (id),
    CONSTRAINT item_feed_versions_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT item_feed_versions_feed_known CHECK (feed IN ('STOCK', 'PRICE')),
    CONSTRAINT item_feed_versions_version_counts CHECK (version >= 0)
);
CREATE INDEX item_feed_versions_by_store ON item_feed_versions (store_id);
