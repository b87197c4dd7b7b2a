/*
 * event_kinds.c: the names by which a change of a user goes.
 *
 * The list is that of userdir._event_kinds(); docs/events.md says what each means.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "nodes/value.h"

#include "base/statement.h"
#include "events/event_kinds.h"

/* Columns whose change has a name of its own. */
static const struct
{
	const char *column;
	const char *kind;
} named_changes[] = {
	{"email", "user.email_changed"},           {"phone_number", "user.phone_changed"},
	{"username", "user.username_changed"},     {"user_metadata", "user.metadata_changed"},
	{"app_metadata", "user.metadata_changed"},
};

/* Whether the second array holds an identity that the first has not, and the reverse. */
static UdStatement compare_identities = {
	"SELECT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements($2) n WHERE NOT EXISTS"
	" (SELECT FROM pg_catalog.jsonb_array_elements($1) o"
	" WHERE o OPERATOR(pg_catalog.->) 'provider' OPERATOR(pg_catalog.=) (n OPERATOR(pg_catalog.->) "
	"'provider')"
	" AND o OPERATOR(pg_catalog.->) 'user_id' OPERATOR(pg_catalog.=) (n OPERATOR(pg_catalog.->) "
	"'user_id'))),"
	" EXISTS (SELECT FROM pg_catalog.jsonb_array_elements($1) o WHERE NOT EXISTS"
	" (SELECT FROM pg_catalog.jsonb_array_elements($2) n"
	" WHERE o OPERATOR(pg_catalog.->) 'provider' OPERATOR(pg_catalog.=) (n OPERATOR(pg_catalog.->) "
	"'provider')"
	" AND o OPERATOR(pg_catalog.->) 'user_id' OPERATOR(pg_catalog.=) (n OPERATOR(pg_catalog.->) "
	"'user_id')))",
	2,
	{JSONBOID, JSONBOID},
	true};

static List *
add(List *kinds, const char *kind)
{
	return list_append_unique(kinds, makeString(pstrdup(kind)));
}

static bool
has_changed(List *changed, const char *column)
{
	return list_member(changed, makeString(pstrdup(column)));
}

/* add_block adds that a user was blocked or unblocked; not blocked and unknown are the same. */
static List *
add_block(List *kinds, const UdRowChange *change)
{
	bool was = ud_row_change_is_true(change, change->before, "blocked");
	bool is = ud_row_change_is_true(change, change->after, "blocked");

	return was == is ? kinds : add(kinds, is ? "user.blocked" : "user.unblocked");
}

/* add_verification adds that an address is verified now and was not, or was another one. */
static List *
add_verification(List *kinds, const UdRowChange *change, List *changed, const char *address,
				 const char *flag, const char *kind)
{
	bool was = ud_row_change_is_true(change, change->before, flag);
	bool is = ud_row_change_is_true(change, change->after, flag);

	return is && (!was || has_changed(changed, address)) ? add(kinds, kind) : kinds;
}

/* add_identities adds that identities came or went. */
static List *
add_identities(List *kinds, const UdRowChange *change, List *changed)
{
	Datum arrays[2];
	Datum answers[2];
	bool nulls[2];

	if (!has_changed(changed, "identities"))
		return kinds;
	arrays[0] = ud_row_change_value(change, change->before, "identities", &nulls[0]);
	arrays[1] = ud_row_change_value(change, change->after, "identities", &nulls[1]);
	if (nulls[0] || nulls[1] ||
		!ud_statement_fetch(&compare_identities, arrays, answers, nulls, lengthof(answers)))
		return kinds;
	if (DatumGetBool(answers[0]))
		kinds = add(kinds, "user.identity_linked");
	if (DatumGetBool(answers[1]))
		kinds = add(kinds, "user.identity_unlinked");
	return kinds;
}

List *
ud_event_kinds_of_user(const UdRowChange *change, List *changed)
{
	List *kinds;

	if (change->before == NULL)
		return add(NIL, "user.created");
	if (change->after == NULL)
		return add(NIL, "user.deleted");

	kinds = add(NIL, "user.updated");
	for (int i = 0; i < (int)lengthof(named_changes); i++)
	{
		if (has_changed(changed, named_changes[i].column))
			kinds = add(kinds, named_changes[i].kind);
	}
	kinds =
		add_verification(kinds, change, changed, "email", "email_verified", "user.email_verified");
	kinds = add_verification(kinds, change, changed, "phone_number", "phone_verified",
							 "user.phone_verified");
	kinds = add_block(kinds, change);
	return add_identities(kinds, change, changed);
}
