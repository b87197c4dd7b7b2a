/*
 * jwt_header.c: the header of a token.
 */
#include "base/userdir.h"

#include "crypto/jwt_header.h"
#include "crypto/jwt_json.h"
#include "crypto/key_ring.h"
#include "pure/base64.h"

/* Headers hold no more than an array in an object. */
#define MAX_HEADER_DEPTH 4

/* What a member of a header means to us. */
typedef enum Meaning
{
	NOTHING,
	ALG,
	KID,
	TYP,
	CRITICAL,   /* asks for an extension of the format, of which there is none here */
	BRINGS_KEY, /* is a key, or says where to get one: the word of whoever made the token */
	ENCRYPTED
} Meaning;

static const struct
{
	const char *name;
	Meaning meaning;
} members[] = {
	{"alg", ALG},        {"kid", KID},        {"typ", TYP},        {"crit", CRITICAL},
	{"b64", CRITICAL},   {"jwk", BRINGS_KEY}, {"jku", BRINGS_KEY}, {"x5u", BRINGS_KEY},
	{"x5c", BRINGS_KEY}, {"enc", ENCRYPTED},  {"zip", ENCRYPTED},
};

typedef struct Findings
{
	UdJwtHeader *header;
	Meaning next;
	bool is_odd; /* a member that must be a string is none */
	bool has[ENCRYPTED + 1];
} Findings;

/* note takes a piece of a header from the reader. */
static void
note(void *context, UdJsonEvent event, UdSpan text, int depth)
{
	Findings *findings = context;
	UdJwtHeader *header = findings->header;

	if (depth != 1)
		return;
	if (event == UD_JSON_NAME)
	{
		findings->next = NOTHING;
		for (size_t i = 0; i < lengthof(members); i++)
		{
			if (ud_span_is(text, members[i].name))
				findings->next = members[i].meaning;
		}
		findings->has[findings->next] = true;
		return;
	}
	if (findings->next == ALG || findings->next == KID || findings->next == TYP)
	{
		findings->is_odd |= event != UD_JSON_STRING;
		*(findings->next == ALG   ? &header->alg
		  : findings->next == KID ? &header->kid
								  : &header->typ) = text;
	}
	findings->next = NOTHING;
}

static void
pg_attribute_noreturn() raise(int code, const char *message, const char *detail)
{
	ereport(ERROR, (errcode(code), errmsg("%s", message),
					detail != NULL ? errdetail_internal("%s", detail) : 0, errhidestmt(true),
					errhidecontext(true)));
}

/* same_word compares two words of ASCII without regard to case. */
static bool
same_word(UdSpan a, const char *b)
{
	if (a.length != strlen(b))
		return false;
	for (size_t i = 0; i < a.length; i++)
	{
		char c = a.data[i];
		char d = b[i];

		c = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
		d = d >= 'A' && d <= 'Z' ? d | 0x20 : d;
		if (c != d)
			return false;
	}
	return true;
}

/* read_members reads a header and raises unless it is a JSON object with the right types. */
static void
read_members(UdSpan encoded, Findings *findings)
{
	UdJsonListener listener = {note, findings};
	char *text = palloc(UD_BASE64_DECODED_SIZE(encoded.length) + 1);
	char *scratch = palloc(UD_BASE64_DECODED_SIZE(encoded.length) + 1);
	size_t length;
	UdJsonFault fault;

	if (!ud_base64url_decode(encoded.data, encoded.length, (uint8 *)text, &length))
		raise(UD_ERR_TOKEN_MALFORMED, "the token's header is no base64url", NULL);
	findings->header->json = (UdSpan){text, length};
	fault = ud_json_read(findings->header->json, MAX_HEADER_DEPTH, scratch, &listener);
	if (fault != UD_JSON_FINE)
		ereport(ERROR, (errcode(UD_ERR_TOKEN_MALFORMED),
						errmsg("the token's header %s", ud_json_fault_text(fault)),
						errhidestmt(true), errhidecontext(true)));
	if (findings->is_odd)
		raise(UD_ERR_TOKEN_MALFORMED, "the token's header has an alg, kid or typ that is no string",
			  NULL);
}

/* check_members raises where a header asks for what there is not, or what must not be. */
static void
check_members(const Findings *findings)
{
	if (findings->header->alg.data == NULL)
		raise(UD_ERR_TOKEN_MALFORMED, "the token's header names no algorithm", NULL);
	if (findings->has[ENCRYPTED])
		raise(UD_ERR_TOKEN_MALFORMED, "the token is encrypted or compressed",
			  "Only signed tokens are supported.");
	if (findings->has[CRITICAL])
		raise(UD_ERR_TOKEN_CRITICAL, "the token asks for an extension that is not supported",
			  "Its header has crit or b64.");
	if (findings->has[BRINGS_KEY])
		raise(
			UD_ERR_TOKEN_KEY, "the token brings a key or the address of one",
			"Keys come from the directory alone: jwk, jku, x5u and x5c must not be in the header.");
	if (same_word(findings->header->alg, "none"))
		raise(UD_ERR_TOKEN_ALGORITHM, "the token is not signed", "Its algorithm is none.");
}

/*
 * Headers that have passed, for there are as many as there are keys, and each is read again and
 * again. What is in them is public, and the same text has the same meaning always.
 */
#define KEPT_HEADERS 4
#define MAX_KEPT     256

typedef struct KeptHeader
{
	size_t length;
	char encoded[MAX_KEPT];
	char json[MAX_KEPT];
	UdJwtHeader header; /* which points into json */
} KeptHeader;

static KeptHeader kept_headers[KEPT_HEADERS];

static bool
find_kept(UdSpan encoded, UdJwtHeader *header)
{
	for (int i = 0; i < KEPT_HEADERS; i++)
	{
		const KeptHeader *kept = &kept_headers[i];

		if (kept->length == encoded.length &&
			memcmp(kept->encoded, encoded.data, encoded.length) == 0)
		{
			*header = kept->header;
			return true;
		}
	}
	return false;
}

/* move_span lets a span of one text point to the same place of a copy of it; false if it is not. */
static bool
move_span(UdSpan *span, UdSpan from, const char *to)
{
	if (span->data == NULL)
		return true;
	if (span->data < from.data || span->data + span->length > from.data + from.length)
		return false;
	span->data = to + (span->data - from.data);
	return true;
}

/* keep keeps a header that has passed, unless it is long or has escapes in what is read of it. */
static void
keep(UdSpan encoded, const UdJwtHeader *header)
{
	static int next = 0;
	KeptHeader *kept = &kept_headers[next];
	UdJwtHeader moved = *header;

	if (encoded.length > MAX_KEPT || !move_span(&moved.alg, header->json, kept->json) ||
		!move_span(&moved.kid, header->json, kept->json) ||
		!move_span(&moved.typ, header->json, kept->json) ||
		!move_span(&moved.json, header->json, kept->json))
		return;
	memcpy(kept->encoded, encoded.data, encoded.length);
	memcpy(kept->json, header->json.data, header->json.length);
	kept->header = moved;
	kept->length = encoded.length;
	next = (next + 1) % KEPT_HEADERS;
}

void
ud_jwt_header_read(UdSpan encoded, UdJwtHeader *header)
{
	Findings findings = {.header = header};

	if (find_kept(encoded, header))
		return;
	memset(header, 0, sizeof(*header));
	read_members(encoded, &findings);
	check_members(&findings);
	keep(encoded, header);
}

#define MAX_SHOWN 64

char *
ud_jwt_header_show_typ(UdSpan typ)
{
	StringInfoData text;

	initStringInfo(&text);
	if (typ.data == NULL)
		return "none";
	appendStringInfoChar(&text, '"');
	for (size_t i = 0; i < typ.length && i < MAX_SHOWN; i++)
	{
		const unsigned char c = (unsigned char)typ.data[i];

		if (c > ' ' && c < 0x7f && c != '"' && c != '\\')
			appendStringInfoChar(&text, (char)c);
		else
			appendStringInfo(&text, "\\x%02x", c);
	}
	appendStringInfoString(&text, typ.length > MAX_SHOWN ? "...\"" : "\"");
	return text.data;
}

void
ud_jwt_header_check_typ(UdSpan typ, const UdJwtExpectation *expected)
{
	static const char prefix[] = "application/";
	const char *wanted = expected->typ != NULL ? expected->typ : "JWT";
	const UdSpan found = typ;

	if (expected->any_typ || (typ.data == NULL && expected->typ == NULL))
		return;
	/* A type without a slash stands for one below application (RFC 7515, section 4.1.9). */
	if (typ.length > strlen(prefix) && same_word((UdSpan){typ.data, strlen(prefix)}, prefix))
	{
		typ.data += strlen(prefix);
		typ.length -= strlen(prefix);
	}
	if (typ.data == NULL || !same_word(typ, wanted))
		raise(UD_ERR_TOKEN_TYPE, "the token is of another type",
			  psprintf("Its typ is %s, and not %s.", ud_jwt_header_show_typ(found),
					   ud_jwt_header_show_typ(ud_span_of(wanted))));
}

/* check_word raises unless a text has only characters that need no escape in JSON and are seen. */
static void
check_word(const char *word, size_t max, const char *what)
{
	size_t length = strlen(word);
	bool ok = length > 0 && length <= max;

	for (size_t i = 0; ok && i < length; i++)
		ok = word[i] > ' ' && word[i] < 0x7f && word[i] != '"' && word[i] != '\\';
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a token's %s is malformed", what),
				 errdetail("It must have 1 to %d visible characters of ASCII, without quotation "
						   "marks and backslashes.",
						   (int)max)));
}

char *
ud_jwt_header_write(const char *alg, const char *kid, const char *typ, size_t *length)
{
	StringInfoData json;
	char *encoded;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"alg\":\"%s\"", alg);
	if (typ != NULL)
	{
		check_word(typ, UD_RING_MAX_TYP, "typ");
		appendStringInfo(&json, ",\"typ\":\"%s\"", typ);
	}
	if (kid != NULL)
	{
		check_word(kid, UD_RING_MAX_KID, "kid");
		appendStringInfo(&json, ",\"kid\":\"%s\"", kid);
	}
	appendStringInfoChar(&json, '}');

	encoded = palloc(UD_BASE64_SIZE(json.len) + 1);
	*length = ud_base64url_encode((const uint8 *)json.data, (size_t)json.len, encoded);
	encoded[(*length)++] = '.';
	encoded[*length] = '\0';
	pfree(json.data);
	return encoded;
}
