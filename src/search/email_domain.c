/*
 * email_domain.c: the part of an e-mail address behind its last "@".
 */
#include "base/userdir.h"

#include "utils/builtins.h"

#include "search/email_domain.h"
#include "search/fold_case.h"

text *
ud_email_domain_text(text *address)
{
	const char *begin = VARDATA_ANY(address);
	const char *end = begin + VARSIZE_ANY_EXHDR(address);

	/* a byte of ASCII is a character of its own in every server encoding */
	for (const char *at = end; at > begin; at--)
	{
		if (at[-1] == '@')
			return ud_fold_case_text(cstring_to_text_with_len(at, (int)(end - at)));
	}
	return NULL;
}

UD_FUNCTION(userdir_email_domain);

/*
 * userdir_email_domain(address text) returns the domain of an address with its case folded, null if
 * there is no "@".
 */
Datum
userdir_email_domain(PG_FUNCTION_ARGS)
{
	text *domain = ud_email_domain_text(PG_GETARG_TEXT_PP(0));

	if (domain == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(domain);
}
