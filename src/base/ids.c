/*
 * ids.c: random identifiers in the model's formats.
 */
#include "base/userdir.h"

#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static const char alphanumerics[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* random_bytes fills a buffer from the server's strong source or raises. */
static void
random_bytes(uint8 *buffer, size_t length)
{
	if (!pg_strong_random(buffer, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
}

/* random_alphanumeric returns one of the 62 letters and digits, each with the same probability. */
static char
random_alphanumeric(void)
{
	uint8 byte;

	/* 248 is the largest multiple of 62 in a byte; what lies above it would favour some letters. */
	do
		random_bytes(&byte, 1);
	while (byte >= 248);
	return alphanumerics[byte % 62];
}

UD_FUNCTION(userdir__new_id);

/*
 * userdir__new_id returns prefix followed by 16 random alphanumerics, as in "con_Lz0k...".
 */
Datum
userdir__new_id(PG_FUNCTION_ARGS)
{
	char *prefix = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char id[17];

	for (int i = 0; i < 16; i++)
		id[i] = random_alphanumeric();
	id[16] = '\0';
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s%s", prefix, id)));
}

UD_FUNCTION(userdir__new_object_id);

/*
 * userdir__new_object_id returns 24 hexadecimal digits: 4 bytes of the time in seconds, then 8
 * random bytes. New users stand together in an index, and no sequence is needed.
 */
Datum
userdir__new_object_id(PG_FUNCTION_ARGS)
{
	uint8 bytes[12];
	char id[25];
	uint32 seconds = (uint32)(timestamptz_to_time_t(GetCurrentTimestamp()));

	random_bytes(bytes + 4, 8);
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8)(seconds >> (24 - 8 * i));
	hex_encode((const char *)bytes, sizeof(bytes), id);
	id[24] = '\0';
	PG_RETURN_TEXT_P(cstring_to_text(id));
}
