/*
 * jsonb_keys.c: the keys under which an index finds a JSON document.
 */
#include "base/userdir.h"

#include "common/cryptohash.h"
#include "common/hashfn.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "pure/date_value.h"
#include "search/jsonb_keys.h"

#define PATH_IS_ROOT 0x00
#define PATH_IS_HASH 0xff
#define HASH_BYTES   16

/*
 * Numbers: the first byte tells sign and magnitude, the others are pairs of decimal digits.
 *
 * A positive number is 0.d1d2d3... times 100 to the power of e, where each d is 0 to 99 and d1 is
 * not 0. Small exponents go into the first byte. A negative number has the complement of all these
 * bytes and then one that is higher than any that could follow, as a longer one is less.
 */
#define NUMBER_ZERO        0x80
#define NUMBER_TINY        0x81 /* then three bytes of exponent */
#define NUMBER_PLAIN       0x82 /* plus LEAST_PLAIN and the exponent */
#define NUMBER_HUGE        0xff /* then three bytes of exponent */
#define LEAST_PLAIN        60   /* the least exponent, negative, in the first byte */
#define EXPONENT_BIAS      0x10000
#define NUMBER_PAIRS       20
#define NUMBER_TRUNCATED   0x01
#define NEGATIVE_WHOLE     0xff
#define NEGATIVE_TRUNCATED 0xfe

static void
add_byte(UdJsonbKey *key, uint8 byte)
{
	key->bytes[key->length++] = byte;
}

static void
add_bytes(UdJsonbKey *key, const void *bytes, size_t length)
{
	memcpy(key->bytes + key->length, bytes, length);
	key->length += (int)length;
}

/*
 * Paths
 */

/*
 * set_hash makes a path of the hash of its parent, as the parent's keys have it, and its last name.
 * So a name is hashed once, however many there are below it.
 */
static void
set_hash(UdJsonbKey *path, UdSpan name)
{
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);

	if (hash == NULL || pg_cryptohash_init(hash) < 0 ||
		pg_cryptohash_update(hash, path->bytes, (size_t)path->length) < 0 ||
		pg_cryptohash_update(hash, (const uint8 *)name.data, name.length) < 0 ||
		pg_cryptohash_final(hash, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute a hash");
	pg_cryptohash_free(hash);
	path->length = 0;
	add_byte(path, PATH_IS_HASH);
	add_bytes(path, digest, HASH_BYTES);
}

void
ud_jsonb_key_begin(UdJsonbKey *path)
{
	path->length = 0;
	add_byte(path, PATH_IS_ROOT);
}

void
ud_jsonb_key_add_name(UdJsonbKey *path, UdSpan name)
{
	const uint8 parent = path->bytes[0];
	const size_t zero = parent == PATH_IS_ROOT ? 0 : 1; /* between two names */

	if (parent == PATH_IS_HASH ||
		(size_t)path->length + zero + name.length > UD_JSONB_KEY_PATH_BYTES)
	{
		set_hash(path, name);
		return;
	}
	if (zero > 0)
		add_byte(path, '\0');
	add_bytes(path, name.data, name.length);
	path->bytes[0] = (uint8)path->length;
}

/*
 * Values
 */

void
ud_jsonb_key_add_type(UdJsonbKey *key, UdJsonbKeyType type)
{
	add_byte(key, (uint8)type);
}

/* The digits of a number, without zeros at either end. */
typedef struct Digits
{
	const char *text; /* with a decimal point among them, perhaps */
	int count;
	int point; /* the number is 0.digits times 10 to the power of point */
} Digits;

/* find_digits reads what numeric_normalize() has written, without sign. Zero has no digits. */
static Digits
find_digits(const char *text)
{
	const char *end = text + strlen(text);
	const char *dot = strchr(text, '.');
	const char *first = text;
	const char *last = end;
	Digits digits;

	while (first < end && (*first == '0' || *first == '.'))
		first++;
	while (last > first && (last[-1] == '0' || last[-1] == '.'))
		last--;
	if (dot == NULL)
		dot = end;
	digits.text = first;
	digits.count = (int)(last - first) - (first < dot && dot < last ? 1 : 0);
	digits.point = (int)(dot - first) + (first > dot ? 1 : 0);
	return digits;
}

static int
next_digit(Digits *digits)
{
	if (digits->count == 0)
		return 0;
	if (*digits->text == '.')
		digits->text++;
	digits->count--;
	return *digits->text++ - '0';
}

/* add_exponent adds the first byte, or bytes. */
static void
add_exponent(UdJsonbKey *key, int exponent)
{
	uint32 biased = pg_hton32((uint32)(exponent + EXPONENT_BIAS));

	if (exponent >= -LEAST_PLAIN && NUMBER_PLAIN + LEAST_PLAIN + exponent < NUMBER_HUGE)
	{
		add_byte(key, (uint8)(NUMBER_PLAIN + LEAST_PLAIN + exponent));
		return;
	}
	add_byte(key, exponent < 0 ? NUMBER_TINY : NUMBER_HUGE);
	add_bytes(key, (uint8 *)&biased + 1, 3);
}

/* add_magnitude adds a number without its sign; returns false when it was truncated. */
static bool
add_magnitude(UdJsonbKey *key, Digits digits)
{
	/* a digit alone before the pairs begin, when the point is behind an odd number of digits */
	bool odd = digits.point % 2 != 0;

	add_exponent(key, (digits.point + (odd && digits.point > 0 ? 1 : 0)) / 2);
	for (int pair = 0; digits.count > 0; pair++)
	{
		int tens = pair == 0 && odd ? 0 : next_digit(&digits);

		if (pair == NUMBER_PAIRS)
			return false;
		add_byte(key, (uint8)(tens * 10 + next_digit(&digits) + 1));
	}
	return true;
}

/* complement turns bytes round, from position on. */
static void
complement(UdJsonbKey *key, int position)
{
	for (int i = position; i < key->length; i++)
		key->bytes[i] = (uint8)~key->bytes[i];
}

bool
ud_jsonb_key_add_number(UdJsonbKey *key, Numeric number)
{
	char *text = numeric_normalize(number);
	bool negative = text[0] == '-';
	Digits digits = find_digits(negative ? text + 1 : text);
	int start;
	bool whole = true;

	ud_jsonb_key_add_type(key, UD_JSONB_KEY_NUMBER);
	start = key->length;
	if (numeric_is_nan(number) || numeric_is_inf(number))
		elog(ERROR, "a JSON number is not finite");
	if (digits.count == 0)
		add_byte(key, NUMBER_ZERO);
	else
	{
		whole = add_magnitude(key, digits);
		if (negative)
		{
			complement(key, start);
			add_byte(key, whole ? NEGATIVE_WHOLE : NEGATIVE_TRUNCATED);
		}
		else if (!whole)
			add_byte(key, NUMBER_TRUNCATED);
	}
	pfree(text);
	return whole;
}

/* number_head returns how many bytes of a stored number stand before its digits. */
static size_t
number_head(UdSpan value)
{
	uint8 first = (uint8)value.data[0];

	if (first < NUMBER_ZERO)
		first = (uint8)~first;
	return first == NUMBER_TINY || first == NUMBER_HUGE ? 4 : 1;
}

bool
ud_jsonb_key_number_is_whole(UdSpan value)
{
	size_t longest = number_head(value) + NUMBER_PAIRS;

	if (value.length <= longest)
		return true;
	return (uint8)value.data[0] < NUMBER_ZERO &&
		   (uint8)value.data[value.length - 1] == NEGATIVE_WHOLE;
}

void
ud_jsonb_key_add_date(UdJsonbKey *key, int64 instant)
{
	uint64 ordered = pg_hton64((uint64)instant ^ (UINT64CONST(1) << 63));

	ud_jsonb_key_add_type(key, UD_JSONB_KEY_DATE);
	add_bytes(key, &ordered, sizeof(ordered));
}

bool
ud_jsonb_key_add_string(UdJsonbKey *key, UdSpan string)
{
	uint32 hash;

	ud_jsonb_key_add_type(key, UD_JSONB_KEY_STRING);
	if (string.length <= UD_JSONB_KEY_STRING_BYTES)
	{
		add_bytes(key, string.data, string.length);
		return true;
	}
	hash = pg_hton32(hash_bytes((const unsigned char *)string.data, (int)string.length));
	add_bytes(key, string.data, UD_JSONB_KEY_STRING_BYTES);
	add_bytes(key, &hash, UD_JSONB_KEY_STRING_HASH);
	return false;
}

bool
ud_jsonb_key_string_is_whole(UdSpan value)
{
	return value.length <= UD_JSONB_KEY_STRING_BYTES;
}

/*
 * Documents
 */

typedef struct Extraction
{
	StringInfoData keys; /* one value of type bytea behind the other */
	int32 nkeys;
} Extraction;

/* store adds a key to the document's. */
static void
store(Extraction *extraction, const UdJsonbKey *key)
{
	int size = key->length + VARHDRSZ_SHORT;
	char *target;

	enlargeStringInfo(&extraction->keys, size);
	target = extraction->keys.data + extraction->keys.len;
	SET_VARSIZE_SHORT(target, size);
	memcpy(VARDATA_SHORT(target), key->bytes, (size_t)key->length);
	extraction->keys.len += size;
	extraction->nkeys++;
}

/* store_existence adds that there is something at a path, once. */
static void
store_existence(Extraction *extraction, const UdJsonbKey *path, bool *exists)
{
	UdJsonbKey key = *path;

	if (*exists)
		return;
	*exists = true;
	ud_jsonb_key_add_type(&key, UD_JSONB_KEY_EXISTS);
	store(extraction, &key);
}

static void
store_string(Extraction *extraction, const UdJsonbKey *path, UdSpan string)
{
	UdJsonbKey key = *path;
	int64_t instant;

	ud_jsonb_key_add_string(&key, string);
	store(extraction, &key);
	if (ud_date_value_parse(string, &instant))
	{
		key = *path;
		ud_jsonb_key_add_date(&key, instant);
		store(extraction, &key);
	}
}

static void
store_scalar(Extraction *extraction, const UdJsonbKey *path, const UdJsonbValue *value)
{
	UdJsonbKey key = *path;

	if (value->type == UD_JSONB_STRING)
	{
		store_string(extraction, path, value->u.string);
		return;
	}
	if (value->type == UD_JSONB_NUMBER)
		ud_jsonb_key_add_number(&key, value->u.number);
	else
		ud_jsonb_key_add_type(&key, value->u.boolean ? UD_JSONB_KEY_TRUE : UD_JSONB_KEY_FALSE);
	store(extraction, &key);
}

static void extract(Extraction *extraction, const UdJsonbKey *path, const UdJsonbValue *value,
					bool *exists);

/* extract_object adds the keys of the members of the object to which a path leads. */
static void
extract_object(Extraction *extraction, const UdJsonbKey *path, const JsonbContainer *object)
{
	UdJsonbCursor names = ud_jsonb_names(object);
	UdJsonbCursor values = ud_jsonb_values(object);

	for (uint32 left = JsonContainerSize(object); left > 0; left--)
	{
		UdJsonbValue name = ud_jsonb_next(&names);
		UdJsonbValue value = ud_jsonb_next(&values);
		UdJsonbKey member = *path;
		bool exists = false;

		CHECK_FOR_INTERRUPTS();
		if (value.type == UD_JSONB_NULL)
			continue;
		ud_jsonb_key_add_name(&member, name.u.string);
		extract(extraction, &member, &value, &exists);
	}
}

/* extract adds the keys of a value at a path; exists tells whether the path is known to exist. */
static void
extract(Extraction *extraction, const UdJsonbKey *path, const UdJsonbValue *value, bool *exists)
{
	UdJsonbCursor elements;

	switch (value->type)
	{
		case UD_JSONB_NULL:
			break;
		case UD_JSONB_ARRAY:
			check_stack_depth();
			elements = ud_jsonb_elements(value->u.container);
			for (uint32 left = JsonContainerSize(value->u.container); left > 0; left--)
			{
				UdJsonbValue element = ud_jsonb_next(&elements);

				CHECK_FOR_INTERRUPTS();
				extract(extraction, path, &element, exists);
			}
			break;
		case UD_JSONB_OBJECT:
			check_stack_depth();
			if (JsonContainerSize(value->u.container) > 0)
				store_existence(extraction, path, exists);
			extract_object(extraction, path, value->u.container);
			break;
		default:
			store_existence(extraction, path, exists);
			store_scalar(extraction, path, value);
	}
}

Datum *
ud_jsonb_keys_of(const JsonbContainer *document, int32 *nkeys)
{
	Extraction extraction = {.nkeys = 0};
	UdJsonbValue root = ud_jsonb_container_value(document);
	UdJsonbKey path;
	bool exists = true; /* nobody can ask for the existence of the document itself */
	Datum *keys;
	char *at;

	initStringInfo(&extraction.keys);
	ud_jsonb_key_begin(&path);
	extract(&extraction, &path, &root, &exists);

	keys = MemoryContextAllocHuge(CurrentMemoryContext,
								  sizeof(Datum) * (Size)Max(extraction.nkeys, 1));
	at = extraction.keys.data;
	for (int32 i = 0; i < extraction.nkeys; i++)
	{
		keys[i] = PointerGetDatum(at);
		at += VARSIZE_SHORT(at);
	}
	*nkeys = extraction.nkeys;
	return keys;
}
