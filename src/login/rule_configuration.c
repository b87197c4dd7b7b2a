/*
 * rule_configuration.c: reading the configuration of rules, which nobody but them can do.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/directory.h"
#include "base/statement.h"
#include "crypto/seal.h"
#include "login/guarded_call.h"

static UdStatement find_value = {
	"SELECT r.sealed_value, userdir._configuration_purpose(r.key)"
	" FROM userdir.rule_configuration r WHERE r.key OPERATOR(pg_catalog.=) $1",
	1,
	{TEXTOID},
	true};

/* find_sealed reads a value as the directory's owner. Result: false when there is no such key. */
static bool
find_sealed(Datum key, Datum values[2])
{
	bool nulls[2];
	Oid caller;
	int caller_context;
	bool found;

	GetUserIdAndSecContext(&caller, &caller_context);
	SetUserIdAndSecContext(ud_directory_owner(), caller_context | SECURITY_LOCAL_USERID_CHANGE);
	ud_directory_check_data();
	found = ud_statement_fetch(&find_value, &key, values, nulls, 2);
	SetUserIdAndSecContext(caller, caller_context);
	return found;
}

UD_FUNCTION(userdir_configuration);

/*
 * userdir_configuration returns the value of a key to a rule or action while it runs, null when
 * there is none. Errors: 42501 for anybody else; UD050, UD051 when it cannot be opened.
 */
Datum
userdir_configuration(PG_FUNCTION_ARGS)
{
	Datum values[2];
	uint8 *plain;
	char *converted;
	size_t length;
	text *result;

	if (!ud_guarded_is_running())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("configuration() is for rules and actions while they run")));
	if (PG_ARGISNULL(0) || !find_sealed(PG_GETARG_DATUM(0), values))
		PG_RETURN_NULL();
	plain = ud_unseal(TextDatumGetCString(values[1]), DatumGetByteaPP(values[0]), &length);
	converted = pg_any_to_server((char *)plain, (int)length, PG_UTF8);
	result = cstring_to_text_with_len(
		converted, converted == (char *)plain ? (int)length : (int)strlen(converted));
	ud_unseal_wipe(plain, length);
	PG_RETURN_TEXT_P(result);
}
