-- The triggers of the consumers, which a DROP EXTENSION took along.
DO $$ BEGIN PERFORM userdir._renew_event_triggers(); END $$;
