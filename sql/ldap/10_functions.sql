-- Directory servers: logging in by LDAP, with the extension userdir_ldap.

CREATE FUNCTION userdir.ldap_login(server jsonb, login text, password userdir.secret, bind_password userdir.secret DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_ldap_login';
COMMENT ON FUNCTION userdir.ldap_login(jsonb, text, userdir.secret, userdir.secret) IS
'Logs a user in at a directory server: finds the one entry of the login, authenticates as it, and returns its profile.

server: the description of the server, see docs/ldap.md. login: what the user typed. password: the password that the user typed. bind_password: the password of bind_dn, if the server has one.
Result: the profile with user_id; null when no entry has this login.
Errors: UD060 when the password is wrong or empty; UD061 when the account is disabled, expired or locked or its password has to be changed; UD068 when the server cannot be reached, is too slow, or sends nonsense; UD069 when the description is not valid, the server refuses bind_dn, or more than one entry has the login.';

CREATE FUNCTION userdir.ldap_get_user(server jsonb, login text, bind_password userdir.secret DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_ldap_get_user';
COMMENT ON FUNCTION userdir.ldap_get_user(jsonb, text, userdir.secret) IS
'Returns the profile of a user of a directory server, as ldap_login() does, without a password.

server, login, bind_password: as in ldap_login().
Result: the profile with user_id; null when no entry has this login.
Errors: UD068 and UD069 as in ldap_login().';

CREATE FUNCTION userdir.ldap_change_password(server jsonb, login text, new_password userdir.secret, bind_password userdir.secret) RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
  AS 'MODULE_PATHNAME', 'userdir_ldap_change_password';
COMMENT ON FUNCTION userdir.ldap_change_password(jsonb, text, userdir.secret, userdir.secret) IS
'Sets the password of a user of a directory server, with the account bind_dn, which must have the right to do so.

server, login: as in ldap_login(). new_password: the password, which the server hashes and judges. bind_password: the password of bind_dn.
Result: true; false when no entry has this login.
Errors: UD060 when the password is empty; UD062 when the server refuses it; UD068 and UD069 as in ldap_login().';

CREATE FUNCTION userdir.ldap_check_server(server jsonb) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100
  AS 'MODULE_PATHNAME', 'userdir_ldap_check_server';
COMMENT ON FUNCTION userdir.ldap_check_server(jsonb) IS
'Returns true for a valid description of a directory server, without connecting to it.

server: the description.
Errors: UD069, naming what is wrong; a hint names the key that a misspelled one is nearest to.';
