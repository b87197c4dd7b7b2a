/*
 * foreign_token.c: signatures of tokens of other issuers, which libjwt checks.
 *
 * libjwt lives in a library beside this one, which is loaded when it is first needed; judge.h says
 * why. RTLD_LOCAL keeps its names, and those of libjansson, from everything that is loaded later;
 * RTLD_DEEPBIND lets it find them before those of the server.
 */
#include "base/userdir.h"

#include <dlfcn.h>

#include <openssl/err.h>

#include "miscadmin.h"

#include "crypto/foreign_token.h"
#include "foreign/judge.h"

#define LIBRARY_NAME "userdir_jwt"

static void
pg_attribute_noreturn() raise_missing(const char *detail)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
		 errmsg("tokens of other issuers cannot be verified: library \"%s\" could not be loaded",
				LIBRARY_NAME),
		 errdetail("%s", detail),
		 errhint("Install libjwt 1.10 or later, of version 1, build userdir with it and install "
				 "it again.")));
}

/* library_path returns the place of userdir_jwt: beside the library that this function is in. */
static char *
library_path(void)
{
	Dl_info own;
	const char *slash;

	if (dladdr((void *)library_path, &own) == 0 || own.dli_fname == NULL ||
		(slash = strrchr(own.dli_fname, '/')) == NULL)
		raise_missing("The place of userdir's own library is unknown.");
	return psprintf("%.*s/%s%s", (int)(slash - own.dli_fname), own.dli_fname, LIBRARY_NAME,
					DLSUFFIX);
}

/* load returns the function that libjwt stands behind. */
static UdJudge *
load(void)
{
#ifdef RTLD_DEEPBIND
	void *library = dlopen(library_path(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
	UdJudge *judge = NULL;

	if (library != NULL)
		judge = (UdJudge *)dlsym(library, UD_JUDGE_FUNCTION);
	if (judge == NULL)
	{
		const char *reason = dlerror();
		char *detail = pstrdup(reason != NULL ? reason : "It has no such function.");

		if (library != NULL)
			dlclose(library);
		raise_missing(detail);
	}
	return judge;
#else
	raise_missing("This system's C library cannot keep the names of libjansson from the server.");
#endif
}

/* judge calls libjwt. Nothing between its begin and end may raise, so that it frees what it takes.
 */
static UdJudgement
judge(const char *token, size_t length, const char *algorithm, const char *pem)
{
	static UdJudge *loaded = NULL;
	UdJudgement judgement;

	if (loaded == NULL)
		loaded = load();
	check_stack_depth();
	judgement = loaded(token, length, algorithm, pem, strlen(pem));
	/* It leaves what OpenSSL had to say, which the next reader would take for its own. */
	ERR_clear_error();
	return judgement;
}

bool
ud_foreign_token_is_signed(const char *token, size_t length, const char *algorithm, const char *pem)
{
	const UdJudgement judgement = judge(token, length, algorithm, pem);

	if (judgement == UD_JUDGE_UNREADABLE)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("libjwt cannot read the token"),
						errhint("It takes no integers beyond 64 bits.")));
	if (judgement == UD_JUDGE_TOO_LONG)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the token is longer than %d bytes", UD_JUDGE_MAX_TOKEN)));
	if (judgement == UD_JUDGE_NO_MEMORY)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
						errdetail("libjwt could not get what it needs for a token.")));
	if (judgement == UD_JUDGE_UNKNOWN_ALGORITHM)
		elog(ERROR, "libjwt was asked for algorithm \"%s\"", algorithm);
	return judgement == UD_JUDGE_VALID;
}
