-- The layer that the client behind an auth key speaks, once it has said so.
CREATE TABLE layers (
    auth_key_id INTEGER PRIMARY KEY,
    layer       INTEGER NOT NULL
) STRICT;

-- An account that a program answers for, and whether others are told exactly when somebody was online.
ALTER TABLE users ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN hides_presence INTEGER NOT NULL DEFAULT 0;

-- When somebody was blocked; 0: before that was noted.
ALTER TABLE blocks ADD COLUMN date INTEGER NOT NULL DEFAULT 0;
