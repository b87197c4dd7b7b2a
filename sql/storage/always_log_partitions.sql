-- Partitions for the events of this month and the next ones; maintain_logs() makes those that follow.
DO $$ BEGIN PERFORM userdir._make_log_partitions(now()); END $$;
