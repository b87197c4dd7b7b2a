-- The row of settings, where a new directory or a dump of the schema alone has none.

INSERT INTO userdir.attack_protection DEFAULT VALUES ON CONFLICT DO NOTHING;
