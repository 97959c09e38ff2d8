-- The rows of the core, the account and its people. Dates are unix seconds unless a name says otherwise; keys, exponents and
-- payloads lie here in the clear, because the whole file is encrypted. No row refers to another by a foreign key: in which order
-- rows come and go is the core's to say, and a message may outlive its chat.

-- The one account of this profile and its way to the server.
CREATE TABLE account (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    server      TEXT    NOT NULL,
    dc_id       INTEGER NOT NULL,
    proxy       TEXT,
    rsa_key     TEXT    NOT NULL,
    auth_key    BLOB    CHECK (length(auth_key) = 256),
    salt        INTEGER NOT NULL,
    time_offset INTEGER NOT NULL,
    phone       TEXT    NOT NULL,
    api_id      INTEGER NOT NULL,
    me          INTEGER,
    signed_in   INTEGER NOT NULL CHECK (signed_in IN (0, 1))
) STRICT;

-- The committed place in the update streams.
CREATE TABLE marks (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    pts  INTEGER NOT NULL,
    qts  INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    date INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    id          INTEGER PRIMARY KEY,
    access_hash INTEGER NOT NULL,
    first_name  TEXT    NOT NULL,
    last_name   TEXT    NOT NULL,
    username    TEXT,
    phone       TEXT,
    contact     INTEGER NOT NULL CHECK (contact IN (0, 1)),
    blocked     INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    kind        TEXT    NOT NULL CHECK (kind IN ('human', 'bot', 'deleted')),
    presence    TEXT    NOT NULL
                CHECK (presence IN ('unknown', 'online', 'last_seen', 'recently', 'last_week', 'last_month')),
    presence_at INTEGER,
    CHECK ((presence_at IS NOT NULL) = (presence IN ('online', 'last_seen')))
) STRICT;

-- That the contact list was fetched, and how many saved numbers without a person the server counts in it.
CREATE TABLE contact_list (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    saved INTEGER NOT NULL
) STRICT;

-- One row per secret chat. A column that the stage does not have is NULL; the checks keep secrets out of the stages that
-- must not hold them, whatever the program does.
CREATE TABLE chats (
    id             INTEGER PRIMARY KEY CHECK (id <> 0),
    user           INTEGER NOT NULL,
    side           TEXT    NOT NULL CHECK (side IN ('originator', 'recipient')),
    date           INTEGER NOT NULL,
    access_hash    INTEGER NOT NULL,
    stage          TEXT    NOT NULL
                   CHECK (stage IN ('asking', 'requesting', 'waiting', 'requested', 'accepting', 'ready', 'closed')),
    user_hash      INTEGER,
    reply          TEXT    CHECK (reply IN ('undecided', 'left', 'accept')),
    g              INTEGER,
    p              BLOB,
    exponent       BLOB    CHECK (exponent IS NULL OR stage IN ('requesting', 'waiting') OR rekey IS 'requested'),
    public         BLOB,
    peer_public    BLOB,
    key            BLOB    CHECK (key IS NULL OR stage IN ('accepting', 'ready')),
    picture        BLOB,
    verified       INTEGER CHECK (verified IN (0, 1)),
    my_out         INTEGER,
    my_in          INTEGER,
    his_in         INTEGER,
    layer_seen     INTEGER,
    resend_end     INTEGER,
    peer_layer     INTEGER,
    notified_layer INTEGER,
    ttl            INTEGER,
    seen           INTEGER,
    seen_told      INTEGER,
    read_by_peer   INTEGER,
    -- Since when the key is in use and how often it was used; where changing it stands. other_key is the pending key of an accepted
    -- exchange, or the previous one while both are held.
    key_since      INTEGER,
    key_written    INTEGER,
    key_read       INTEGER,
    key_changes    INTEGER,
    key_rest_until INTEGER,
    rekey          TEXT    CHECK (rekey IN ('settled', 'requested', 'accepted', 'switched')),
    exchange_id    INTEGER CHECK ((exchange_id IS NOT NULL) = (rekey IS 'requested' OR rekey IS 'accepted')),
    other_key      BLOB    CHECK ((other_key IS NOT NULL) = (rekey IS 'accepted' OR rekey IS 'switched')),
    asked_at       INTEGER,
    asked_uses     INTEGER,
    through        INTEGER,
    refused        INTEGER,
    closing        TEXT,
    discard        INTEGER CHECK (discard IN (0, 1)),
    CHECK ((rekey IS NOT NULL) = (stage = 'ready'))
) STRICT;

-- History. A place is never given twice, so it orders what arrived and serves as a cursor.
CREATE TABLE messages (
    place     INTEGER PRIMARY KEY AUTOINCREMENT,
    chat      INTEGER NOT NULL,
    random_id INTEGER NOT NULL,
    direction TEXT    NOT NULL CHECK (direction IN ('in', 'out')),
    date      INTEGER NOT NULL,
    ttl       INTEGER NOT NULL,
    delivery  TEXT    NOT NULL CHECK (delivery IN ('queued', 'sent', 'read', 'failed', 'unseen', 'seen')),
    body      BLOB    NOT NULL,
    reply_to    INTEGER,
    album       INTEGER,
    silent      INTEGER NOT NULL CHECK (silent IN (0, 1)),
    via_bot     TEXT,
    opened      INTEGER NOT NULL CHECK (opened IN (0, 1)),
    -- Milliseconds of the clock below; set while the message's own one runs.
    destruct_ms INTEGER,
    -- A voice message or a video note: its writer learns that it was opened.
    spoken      INTEGER NOT NULL CHECK (spoken IN (0, 1)),
    -- A line about the chat.
    service     INTEGER NOT NULL CHECK (service IN (0, 1)),
    UNIQUE (chat, random_id)
) STRICT;
CREATE INDEX messages_in_order ON messages (chat, place);
CREATE INDEX messages_unread ON messages (chat, date) WHERE delivery = 'sent';
CREATE INDEX messages_unseen ON messages (chat, date) WHERE delivery = 'unseen';
CREATE INDEX messages_mortal ON messages (chat) WHERE ttl > 0 OR spoken = 1 AND opened = 0;
CREATE INDEX messages_lines ON messages (chat) WHERE service = 1;

-- The clock by which messages destroy themselves, as last stored, in milliseconds: it never runs back while one of them needs it.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ms INTEGER NOT NULL
) STRICT;

-- Messages that must not come back. Unix seconds as in the marks when each was deleted: what is old enough is forgotten.
CREATE TABLE deleted (
    chat      INTEGER NOT NULL,
    random_id INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (chat, random_id)
) STRICT, WITHOUT ROWID;

-- Own messages that the peer has not confirmed; number is the raw out number.
CREATE TABLE outgoing (
    chat       INTEGER NOT NULL,
    number     INTEGER NOT NULL CHECK (number >= 0),
    random_id  INTEGER NOT NULL,
    payload    BLOB    NOT NULL,
    service    INTEGER NOT NULL CHECK (service IN (0, 1)),
    rewritable INTEGER NOT NULL CHECK (rewritable IN (0, 1)),
    answered   INTEGER NOT NULL CHECK (answered IN (0, 1)),
    silent     INTEGER NOT NULL CHECK (silent IN (0, 1)),
    told       INTEGER NOT NULL CHECK (told IN (0, 1)),
    file       TEXT,
    PRIMARY KEY (chat, number)
) STRICT;

-- Opened messages that wait behind a gap; number is the raw out number of the peer.
CREATE TABLE parked (
    chat        INTEGER NOT NULL,
    number      INTEGER NOT NULL CHECK (number >= 0),
    date        INTEGER NOT NULL,
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 8),
    executed    INTEGER NOT NULL CHECK (executed IN (0, 1)),
    payload     BLOB    NOT NULL,
    file        TEXT,
    PRIMARY KEY (chat, number)
) STRICT;

-- Sealed messages of chats whose key is not here yet, in the order of their arrival.
CREATE TABLE held (
    place     INTEGER PRIMARY KEY,
    chat      INTEGER NOT NULL,
    random_id INTEGER NOT NULL,
    date      INTEGER NOT NULL,
    envelope  BLOB    NOT NULL,
    file      TEXT,
    UNIQUE (chat, random_id)
) STRICT;

-- Own files on their way up, in the order in which they were given; a row stays as long as its message. `done` counts ciphertext
-- that is with the server, `carried` is the cipher's state there.
CREATE TABLE uploads (
    place       INTEGER PRIMARY KEY AUTOINCREMENT,
    chat        INTEGER NOT NULL,
    random_id   INTEGER NOT NULL,
    source      BLOB    NOT NULL,
    size        INTEGER NOT NULL CHECK (size > 0),
    modified_ns INTEGER NOT NULL,
    file_id     INTEGER NOT NULL,
    done        INTEGER NOT NULL CHECK (done >= 0),
    carried     BLOB    CHECK (length(carried) = 32),
    state       TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'failed', 'done')),
    reason      TEXT,
    UNIQUE (chat, random_id),
    CHECK ((reason IS NOT NULL) = (state = 'failed'))
) STRICT;

-- Files on their way down, and where those that are here lie.
CREATE TABLE downloads (
    chat      INTEGER NOT NULL,
    random_id INTEGER NOT NULL,
    path      BLOB    NOT NULL,
    done      INTEGER NOT NULL CHECK (done >= 0),
    carried   BLOB    CHECK (length(carried) = 32),
    state     TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'failed', 'done')),
    reason    TEXT,
    PRIMARY KEY (chat, random_id),
    CHECK ((reason IS NOT NULL) = (state = 'failed'))
) STRICT;

-- The profile's folder when it was open last: the paths of files that lie in it begin so.
CREATE TABLE home (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    folder BLOB    NOT NULL
) STRICT;

-- The Diffie-Hellman parameters last accepted, and the primes that were tested.
CREATE TABLE dh (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    g       INTEGER NOT NULL,
    p       BLOB    NOT NULL
) STRICT;

CREATE TABLE primes (
    p    BLOB    PRIMARY KEY,
    good INTEGER NOT NULL CHECK (good IN (0, 1))
) STRICT;

-- What the user began to write and has not sent.
CREATE TABLE drafts (
    chat INTEGER PRIMARY KEY,
    text TEXT    NOT NULL
) STRICT;

-- Closed chats that the user does not want listed any more.
CREATE TABLE dismissed (
    chat INTEGER PRIMARY KEY
) STRICT;
