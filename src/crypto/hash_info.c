/*
 * hash_info.c: what can be told about a stored hash.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "crypto/schemes.h"
#include "crypto/stored_hash.h"

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = pstrdup(text);
	value.val.string.len = (int)strlen(text);
	pushJsonbValue(state, token, &value);
}

static void
push_number(JsonbParseState **state, uint32 number)
{
	JsonbValue value;

	value.type = jbvNumeric;
	value.val.numeric =
		DatumGetNumeric(DirectFunctionCall1(int8_numeric, Int64GetDatum((int64)number)));
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_facts(JsonbParseState **state, const UdHashFact *facts, int count)
{
	for (int i = 0; i < count; i++)
	{
		push_text(state, WJB_KEY, facts[i].name);
		if (facts[i].text != NULL)
			push_text(state, WJB_VALUE, facts[i].text);
		else
			push_number(state, facts[i].number);
	}
}

/* describe_input tells how a password becomes bytes, as far as that is not the ordinary way. */
static int
describe_input(const UdStoredHash *hash, UdHashFact *facts)
{
	int count = 0;

	if (hash->input.encoding != UD_ENCODING_UTF8)
		facts[count++] =
			(UdHashFact){"encoding", ud_password_encoding_name(hash->input.encoding), 0};
	if (hash->input.sha256_hex)
		facts[count++] = (UdHashFact){"prehash", "sha256", 0};
	if (hash->salt.length + hash->input.salt.length > 0)
		facts[count++] = (UdHashFact){"salt_length", NULL,
									  (uint32)(hash->salt.length + hash->input.salt.length)};
	if (!hash->is_wrapped)
		facts[count++] = (UdHashFact){"hash_length", NULL, (uint32)hash->expected.length};
	return count;
}

/* describe_wrapper tells the parameters of the Argon2id hash around another. */
static int
describe_wrapper(const UdStoredHash *hash, UdHashFact *facts)
{
	facts[0] = (UdHashFact){"scheme", ud_argon2_name(hash->wrapper.type), 0};
	facts[1] = (UdHashFact){"version", NULL, hash->wrapper.version};
	facts[2] = (UdHashFact){"memory", NULL, hash->wrapper.memory};
	facts[3] = (UdHashFact){"passes", NULL, hash->wrapper.passes};
	facts[4] = (UdHashFact){"lanes", NULL, hash->wrapper.lanes};
	facts[5] = (UdHashFact){"salt_length", NULL, (uint32)hash->wrapper_salt.length};
	facts[6] = (UdHashFact){"hash_length", NULL, (uint32)hash->expected.length};
	return 7;
}

UD_FUNCTION(userdir_password_hash_info);

/*
 * userdir_password_hash_info tells scheme and parameters of a stored hash, never hash, salt or key.
 *
 * Errors: UD030 when it is no hash that can be verified.
 */
Datum
userdir_password_hash_info(PG_FUNCTION_ARGS)
{
	text *stored = PG_GETARG_TEXT_PP(0);
	JsonbParseState *state = NULL;
	UdHashFact facts[UD_HASH_MAX_FACTS];
	UdStoredHash hash;

	ud_stored_hash_parse((UdSpan){VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &hash);

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_facts(&state, facts, hash.scheme->describe(&hash, facts));
	push_facts(&state, facts, describe_input(&hash, facts));
	if (hash.is_wrapped)
	{
		push_text(&state, WJB_KEY, "wrapped_by");
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		push_facts(&state, facts, describe_wrapper(&hash, facts));
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
