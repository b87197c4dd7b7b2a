/*
 * errors.h: the one table of the SQLSTATEs that userdir raises.
 *
 * Where PostgreSQL has a code of exactly the meaning it is used: 22023 invalid_parameter_value for
 * an argument out of its range, 22025 invalid_escape_sequence in a wildcard pattern, 22P04
 * bad_copy_file_format in a list of breached passwords, 23505 unique_violation when a user or
 * connection exists already, 42501 insufficient_privilege, 54000 program_limit_exceeded for
 * anything too large or too deep, 55000 object_not_in_prerequisite_state where something else has
 * to come first. The class UD holds the meanings that PostgreSQL does not know. The same table,
 * with the HTTP status that a front end gives to each and with all codes of PostgreSQL's, is in
 * docs/errors.md.
 */
#ifndef UD_BASE_ERRORS_H
#define UD_BASE_ERRORS_H

#include "utils/elog.h"

#define UD_SQLSTATE(a, b, c) MAKE_SQLSTATE('U', 'D', a, b, c)

/* UD0xx: what the caller sent */
#define UD_ERR_INVALID_CONNECTION      UD_SQLSTATE('0', '0', '1') /* name, strategy or options */
#define UD_ERR_INVALID_ATTRIBUTE_MAP   UD_SQLSTATE('0', '0', '2') /* unknown target, transform... */
#define UD_ERR_INVALID_PAYLOAD         UD_SQLSTATE('0', '0', '3') /* provider payload unusable */
#define UD_ERR_INVALID_USER            UD_SQLSTATE('0', '0', '4') /* a property of a user's body */
#define UD_ERR_INVALID_METADATA        UD_SQLSTATE('0', '0', '5') /* metadata name or shape */
#define UD_ERR_OPERATION_NOT_SUPPORTED UD_SQLSTATE('0', '0', '6') /* right shape, not here */
#define UD_ERR_INEXISTENT_USER         UD_SQLSTATE('0', '0', '7')
#define UD_ERR_INEXISTENT_CONNECTION   UD_SQLSTATE('0', '0', '8')
#define UD_ERR_INEXISTENT_CLIENT       UD_SQLSTATE('0', '0', '9')
#define UD_ERR_INEXISTENT_AUDIENCE     UD_SQLSTATE('0', '1', '0') /* a resource server */
#define UD_ERR_INVALID_CLIENT          UD_SQLSTATE('0', '1', '1') /* a property of it or of an API */

/* UD02x: queries of the search language */
#define UD_ERR_QUERY_SYNTAX        UD_SQLSTATE('0', '2', '0')
#define UD_ERR_QUERY_NOT_SUPPORTED UD_SQLSTATE('0', '2', '1') /* a feature of Lucene's, by name */
#define UD_ERR_QUERY_UNKNOWN_FIELD UD_SQLSTATE('0', '2', '2')
#define UD_ERR_QUERY_INVALID_VALUE UD_SQLSTATE('0', '2', '3') /* not of the field's type */

/* UD03x: passwords */
#define UD_ERR_INVALID_PASSWORD_HASH UD_SQLSTATE('0', '3', '0') /* malformed or too costly */
#define UD_ERR_PASSWORD_REFUSED      UD_SQLSTATE('0', '3', '1') /* by the policy of its connection */

/* UD04x: tokens and keys */
#define UD_ERR_TOKEN_MALFORMED     UD_SQLSTATE('0', '4', '0')
#define UD_ERR_TOKEN_SIGNATURE     UD_SQLSTATE('0', '4', '1')
#define UD_ERR_TOKEN_EXPIRED       UD_SQLSTATE('0', '4', '2')
#define UD_ERR_TOKEN_NOT_YET_VALID UD_SQLSTATE('0', '4', '3') /* nbf, iat */
#define UD_ERR_TOKEN_ISSUER        UD_SQLSTATE('0', '4', '4')
#define UD_ERR_TOKEN_AUDIENCE      UD_SQLSTATE('0', '4', '5')
#define UD_ERR_TOKEN_TYPE          UD_SQLSTATE('0', '4', '6')
#define UD_ERR_TOKEN_CRITICAL      UD_SQLSTATE('0', '4', '7') /* an extension in crit */
#define UD_ERR_TOKEN_ALGORITHM     UD_SQLSTATE('0', '4', '8') /* none, or not the key's */
#define UD_ERR_TOKEN_KEY           UD_SQLSTATE('0', '4', '9') /* unknown, or named by the token */
#define UD_ERR_KEY_REFUSED         UD_SQLSTATE('0', '4', 'A') /* too short, bad point, unusable */
#define UD_ERR_CLAIMS_REFUSED      UD_SQLSTATE('0', '4', 'B') /* reserved or oversize */
#define UD_ERR_TOKEN_NONCE         UD_SQLSTATE('0', '4', 'C') /* of another request */

/* UD05x: the root key and what is sealed under it */
#define UD_ERR_ROOT_KEY       UD_SQLSTATE('0', '5', '0') /* missing or unusable */
#define UD_ERR_SEAL_BROKEN    UD_SQLSTATE('0', '5', '1') /* damaged, or of another row */
#define UD_ERR_NO_SIGNING_KEY UD_SQLSTATE('0', '5', '2')

/* UD06x: rules, and the actions of custom databases */
#define UD_ERR_WRONG_CREDENTIALS  UD_SQLSTATE('0', '6', '0') /* wrong username or password */
#define UD_ERR_UNAUTHORIZED       UD_SQLSTATE('0', '6', '1') /* by a rule or action: for the caller */
#define UD_ERR_ACTION_VALIDATION  UD_SQLSTATE('0', '6', '2') /* the detail is a code */
#define UD_ERR_RULE_FAILED        UD_SQLSTATE('0', '6', '3') /* whatever else it raised */
#define UD_ERR_RULE_TIMEOUT       UD_SQLSTATE('0', '6', '4')
#define UD_ERR_INEXISTENT_RULE    UD_SQLSTATE('0', '6', '5')
#define UD_ERR_NOT_A_RULE         UD_SQLSTATE('0', '6', '6') /* no trigger function, unknown stage */
#define UD_ERR_ACTION_MISSING     UD_SQLSTATE('0', '6', '7') /* for what is asked */
#define UD_ERR_LDAP_SERVER        UD_SQLSTATE('0', '6', '8') /* unreachable, or nonsense */
#define UD_ERR_LDAP_CONFIGURATION UD_SQLSTATE('0', '6', '9')

/* UD07x: events */
#define UD_ERR_UNKNOWN_CONSUMER  UD_SQLSTATE('0', '7', '0')
#define UD_ERR_POSITION_NOT_READ UD_SQLSTATE('0', '7', '1') /* cannot be acknowledged */

/* UD1xx: the state of the directory itself */
#define UD_ERR_NOT_INSTALLED    UD_SQLSTATE('1', '0', '1') /* install() was not called here */
#define UD_ERR_VERSION_MISMATCH UD_SQLSTATE('1', '0', '2') /* library, SQL, data disagree */
#define UD_ERR_NOT_CONFIRMED    UD_SQLSTATE('1', '0', '3') /* uninstall() without the name */

/* UD2xx: what cannot be done just now */
#define UD_ERR_PASSWORD_QUEUE_TIMEOUT UD_SQLSTATE('2', '0', '1') /* too many hashes at once */
#define UD_ERR_CUSTOM_DATABASE_BUSY   UD_SQLSTATE('2', '0', '2') /* too many actions at once */

#endif
