/*
 * settings.c: the configuration parameters under the prefix "userdir", in alphabetical order.
 */
#include "base/userdir.h"

#include "utils/guc.h"

#include "base/settings.h"
#include "pure/query.h"

int ud_custom_database_max_concurrent = 20;
int ud_custom_database_timeout_ms = 20000;
int ud_metadata_max_depth = 32;
int ud_metadata_max_size_kb = 1024;
int ud_password_max_concurrent = 0;
int ud_password_memory_kb = 19456;
int ud_password_passes = 2;
int ud_password_queue_timeout_ms = 5000;
int ud_payload_max_depth = 32;
int ud_payload_max_size_kb = 512;
int ud_query_max_depth = UD_QUERY_DEFAULT_DEPTH;
int ud_query_max_nodes = UD_QUERY_DEFAULT_NODES;
int ud_query_max_size_kb = UD_QUERY_DEFAULT_BYTES / 1024;
int ud_query_max_wildcards = UD_QUERY_DEFAULT_WILDCARDS;
char *ud_roles_claim = NULL;
char *ud_root_key_command = NULL;
char *ud_root_key_file = NULL;
int ud_rules_timeout_ms = 20 * 1000;
bool ud_trust_request_claims = false;

/* define_limit declares one upper limit that only a superuser may change. */
static void
define_limit(const char *name, const char *about, int *value, int max, int flags)
{
	DefineCustomIntVariable(name, about, NULL, value, *value, 1, max, PGC_SUSET, flags, NULL, NULL,
							NULL);
}

void
ud_settings_define(void)
{
	DefineCustomIntVariable("userdir.custom_database_max_concurrent",
							"Actions of the custom database of one connection that run at the same "
							"time, and connections of the server that it can hold up at most.",
							NULL, &ud_custom_database_max_concurrent,
							ud_custom_database_max_concurrent, 1, UD_CUSTOM_DATABASE_MAX_CONCURRENT,
							PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("userdir.custom_database_timeout",
							"How long an action of a custom database may take.", NULL,
							&ud_custom_database_timeout_ms, ud_custom_database_timeout_ms, 1,
							60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS, NULL, NULL, NULL);
	define_limit("userdir.metadata_max_depth",
				 "Deepest nesting of objects and arrays in user_metadata and app_metadata.",
				 &ud_metadata_max_depth, 512, 0);
	define_limit("userdir.metadata_max_size",
				 "Largest user_metadata or app_metadata of a user, measured as stored.",
				 &ud_metadata_max_size_kb, 64 * 1024, GUC_UNIT_KB);
	DefineCustomIntVariable("userdir.password_max_concurrent",
							"Passwords that are hashed at the same time in the whole cluster; 0 is "
							"one for each processor.",
							NULL, &ud_password_max_concurrent, 0, 0, UD_PASSWORD_MAX_CONCURRENT,
							PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("userdir.password_memory",
							"Memory that hashing a password takes, and an attacker's every guess.",
							NULL, &ud_password_memory_kb, ud_password_memory_kb,
							UD_PASSWORD_MIN_MEMORY_KB, UD_PASSWORD_MAX_MEMORY_KB, PGC_SUSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"userdir.password_passes", "Passes over that memory when a password is hashed.",
		"More are made where memory times passes would be less than 35 MB.", &ud_password_passes,
		ud_password_passes, 1, UD_PASSWORD_MAX_PASSES, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("userdir.password_queue_timeout",
							"How long a password waits to be hashed while others are.", NULL,
							&ud_password_queue_timeout_ms, ud_password_queue_timeout_ms, 0,
							60 * 60 * 1000, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	define_limit("userdir.payload_max_depth",
				 "Deepest nesting of objects and arrays in an identity provider's payload.",
				 &ud_payload_max_depth, 512, 0);
	define_limit("userdir.payload_max_size",
				 "Largest payload of an identity provider, measured as stored.",
				 &ud_payload_max_size_kb, 64 * 1024, GUC_UNIT_KB);
	define_limit("userdir.query_max_depth",
				 "Deepest nesting of parentheses and operators in a query.", &ud_query_max_depth,
				 UD_QUERY_MAX_DEPTH, 0);
	define_limit("userdir.query_max_nodes", "Most conditions and operators in a query.",
				 &ud_query_max_nodes, 1000 * 1000, 0);
	define_limit("userdir.query_max_size", "Largest query, also in its canonical form.",
				 &ud_query_max_size_kb, 16 * 1024, GUC_UNIT_KB);
	define_limit("userdir.query_max_wildcards", "Most \"*\" and \"?\" in all patterns of a query.",
				 &ud_query_max_wildcards, 1000 * 1000, 0);
	DefineCustomStringVariable("userdir.roles_claim",
							   "Name of the claim of a token that lists the roles of has_role().",
							   NULL, &ud_roles_claim, "roles", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"userdir.root_key_command", "Shell command that prints the root keys, instead of a file.",
		NULL, &ud_root_key_command, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("userdir.root_key_file",
							   "File that holds the root keys; a relative path begins in the data "
							   "directory, where the default is userdir_root.key.",
							   NULL, &ud_root_key_file, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL,
							   NULL, NULL);
	DefineCustomIntVariable("userdir.rules_timeout",
							"How long all rules of a stage may take together; 0 is for ever.", NULL,
							&ud_rules_timeout_ms, ud_rules_timeout_ms, 0, 60 * 60 * 1000, PGC_SUSET,
							GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"userdir.trust_request_claims",
		"Lets the setting request.jwt.claims tell who is acting while no token was authenticated.",
		"Whoever can run SET can be anybody then.", &ud_trust_request_claims, false, PGC_SUSET, 0,
		NULL, NULL, NULL);

	MarkGUCPrefixReserved("userdir");
}
