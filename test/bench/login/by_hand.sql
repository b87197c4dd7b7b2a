-- What somebody would write by hand who wants a login with a right password and nothing else: the
-- reads and writes of userdir.login() in one function, without layers, without a search_path of its
-- own, and without a word about what goes wrong.
--
-- usage: psql -f test/bench/login/by_hand.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;

-- Put in line wherever it is called. The benchmark replaces it by one that says true.
CREATE FUNCTION bench.verify(password text, hash text) RETURNS boolean LANGUAGE sql VOLATILE
AS $$ SELECT userdir._verify_password(password::userdir.secret, hash) $$;

CREATE FUNCTION bench.login(connection_name text, identifier text, password text, of_client text, context jsonb, OUT outcome text, OUT user_id text)
  LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  from_ip inet := (context ->> 'ip')::inet;
  moment timestamptz := clock_timestamp();
  shared boolean := userdir._attempts_shared();
  c record;
  known record;
  s record;
  own bytea;
  nobody bytea;
  of_identifier double precision;
  of_address double precision;
BEGIN
  SELECT n.id, n.name, n.strategy, n.options INTO c FROM userdir.connections n WHERE n.name = connection_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no connection %', connection_name;
  END IF;
  SELECT n.user_id, n.provider, n.provider_user_id, u.blocked, k.hash INTO known
    FROM userdir.identifiers n
    JOIN userdir.users u ON u.user_id = n.user_id
    LEFT JOIN userdir.credentials k ON k.user_id = n.user_id AND k.provider = n.provider AND k.provider_user_id = n.provider_user_id
   WHERE n.value = lower(identifier COLLATE "C") AND n.connection = c.name AND n.kind IN ('email', 'phone_number', 'username')
   ORDER BY n.kind LIMIT 1;
  SELECT p.salt, (p.brute_force_protection ->> 'max_attempts')::integer AS most,
         (p.suspicious_ip_throttling #>> '{stage,pre-login,max_attempts}')::integer AS most_of_address,
         (p.suspicious_ip_throttling #>> '{stage,pre-login,rate}')::double precision AS rate,
         (p.breached_password_detection ->> 'enabled')::boolean AS look_up
    INTO s FROM userdir.attack_protection p;
  own := substr(sha256(s.salt || convert_to(c.name || ' ' || lower(identifier COLLATE "C"), 'UTF8')), 1, 16);
  nobody := substr(sha256(s.salt), 1, 16);

  -- Before the password is verified, and again behind it.
  FOR round IN 1 .. 2 LOOP
    IF shared THEN
      of_identifier := (userdir._attempts_read('identifier_ip', own, from_ip, 0, moment)).level;
      of_address := (userdir._attempts_read('login_ip', nobody, from_ip, s.rate, moment)).level;
    ELSE
      SELECT max(a.level) FILTER (WHERE a.kind = 'identifier_ip'),
             max(a.level - extract(epoch FROM moment - a.counted_at) * 1000 / s.rate) FILTER (WHERE a.kind = 'login_ip') INTO of_identifier, of_address
        FROM userdir.login_attempts a
       WHERE (a.who, a.kind, a.address) IN ((own, 'identifier_ip', from_ip), (nobody, 'login_ip', from_ip)) AND a.expires_at > moment;
    END IF;
    IF of_identifier >= s.most OR of_address > s.most_of_address - 1 THEN
      outcome := 'too_many_attempts';
      RETURN;
    END IF;
    IF round = 1 AND NOT bench.verify(password, known.hash) THEN
      outcome := 'invalid_user_password';
      RETURN;
    END IF;
  END LOOP;

  IF shared THEN
    PERFORM userdir._attempts_forget('identifier_ip', own, from_ip, moment);
  ELSE
    DELETE FROM userdir.login_attempts a WHERE a.who = own AND a.kind = 'identifier_ip' AND a.address = from_ip;
  END IF;
  IF known.blocked OR s.look_up THEN
    outcome := 'unauthorized';
    RETURN;
  END IF;
  INSERT INTO userdir.user_logins AS l (user_id, last_login, last_ip, logins_count) VALUES (known.user_id, moment, from_ip, 1)
    ON CONFLICT ON CONSTRAINT user_logins_pkey DO UPDATE
       SET last_login = excluded.last_login, last_ip = coalesce(excluded.last_ip, l.last_ip), logins_count = l.logins_count + 1;
  INSERT INTO userdir.logs (date, log_id, type, description, connection, connection_id, strategy, strategy_type, client_id, ip, hostname,
                            user_agent, user_id, user_name, audience, scope, details)
    VALUES (moment, to_char(moment AT TIME ZONE 'UTC', '"90"YYYYMMDDHH24MISSUS') || lpad(trunc(random() * 1e8)::text, 8, '0'),
            's', NULL, c.name, c.id, c.strategy, 'database', of_client, from_ip, context ->> 'hostname',
            context ->> 'user_agent', known.user_id, identifier, NULL, NULL, NULL);
  outcome := 'success';
  user_id := known.user_id;
END $$;
