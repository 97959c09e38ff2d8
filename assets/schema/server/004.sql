-- Files, from their first part on. Their bytes lie in the folder "files", one file each, named by id.
CREATE TABLE files (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    owner           INTEGER NOT NULL REFERENCES users (id),
    upload_id       INTEGER,                      -- as its owner calls it; NULL: they call a later one so
    total_parts     INTEGER,                      -- as upload.saveBigFilePart has it; NULL: came by upload.saveFilePart
    part_size       INTEGER,                      -- of all parts but the last; NULL: not known yet
    stored          INTEGER NOT NULL DEFAULT 0,   -- bytes in the folder
    used            INTEGER NOT NULL,             -- when a part of it came, or it was sent
    remote_id       INTEGER UNIQUE,               -- what clients call it; this and the following: NULL while parts may come
    access_hash     INTEGER,
    size            INTEGER,
    key_fingerprint INTEGER
) STRICT;
CREATE UNIQUE INDEX files_by_upload ON files (owner, upload_id) WHERE upload_id IS NOT NULL;
CREATE INDEX files_unfinished ON files (owner, stored) WHERE remote_id IS NULL;
CREATE INDEX files_by_use ON files (used);

-- Where the parts of a file lie in it: they come in any order.
CREATE TABLE parts (
    file   INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    part   INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (file, part)
) STRICT, WITHOUT ROWID;

-- Who may fetch a file besides its owner.
CREATE TABLE file_readers (
    file    INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (file, user_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE queue ADD COLUMN file INTEGER REFERENCES files (id) ON DELETE SET NULL;
CREATE INDEX queue_by_file ON queue (file) WHERE file IS NOT NULL;

-- A deleted account keeps its row, so that its id is never somebody else's.
ALTER TABLE users ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

-- Auth keys whose sign-in was ended from elsewhere, until somebody signs in with them again.
CREATE TABLE revoked (
    auth_key_id INTEGER PRIMARY KEY,
    reason      TEXT NOT NULL                     -- the name of the error its calls are answered with
) STRICT;
