/*
 * password_policy.c: whether a password may be somebody's new one.
 *
 * A password is judged as it will be hashed: normalized by NFKC. Nothing here keeps a byte of it.
 */
#include "base/userdir.h"

#include <sodium.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "crypto/common_passwords.h"
#include "crypto/policy_options.h"
#include "crypto/policy_report.h"
#include "crypto/policy_words.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "pure/password_words.h"

/* A password in the forms in which the rules look at it. */
typedef struct Candidate
{
	UdSpan password; /* normalized */
	UdSpan folded;
	UdPasswordMeasures measures;
} Candidate;

/* What a password is judged by. */
typedef struct Circumstances
{
	UdPolicyOptions options;
	JsonbContainer *profiles; /* of the user; NULL where nothing is known */
	ArrayType *context;       /* names of the place, an array of texts, or NULL */
	bool knows_history;
	bool is_in_history;
	bool knows_breaches;
	bool is_breached;
} Circumstances;

/* is_own_word returns whether a password is one of the words that a connection refuses. */
static bool
is_own_word(const UdPolicyOptions *options, const Candidate *candidate)
{
	JsonbContainer *words = options->own_words;

	for (int i = 0; words != NULL && i < (int)JsonContainerSize(words); i++)
	{
		JsonbValue *word = getIthJsonbValueFromContainer(words, i);
		UdSpan folded = ud_policy_words_fold(word->val.string.val, word->val.string.len);

		if (folded.length == candidate->folded.length &&
			memcmp(folded.data, candidate->folded.data, folded.length) == 0)
			return true;
	}
	return false;
}

static bool
is_in_dictionary(const UdPolicyOptions *options, const Candidate *candidate)
{
	return ud_common_passwords_have(options->common, candidate->folded) ||
		   is_own_word(options, candidate);
}

static bool
contains_personal_data(const Circumstances *circumstances, const Candidate *candidate)
{
	UdWords words = {NULL, 0, 0};

	if (circumstances->profiles != NULL)
		ud_policy_words_personal(&words, circumstances->profiles,
								 circumstances->options.personal_fields);
	for (int i = 0; i < words.count; i++)
	{
		if (ud_password_words_contains(candidate->folded, words.words[i]))
			return true;
	}
	return false;
}

/* add_context adds the words of the names of the place. */
static void
add_context(UdWords *words, ArrayType *context)
{
	Datum *names;
	bool *nulls;
	int count;

	deconstruct_array(context, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		text *name = nulls[i] ? NULL : DatumGetTextPP(names[i]);

		if (name != NULL)
			ud_policy_words_parts(words, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
}

/* is_made_of_context returns whether there is nothing in a password but names and decoration. */
static bool
is_made_of_context(const Circumstances *circumstances, const Candidate *candidate)
{
	UdWords words = {NULL, 0, 0};
	unsigned char *work = palloc(candidate->folded.length + 1);
	bool result;

	if (circumstances->context != NULL)
		add_context(&words, circumstances->context);
	if (circumstances->profiles != NULL)
		ud_policy_words_names(&words, circumstances->profiles);
	result = ud_password_words_is_made_of(candidate->folded, words.words, words.count, work);
	sodium_memzero(work, candidate->folded.length + 1);
	pfree(work);
	return result;
}

/* judge reports every rule. An empty password keeps none. */
static Jsonb *
judge(const Circumstances *circumstances, const Candidate *candidate)
{
	const UdPolicyOptions *options = &circumstances->options;
	bool is_something = candidate->measures.characters > 0;
	UdPolicyReport report;

	ud_policy_report_begin(&report);
	ud_policy_report_policy(&report, &options->policy, &candidate->measures);
	if (options->common != UD_COMMON_NONE)
		ud_policy_report_rule(&report, "dictionary", "Should not be a common password", 0,
							  is_something && !is_in_dictionary(options, candidate));
	if (options->is_nist)
		ud_policy_report_rule(&report, "contextWords",
							  "Should not be made of your names or those of this service", 0,
							  is_something && !is_made_of_context(circumstances, candidate));
	if (options->refuses_personal_data)
		ud_policy_report_rule(&report, "userInfo", "Should not contain your personal data", 0,
							  is_something && !contains_personal_data(circumstances, candidate));
	if (circumstances->knows_history && options->history_size > 0)
		ud_policy_report_rule(&report, "history", "Should not be one of your last %d passwords",
							  options->history_size, is_something && !circumstances->is_in_history);
	if (circumstances->knows_breaches)
		ud_policy_report_rule(&report, "breached", "Should not be known from a data breach", 0,
							  is_something && !circumstances->is_breached);
	return ud_policy_report_end(&report);
}

static Candidate
make_candidate(const UdSecret *secret)
{
	Candidate candidate;

	candidate.password = (UdSpan){(const char *)secret->normalized, secret->normalized_length};
	candidate.measures =
		ud_password_policy_measure(candidate.password.data, candidate.password.length);
	candidate.folded = ud_policy_words_fold_utf8(secret->normalized, secret->normalized_length);
	return candidate;
}

/* judge_secret opens a password, judges it and overwrites what it has made of it. */
static Jsonb *
judge_secret(const Circumstances *circumstances, Datum datum)
{
	Jsonb *volatile report = NULL;
	Candidate candidate;
	UdSecret secret;

	ud_secret_open_password(datum, &secret);
	candidate = make_candidate(&secret);
	PG_TRY();
	{
		report = judge(circumstances, &candidate);
	}
	PG_FINALLY();
	{
		sodium_memzero(unconstify(char *, candidate.folded.data), candidate.folded.length);
		sodium_memzero(&candidate, sizeof(candidate));
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	return report;
}

UD_FUNCTION(userdir__judge_password);

/*
 * userdir__judge_password reports what the options of a connection say of a password.
 *
 * Arguments: options jsonb; profiles jsonb, an object or array of objects, or null; context text[],
 * names of the place, or null; password userdir.secret, null as good as empty; in_history boolean
 * and breached boolean, null where it is not known, which leaves the rule out.
 * Errors: UD001 for options that are not valid, 55000 for a secret of another session.
 */
Datum
userdir__judge_password(PG_FUNCTION_ARGS)
{
	Circumstances circumstances = {.profiles = NULL};
	ErrorContextCallback frame;
	Jsonb *report;

	ud_secret_log_hide(&frame);
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("options are null")));
	ud_policy_options_read(&PG_GETARG_JSONB_P(0)->root, &circumstances.options);
	if (!PG_ARGISNULL(1))
		circumstances.profiles = &PG_GETARG_JSONB_P(1)->root;
	if (!PG_ARGISNULL(2))
		circumstances.context = PG_GETARG_ARRAYTYPE_P(2);
	circumstances.knows_history = !PG_ARGISNULL(4);
	circumstances.is_in_history = circumstances.knows_history && PG_GETARG_BOOL(4);
	circumstances.knows_breaches = !PG_ARGISNULL(5);
	circumstances.is_breached = circumstances.knows_breaches && PG_GETARG_BOOL(5);

	if (PG_ARGISNULL(3))
	{
		Candidate nothing = {{"", 0}, {"", 0}, {0}};

		report = judge(&circumstances, &nothing);
	}
	else
		report = judge_secret(&circumstances, PG_GETARG_DATUM(3));
	ud_secret_log_show(&frame);
	PG_RETURN_JSONB_P(report);
}

UD_FUNCTION(userdir__check_password_options);

/*
 * userdir__check_password_options raises UD001 unless the options of a connection that concern
 * passwords are valid, so that a mistake shows when the connection is stored.
 *
 * Arguments: strategy text, options jsonb.
 */
Datum
userdir__check_password_options(PG_FUNCTION_ARGS)
{
	text *strategy = PG_GETARG_TEXT_PP(0);
	JsonbContainer *options = &PG_GETARG_JSONB_P(1)->root;
	UdPolicyOptions read;
	JsonbValue value;

	ud_policy_options_read(options, &read);
	if (getKeyJsonValueFromContainer(options, "password_options", strlen("password_options"),
									 &value) != NULL &&
		value.type != jbvNull &&
		(VARSIZE_ANY_EXHDR(strategy) != strlen("auth0") ||
		 memcmp(VARDATA_ANY(strategy), "auth0", strlen("auth0")) != 0))
		ereport(ERROR,
				(errcode(UD_ERR_INVALID_CONNECTION),
				 errmsg("connection option \"password_options\" needs the strategy \"auth0\"")));
	PG_RETURN_VOID();
}

UD_FUNCTION(userdir__password_history_size);

/*
 * userdir__password_history_size returns how many earlier passwords the options of a connection
 * refuse. Arguments: options jsonb. Errors: UD001 for options that are not valid.
 */
Datum
userdir__password_history_size(PG_FUNCTION_ARGS)
{
	UdPolicyOptions read;

	ud_policy_options_read(&PG_GETARG_JSONB_P(0)->root, &read);
	PG_RETURN_INT32(read.history_size);
}

UD_FUNCTION(userdir__refuse_password);

/*
 * userdir__refuse_password raises UD031 with a message behind "the password was refused", the name
 * of the reason in the hosted service as the name of a constraint, and the whole reason as detail.
 *
 * Arguments: name text, message text, detail text.
 */
Datum
userdir__refuse_password(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(UD_ERR_PASSWORD_REFUSED),
			 errmsg("the password was refused: %s", text_to_cstring(PG_GETARG_TEXT_PP(1))),
			 errdetail("%s", text_to_cstring(PG_GETARG_TEXT_PP(2))),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, text_to_cstring(PG_GETARG_TEXT_PP(0))),
			 errhidestmt(true), errhidecontext(true)));
	PG_RETURN_VOID();
}
