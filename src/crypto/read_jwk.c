/*
 * read_jwk.c: a key of another issuer as its JWK describes it.
 */
#include "base/userdir.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "crypto/jwt_json.h"
#include "crypto/key.h"

#define MAX_KID_CHARACTERS 255
#define MAX_ALGORITHMS     6
#define MAX_NUMBERS        2

/* The kinds of keys that signatures are verified with. */
typedef struct KeyKind
{
	const char *kty;
	const char *crv; /* NULL for a kind without curves */
	/* Those that such a key can verify. The first is meant where nothing is said. */
	const char *algorithms[MAX_ALGORITHMS + 1];
	const char *numbers[MAX_NUMBERS + 1];
} KeyKind;

static const KeyKind key_kinds[] = {
	{"RSA", NULL, {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, {"n", "e"}},
	{"EC", "P-256", {"ES256"}, {"x", "y"}},
	{"EC", "P-384", {"ES384"}, {"x", "y"}},
	{"EC", "P-521", {"ES512"}, {"x", "y"}},
	{"OKP", "Ed25519", {"EdDSA"}, {"x"}},
};

/* The columns of the SQL function's row. */
enum
{
	KID,
	ALGORITHMS,
	PUBLIC_JWK,
	PUBLIC_KEY,
	UNSUPPORTED,
	COLUMN_COUNT
};

typedef struct JwkReader
{
	JsonbContainer *jwk;
	char *kid; /* empty when the key has none */
	const KeyKind *kind;
	char *alg; /* NULL when the key has none */
} JwkReader;

static void
pg_attribute_noreturn() refuse(const JwkReader *reader, const char *problem)
{
	const int shown = pg_mbcharcliplen(reader->kid, (int)strlen(reader->kid), 64);

	ereport(ERROR,
			(errcode(UD_ERR_KEY_REFUSED),
			 reader->kid[0] == '\0' ? errmsg("a key without kid %s", problem)
									: errmsg("key \"%.*s\" %s", shown, reader->kid, problem)));
}

/* get returns a member of the key that is a string, or NULL when it is not there. */
static char *
get(const JwkReader *reader, const char *name)
{
	JsonbValue value;

	if (getKeyJsonValueFromContainer(reader->jwk, name, (int)strlen(name), &value) == NULL)
		return NULL;
	if (value.type != jbvString)
		refuse(reader, psprintf("has a member \"%s\" that is no string", name));
	return pnstrdup(value.val.string.val, value.val.string.len);
}

static bool
has(const JwkReader *reader, const char *name)
{
	JsonbValue value;

	return getKeyJsonValueFromContainer(reader->jwk, name, (int)strlen(name), &value) != NULL;
}

static void
read_kid(JwkReader *reader)
{
	char *kid;

	reader->kid = "";
	if (!has(reader, "kid"))
		return;
	kid = get(reader, "kid");
	if (kid[0] == '\0' || pg_mbstrlen(kid) > MAX_KID_CHARACTERS)
		refuse(reader, psprintf("has a kid that is not of 1 to %d characters", MAX_KID_CHARACTERS));
	reader->kid = kid;
}

/* refuse_secrets refuses what nobody publishes: whoever sent it has mixed up two files. */
static void
refuse_secrets(const JwkReader *reader)
{
	static const char *const private_members[] = {"d",  "p",   "q", "dp",  "dq",
												  "qi", "oth", "k", "priv"};
	char *kty = get(reader, "kty");

	if (kty == NULL)
		refuse(reader, "has no kty");
	if (strcmp(kty, "oct") == 0)
		refuse(reader, "is symmetric: whoever verifies with it could sign as well");
	for (int i = 0; i < (int)lengthof(private_members); i++)
	{
		if (has(reader, private_members[i]))
			refuse(reader, psprintf("has the private member \"%s\"", private_members[i]));
	}
}

/* may_verify tells whether key_ops, which is there, has verify in it. */
static bool
may_verify(const JwkReader *reader)
{
	JsonbValue operations;
	JsonbValue verify;

	getKeyJsonValueFromContainer(reader->jwk, "key_ops", 7, &operations);
	if (operations.type != jbvBinary || !JsonContainerIsArray(operations.val.binary.data))
		refuse(reader, "has a member \"key_ops\" that is no array");
	verify.type = jbvString;
	verify.val.string.val = pstrdup("verify");
	verify.val.string.len = 6;
	return findJsonbValueFromContainer(operations.val.binary.data, JB_FARRAY, &verify) != NULL;
}

static bool
can_do(const KeyKind *kind, const char *algorithm)
{
	for (int i = 0; kind->algorithms[i] != NULL; i++)
	{
		if (strcmp(kind->algorithms[i], algorithm) == 0)
			return true;
	}
	return false;
}

/* find_kind finds what a key is good for; the result is NULL, or in words why it is for nothing. */
static const char *
find_kind(JwkReader *reader)
{
	char *kty = get(reader, "kty");
	char *crv = get(reader, "crv");
	char *use = get(reader, "use");
	bool known_kty = false;
	bool known_alg = false;

	for (int i = 0; i < (int)lengthof(key_kinds); i++)
	{
		const KeyKind *kind = &key_kinds[i];
		bool is_of_kty = strcmp(kind->kty, kty) == 0;

		known_kty |= is_of_kty;
		known_alg |= reader->alg != NULL && can_do(kind, reader->alg);
		if (is_of_kty && (kind->crv == NULL || (crv != NULL && strcmp(kind->crv, crv) == 0)))
			reader->kind = kind;
	}

	if (!known_kty)
		return "unknown kty";
	if (reader->kind == NULL)
		return crv == NULL ? "no crv" : "unknown crv";
	if (use != NULL && strcmp(use, "sig") != 0)
		return "use is not sig";
	if (has(reader, "key_ops") && !may_verify(reader))
		return "key_ops is without verify";
	if (reader->alg != NULL && !can_do(reader->kind, reader->alg))
	{
		/* An algorithm of other keys is a mistake, and of secret ones a danger. */
		if (known_alg || strncmp(reader->alg, "HS", 2) == 0 || strcmp(reader->alg, "none") == 0)
			refuse(reader, "has an alg that is not one of its kind");
		return "unknown alg";
	}
	return NULL;
}

static Datum
algorithms_of(const JwkReader *reader)
{
	Datum names[MAX_ALGORITHMS];
	int count = 0;

	if (reader->alg != NULL)
		names[count++] = CStringGetTextDatum(reader->alg);
	for (int i = 0; reader->alg == NULL && reader->kind->algorithms[i] != NULL; i++)
		names[count++] = CStringGetTextDatum(reader->kind->algorithms[i]);
	return PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
push(JsonbParseState **object, const char *name, const char *value)
{
	JsonbValue item;

	item.type = jbvString;
	item.val.string.val = unconstify(char *, name);
	item.val.string.len = (int)strlen(name);
	pushJsonbValue(object, WJB_KEY, &item);
	item.val.string.val = unconstify(char *, value);
	item.val.string.len = (int)strlen(value);
	pushJsonbValue(object, WJB_VALUE, &item);
}

/* public_jwk returns the key with the members that mean something here, and no others. */
static Jsonb *
public_jwk(const JwkReader *reader)
{
	JsonbParseState *object = NULL;

	pushJsonbValue(&object, WJB_BEGIN_OBJECT, NULL);
	push(&object, "kty", reader->kind->kty);
	push(&object, "use", "sig");
	if (reader->kid[0] != '\0')
		push(&object, "kid", reader->kid);
	if (reader->alg != NULL)
		push(&object, "alg", reader->alg);
	if (reader->kind->crv != NULL)
		push(&object, "crv", reader->kind->crv);
	for (int i = 0; reader->kind->numbers[i] != NULL; i++)
	{
		const char *number = get(reader, reader->kind->numbers[i]);

		if (number == NULL)
			refuse(reader, psprintf("has no member \"%s\"", reader->kind->numbers[i]));
		push(&object, reader->kind->numbers[i], number);
	}
	return JsonbValueToJsonb(pushJsonbValue(&object, WJB_END_OBJECT, NULL));
}

/* make_pem returns a key in PEM, or refuses it when it is none. */
static char *
make_pem(const JwkReader *reader, Jsonb *jwk)
{
	size_t length;
	UdJsonFault fault;
	char *json = ud_jwt_json_write(jwk, &length, &fault);
	const char *problem;
	UdKey *key;
	char *pem;

	if (json == NULL)
		refuse(reader, ud_json_fault_text(fault));
	key = ud_key_from_jwk((UdSpan){json, length}, NULL, false, &problem);
	if (key == NULL)
		refuse(reader, problem);
	pem = ud_key_public_pem(key);
	ud_key_free(key);
	if (pem == NULL)
		refuse(reader, "could not be written by OpenSSL");
	return pem;
}

UD_FUNCTION(userdir__read_jwk);

/*
 * userdir__read_jwk reads a public key of another issuer.
 *
 * Arguments: jwk jsonb. Result: a row of kid, empty when it has none; algorithms, those that it can
 * verify, the usual one first; public_jwk, the key without all that is not needed; public_key, it
 * in PEM; unsupported: why it is no key to verify a token with, the others but kid are null then.
 *
 * Errors: UD04A when the key is malformed, weak, private or symmetric.
 */
Datum
userdir__read_jwk(PG_FUNCTION_ARGS)
{
	Jsonb *jwk = PG_GETARG_JSONB_P(0);
	JwkReader reader = {&jwk->root, "", NULL, NULL};
	Datum values[COLUMN_COUNT] = {0};
	bool nulls[COLUMN_COUNT] = {false, true, true, true, true};
	const char *unsupported;
	TupleDesc descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!JB_ROOT_IS_OBJECT(jwk))
		refuse(&reader, "is no object");
	read_kid(&reader);
	refuse_secrets(&reader);
	reader.alg = get(&reader, "alg");
	unsupported = find_kind(&reader);

	values[KID] = CStringGetTextDatum(reader.kid);
	if (unsupported != NULL)
	{
		values[UNSUPPORTED] = CStringGetTextDatum(unsupported);
		nulls[UNSUPPORTED] = false;
	}
	else
	{
		Jsonb *needed = public_jwk(&reader);

		values[PUBLIC_KEY] = CStringGetTextDatum(make_pem(&reader, needed));
		values[ALGORITHMS] = algorithms_of(&reader);
		values[PUBLIC_JWK] = JsonbPGetDatum(needed);
		nulls[PUBLIC_KEY] = nulls[ALGORITHMS] = nulls[PUBLIC_JWK] = false;
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
