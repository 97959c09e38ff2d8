-- When a connection last began to use a key, to the hour.
ALTER TABLE auth_keys ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
