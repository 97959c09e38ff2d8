-- State of the embedded server. Dates are unix seconds; ids and hashes are TL longs (signed).

-- One row: the secret from which the access hashes of users are derived.
CREATE TABLE server (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;

CREATE TABLE users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    phone      TEXT NOT NULL UNIQUE,            -- digits only
    first_name TEXT NOT NULL,
    last_name  TEXT NOT NULL DEFAULT '',
    about      TEXT NOT NULL DEFAULT '',
    username   TEXT COLLATE NOCASE UNIQUE
) STRICT;
INSERT INTO sqlite_sequence (name, seq) VALUES ('users', 1000000);

CREATE TABLE auth_keys (
    id  INTEGER PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) = 256)
) STRICT;

-- An auth key signed in as a user. Everything of a secret chat binds to these, not to users.
CREATE TABLE authorizations (
    auth_key_id       INTEGER PRIMARY KEY,
    user_id           INTEGER NOT NULL REFERENCES users (id),
    hash              INTEGER NOT NULL UNIQUE,
    created           INTEGER NOT NULL,
    requests_disabled INTEGER NOT NULL DEFAULT 0,  -- takes no incoming secret chats
    qts               INTEGER NOT NULL DEFAULT 1,  -- the last one given out
    online_until      INTEGER NOT NULL DEFAULT 0,
    was_online        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX authorizations_of_user ON authorizations (user_id);

CREATE TABLE codes (
    hash      TEXT PRIMARY KEY,
    phone     TEXT NOT NULL,
    code      TEXT NOT NULL,
    created   INTEGER NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0           -- the right code was given; only the name is missing
) STRICT;
CREATE INDEX codes_of_phone ON codes (phone, created);

CREATE TABLE contacts (
    owner      INTEGER NOT NULL REFERENCES users (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    first_name TEXT NOT NULL,                      -- as the owner calls this person
    last_name  TEXT NOT NULL,
    PRIMARY KEY (owner, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_reversed ON contacts (user_id, owner);

CREATE TABLE blocks (
    owner   INTEGER NOT NULL REFERENCES users (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (owner, user_id)
) STRICT, WITHOUT ROWID;

-- A closed chat keeps its row: its id never comes back.
CREATE TABLE chats (
    id               INTEGER PRIMARY KEY,          -- the random_id of the request
    state            INTEGER NOT NULL,             -- 0 requested, 1 accepted, 2 discarded
    date             INTEGER NOT NULL,
    admin_id         INTEGER NOT NULL REFERENCES users (id),
    admin_key        INTEGER NOT NULL,             -- auth key of the originator
    admin_hash       INTEGER NOT NULL,
    participant_id   INTEGER NOT NULL REFERENCES users (id),
    participant_key  INTEGER,                      -- auth key that accepted
    participant_hash INTEGER NOT NULL,
    g_a              BLOB NOT NULL,
    g_b              BLOB,
    fingerprint      INTEGER,
    history_deleted  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX chats_pending ON chats (admin_id) WHERE state = 0;
CREATE INDEX chats_of_admin ON chats (admin_key) WHERE state < 2;
CREATE INDEX chats_of_participant ON chats (participant_key) WHERE state = 1;

-- The chats whose present state an authorization must come to know, and since when.
CREATE TABLE chat_events (
    auth_key_id INTEGER NOT NULL,
    chat_id     INTEGER NOT NULL REFERENCES chats (id),
    date        INTEGER NOT NULL,
    PRIMARY KEY (auth_key_id, chat_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_events_by_date ON chat_events (auth_key_id, date);
CREATE INDEX chat_events_of_chat ON chat_events (chat_id);

-- What the peer has read: everything up to max_date, at date.
CREATE TABLE read_events (
    auth_key_id INTEGER NOT NULL,
    chat_id     INTEGER NOT NULL REFERENCES chats (id),
    max_date    INTEGER NOT NULL,
    date        INTEGER NOT NULL,
    PRIMARY KEY (auth_key_id, chat_id, max_date)
) STRICT, WITHOUT ROWID;
CREATE INDEX read_events_by_date ON read_events (auth_key_id, date);

-- Encrypted messages that an authorization has not acknowledged.
CREATE TABLE queue (
    auth_key_id INTEGER NOT NULL,
    qts         INTEGER NOT NULL,
    chat_id     INTEGER NOT NULL REFERENCES chats (id),
    sender_key  INTEGER NOT NULL,
    random_id   INTEGER NOT NULL,
    date        INTEGER NOT NULL,
    service     INTEGER NOT NULL,
    data        BLOB NOT NULL,
    PRIMARY KEY (auth_key_id, qts)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX queue_originals ON queue (auth_key_id, chat_id, sender_key, random_id);
CREATE INDEX queue_by_date ON queue (date);
