-- Protection against guessing: its settings.

CREATE FUNCTION userdir._plain_address(address inet) RETURNS inet
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__plain_address';
COMMENT ON FUNCTION userdir._plain_address(inet) IS
'Returns an address or network of IPv4 that is written as one of IPv6 as what it is, any other as it was given.';

CREATE FUNCTION userdir._attempt_address(ip inet) RETURNS inet
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
  AS 'MODULE_PATHNAME', 'userdir__attempt_address';
COMMENT ON FUNCTION userdir._attempt_address(inet) IS
'Returns what attempts from an address are counted under: an address of IPv4, or the network of 64 bits of one of IPv6, for whoever has one address of it has them all.';

CREATE FUNCTION userdir._is_allowlisted(ip inet, allowlist jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  address inet;
BEGIN
  IF ip IS NULL OR allowlist = '[]' THEN
    RETURN false;
  END IF;
  address := userdir._plain_address(set_masklen(ip, CASE family(ip) WHEN 4 THEN 32 ELSE 128 END));
  RETURN EXISTS (SELECT FROM jsonb_array_elements_text(allowlist) a WHERE address <<= userdir._plain_address(a.value::inet));
END
$$;
COMMENT ON FUNCTION userdir._is_allowlisted(inet, jsonb) IS
'Tells whether an address is one of a list of addresses and networks, or in one of them.';

CREATE FUNCTION userdir._check_setting_number(settings jsonb, path text[], smallest integer, largest integer) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  value jsonb := settings #> path;
BEGIN
  IF jsonb_typeof(value) IS DISTINCT FROM 'number' OR (value #>> '{}')::numeric NOT BETWEEN smallest AND largest
     OR (value #>> '{}')::numeric <> trunc((value #>> '{}')::numeric) THEN
    RAISE EXCEPTION '% must be a whole number between % and %', array_to_string(path, '.'), smallest, largest
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_setting_number(jsonb, text[], integer, integer) IS
'Raises 22023 unless a setting is a whole number within bounds.';

CREATE FUNCTION userdir._check_setting_list(settings jsonb, name text, known text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  entry record;
BEGIN
  IF jsonb_typeof(settings -> name) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION '% must be an array of strings', name USING ERRCODE = 'invalid_parameter_value';
  ELSIF known IS NULL AND jsonb_array_length(settings -> name) > 100 THEN
    RAISE EXCEPTION '% holds more than 100 entries', name
      USING ERRCODE = 'invalid_parameter_value', HINT = 'A network, as in "192.0.2.0/24", is one entry.';
  END IF;

  FOR entry IN SELECT jsonb_typeof(e.value) AS type, e.value #>> '{}' AS word FROM jsonb_array_elements(settings -> name) e LOOP
    IF entry.type <> 'string' THEN
      RAISE EXCEPTION '% must be an array of strings', name USING ERRCODE = 'invalid_parameter_value';
    ELSIF known IS NOT NULL THEN
      IF entry.word <> ALL (known) THEN
        RAISE EXCEPTION '"%" is none of the %', left(entry.word, 64), name
          USING ERRCODE = 'invalid_parameter_value', HINT = format('These are: %s.', array_to_string(known, ', '));
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
COMMENT ON FUNCTION userdir._check_setting_list(jsonb, text, text[]) IS
'Raises 22023 unless a setting is an array of known words, or, when no words are given, of up to 100 addresses and networks.';

CREATE FUNCTION userdir._check_setting_keys(settings jsonb, name text, known text[]) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unknown text;
BEGIN
  IF settings IS NULL OR jsonb_typeof(settings) <> 'object' THEN
    RAISE EXCEPTION '% must be a JSON object', name USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT k INTO unknown FROM jsonb_object_keys(settings) k WHERE k <> ALL (known) LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION '% has no setting "%"', name, left(unknown, 64)
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
BEGIN
  IF jsonb_typeof(settings -> 'enabled') IS DISTINCT FROM 'boolean' THEN
    RAISE EXCEPTION 'enabled must be true or false' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM userdir._check_setting_list(settings, 'allowlist', NULL);

  IF feature = 'brute-force-protection' THEN
    PERFORM userdir._check_setting_list(settings, 'shields', '{block,user_notification}');
    PERFORM userdir._check_setting_number(settings, '{max_attempts}', 1, 100);
    IF coalesce(settings -> 'mode' NOT IN ('"count_per_identifier_and_ip"', '"count_per_identifier"'), true) THEN
      RAISE EXCEPTION 'mode must be count_per_identifier_and_ip or count_per_identifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
  ELSE
    PERFORM userdir._check_setting_list(settings, 'shields', '{admin_notification,block}');
    PERFORM userdir._check_setting_number(settings, '{stage,pre-login,max_attempts}', 1, 2500);
    PERFORM userdir._check_setting_number(settings, '{stage,pre-login,rate}', 1, 86400000);
    PERFORM userdir._check_setting_number(settings, '{stage,pre-user-registration,max_attempts}', 1, 72000);
    PERFORM userdir._check_setting_number(settings, '{stage,pre-user-registration,rate}', 1, 86400000);
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_attack_protection(text, jsonb) IS
'Raises 22023 unless all settings of a feature are what they may be.';

CREATE FUNCTION userdir._check_protection_feature(feature text) RETURNS void
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF feature IS NULL OR feature NOT IN ('brute-force-protection', 'suspicious-ip-throttling') THEN
    RAISE EXCEPTION 'unknown protection "%"', coalesce(left(feature, 64), '')
      USING ERRCODE = 'invalid_parameter_value', HINT = 'There are brute-force-protection and suspicious-ip-throttling.';
  END IF;
END
$$;
COMMENT ON FUNCTION userdir._check_protection_feature(text) IS 'Raises 22023 for a protection that there is not.';

CREATE FUNCTION userdir._get_attack_protection(feature text) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM userdir._check_protection_feature(feature);
  RETURN (SELECT CASE feature WHEN 'brute-force-protection' THEN p.brute_force_protection ELSE p.suspicious_ip_throttling END
            FROM userdir.attack_protection p);
END
$$;
COMMENT ON FUNCTION userdir._get_attack_protection(text) IS 'Body of get_attack_protection().';

CREATE FUNCTION userdir.get_attack_protection(feature text) RETURNS jsonb
  LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.get_attack_protection(text) IS
'Returns how the directory protects itself against guessing.

feature: brute-force-protection (failed logins of one identifier) or suspicious-ip-throttling (failed logins and sign-ups from one address).
Result: an object of enabled, shields, allowlist, and mode and max_attempts for the first, stage for the second.
Errors: 22023 for another feature.';

CREATE FUNCTION userdir._update_attack_protection(feature text, changes jsonb) RETURNS jsonb
  LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  settings jsonb;
  stage text;
BEGIN
  PERFORM userdir._check_protection_feature(feature);
  SELECT CASE feature WHEN 'brute-force-protection' THEN p.brute_force_protection ELSE p.suspicious_ip_throttling END
    INTO settings FROM userdir.attack_protection p FOR UPDATE;
  PERFORM userdir._check_setting_keys(changes, feature, ARRAY(SELECT jsonb_object_keys(settings) ORDER BY 1));

  IF changes ? 'stage' THEN
    PERFORM userdir._check_setting_keys(changes -> 'stage', 'stage', '{pre-login,pre-user-registration}');
    FOR stage IN SELECT jsonb_object_keys(changes -> 'stage') LOOP
      PERFORM userdir._check_setting_keys(changes #> ARRAY['stage', stage], stage, '{max_attempts,rate}');
      settings := jsonb_set(settings, ARRAY['stage', stage],
                            (settings #> ARRAY['stage', stage]) || (changes #> ARRAY['stage', stage]));
    END LOOP;
  END IF;
  settings := settings || (changes - 'stage');
  PERFORM userdir._check_attack_protection(feature, settings);

  UPDATE userdir.attack_protection p
     SET brute_force_protection = CASE feature WHEN 'brute-force-protection' THEN settings ELSE p.brute_force_protection END,
         suspicious_ip_throttling = CASE feature WHEN 'suspicious-ip-throttling' THEN settings ELSE p.suspicious_ip_throttling END,
         updated_at = now();
  RETURN settings;
END
$$;
COMMENT ON FUNCTION userdir._update_attack_protection(text, jsonb) IS 'Body of update_attack_protection().';

CREATE FUNCTION userdir.update_attack_protection(feature text, changes jsonb) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
  AS 'MODULE_PATHNAME', 'userdir_as_owner';
COMMENT ON FUNCTION userdir.update_attack_protection(text, jsonb) IS
'Changes how the directory protects itself against guessing. It holds from the next login on: a larger max_attempts releases those whose failed logins are fewer.

feature: brute-force-protection or suspicious-ip-throttling.
changes: an object of the settings to change. enabled: boolean. shields: an array of block and user_notification, for addresses of block and admin_notification; without block nobody is refused, attempts are only counted and reported. allowlist: up to 100 addresses and networks whose attempts are not counted.
Of brute-force-protection: mode, count_per_identifier_and_ip or count_per_identifier; max_attempts, 1 to 100.
Of suspicious-ip-throttling: stage, an object of pre-login and pre-user-registration, each with max_attempts (up to 2500 and 72000) and rate, the milliseconds after which one more attempt is granted.
Result: all settings of the feature as they are now.
Errors: 22023 for another feature, an unknown setting or a value that it may not have.';
