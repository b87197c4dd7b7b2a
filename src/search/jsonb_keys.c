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
 *
 * The walk keeps the way to where it is in memory of its own: how deep a document may be is not for
 * the stack to say, nor for the compiler that decides how much of it a level takes.
 */

/* A path from the root of the document through objects. */
typedef struct Place
{
	UdJsonbKey path;
	bool exists;      /* whether the key for existence has been stored */
	bool is_wanted;   /* whether its keys are */
	int names_length; /* of the names on the way to it, where these are kept */
} Place;

/* A container and how far the walk through it is. */
typedef struct Level
{
	bool is_object;
	UdJsonbCursor names; /* of an object */
	UdJsonbCursor values;
	uint32 left;
} Level;

typedef struct Extraction
{
	StringInfoData keys; /* one value of type bytea behind the other */
	int32 nkeys;
	Place *places; /* the root's, and that of a member of each object on the way */
	int nplaces;
	int places_room;
	Level *levels; /* the containers on the way */
	int nlevels;
	int levels_room;
	const UdJsonbPaths *paths; /* what is wanted */
	StringInfoData names;      /* of the way to where the walk is; unless all paths are wanted */
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

/* current_place returns the path to where the walk is. */
static Place *
current_place(Extraction *extraction)
{
	return &extraction->places[extraction->nplaces - 1];
}

/* store_existence adds that there is something at the current path, once, if that is wanted. */
static void
store_existence(Extraction *extraction)
{
	Place *place = current_place(extraction);
	UdJsonbKey key;

	if (place->exists || !place->is_wanted)
		return;
	place->exists = true;
	key = place->path;
	ud_jsonb_key_add_type(&key, UD_JSONB_KEY_EXISTS);
	store(extraction, &key);
}

static void
store_string(Extraction *extraction, UdSpan string)
{
	UdJsonbKey key = current_place(extraction)->path;
	int64_t instant;

	ud_jsonb_key_add_string(&key, string);
	store(extraction, &key);
	if (ud_date_value_parse(string, &instant))
	{
		key = current_place(extraction)->path;
		ud_jsonb_key_add_date(&key, instant);
		store(extraction, &key);
	}
}

static void
store_scalar(Extraction *extraction, const UdJsonbValue *value)
{
	UdJsonbKey key = current_place(extraction)->path;

	if (value->type == UD_JSONB_STRING)
	{
		store_string(extraction, value->u.string);
		return;
	}
	if (value->type == UD_JSONB_NUMBER)
		ud_jsonb_key_add_number(&key, value->u.number);
	else
		ud_jsonb_key_add_type(&key, value->u.boolean ? UD_JSONB_KEY_TRUE : UD_JSONB_KEY_FALSE);
	store(extraction, &key);
}

/* with_room returns the array with room for one element more. */
static void *
with_room(void *array, int count, int *room, Size size)
{
	if (count < *room)
		return array;
	*room *= 2;
	return repalloc_huge(array, size * (Size)*room);
}

/*
 * is_needed returns whether a member of the object to which the current path leads is wanted, or
 * anything below it may be. The names lead to the member, if they are kept.
 */
static bool
is_needed(Extraction *extraction, bool *is_wanted)
{
	UdSpan names = {extraction->names.data, (size_t)extraction->names.len};

	*is_wanted =
		current_place(extraction)->is_wanted || ud_jsonb_paths_cover(extraction->paths, names);
	return *is_wanted || ud_jsonb_paths_lead_below(extraction->paths, names);
}

/*
 * enter_member goes to the path of a member of the object to which the current path leads; false,
 * and it stays, if there is nothing wanted.
 */
static bool
enter_member(Extraction *extraction, UdSpan name)
{
	bool is_wanted = true;
	Place *place;

	if (extraction->paths != NULL)
	{
		if (extraction->nplaces > 1)
			appendStringInfoChar(&extraction->names, '\0');
		appendBinaryStringInfo(&extraction->names, name.data, (int)name.length);
		if (!is_needed(extraction, &is_wanted))
		{
			extraction->names.len = current_place(extraction)->names_length;
			return false;
		}
	}
	extraction->places =
		with_room(extraction->places, extraction->nplaces, &extraction->places_room, sizeof(Place));
	place = &extraction->places[extraction->nplaces++];
	place->path = place[-1].path;
	ud_jsonb_key_add_name(&place->path, name);
	place->exists = false;
	place->is_wanted = is_wanted;
	place->names_length = extraction->names.len;
	return true;
}

static void
leave_member(Extraction *extraction)
{
	extraction->nplaces--;
	extraction->names.len = current_place(extraction)->names_length;
}

/* enter_container begins the walk through a container that stands at the current path. */
static void
enter_container(Extraction *extraction, const UdJsonbValue *value)
{
	const JsonbContainer *container = value->u.container;
	Level *level;

	extraction->levels =
		with_room(extraction->levels, extraction->nlevels, &extraction->levels_room, sizeof(Level));
	level = &extraction->levels[extraction->nlevels++];
	level->left = JsonContainerSize(container);
	level->is_object = value->type == UD_JSONB_OBJECT;
	if (level->is_object)
	{
		level->names = ud_jsonb_names(container);
		level->values = ud_jsonb_values(container);
		if (level->left > 0)
			store_existence(extraction);
	}
	else
		level->values = ud_jsonb_elements(container);
}

/* extract_value adds the keys of a value; a container's are those of what the walk finds in it. */
static void
extract_value(Extraction *extraction, const UdJsonbValue *value)
{
	if (value->type == UD_JSONB_OBJECT || value->type == UD_JSONB_ARRAY)
		enter_container(extraction, value);
	else if (value->type != UD_JSONB_NULL && current_place(extraction)->is_wanted)
	{
		store_existence(extraction);
		store_scalar(extraction, value);
	}
}

static void
extract_member(Extraction *extraction, UdSpan name, const UdJsonbValue *value)
{
	if (value->type == UD_JSONB_NULL || !enter_member(extraction, name))
		return;
	extract_value(extraction, value);
	if (value->type != UD_JSONB_OBJECT && value->type != UD_JSONB_ARRAY)
		leave_member(extraction);
}

/* leave_container goes on behind the container that has been walked through. */
static void
leave_container(Extraction *extraction)
{
	extraction->nlevels--;
	if (extraction->nlevels > 0 && extraction->levels[extraction->nlevels - 1].is_object)
		leave_member(extraction);
}

/* extract_rest walks on from the current container until everything is done. */
static void
extract_rest(Extraction *extraction)
{
	while (extraction->nlevels > 0)
	{
		Level *level = &extraction->levels[extraction->nlevels - 1];
		UdJsonbValue value;

		CHECK_FOR_INTERRUPTS();
		if (level->left == 0)
		{
			leave_container(extraction);
			continue;
		}
		level->left--;
		value = ud_jsonb_next(&level->values);
		if (level->is_object)
			extract_member(extraction, ud_jsonb_next(&level->names).u.string, &value);
		else
			extract_value(extraction, &value);
	}
}

/* begin_extraction stands at the root, whose existence nobody can ask for. */
static void
begin_extraction(Extraction *extraction, const UdJsonbPaths *paths)
{
	memset(extraction, 0, sizeof(*extraction));
	extraction->paths = paths;
	initStringInfo(&extraction->keys);
	if (paths != NULL)
		initStringInfo(&extraction->names);
	extraction->places_room = extraction->levels_room = 8;
	extraction->places = palloc(sizeof(Place) * (Size)extraction->places_room);
	extraction->levels = palloc(sizeof(Level) * (Size)extraction->levels_room);
	extraction->nplaces = 1;
	ud_jsonb_key_begin(&extraction->places[0].path);
	extraction->places[0].exists = true;
	extraction->places[0].is_wanted = paths == NULL;
	extraction->places[0].names_length = 0;
}

Datum *
ud_jsonb_keys_of(const JsonbContainer *document, const UdJsonbPaths *paths, int32 *nkeys)
{
	Extraction extraction;
	UdJsonbValue root = ud_jsonb_container_value(document);
	Datum *keys;
	char *at;

	begin_extraction(&extraction, paths);
	enter_container(&extraction, &root);
	extract_rest(&extraction);

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
