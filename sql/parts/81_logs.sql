-- The log of events: writing it, and its partitions.

CREATE FUNCTION userdir._write_log(type text, description text, c record, user_id text, user_name text, request jsonb, details jsonb DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir__write_log';
COMMENT ON FUNCTION userdir._write_log(text, text, record, text, text, jsonb, jsonb) IS
'Writes an event to userdir.logs.

type: the model''s code. c: a row of _find_connection(). request: what _login_request() returned.';

CREATE FUNCTION userdir._log_partition_name(month date) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$ SELECT format('logs_%s_%s', lpad(extract(year FROM month)::text, 4, '0'), lpad(extract(month FROM month)::text, 2, '0')) $$;
COMMENT ON FUNCTION userdir._log_partition_name(date) IS 'Returns the name of the partition of userdir.logs for a month.';

-- The bounds of a partition are written as text. Other styles write the name of a zone, which need not be read as that
-- zone again: CST is one of China and another of America.
CREATE FUNCTION userdir._add_log_partition(month date) RETURNS boolean
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
  SET datestyle = 'ISO, YMD'
AS $$
DECLARE
  name text := userdir._log_partition_name(month);
  first timestamptz := month::timestamp AT TIME ZONE 'UTC';
  beyond timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass(format('userdir.%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  -- Attached when it is full, it keeps no login waiting but those of a month that had no partition.
  EXECUTE format('CREATE TABLE userdir.%I (LIKE userdir.logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name);
  EXECUTE format('COMMENT ON TABLE userdir.%I IS %L', name, format('Rows of userdir.logs of the month from %s on.', month));
  LOCK TABLE userdir.logs_other IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('WITH moved AS (DELETE FROM userdir.logs_other o WHERE o.date >= $1 AND o.date < $2 RETURNING o.*)
                  INSERT INTO userdir.%I SELECT * FROM moved', name) USING first, beyond;
  EXECUTE format('ALTER TABLE userdir.logs ATTACH PARTITION userdir.%I FOR VALUES FROM (%L) TO (%L)', name, first, beyond);
  RETURN true;
END
$$;
COMMENT ON FUNCTION userdir._add_log_partition(date) IS
'Adds the partition of userdir.logs for a month, with the rows of it that found none; tells whether it was missing.';

CREATE FUNCTION userdir._make_log_partitions(moment timestamptz) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 3
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  month date := date_trunc('month', moment AT TIME ZONE 'UTC')::date;
BEGIN
  FOR ahead IN 0 .. 2 LOOP
    IF userdir._add_log_partition((month + ahead * interval '1 month')::date) THEN
      RETURN NEXT userdir._log_partition_name((month + ahead * interval '1 month')::date);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._make_log_partitions(timestamptz) IS
'Adds the partitions of userdir.logs for the month of a moment and the two that follow, where they are missing; returns the names of the new ones.';

CREATE FUNCTION userdir._drop_log_partitions(oldest timestamptz) RETURNS SETOF text
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 3
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text;
  deleted bigint;
BEGIN
  FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'userdir.logs'::regclass AND c.relname ~ '^logs_[0-9]{4}_[0-9]{2}$'
                 AND (to_date(substr(c.relname, 6), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= oldest
               ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE userdir.%I', name);
    RETURN NEXT format('dropped %s', name);
  END LOOP;
  DELETE FROM userdir.logs_other o WHERE o.date < oldest;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  IF deleted > 0 THEN
    RETURN NEXT format('deleted %s rows of logs_other', deleted);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._drop_log_partitions(timestamptz) IS
'Drops the partitions of userdir.logs in which all is older than a moment; returns a line for each.';

CREATE FUNCTION userdir._maintain_logs(keep interval) RETURNS text[]
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF keep < interval '1 day' THEN
    RAISE EXCEPTION 'events have to be kept for a day at least'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Null keeps them for ever.';
  END IF;
  RETURN ARRAY(SELECT 'created ' || p FROM userdir._make_log_partitions(now()) p
               UNION ALL SELECT userdir._drop_log_partitions(now() - keep) WHERE keep IS NOT NULL
               UNION ALL SELECT format('purged %s events that no consumer read', n) FROM userdir._purge_events() n WHERE n > 0);
END
$$;
COMMENT ON FUNCTION userdir._maintain_logs(interval) IS 'Body of maintain_logs().';

CREATE FUNCTION userdir.maintain_logs(keep interval DEFAULT NULL) RETURNS text[]
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.maintain_logs(interval) IS
'Creates the partitions of userdir.logs for this month and the two that follow, and drops those that are too old. To be called once a day or month, by pg_cron for instance; where nobody calls it, events of later months go to logs_other, and nothing is lost. It also does what purge_events() does.

keep: how long events are kept at least; null keeps all. Whole months go at once.
Result: a line for each partition that was created or dropped.
Errors: 22023 for less than a day.';
