/*
 * foreign_header.c: a token of another issuer, read but not yet believed.
 */
#include "base/userdir.h"

#include "crypto/foreign_header.h"
#include "pure/base64.h"
#include "pure/json_read.h"

/* Header parameters that mean something here; the others are not looked at, keys above all. */
typedef enum Parameter
{
	ALG,
	KID,
	TYP,
	CTY,
	CRIT,
	B64,
	ENC,
	ZIP,
	PARAMETER_COUNT
} Parameter;

static const char *const parameter_names[PARAMETER_COUNT] = {"alg",  "kid", "typ", "cty",
															 "crit", "b64", "enc", "zip"};

/* What stands in a header; text is NULL for a parameter that is no string. */
typedef struct Header
{
	bool is_there[PARAMETER_COUNT];
	char *text[PARAMETER_COUNT];
	int current; /* whose value comes next; PARAMETER_COUNT for another */
} Header;

static void
pg_attribute_noreturn() raise_malformed(const char *problem)
{
	ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the token %s", problem)));
}

static void
hear(void *context, UdJsonEvent event, UdSpan text, int depth)
{
	Header *header = context;

	if (depth != 1)
		return;
	if (event == UD_JSON_NAME)
	{
		header->current = 0;
		while (header->current < PARAMETER_COUNT &&
			   !ud_span_is(text, parameter_names[header->current]))
			header->current++;
	}
	else if (header->current < PARAMETER_COUNT)
	{
		header->is_there[header->current] = true;
		if (event == UD_JSON_STRING)
			header->text[header->current] = pnstrdup(text.data, text.length);
	}
}

/* decode returns the bytes of a part, ended by a zero that their number does not count. */
static char *
decode(UdSpan part, const char *name, size_t *length)
{
	uint8 *bytes = palloc(UD_BASE64_DECODED_SIZE(part.length) + 1);

	if (!ud_base64url_decode(part.data, part.length, bytes, length))
		raise_malformed(psprintf("has a %s that is not base64url", name));
	bytes[*length] = '\0';
	return (char *)bytes;
}

/* read_object decodes a part that has to be a JSON object, and tells the listener what is in it. */
static char *
read_object(UdSpan part, const char *name, const UdJsonListener *listener)
{
	size_t length;
	char *json = decode(part, name, &length);
	char *scratch = palloc(length + 1);
	UdJsonFault fault = ud_json_read((UdSpan){json, length}, UD_JSON_MAX_DEPTH, scratch, listener);

	if (fault != UD_JSON_FINE)
		raise_malformed(
			psprintf("has a %s that cannot be read: it %s", name, ud_json_fault_text(fault)));
	pfree(scratch);
	return json;
}

/* check_header refuses what is not a signed token of claims. */
static void
check_header(const Header *header)
{
	const char *algorithm = header->text[ALG];
	const char *type = header->text[TYP];

	if (header->is_there[ENC] || header->is_there[ZIP])
		raise_malformed("is encrypted or compressed");
	if (algorithm == NULL)
		raise_malformed("has a header without alg");
	if (strcmp(algorithm, "none") == 0 || strncmp(algorithm, "HS", 2) == 0)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_ALGORITHM),
						errmsg("the token is signed by an algorithm that its key is not for"),
						errdetail("It is not signed, or with a secret that is no public key.")));
	if (header->is_there[KID] && header->text[KID] == NULL)
		raise_malformed("has a kid that is no string");
	if (header->is_there[CRIT] || header->is_there[B64])
		ereport(ERROR, (errcode(UD_ERR_TOKEN_CRITICAL),
						errmsg("the token has critical extensions, of which none is known")));
	if (header->is_there[CTY])
		raise_malformed("has a cty: it holds something else than claims");
	if (header->is_there[TYP] && (type == NULL || pg_strcasecmp(type, "JWT") != 0))
		ereport(ERROR, (errcode(UD_ERR_TOKEN_TYPE), errmsg("the token is of another type than JWT"),
						errhint("Pass the ID token, and no other that came with it.")));
}

UdForeignToken
ud_foreign_header_read(const char *token, size_t length)
{
	UdForeignToken read = {0};
	Header header = {.current = PARAMETER_COUNT};
	const UdJsonListener listener = {hear, &header};
	const UdJwtFault fault = ud_jwt_split((UdSpan){token, length}, &read.parts);

	if (fault == UD_JWT_TOO_LONG)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the token is longer than %d bytes", UD_JWT_MAX_LENGTH)));
	if (fault != UD_JWT_FINE)
		raise_malformed(ud_jwt_fault_text(fault));

	(void)read_object(read.parts.header, "header", &listener);
	check_header(&header);
	read.algorithm = header.text[ALG];
	read.kid = header.text[KID] != NULL ? header.text[KID] : "";
	read.claims = read_object(read.parts.payload, "payload", NULL);
	read.signature = (uint8 *)decode(read.parts.signature, "signature", &read.signature_length);
	return read;
}
