-- Editions of a store's menu: what staff are writing, what waits for its time, and every publication there ever was.

CREATE TABLE menu_editions (
    id          uuid PRIMARY KEY,
    store_id    uuid NOT NULL,
    state       text NOT NULL,
    origin      text NOT NULL,
    -- Which of its documents is the present one; whoever changes it names the version they saw.
    version     integer NOT NULL,
    -- The how manieth publication of the store it is, the one it began from (0: there was none), and the one it brings back.
    publication integer,
    based_on    integer NOT NULL,
    restores    integer,
    preview_key text NOT NULL,
    began_by    uuid,
    began_at    timestamptz NOT NULL,
    publish_at  timestamptz,
    closed_by   uuid,
    closed_at   timestamptz,
    fault       text,
    CONSTRAINT menu_editions_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT menu_editions_publication_unique UNIQUE (store_id, publication),
    CONSTRAINT menu_editions_preview_key_unique UNIQUE (preview_key),
    CONSTRAINT menu_editions_state_known CHECK (state IN ('DRAFT', 'SCHEDULED', 'PUBLISHED', 'DISCARDED', 'CALLED_OFF')),
    CONSTRAINT menu_editions_origin_known CHECK (origin IN ('DRAFT', 'REPLACEMENT', 'UNDO')),
    CONSTRAINT menu_editions_scheduled_has_its_time CHECK (state <> 'SCHEDULED' OR publish_at IS NOT NULL),
    CONSTRAINT menu_editions_published_is_counted CHECK ((state = 'PUBLISHED') = (publication IS NOT NULL)),
    CONSTRAINT menu_editions_closed_when CHECK ((state IN ('DRAFT', 'SCHEDULED')) = (closed_at IS NULL))
);
-- One draft at a time: two tablets that begin one write at the same. And one that waits: another publication takes its place.
CREATE UNIQUE INDEX menu_editions_one_draft ON menu_editions (store_id) WHERE state = 'DRAFT';
CREATE UNIQUE INDEX menu_editions_one_scheduled ON menu_editions (store_id) WHERE state = 'SCHEDULED';
CREATE INDEX menu_editions_due ON menu_editions (publish_at) WHERE state = 'SCHEDULED';
CREATE INDEX menu_editions_newest ON menu_editions (store_id, id DESC);

-- What an edition said at each of its versions, so that whoever was overtaken can see what both began from.
CREATE TABLE menu_edition_documents (
    edition_id uuid NOT NULL,
    version    integer NOT NULL,
    document   jsonb NOT NULL,
    digest     text NOT NULL,
    saved_by   uuid,
    saved_at   timestamptz NOT NULL,
    PRIMARY KEY (edition_id, version),
    CONSTRAINT menu_edition_documents_edition FOREIGN KEY (edition_id) REFERENCES menu_editions (id)
);

-- Menus, sections, groups and options that left: whatever comes back under its reference is the same as before.
CREATE TABLE menu_rows_left (
    store_id          uuid NOT NULL,
    level             text NOT NULL,
    ref               text NOT NULL,
    id                uuid NOT NULL,
    unavailable_until timestamptz,
    left_at           timestamptz NOT NULL,
    PRIMARY KEY (store_id, level, ref),
    CONSTRAINT menu_rows_left_store FOREIGN KEY (store_id) REFERENCES stores (id),
    CONSTRAINT menu_rows_left_level_known CHECK (level IN ('menu', 'section', 'group', 'option'))
);
