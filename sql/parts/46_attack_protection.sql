-- Protection against attacks: its settings.

CREATE FUNCTION userdir._attempt_address(ip inet) RETURNS inet
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__attempt_address';
COMMENT ON FUNCTION userdir._attempt_address(inet) IS
'Returns what attempts from an address are counted under: an address of IPv4, or the network of 64 bits of one of IPv6, for whoever has one address of it has them all.';

CREATE FUNCTION userdir._check_setting_number(settings jsonb, path text[], smallest integer, largest integer) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  value jsonb := settings #> path;
BEGIN
  IF jsonb_typeof(value) IS DISTINCT FROM 'number' OR (value #>> '{}')::numeric NOT BETWEEN smallest AND largest
     OR (value #>> '{}')::numeric <> trunc((value #>> '{}')::numeric) THEN
    RAISE EXCEPTION 'setting "%" must be a whole number between % and %', array_to_string(path, '.'), smallest, largest
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_setting_number(jsonb, text[], integer, integer) IS
'Raises 22023 unless a setting is a whole number within bounds.';

CREATE FUNCTION userdir._check_setting_word(settings jsonb, name text, known text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(settings -> name) IS DISTINCT FROM 'string' OR settings ->> name <> ALL (known) THEN
    RAISE EXCEPTION 'setting "%" must be %', name, array_to_string(known, ' or ') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_setting_word(jsonb, text, text[]) IS
'Raises 22023 unless a setting is one of the known words.';

CREATE FUNCTION userdir._check_setting_list(settings jsonb, path text[], known text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := array_to_string(path, '.');
  list jsonb := settings #> path;
  entry record;
BEGIN
  IF jsonb_typeof(list) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'setting "%" must be an array of strings', name USING ERRCODE = 'invalid_parameter_value';
  ELSIF known IS NULL AND jsonb_array_length(list) > 100 THEN
    RAISE EXCEPTION 'setting "%" holds more than 100 entries', name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'A network, as in "192.0.2.0/24", is one entry.';
  END IF;

  FOR entry IN SELECT jsonb_typeof(e.value) AS type, e.value #>> '{}' AS word FROM jsonb_array_elements(list) e LOOP
    IF entry.type <> 'string' THEN
      RAISE EXCEPTION 'setting "%" must be an array of strings', name USING ERRCODE = 'invalid_parameter_value';
    ELSIF known IS NOT NULL THEN
      IF entry.word <> ALL (known) THEN
        RAISE EXCEPTION '"%" may not be in setting "%"', left(entry.word, 64), name
          USING ERRCODE = 'invalid_parameter_value', HINT = format('These may be: %s.', array_to_string(known, ', '));
      END IF;
    ELSE
      BEGIN
        PERFORM entry.word::inet;
      EXCEPTION WHEN invalid_text_representation THEN
        RAISE EXCEPTION '"%" is neither an address nor a network', left(entry.word, 64)
          USING ERRCODE = 'invalid_parameter_value', HINT = 'For example "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32".';
      END;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION userdir._check_setting_list(jsonb, text[], text[]) IS
'Raises 22023 unless a setting is an array of known words, or, when no words are given, of up to 100 addresses and networks.';

CREATE FUNCTION userdir._check_setting_keys(settings jsonb, name text, known text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unknown text;
BEGIN
  IF settings IS NULL OR jsonb_typeof(settings) <> 'object' THEN
    RAISE EXCEPTION '"%" must be a JSON object', name USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT k INTO unknown FROM jsonb_object_keys(settings) k WHERE k <> ALL (known) LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION '"%" has no setting "%"', name, left(unknown, 64)
      USING ERRCODE = 'invalid_parameter_value', HINT = format('It has: %s.', array_to_string(known, ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_setting_keys(jsonb, text, text[]) IS
'Raises 22023 unless settings are an object of no other keys than the known ones.';

CREATE FUNCTION userdir._check_attack_protection(feature text, settings jsonb) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stage text;
BEGIN
  IF jsonb_typeof(settings -> 'enabled') IS DISTINCT FROM 'boolean' THEN
    RAISE EXCEPTION 'setting "enabled" must be true or false' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  IF feature = 'brute-force-protection' THEN
    PERFORM userdir._check_setting_list(settings, '{allowlist}', NULL);
    PERFORM userdir._check_setting_list(settings, '{shields}', '{block,user_notification}');
    PERFORM userdir._check_setting_number(settings, '{max_attempts}', 1, 100);
    PERFORM userdir._check_setting_word(settings, 'mode', '{count_per_identifier_and_ip,count_per_identifier}');
  ELSIF feature = 'suspicious-ip-throttling' THEN
    PERFORM userdir._check_setting_list(settings, '{allowlist}', NULL);
    PERFORM userdir._check_setting_list(settings, '{shields}', '{admin_notification,block}');
    PERFORM userdir._check_setting_number(settings, '{stage,pre-login,max_attempts}', 1, 2500);
    PERFORM userdir._check_setting_number(settings, '{stage,pre-login,rate}', 1, 86400000);
    PERFORM userdir._check_setting_number(settings, '{stage,pre-user-registration,max_attempts}', 1, 72000);
    PERFORM userdir._check_setting_number(settings, '{stage,pre-user-registration,rate}', 1, 86400000);
  ELSE
    PERFORM userdir._check_setting_list(settings, '{shields}', '{block,user_notification,admin_notification}');
    PERFORM userdir._check_setting_list(settings, '{admin_notification_frequency}', '{immediately,daily,weekly,monthly}');
    PERFORM userdir._check_setting_word(settings, 'method', '{standard,enhanced}');
    FOREACH stage IN ARRAY '{pre-user-registration,pre-change-password}'::text[] LOOP
      PERFORM userdir._check_setting_list(settings, ARRAY['stage', stage, 'shields'], '{block,admin_notification}');
    END LOOP;
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_attack_protection(text, jsonb) IS
'Raises 22023 unless all settings of a feature are what they may be.';

CREATE FUNCTION userdir._protection_settings(feature text, brute_force jsonb, suspicious_ip jsonb, breached_password jsonb) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  CASE feature
    WHEN 'brute-force-protection' THEN RETURN brute_force;
    WHEN 'suspicious-ip-throttling' THEN RETURN suspicious_ip;
    WHEN 'breached-password-detection' THEN RETURN breached_password;
    ELSE
      RAISE EXCEPTION 'unknown protection "%"', coalesce(left(feature, 64), '')
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'There are brute-force-protection, suspicious-ip-throttling and breached-password-detection.';
  END CASE;
END
$$;
COMMENT ON FUNCTION userdir._protection_settings(text, jsonb, jsonb, jsonb) IS
'Returns the settings of one feature out of those of all.

Errors: 22023 for a feature that there is not.';

CREATE FUNCTION userdir._get_attack_protection(feature text) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT userdir._protection_settings(feature, p.brute_force_protection, p.suspicious_ip_throttling, p.breached_password_detection)
            FROM userdir.attack_protection p);
END
$$;
COMMENT ON FUNCTION userdir._get_attack_protection(text) IS 'Body of get_attack_protection().';

CREATE FUNCTION userdir.get_attack_protection(feature text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_attack_protection(text) IS
'Returns how the directory protects itself against attacks.

feature: brute-force-protection (failed logins of one identifier), suspicious-ip-throttling (failed logins and sign-ups from one address) or breached-password-detection (passwords that are known from a breach).
Result: an object of enabled, shields and what else the feature has, as update_attack_protection() takes it.
Errors: 22023 for another feature.';

CREATE FUNCTION userdir._update_attack_protection(feature text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  settings jsonb;
  stage text;
  place text[];
BEGIN
  SELECT userdir._protection_settings(feature, p.brute_force_protection, p.suspicious_ip_throttling, p.breached_password_detection)
    INTO STRICT settings FROM userdir.attack_protection p FOR UPDATE;
  PERFORM userdir._check_setting_keys(changes, feature, ARRAY(SELECT jsonb_object_keys(settings) ORDER BY 1));

  IF changes ? 'stage' THEN
    PERFORM userdir._check_setting_keys(changes -> 'stage', 'stage', ARRAY(SELECT jsonb_object_keys(settings -> 'stage') ORDER BY 1));
    FOR stage IN SELECT jsonb_object_keys(changes -> 'stage') LOOP
      place := ARRAY['stage', stage];
      PERFORM userdir._check_setting_keys(changes #> place, stage, ARRAY(SELECT jsonb_object_keys(settings #> place) ORDER BY 1));
      settings := jsonb_set(settings, place, (settings #> place) || (changes #> place));
    END LOOP;
  END IF;
  settings := settings || (changes - 'stage');
  PERFORM userdir._check_attack_protection(feature, settings);

  UPDATE userdir.attack_protection p
     SET brute_force_protection = CASE feature WHEN 'brute-force-protection' THEN settings ELSE p.brute_force_protection END,
         suspicious_ip_throttling = CASE feature WHEN 'suspicious-ip-throttling' THEN settings ELSE p.suspicious_ip_throttling END,
         breached_password_detection = CASE feature WHEN 'breached-password-detection' THEN settings ELSE p.breached_password_detection END,
         updated_at = now();
  RETURN settings;
END
$$;
COMMENT ON FUNCTION userdir._update_attack_protection(text, jsonb) IS 'Body of update_attack_protection().';

CREATE FUNCTION userdir.update_attack_protection(feature text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_attack_protection(text, jsonb) IS
'Changes how the directory protects itself against attacks. It holds from the next login on: a larger max_attempts releases those whose failed logins are fewer.

feature: brute-force-protection, suspicious-ip-throttling or breached-password-detection.
changes: an object of the settings to change; each that is given replaces the old one, in stage those of each stage. enabled: boolean. shields: an array of block and user_notification, for addresses of block and admin_notification, for breached passwords at a login of all three; without block nobody is refused, attempts and breaches are only counted and reported.
Of the first two: allowlist, up to 100 addresses and networks whose attempts are not counted.
Of brute-force-protection: mode, count_per_identifier_and_ip or count_per_identifier; max_attempts, 1 to 100.
Of suspicious-ip-throttling: stage, an object of pre-login and pre-user-registration, each with max_attempts (up to 2500 and 72000) and rate, the milliseconds after which one more attempt is granted.
Of breached-password-detection: stage, an object of pre-user-registration and pre-change-password, each with shields, an array of block and admin_notification; admin_notification_frequency, an array of immediately, daily, weekly, monthly; method, standard or enhanced, which are the same here.
Result: all settings of the feature as they are now.
Errors: 22023 for another feature, an unknown setting or a value that it may not have.';
