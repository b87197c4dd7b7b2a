-- Hashes of breached passwords.

CREATE TABLE userdir.breached_passwords (
  first bigint PRIMARY KEY,
  hashes bytea NOT NULL
);
-- Hashes do not compress, and a block is never so large that it had to leave its row.
ALTER TABLE userdir.breached_passwords ALTER COLUMN hashes SET STORAGE PLAIN;
COMMENT ON TABLE userdir.breached_passwords IS 'Hashes of breached passwords, a block of some hundred in a row. Written by a COPY to breached_password_lines and by add_breached_passwords() only.';
COMMENT ON COLUMN userdir.breached_passwords.first IS 'The first 64 bits of the lowest SHA-1 in the block, as a number from -2^63.';
COMMENT ON COLUMN userdir.breached_passwords.hashes IS 'The others: the number of bytes of each, and their distances from the first.';

CREATE TABLE userdir.breached_loads (
  loaded_at timestamptz NOT NULL DEFAULT clock_timestamp() PRIMARY KEY,
  lines bigint NOT NULL,
  added bigint NOT NULL
);
COMMENT ON TABLE userdir.breached_loads IS 'Every list of breached passwords that was loaded.';
COMMENT ON COLUMN userdir.breached_loads.lines IS 'Lines of the list.';
COMMENT ON COLUMN userdir.breached_loads.added IS 'Hashes that were not there before.';
