/*
 * defaults.c: the attributes that every profile has, whether the provider sends them or not.
 */
#include "base/userdir.h"

#include "common/md5.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "profile/defaults.h"
#include "profile/transform.h"
#include "pure/contact.h"
#include "pure/uri.h"

#define GRAVATAR_OPTIONS "?s=480&r=pg&d="
#define SILHOUETTE       "https://ssl.gstatic.com/s2/profiles/images/silhouette80.png"
#define INITIALS         "https://cdn.auth0.com/avatars/"

/* append_encoded appends text percent-encoded. */
static void
append_encoded(StringInfo target, const char *text)
{
	size_t length = strlen(text);

	enlargeStringInfo(target, 3 * length);
	target->len += ud_uri_encode(text, length, target->data + target->len);
	target->data[target->len] = '\0';
}

static bool
is_initial(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* get_initials returns the first two letters or digits of a local part in lower case. */
static char *
get_initials(const char *lower_email)
{
	size_t local = ud_contact_local_part(lower_email, strlen(lower_email));
	char initials[3];
	int count = 0;

	for (size_t i = 0; i < local && count < 2; i++)
	{
		if (is_initial(lower_email[i]))
			initials[count++] = lower_email[i];
	}
	initials[count] = '\0';
	return pstrdup(count > 0 ? initials : "default");
}

/*
 * hash_address writes the MD5 sum of an address as the pictures' server computes it, which is over
 * UTF-8; of a SQL_ASCII database nobody knows the encoding, so its bytes are taken as they are.
 */
static bool
hash_address(const char *lower_email, char *md5)
{
	const char *problem = NULL;
	const char *bytes = lower_email;

	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		bytes = pg_server_to_any(lower_email, strlen(lower_email), PG_UTF8);
	return pg_md5_hash(bytes, strlen(bytes), md5, &problem);
}

char *
ud_defaults_picture(const char *email, int length, UdStrategyKind kind)
{
	char *lower = ud_transform_lower(email, length);
	char md5[MD5_DIGEST_LENGTH * 2 + 1];
	StringInfoData url;

	if (!hash_address(lower, md5))
		return NULL;
	initStringInfo(&url);
	if (kind == UD_KIND_ENTERPRISE || kind == UD_KIND_PROVISIONING)
	{
		appendStringInfo(&url, "https://secure.gravatar.com/avatar/%s" GRAVATAR_OPTIONS, md5);
		append_encoded(&url, SILHOUETTE);
	}
	else
	{
		appendStringInfo(&url, "https://s.gravatar.com/avatar/%s" GRAVATAR_OPTIONS, md5);
		append_encoded(&url, psprintf(INITIALS "%s.png", get_initials(lower)));
	}
	return url.data;
}

UD_FUNCTION(userdir_default_picture);

/*
 * userdir_default_picture returns the picture that a user of a strategy has unless the provider
 * sends one. Arguments: email text, strategy text. Errors: UD001 for an unknown strategy.
 */
Datum
userdir_default_picture(PG_FUNCTION_ARGS)
{
	text *email = PG_GETARG_TEXT_PP(0);
	const UdStrategy *strategy = ud_strategy_find(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	char *url = ud_defaults_picture(VARDATA_ANY(email), VARSIZE_ANY_EXHDR(email), strategy->kind);

	if (url == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(url));
}

UD_FUNCTION(userdir_default_nickname);

/*
 * userdir_default_nickname returns the local part of an e-mail address with its "+tag", NULL when
 * there is none. Arguments: email text.
 */
Datum
userdir_default_nickname(PG_FUNCTION_ARGS)
{
	text *email = PG_GETARG_TEXT_PP(0);
	size_t local = ud_contact_local_part(VARDATA_ANY(email), VARSIZE_ANY_EXHDR(email));

	if (local == 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(VARDATA_ANY(email), local));
}
