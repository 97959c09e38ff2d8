-- Two-step verification: what is kept instead of a password, and how often somebody guessed wrong.
CREATE TABLE passwords (
    user_id     INTEGER PRIMARY KEY REFERENCES users (id),
    salt1       BLOB NOT NULL,
    salt2       BLOB NOT NULL,
    verifier    BLOB NOT NULL CHECK (length(verifier) = 256),
    hint        TEXT NOT NULL,
    version     INTEGER NOT NULL,                  -- another one for every password
    wrong       INTEGER NOT NULL DEFAULT 0,        -- wrong ones given
    wrong_since INTEGER NOT NULL DEFAULT 0         -- the first of these
) STRICT;

-- Auth keys whose code or login token was right, and that owe the password.
CREATE TABLE half_signed_in (
    auth_key_id INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    since       INTEGER NOT NULL
) STRICT;
CREATE INDEX half_signed_in_by_date ON half_signed_in (since);

-- What clients say they are, and where they were when they said it.
CREATE TABLE devices (
    auth_key_id    INTEGER PRIMARY KEY,
    api_id         INTEGER NOT NULL,
    model          TEXT NOT NULL,
    system_version TEXT NOT NULL,
    app_version    TEXT NOT NULL,
    ip             TEXT NOT NULL
) STRICT;

-- Phone numbers whose accounts live in another data centre.
CREATE TABLE homes (
    phone TEXT PRIMARY KEY,                        -- digits only
    dc    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE codes ADD COLUMN delivery INTEGER NOT NULL DEFAULT 1;  -- the way it was sent; 1 is by SMS
ALTER TABLE codes ADD COLUMN step INTEGER NOT NULL DEFAULT 0;      -- ways of delivery tried before
ALTER TABLE codes ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;     -- cancelled, or replaced by another

-- An authorization that was made from another by auth.exportAuthorization: no device of its own, and gone with that one.
ALTER TABLE authorizations ADD COLUMN parent INTEGER;
CREATE INDEX authorizations_by_parent ON authorizations (parent) WHERE parent IS NOT NULL;
